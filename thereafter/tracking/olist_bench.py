"""The Olist sample as trips, for `bench edd`: what was known of an order when it was placed, and when its stages ended.

Only delivered orders count: the sample holds every order of the original that never came, but one in nineteen of those
that did. An order's own `shipping_limit_date` is not used: it is set on the approval of the payment, which comes later
than the order; what is used is how many days the seller was given at the last approval before.
Times are days since 1970 on the clock of São Paulo, as the data gives them.
"""

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import asin, cos, isnan, radians, sin, sqrt
from pathlib import Path
from typing import NamedTuple

from thereafter.tracking.rules.forecast.trips import NEVER, Trip, Trips

Row = Mapping[str, str]
EARTH_KM = 6371.0


class Place(NamedTuple):
    zone: str
    zip_prefix: str


class Tables(NamedTuple):
    customers: Mapping[str, Row]
    sellers: Mapping[str, Row]
    products: Mapping[str, Row]
    items: Mapping[str, Sequence[Row]]
    payments: Mapping[str, Sequence[Row]]
    points: Mapping[str, tuple[float, float]]
    handling: Mapping[str, tuple[Sequence[float], Sequence[float]]]


def read(folder: Path) -> Trips:
    """Raises FileNotFoundError, KeyError or ValueError when it is not the Olist data set."""
    orders, items = list(_rows(folder, "orders")), _grouped(_rows(folder, "order_items"))
    tables = Tables(
        customers={row["customer_id"]: row for row in _rows(folder, "customers")},
        sellers={row["seller_id"]: row for row in _rows(folder, "sellers")},
        products={row["product_id"]: row for row in _rows(folder, "products")},
        items=items,
        payments=_grouped(_rows(folder, "order_payments")),
        points=_points(_rows(folder, "geolocation")),
        handling=_handling(orders, items),
    )
    return Trips.of(_trip(row, tables) for row in orders if _came(row) and items.get(row["order_id"]))


def _handling(
    orders: Sequence[Row], items: Mapping[str, Sequence[Row]]
) -> dict[str, tuple[Sequence[float], Sequence[float]]]:
    """Each seller's approvals, oldest first, and the days to the shipping limit that were given at each."""
    given: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for order in orders:
        approved = day_of(order["order_approved_at"])
        if not isnan(approved) and items.get(order["order_id"]):
            first = items[order["order_id"]][0]
            given[first["seller_id"]].append((approved, day_of(first["shipping_limit_date"]) - approved))
    return {seller: _columns(pairs) for seller, pairs in given.items()}


def _columns(pairs: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    ordered = sorted(pairs)
    return [time for time, _ in ordered], [days for _, days in ordered]


def _last_handling(seller: str, ordered_at: float, tables: Tables) -> float:
    times, days = tables.handling.get(seller, ((), ()))
    place = bisect_left(times, ordered_at)
    return days[place - 1] if place else NEVER


def _came(order: Row) -> bool:
    return order["order_status"] == "delivered" and bool(order["order_delivered_customer_date"])


def _rows(folder: Path, name: str) -> Iterator[Row]:
    with (folder / f"olist_{name}_dataset.csv").open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _grouped(rows: Iterator[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["order_id"]].append(row)
    return grouped


def _points(rows: Iterator[Row]) -> dict[str, tuple[float, float]]:
    """The middle of each postcode prefix."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in rows:
        entry = sums[row["geolocation_zip_code_prefix"].zfill(5)]
        entry[0] += float(row["geolocation_lat"])
        entry[1] += float(row["geolocation_lng"])
        entry[2] += 1
    return {prefix: (lat / count, lng / count) for prefix, (lat, lng, count) in sums.items()}


def _trip(order: Row, tables: Tables) -> Trip:
    items, paid = tables.items[order["order_id"]], tables.payments.get(order["order_id"], ())
    seller, customer = tables.sellers[items[0]["seller_id"]], tables.customers[order["customer_id"]]
    here, there = _place(seller, "seller"), _place(customer, "customer")
    ordered_at = day_of(order["order_purchase_timestamp"])
    numbers = _numbers(items, tables.products)
    numbers["distance_km"] = _distance(here, there, tables.points)
    numbers["handling_days"] = _last_handling(items[0]["seller_id"], ordered_at, tables)
    return Trip(
        ordered_at=ordered_at,
        handed_at=day_of(order["order_delivered_carrier_date"]),
        delivered_at=day_of(order["order_delivered_customer_date"]),
        due_at=day_of(order["order_estimated_delivery_date"]) + 1,
        warehouse=items[0]["seller_id"][:12],
        origin=here.zone,
        destination=there.zone,
        numbers=numbers,
        words={
            "category": tables.products[items[0]["product_id"]]["product_category_name"],
            "payment": paid[0]["payment_type"] if paid else "",
        },
    )


def _place(row: Row, who: str) -> Place:
    prefix = row[f"{who}_zip_code_prefix"].zfill(5)
    return Place(f"BR-{row[f'{who}_state']}-{prefix[:3]}", prefix)


def day_of(text: str) -> float:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds() / 86400 if text else NEVER  # noqa: DTZ001 the tables tell no zone


def _numbers(items: Sequence[Row], products: Mapping[str, Row]) -> dict[str, float]:
    bought = [products[item["product_id"]] for item in items]
    return {
        "items": float(len(items)),
        "value": sum(float(item["price"]) for item in items),
        "freight": sum(float(item["freight_value"]) for item in items),
        "weight_g": sum(_number(row["product_weight_g"]) for row in bought),
        "volume_cm3": sum(_volume(row) for row in bought),
    }


def _volume(product: Row) -> float:
    length, height, width = (_number(product[f"product_{side}_cm"]) for side in ("length", "height", "width"))
    return length * height * width


def _number(text: str) -> float:
    return float(text) if text else NEVER


def _distance(here: Place, there: Place, points: Mapping[str, tuple[float, float]]) -> float:
    """Great-circle kilometres between the middles of two postcode prefixes (haversine)."""
    if here.zip_prefix not in points or there.zip_prefix not in points:
        return NEVER
    (lat1, lng1), (lat2, lng2) = (tuple(map(radians, points[place.zip_prefix])) for place in (here, there))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))
