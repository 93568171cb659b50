"""Perks are the trait `loyalty.perks`: segments and journeys may ask for them, whoever falls loses them."""

from typing import Any

import pytest

from thereafter.commerce.models import Customer
from thereafter.journeys import selecting
from thereafter.journeys.facts import Seat, gather
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import compile_condition
from thereafter.loyalty.actions import earning, members
from thereafter.loyalty.models import Member
from thereafter.loyalty.tests.givings import join, moment, publish
from thereafter.returns.shopper_histories import perks_of
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

NOW = moment("2026-03-20 12:00")
GOLD = {
    "free_returns": True,
    "priority_support": True,
    "early_access_hours": 24,
    "workshop_seats": 2,
    "others": ["A cake"],
}
TIERS = [{"name": "Gold", "key": "gold", "min": "100", "benefits": GOLD}]
HAS_PERK, HAS_TIER = "'early_access_hours' in trait['loyalty.perks']", "trait['loyalty.tier'] == 'gold'"
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, tiers=TIERS, tier={"metric": "points"}, actions={"tour": {"points": 100, "qualifying": True}})
    return made


def gold(store: Store, email: str = "ann@example.com") -> Member:
    """A member who has earned enough."""
    member = join(store, email)
    assert earning.earn(member.customer, "tour", key=email, at=NOW, now=NOW).result == "ok"
    member.refresh_from_db()
    return member


def traits(member: Member) -> dict[str, Any]:
    return Customer.objects.get(pk=member.customer_id).traits


def test_perks_that_are_set_are_a_trait(store: Store) -> None:
    ann = gold(store)
    assert ann.tier == "gold"
    assert traits(ann)["loyalty.perks"] == GOLD


@pytest.mark.parametrize("text", [HAS_PERK, HAS_TIER])
def test_a_segment_of_those_with_a_perk(store: Store, text: str) -> None:
    ann, bob = gold(store), join(store, "bob@example.com")
    found = selecting.customers(store, compile_condition(text, vocabulary.segment()), NOW)
    assert list(found) == [ann.customer]
    assert bob.customer not in found


@pytest.mark.parametrize("text", [HAS_PERK, HAS_TIER, "trait['loyalty.perks'].early_access_hours >= 24"])
def test_a_journey_may_ask_for_a_perk_and_how_much_of_it(store: Store, text: str) -> None:
    ann, bob = gold(store), join(store, "bob@example.com")
    condition = compile_condition(text, vocabulary.journey())
    seats = [Seat(store.pk, member.customer_id, None, NOW) for member in (ann, bob)]
    assert [condition.holds(known) for known in gather(seats, condition.names)] == [True, False]


def test_whoever_leaves_has_no_perks_any_more(store: Store) -> None:
    ann = gold(store)
    members.leave(ann, now=NOW)
    assert not traits(ann)["loyalty.perks"]
    text = compile_condition(HAS_PERK, vocabulary.segment())
    assert not selecting.customers(store, text, NOW).exists()


def test_what_a_tier_gives_is_told_anew_when_the_programme_changes(store: Store) -> None:
    ann = gold(store)
    tiers = [{**TIERS[0], "benefits": {"return_extra_days": 30}}]
    publish(store, at=NOW, tiers=tiers, tier={"metric": "points"})
    assert traits(ann)["loyalty.perks"] == {"return_extra_days": 30}


def test_the_room_of_returns_reads_what_this_room_writes(store: Store) -> None:
    perks = perks_of(traits(gold(store)))
    assert (perks.tier, perks.tier_name, perks.free_returns) == ("gold", "Gold", True)
    assert "early_access_hours" in perks.names
