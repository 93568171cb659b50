"""Everything that happens to members stands on their timeline in plain words."""

from datetime import date
from typing import Any

import pytest

from thereafter.commerce.panels import tellers
from thereafter.events import loyalty, points
from thereafter.events.base import ShopperEvent
from thereafter.loyalty import tellings

EVENTS = [
    kind
    for module in (points, loyalty)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, ShopperEvent) and kind.name
]
KNOWN: dict[str, Any] = {"points": 120, "reward": "Mug", "tier_name": "Gold", "on": "2026-03-10", "key": "orders:10"}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_every_event_of_a_member_is_told(kind: type[ShopperEvent]) -> None:
    told = {**KNOWN, "reason": "", "source": "page", "metric": "points", "missing": 3, "currency": "EUR"}
    icon, title, body = tellers[kind.name](told)
    assert icon
    assert title
    assert "None" not in f"{title}{body}"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("order", "for an order"),
        ("recycling", "for “Worn goods brought back”"),
        ("tree_planted", "for “Tree planted”"),
        ("Sorry for the delay", "(Sorry for the delay)"),
        ("", ""),
    ],
)
def test_why_points_came(reason: str, words: str) -> None:
    assert tellings.why(reason) == words


@pytest.mark.parametrize(
    ("key", "words"),
    [("birthday:2026", "Birthday"), ("anniversary:1", "1 year with the shop"), ("orders:10", "Placed 10 orders")],
)
def test_milestones_have_words(key: str, words: str) -> None:
    assert tellings.milestone(key) == words


def test_the_last_chance_is_told_as_such() -> None:
    _, _, body = tellings.told_ending({"points": 5, "on": date(2026, 3, 10).isoformat(), "last": True})
    assert body.endswith("This is the last time we say so.")
