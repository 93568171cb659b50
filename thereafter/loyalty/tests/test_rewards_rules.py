"""What rewards are worth, and which of them nobody should take."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.rewards import Terms

FIVE_OFF = Terms(kind="amount", cost=100, value=500, currency="EUR")
STEPS = Terms(kind="credit", cost=100, value=100, currency="EUR", is_stepped=True, most_points=1000)


def test_a_reward_in_steps_is_worth_its_value_for_each_step() -> None:
    assert [rules.worth(STEPS, points) for points in (100, 700, 1000)] == [100, 700, 1000]
    assert rules.worth(FIVE_OFF, 100) == 500


@pytest.mark.parametrize(
    ("available", "least", "most"), [(99, 100, 0), (100, 100, 100), (650, 100, 600), (5000, 100, 1000)]
)
def test_a_member_chooses_whole_steps_that_they_can_pay(available: int, least: int, most: int) -> None:
    chosen = rules.choice(STEPS, available)
    assert (chosen.least, chosen.most, chosen.is_open) == (least, most, most > 0)


def test_a_choice_between_two_steps_is_the_lower_one() -> None:
    assert rules.choice(STEPS, 650).nearest(555) == 500
    assert rules.choice(STEPS, 650).nearest(5) == 100


@pytest.mark.parametrize(("points", "fits"), [(0, False), (50, False), (100, True), (150, False), (1100, False)])
def test_only_whole_steps_up_to_the_most_fit(points: int, fits: bool) -> None:
    assert rules.is_fit(STEPS, points) == fits


def test_a_point_costs_what_the_reward_costs_through_its_points() -> None:
    assert rules.price_of_point(FIVE_OFF) == 5
    assert rules.price_of_point(replace(FIVE_OFF, cost=300)) == Fraction(5, 3)
    assert rules.price_of_point(Terms(kind="percent", cost=100, value=1000)) is None


def test_a_reward_that_gives_less_for_more_is_pointless() -> None:
    offers = {"small": FIVE_OFF, "dear": replace(FIVE_OFF, cost=200, value=400), "large": replace(FIVE_OFF, cost=200)}
    assert rules.pointless(offers) == [("dear", "small"), ("large", "small")]


def test_more_for_more_points_is_not_pointless() -> None:
    assert rules.pointless({"small": FIVE_OFF, "large": replace(FIVE_OFF, cost=200, value=1200)}) == []


def test_a_reward_in_steps_can_beat_one_without() -> None:
    steps = replace(FIVE_OFF, is_stepped=True)
    assert rules.pointless({"steps": steps, "ten": replace(FIVE_OFF, cost=250, value=900)}) == [("ten", "steps")]


@pytest.mark.parametrize(
    "better",
    [
        replace(FIVE_OFF, cost=50, kind="credit"),
        replace(FIVE_OFF, cost=50, currency="SEK"),
        replace(FIVE_OFF, cost=50, minimum_minor=10_000),
        replace(FIVE_OFF, cost=50, products=frozenset({"shoe"})),
        replace(FIVE_OFF, cost=50, tiers=frozenset({"gold"})),
    ],
)
def test_what_others_may_not_take_or_use_does_not_beat_anything(better: Terms) -> None:
    assert rules.pointless({"plain": FIVE_OFF, "other": better}) == []


def test_a_reward_moves_one_place_and_not_off_the_list() -> None:
    assert rules.moved([1, 2, 3], 3, -1) == [1, 3, 2]
    assert rules.moved([1, 2, 3], 1, -1) == [1, 2, 3]
    assert rules.moved([1, 2, 3], 9, 1) == [1, 2, 3]


def test_an_event_is_over_when_it_has_begun() -> None:
    begins = datetime(2026, 5, 1, 18, tzinfo=UTC)
    said = {"starts_at": begins.isoformat()}
    assert rules.is_over(said, begins)
    assert not rules.is_over(said, datetime(2026, 5, 1, 17, 59, tzinfo=UTC))
    assert not rules.is_over({"starts_at": "next week"}, begins)


def test_an_address_needs_what_a_parcel_needs() -> None:
    said = rules.clean_address({"name": " Ana  Ruiz ", "line1": "Main 1", "city": "Bath", "country": "GB", "door": "b"})
    assert said == {"name": "Ana Ruiz", "line1": "Main 1", "city": "Bath", "country": "GB"}
    assert rules.missing_in(said) == []
    assert rules.missing_in({"name": "Ana"}) == ["line1", "city", "country"]
