"""Parcels of the last days on which something happened that a shop has to see: one of each kind, as `scenes.json`.

Hours are counted from the order, whose `hours_ago` is counted from now.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from thereafter.demo.player import Happening
from thereafter.demo.shoe_shop import PRODUCTS, Product

FIRST_NUMBER = 4001
# Carriers say what the clock showed where they scanned.
_HERE = ZoneInfo("Europe/Berlin")
_CLOCKS = {"New York": ZoneInfo("America/New_York")}
_SCENES = Path(__file__).parent / "scenes.json"


def scenes(until: datetime) -> Iterator[Happening]:
    """Everything that happened in the scenes before `until`, in no particular order."""
    for number, scene in enumerate(json.loads(_SCENES.read_text(encoding="utf-8")), FIRST_NUMBER):
        placed = (until - timedelta(hours=scene["hours_ago"])).replace(microsecond=0)
        yield Happening(placed, "order", f"s{number}", _order(scene, number, placed))
        for index, parcel in enumerate(scene["parcels"], 1):
            yield from (one for one in _parcel(parcel, number, index, placed) if one.at < until)


def _order(scene: dict[str, Any], number: int, placed: datetime) -> dict[str, Any]:
    chosen = [next(product for product in PRODUCTS if product.key == key) for key in scene["products"]]
    total = f"{sum(round(float(product.price) * 100) for product in chosen) / 100:.2f}"
    name, country = scene["name"], scene["country"]
    email = f"{name.replace(' ', '.').lower()}@example.com"
    return {
        "external_id": f"s{number}",
        "number": f"#{number}",
        "placed_at": placed.isoformat(),
        "currency": "EUR",
        "total": total,
        "customer": {"external_id": f"sc{number}", "email": email, "name": name, "country": country},
        "lines": [_line(product, at) for at, product in enumerate(chosen, 1)],
        "promised_on": (placed + timedelta(days=scene["promised_days"])).date().isoformat(),
        "shipping_address": {"name": name, "city": scene["city"], "country": country, "postcode": scene["postcode"]},
        "payments": [{"external_id": f"sp{number}", "kind": "card", "amount": total}],
    }


def _line(product: Product, at: int) -> dict[str, Any]:
    size = product.sizes[len(product.sizes) // 2]
    return {
        "external_id": f"{at}",
        "product_id": product.key,
        "variant_id": f"{product.key}-{size}",
        "variant_title": size,
        "sku": f"{product.key}-{size}",
        "title": product.title,
        "category": product.category,
        "quantity": 1,
        "unit_price": product.price,
    }


def _parcel(parcel: dict[str, Any], number: int, index: int, placed: datetime) -> Iterator[Happening]:
    handed = placed + timedelta(hours=parcel["handed_over"])
    fulfilment = {
        "external_id": f"sf{number}-{index}",
        "shipped_at": handed.isoformat(),
        "carrier": parcel["carrier"],
        "tracking_number": parcel["number"],
        "lines": {str(line): 1 for line in parcel["lines"]},
    }
    yield Happening(handed, "fulfilment", f"sf{number}-{index}", {"order": f"s{number}", "fulfilment": fulfilment})
    for at, stop in enumerate(parcel["stops"]):
        moment = placed + timedelta(hours=stop["hours"])
        said = {name: value for name, value in stop.items() if name != "hours"}
        scan = said | {"occurred_at": moment.astimezone(_CLOCKS.get(stop["place"], _HERE)).isoformat()}
        news = {"carrier": parcel["carrier"], "tracking_number": parcel["number"], "scans": [scan]}
        yield Happening(moment, "scan", f"ss{number}-{index}-{at}", news | _told(parcel.get("news", {}), moment))


def _told(news: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """What the carrier says beside its scans; the days that a parcel waits are counted from the scan."""
    if "pickup" not in news:
        return news
    pickup = dict(news["pickup"])
    pickup["until"] = (moment + timedelta(days=pickup.pop("days"))).date().isoformat()
    return news | {"pickup": pickup}
