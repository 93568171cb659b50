"""Who is in a segment, and what happens when they come and go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import merge, set_trait
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.segments import SegmentEntered, SegmentLeft
from thereafter.journeys import facts, selecting, uses
from thereafter.journeys.actions import publishing, segments
from thereafter.journeys.actions.segments import InUse
from thereafter.journeys.models import Journey, Run, Segment, SegmentMember
from thereafter.journeys.rules.conditions import BadCondition
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


def customer(store: Store, email: str, *, orders: int = 1) -> Customer:
    with clock.at(NOW - timedelta(days=10)):
        made = [make_order(store, email=email, placed_at=NOW - timedelta(days=10)) for _ in range(orders)]
    return made[0].customer


def segment(store: Store, condition: str = "customer.orders >= 2", name: str = "Loyal") -> Segment:
    return segments.create(store, name=name, condition=condition, by=None, now=NOW)


def inside(chosen: Segment) -> set[int]:
    rows = SegmentMember.objects.of(chosen.store_id).filter(segment=chosen, left_at__isnull=True)
    return set(rows.values_list("customer_id", flat=True))


def told(store: Store, name: str) -> list[Entry]:
    return list(Entry.objects.of(store).filter(name=name).order_by("id"))


def test_a_new_segment_has_its_people_and_tells_nobody(store: Store) -> None:
    customer(store, "once@example.com")
    twice = customer(store, "twice@example.com", orders=2)
    made = segment(store)
    assert inside(made) == {twice.pk}
    assert made.people == 1
    assert not told(store, SegmentEntered.name)


def test_who_comes_in_later_is_told_of_and_counted(store: Store) -> None:
    person = customer(store, "ann@example.com")
    made = segment(store)
    customer(store, "ann@example.com")
    assert segments.recount_due(NOW + timedelta(minutes=10)) == 1
    assert inside(made) == {person.pk}
    (entered,) = told(store, SegmentEntered.name)
    assert (entered.customer_id, entered.payload["segment"], entered.payload["visit"]) == (person.pk, "loyal", 1)


def test_who_leaves_and_comes_back_is_on_a_second_visit(store: Store) -> None:
    person = customer(store, "ann@example.com")
    made = segment(store, "trait.tier == 'gold'", "Gold")
    for step, tier in enumerate(("gold", "silver", "gold")):
        set_trait(person, "tier", tier)
        segments.recount_due(NOW + timedelta(hours=2 + 2 * step))
    assert inside(made) == {person.pk}
    assert [entry.payload["visit"] for entry in told(store, SegmentEntered.name)] == [1, 2]
    assert [entry.payload["visit"] for entry in told(store, SegmentLeft.name)] == [1]


def test_counting_again_changes_nothing(store: Store) -> None:
    customer(store, "ann@example.com", orders=2)
    made = segment(store)
    rows = list(SegmentMember.objects.values())
    segments.recount(made, NOW + timedelta(hours=1), tell=True)
    assert list(SegmentMember.objects.values()) == rows
    assert not told(store, SegmentEntered.name)


def test_a_segment_is_only_counted_when_something_may_have_changed(store: Store) -> None:
    segment(store)
    assert segments.recount_due(NOW + timedelta(minutes=10)) == 0
    customer(store, "ann@example.com")
    assert segments.recount_due(NOW + timedelta(minutes=20)) == 1
    assert segments.recount_due(NOW + timedelta(minutes=30)) == 0
    assert segments.recount_due(NOW + timedelta(hours=2)) == 1


def test_time_alone_lets_people_out(store: Store) -> None:
    person = customer(store, "ann@example.com")
    made = segment(store, "customer.last_order_at >= now - days(30)", "Fresh")
    assert inside(made) == {person.pk}
    segments.recount_due(NOW + timedelta(days=30))
    assert not inside(made)


def test_another_condition_moves_people_quietly(store: Store) -> None:
    customer(store, "ann@example.com")
    made = segment(store)
    segments.edit(made, name="All buyers", condition="customer.orders >= 1", by=None, now=NOW)
    assert len(inside(made)) == made.people == 1
    assert not told(store, SegmentEntered.name)


def test_leaving_a_segment_deletes_no_run(store: Store) -> None:
    person = customer(store, "ann@example.com")
    made = segment(store, "trait.tier == 'gold'", "Gold")
    journey = Journey.objects.create(store=store, key="j", name="J", live=True, created_at=NOW)
    document = {"trigger": {"segment": made.key}, "steps": [{"id": "rest", "kind": "wait", "days": 3}]}
    publishing.publish(journey, document, now=NOW)
    with clock.at(NOW + timedelta(hours=2)):
        set_trait(person, "tier", "gold")
        segments.recount_due(clock.now())
        run_until_idle()
        assert Run.objects.of(store).count() == 1
    with clock.at(NOW + timedelta(hours=4)):
        set_trait(person, "tier", "silver")
        segments.recount_due(clock.now())
        run_until_idle()
    assert not inside(made)
    assert Run.objects.of(store).get().state == Run.State.WAITING


def test_a_segment_in_use_is_not_deleted(store: Store) -> None:
    made = segment(store)
    journey = Journey.objects.create(store=store, key="j", name="Thanks", live=True, created_at=NOW)
    document = {"trigger": {"segment": "loyal"}, "steps": [{"id": "rest", "kind": "wait", "days": 3}]}
    publishing.publish(journey, document, now=NOW)
    other = segment(store, "'loyal' in customer.segments && customer.spent > 100", "Rich")
    with pytest.raises(InUse, match=r"“Thanks”.*“Rich”"):
        segments.delete(made, by=None, now=NOW)
    Journey.objects.of(store).update(live=False)
    segments.delete(other, by=None, now=NOW)
    segments.delete(made, by=None, now=NOW)
    assert not Segment.objects.of(store).exists()


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"steps": [{"kind": "branch", "if": "'vip' in customer.segments"}]}, "vip"),
        ({"steps": [{"kind": "leave", "segment": "vip"}]}, "vip"),
        ({"stop_if": '"vip" in customer.segments'}, "vip"),
    ],
)
def test_journeys_that_speak_of_a_segment_are_found(document: dict[str, object], key: str) -> None:
    assert uses.names_segment(document, key)
    assert not uses.names_segment(document, "vi")


def test_a_segment_cannot_ask_for_itself(store: Store) -> None:
    first = segment(store, name="First")
    segment(store, "'first' in customer.segments", "Second")
    with pytest.raises(BadCondition, match="itself"):
        segments.edit(first, name="First", condition="'second' in customer.segments", by=None, now=NOW)


@pytest.mark.parametrize("condition", ["order.total > 3", "customer.orders >", "customer.tags.exists(t, t == 'a')"])
def test_a_condition_that_cannot_be_asked_makes_no_segment(store: Store, condition: str) -> None:
    with pytest.raises(BadCondition):
        segment(store, condition)
    assert not Segment.objects.of(store).exists()


def test_a_condition_that_went_bad_keeps_its_people_and_says_why(store: Store) -> None:
    customer(store, "ann@example.com", orders=2)
    made = segment(store)
    Segment.objects.filter(pk=made.pk).update(condition="customer.shoe_size > 40")
    segments.recount_due(NOW + timedelta(hours=2))
    made.refresh_from_db()
    assert "customer.shoe_size" in made.trouble
    assert made.people == len(inside(made)) == 1


def test_a_list_is_filled_by_addresses(store: Store) -> None:
    ann, bob = customer(store, "ann@example.com"), customer(store, "bob@example.com")
    made = segment(store, "", "Testers")
    answer = segments.add_people(made, ["Ann@Example.com ", "who@example.com", "", "bob@example.com"], by=None, now=NOW)
    assert (answer.added, answer.known, answer.strangers) == (2, 0, ["who@example.com"])
    assert segments.add_people(made, ["ann@example.com"], by=None, now=NOW).known == 1
    segments.remove_person(made, bob, by=None, now=NOW)
    assert inside(made) == {ann.pk}
    assert made.people == 1
    assert segments.recount_due(NOW + timedelta(days=1)) == 0


def test_lists_follow_when_two_records_become_one(store: Store) -> None:
    keep, other = customer(store, "ann@example.com"), customer(store, "bob@example.com")
    made = segment(store, "", "Testers")
    segments.add_people(made, ["bob@example.com"], by=None, now=NOW)
    with clock.at(NOW):
        merge(keep, other, NOW)
        run_until_idle()
    assert inside(made) == {keep.pk}


def test_who_left_a_list_before_is_on_it_again_when_the_other_record_was(store: Store) -> None:
    keep, other = customer(store, "ann@example.com"), customer(store, "bob@example.com")
    made = segment(store, "", "Testers")
    segments.add_people(made, ["bob@example.com", "ann@example.com"], by=None, now=NOW)
    segments.remove_person(made, keep, by=None, now=NOW)
    with clock.at(NOW):
        merge(keep, other, NOW)
        run_until_idle()
    assert inside(made) == {keep.pk}
    assert Segment.objects.get().people == 1


def test_a_segment_that_cannot_be_counted_holds_up_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned, sound = segment(store, name="Poisoned"), segment(store, name="Sound")
    customer(store, "ann@example.com", orders=2)
    asked = selecting.customers

    def fails(shop: Store, condition: str, now: datetime) -> Any:
        if Segment.objects.get(pk=poisoned.pk).condition == condition:
            raise OverflowError("date value out of range")
        return asked(shop, condition, now)

    Segment.objects.filter(pk=poisoned.pk).update(condition="customer.orders >= 1 && true")
    monkeypatch.setattr(selecting, "customers", fails)
    segments.recount_due(NOW + timedelta(hours=2))
    assert Segment.objects.get(pk=poisoned.pk).trouble == "The database could not answer this condition."
    assert len(inside(sound)) == 1


def test_a_segment_is_known_as_it_was(store: Store) -> None:
    person = customer(store, "ann@example.com", orders=2)
    made = segment(store)
    seats = [facts.Seat(store.pk, person.pk, None, at) for at in (NOW - timedelta(days=1), NOW + timedelta(days=1))]
    before, after = facts.gather(seats, {"customer.segments"})
    assert (before["customer.segments"], after["customer.segments"]) == ([], [made.key])


def test_segments_of_another_shop_are_not_seen(store: Store) -> None:
    theirs = make_store("theirs")
    customer(theirs, "ann@example.com", orders=2)
    assert inside(segment(store)) == set()
    assert not selecting.customers(store, "'loyal' in customer.segments", NOW).exists()
