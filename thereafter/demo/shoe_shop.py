"""The demo shop: a year of a shop for runners, made from a fixed seed, in the shapes that shops send us."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from thereafter.demo.player import Happening

SEED = 20_26
# Carriers say what the clock showed where they scanned.
_HERE = ZoneInfo("Europe/Berlin")
CARRIERS = ("DHL", "DPD", "GLS")
# Days from hand-over to the door: (usual, spread) by country.
TRANSIT = {"DE": (1.6, 0.6), "AT": (2.3, 0.8), "NL": (2.2, 0.7), "FR": (2.9, 1.0), "US": (6.5, 1.8)}
COUNTRIES = ("DE",) * 12 + ("AT",) * 3 + ("NL",) * 2 + ("FR",) * 2 + ("US",)
CITIES = {
    "DE": ("Berlin", "Hamburg", "Köln", "Leipzig", "München", "Freiburg"),
    "AT": ("Wien", "Graz", "Linz"),
    "NL": ("Utrecht", "Haarlem"),
    "FR": ("Lyon", "Nantes"),
    "US": ("Portland", "Boulder"),
}
# fmt: off
FIRST_NAMES = (
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Henri", "Ida", "Jonas", "Klara", "Leon", "Mia",
    "Nora", "Oskar", "Paula", "Quinn", "Rosa", "Samuel", "Tilda", "Umut", "Vera", "Wanda", "Yara", "Zoe", "Marta",
    "Luis", "Sofie", "Noah", "Elif", "Amir", "Lotte", "Piet", "Jules", "Camille",
)
# fmt: on
# fmt: off
LAST_NAMES = (
    "Albrecht", "Bauer", "Costa", "Dietrich", "Engel", "Fischer", "Gruber", "Hoffmann", "Ibrahim", "Jansen",
    "Keller", "Lang", "Moreau", "Neumann", "Okafor", "Peters", "Quandt", "Richter", "Schulz", "Tanaka", "Ullrich",
    "Vogel", "Weber", "Yilmaz", "Zimmer", "Novak", "Dubois", "Visser", "Maier", "Silva",
)
# fmt: on


@dataclass(frozen=True)
class Product:
    key: str
    title: str
    category: str
    price: str
    sizes: tuple[str, ...]
    weight: int
    care: str
    warranty_months: int | None = None
    replenish_days: int | None = None


SHOE_SIZES = ("39", "40", "41", "42", "43", "44", "45")
_SHOE = (
    "Brush off dry mud, wash by hand with cool water, let dry away from heat. Rest a pair for a day between long runs."
)
_WEAR = "Wash at 30 °C inside out, no softener, hang to dry."
PRODUCTS = (
    Product("aero-road", "Aero Road 4", "Road shoes", "149.90", SHOE_SIZES, 10, _SHOE, 24, 240),
    Product("everyday-glide", "Everyday Glide", "Road shoes", "119.90", SHOE_SIZES, 9, _SHOE, 24, 240),
    Product("tempo-racer", "Tempo Racer", "Race shoes", "189.90", SHOE_SIZES, 4, _SHOE, 12, 180),
    Product("trail-fox", "Trail Fox", "Trail shoes", "139.90", SHOE_SIZES, 7, _SHOE, 24, 300),
    Product("merino-socks", "Merino Run Socks, 3 pairs", "Socks", "29.90", ("S", "M", "L"), 12, _WEAR, None, 150),
    Product("trail-socks", "Trail Crew Socks", "Socks", "14.90", ("S", "M", "L"), 5, _WEAR, None, 150),
    Product("split-shorts", "Split Shorts 5″", "Clothing", "44.90", ("S", "M", "L", "XL"), 5, _WEAR),
    Product("wind-shell", "Wind Shell", "Clothing", "89.90", ("S", "M", "L", "XL"), 3, _WEAR, 24),
    Product("long-sleeve", "Merino Long Sleeve", "Clothing", "69.90", ("S", "M", "L", "XL"), 4, _WEAR),
    Product("run-cap", "Run Cap", "Accessories", "24.90", ("One size",), 4, _WEAR),
    Product(
        "soft-flask", "Soft Flask 500 ml", "Accessories", "19.90", ("One size",), 4, "Rinse after use, dry open.", 12
    ),
    Product("foam-roller", "Foam Roller", "Recovery", "34.90", ("One size",), 2, "Wipe with a damp cloth."),
    Product("electrolytes", "Electrolyte Tabs, 40", "Nutrition", "17.90", ("Lemon", "Berry"), 6, "Keep dry.", None, 40),
)
# What is put into a basket with a shoe.
COMPANIONS = {"Road shoes": "merino-socks", "Race shoes": "electrolytes", "Trail shoes": "trail-socks"}
COMMENTS = {
    5: ("Fast and well packed.", "Fits perfectly, already ran 20 km in them.", "Love the note in the box!", "", ""),
    4: ("Good shoes, box a little dented.", "Came a day later than I hoped.", "", ""),
    3: ("Sizing runs small.", "Tracking stood still for two days.", ""),
    2: ("Arrived late and nobody told me.", "Colour is not as on the picture.", ""),
    1: ("Too late for my race.", "Still waiting for an answer.", ""),
}


def products(at: datetime) -> Happening:
    return Happening(at, "products", "catalogue", [_product(product) for product in PRODUCTS])


def _product(product: Product) -> dict[str, Any]:
    return {
        "external_id": product.key,
        "title": product.title,
        "category": product.category,
        "care_guide": product.care,
        "warranty_months": product.warranty_months,
        "replenish_days": product.replenish_days,
        "image_url": f"/static/demo/{product.key}.svg",
        "variants": [
            {
                "external_id": f"{product.key}-{size}",
                "title": size,
                "sku": f"{product.key}-{size}",
                "price": product.price,
            }
            for size in product.sizes
        ],
    }


def year(until: datetime, orders: int) -> Iterator[Happening]:
    """Everything that happened in the year before `until`, in no particular order."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    crowd = [person(chance, number) for number in range(count_of_people(orders))]
    for number in range(orders):
        # A growing shop: more of the orders lie in the later months.
        days_ago = 365 * (1 - chance.random() ** 0.7) + 0.2
        placed = (until - timedelta(days=days_ago)).replace(
            hour=chance.choice(range(6, 23)), minute=chance.randrange(60)
        )
        buyer = crowd[min(int(chance.paretovariate(1.1)) * 7 + chance.randrange(len(crowd)), len(crowd) - 1)]
        yield from (one for one in _order(chance, number, buyer, placed) if one.at < until)


def people(orders: int) -> list[dict[str, Any]]:
    """Those who buy in the year, the same as in `year`."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    return [person(chance, number) for number in range(count_of_people(orders))]


def count_of_people(orders: int) -> int:
    return round(orders * 0.62)


def person(chance: random.Random, number: int) -> dict[str, Any]:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    country = chance.choice(COUNTRIES)
    return {
        "external_id": f"c{number}",
        "email": f"{first}.{last}{number}@example.com".lower(),
        "name": f"{first} {last}",
        "locale": {"DE": "de", "AT": "de"}.get(country, "en"),
        "country": country,
        "accepts_marketing": chance.random() < 0.55,
        "city": chance.choice(CITIES[country]),
    }


def _order(chance: random.Random, number: int, one: dict[str, Any], placed: datetime) -> Iterator[Happening]:
    name, key = f"#{1001 + number}", f"o{number}"
    bought = lines(chance)
    goods = sum(round(float(line["unit_price"]) * 100) * line["quantity"] for line in bought)
    shipping = 0 if goods >= 10_000 else 490
    buyer = {field: one[field] for field in ("external_id", "email", "name", "locale", "country", "accepts_marketing")}
    usual, spread = TRANSIT[one["country"]]
    handed = placed + timedelta(hours=chance.uniform(10, 34))
    order: dict[str, Any] = {
        "external_id": key,
        "number": name,
        "placed_at": placed.isoformat(),
        "currency": "EUR",
        "total": f"{(goods + shipping) / 100:.2f}",
        "shipping": f"{shipping / 100:.2f}",
        "customer": buyer | {"consent_at": placed.isoformat(), "consent_evidence": "Ticked “Send me news” at checkout"},
        "lines": bought,
        "promised_on": (placed + timedelta(days=2 + usual + 1.2 * spread)).date().isoformat(),
        "shipping_address": {"name": one["name"], "city": one["city"], "country": one["country"]},
        "payments": [
            {"external_id": f"p{number}", "kind": chance.choice(["card", "paypal", "klarna"]), "amount": goods / 100}
        ],
    }
    order["payments"][0]["amount"] = order["total"]
    yield Happening(placed, "order", key, order)
    if chance.random() < 0.015:
        changed = placed + timedelta(hours=3)
        gone = {"status": "cancelled", "cancelled_at": changed.isoformat(), "changed_at": changed.isoformat()}
        yield Happening(changed, "order", f"{key}-cancelled", order | gone | {"cancel_reason": "customer"})
        return
    yield from _parcel(chance, number, handed, usual, spread)
    if chance.random() < 0.06:
        back = handed + timedelta(days=chance.uniform(8, 20))
        line = bought[0]
        refund = {
            "external_id": f"r{number}",
            "amount": line["unit_price"],
            "at": back.isoformat(),
            "reason": "Wrong size",
        }
        yield Happening(back, "refund", f"r{number}", {"order": key, "refund": refund})


def lines(chance: random.Random) -> list[dict[str, Any]]:
    first = chance.choices(PRODUCTS, [product.weight for product in PRODUCTS])[0]
    basket = [first]
    if first.category in COMPANIONS and chance.random() < 0.45:
        basket.append(next(product for product in PRODUCTS if product.key == COMPANIONS[first.category]))
    if chance.random() < 0.18:
        basket.append(chance.choice([product for product in PRODUCTS if product not in basket]))
    return [_line(chance, product, at) for at, product in enumerate(basket, 1)]


def _line(chance: random.Random, product: Product, at: int) -> dict[str, Any]:
    size = chance.choice(product.sizes)
    return {
        "external_id": f"{at}",
        "product_id": product.key,
        "variant_id": f"{product.key}-{size}",
        "variant_title": size,
        "sku": f"{product.key}-{size}",
        "title": product.title,
        "category": product.category,
        "quantity": 2 if product.category in ("Socks", "Nutrition") and chance.random() < 0.2 else 1,
        "unit_price": product.price,
    }


def _parcel(chance: random.Random, number: int, handed: datetime, usual: float, spread: float) -> Iterator[Happening]:
    carrier, code = chance.choice(CARRIERS), f"{chance.randrange(10**11, 10**12)}"
    fulfilment = {
        "external_id": f"f{number}",
        "shipped_at": handed.isoformat(),
        "carrier": carrier,
        "tracking_number": code,
    }
    yield Happening(handed, "fulfilment", f"f{number}", {"order": f"o{number}", "fulfilment": fulfilment})
    trouble = chance.random()
    days = max(chance.gauss(usual, spread), 0.7) + (chance.uniform(2, 6) if trouble < 0.07 else 0)
    delivered = (handed + timedelta(days=days)).replace(hour=chance.randrange(9, 18))
    delivered = max(delivered, handed + timedelta(hours=9))
    stops = [
        (handed, "picked_up", "Picked up by the carrier", "Berlin"),
        (handed + (delivered - handed) * 0.4, "in_transit", "Sorted at the parcel centre", "Leipzig"),
        (delivered - timedelta(hours=3), "out_for_delivery", "On the van", ""),
        (delivered, "delivered", "Delivered", ""),
    ]
    if trouble < 0.02:
        stops.insert(
            2, (delivered - timedelta(hours=30), "exception", "Address incomplete, asking the sender", "Leipzig")
        )
    for at, status, text, place in stops:
        scan = {"status": status, "text": text, "place": place, "occurred_at": at.astimezone(_HERE).isoformat()}
        yield Happening(
            at, "scan", f"s{number}-{status}", {"carrier": carrier, "tracking_number": code, "scans": [scan]}
        )
    if chance.random() < 0.42:
        yield _answer(chance, number, delivered, trouble < 0.07)


def _answer(chance: random.Random, number: int, delivered: datetime, late: bool) -> Happening:
    at = delivered + timedelta(days=3, hours=chance.uniform(1, 40))
    score = chance.choices((1, 2, 3, 4, 5), (30, 25, 20, 15, 10) if late else (2, 3, 7, 28, 60))[0]
    answer = {
        "external_id": f"a{number}",
        "order_number": f"#{1001 + number}",
        "survey": "satisfaction",
        "score": score,
        "comment": chance.choice(COMMENTS[score]),
        "answered_at": at.isoformat(),
    }
    return Happening(at, "answer", f"a{number}", answer)
