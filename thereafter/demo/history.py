"""What the demo shop sold over its counter in Berlin in three years, brought along in two goes; nobody is thanked.

People come, buy at a pace of their own and one day stop, which nobody tells the shop: the play that BG/NBD supposes.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from thereafter.demo import shoe_shop
from thereafter.demo.player import Happening

SEED = 19_84
PEOPLE = 560
# Of them so many order online, too.
BOTH = 130
YEARS = timedelta(days=1095)
# What is newer has not been brought yet.
NEWEST = timedelta(days=10)
_WHO = ("external_id", "email", "name", "locale", "country")
# Orders a year: a few runners wear out a pair a season, most buy now and then.
PACE_SHAPE, PACE_MEAN = 1.1, 1.9
STOP_A, STOP_B = 1.0, 3.2


def before(until: datetime, people: list[dict[str, Any]], *, first: datetime) -> Iterator[Happening]:
    """Orders of three years, told at `first`, and at `until` what came later; the first of `people`, who buy online,
    come here too."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    known = people[:BOTH]
    strangers = [shoe_shop.person(chance, len(people) + number) for number in range(PEOPLE - len(known))]
    number = 0
    for one in [*known, *strangers]:
        for placed in _times(chance, until - NEWEST):
            number += 1
            told = first if placed < first - NEWEST else until
            yield Happening(told, "order", f"h{number}", order(chance, number, one, placed))


def _times(chance: random.Random, until: datetime) -> Iterator[datetime]:
    pace = chance.gammavariate(PACE_SHAPE, PACE_MEAN / PACE_SHAPE)
    stops = chance.betavariate(STOP_A, STOP_B)
    # More came in later years than in the first.
    at = until - YEARS * (1 - chance.random() ** 0.7)
    while at < until:
        yield at
        if chance.random() < stops:
            return
        at += timedelta(days=max(365 * chance.expovariate(pace), 2))


def order(chance: random.Random, number: int, one: dict[str, Any], placed: datetime) -> dict[str, Any]:
    """An order over the counter by a person as `shoe_shop.person` makes them."""
    lines = shoe_shop.lines(chance)
    goods = sum(round(float(line["unit_price"]) * 100) * line["quantity"] for line in lines)
    return {
        "external_id": f"h{number}",
        "number": f"#B{number}",
        "status": "fulfilled",
        "channel": "Berlin shop",
        "placed_at": placed.isoformat(),
        "changed_at": placed.isoformat(),
        "currency": "EUR",
        "total": f"{goods / 100:.2f}",
        "customer": {field: one[field] for field in _WHO if field in one} | _signed_up(one, placed),
        "lines": lines,
        "shipping_address": {"name": one["name"], "city": one["city"], "country": one["country"]},
        "payments": [{"external_id": f"ph{number}", "kind": "card", "amount": f"{goods / 100:.2f}"}],
    }


def _signed_up(one: dict[str, Any], placed: datetime) -> dict[str, Any]:
    if not one.get("accepts_marketing"):
        return {}
    evidence = "Signed the card for news at the counter"
    return {"accepts_marketing": True, "consent_at": placed.isoformat(), "consent_evidence": evidence}
