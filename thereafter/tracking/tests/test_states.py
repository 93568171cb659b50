"""The state is a function of the set of scans."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.tracking.rules import states
from thereafter.tracking.rules.states import Scan, is_late, state
from thereafter.tracking.tests.histories import disturbed, history

START = datetime(2026, 3, 3, 8, tzinfo=UTC)


def at(hours: float, status: str, reason: str = "") -> Scan:
    return Scan(START + timedelta(hours=hours), status, reason)


offsets = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=9))])
scans = st.builds(
    lambda hours, zone, status, reason: Scan((START + timedelta(hours=hours)).astimezone(zone), status, reason),
    # Few moments, so that many scans meet at one.
    st.integers(0, 60),
    offsets,
    st.sampled_from(sorted(states.RANKS)),
    st.sampled_from(["", "other", states.MISDELIVERED]),
)
histories = st.lists(scans, max_size=12)


@settings(max_examples=500, deadline=None)
@given(known=histories, data=st.data())
def test_any_order_and_any_repetition_of_the_scans_give_one_state(known: list[Scan], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(known))
    repeated = data.draw(st.lists(st.sampled_from(known), max_size=6)) if known else []
    assert state([*shuffled, *repeated]) == state(known)


def test_ten_thousand_histories_have_one_state_each_however_they_arrive() -> None:
    chance = random.Random(20260303)
    seen = set()
    for _ in range(10_000):
        scans = history(chance)
        known = state(scans)
        seen.add(known.status)
        for _ in range(3):
            assert state(disturbed(scans, chance)) == known
    assert seen == set(states.RANKS)


@settings(max_examples=300, deadline=None)
@given(scans=histories)
def test_unknown_codes_never_move_the_state(scans: list[Scan]) -> None:
    known = state([scan for scan in scans if scan.status != states.UNKNOWN])
    assert replace(state(scans), last_at=None) == replace(known, last_at=None)


@settings(max_examples=300, deadline=None)
@given(earlier=histories, late=scans)
def test_only_a_return_or_a_correction_moves_a_delivered_parcel(earlier: list[Scan], late: Scan) -> None:
    end = Scan(START + timedelta(days=30), states.DELIVERED)
    before = state([*earlier, end])
    after = state([*earlier, end, Scan(end.at + timedelta(hours=1), late.status, late.reason)])
    undone = late.status in {states.RETURNING, states.RETURNED} or (
        late.status == states.EXCEPTION and late.reason == states.MISDELIVERED
    )
    if before.status == states.DELIVERED and not undone:
        assert replace(after, last_at=None) == replace(before, last_at=None)


def test_no_scan_at_all_is_unknown() -> None:
    assert state([]).status == states.UNKNOWN


def test_a_label_that_is_reported_late_does_not_take_the_parcel_back() -> None:
    assert state([at(1, "in_transit"), at(2, "label_created"), at(3, "picked_up")]).status == "in_transit"


def test_a_scan_after_delivery_changes_nothing() -> None:
    known = state([at(1, "out_for_delivery"), at(5, "delivered"), at(6, "in_transit")])
    assert (known.status, known.at) == ("delivered", START + timedelta(hours=5))


def test_a_parcel_that_went_to_someone_else_is_not_delivered() -> None:
    known = state([at(1, "delivered"), at(2, "exception", "misdelivered")])
    assert (known.status, known.delivered_at) == ("exception", None)


def test_a_corrected_delivery_can_be_delivered_again() -> None:
    known = state([at(1, "delivered"), at(2, "exception", "misdelivered"), at(3, "delivered")])
    assert (known.status, known.delivered_at) == ("delivered", START + timedelta(hours=3))


def test_delivered_on_the_way_back_means_that_the_sender_has_it() -> None:
    assert state([at(1, "in_transit"), at(2, "returning"), at(9, "delivered")]).status == "returned"


def test_a_parcel_stays_on_the_van_for_the_rest_of_the_day() -> None:
    assert state([at(1, "out_for_delivery"), at(2, "in_transit")]).status == "out_for_delivery"


def test_a_parcel_that_went_back_to_the_depot_is_in_transit_on_the_next_day() -> None:
    assert state([at(1, "out_for_delivery"), at(25, "in_transit")]).status == "in_transit"


def test_trouble_ends_with_the_next_scan() -> None:
    assert state([at(1, "exception", "weather"), at(2, "in_transit")]).status == "in_transit"


def test_at_the_same_moment_the_further_scan_counts() -> None:
    assert state([at(1, "delivered"), at(1, "in_transit")]).status == "delivered"


def test_a_status_is_entered_once() -> None:
    known = state([at(1, "attempted"), at(30, "out_for_delivery"), at(34, "attempted")])
    assert [entry.status for entry in known.entries] == ["attempted", "out_for_delivery"]
    assert known.status == "attempted"


def test_a_word_we_do_not_know_is_kept_as_the_code() -> None:
    assert states.understood("Teleported", "") == ("unknown", "Teleported")
    assert states.understood(" Delivered ", "D1") == ("delivered", "D1")


def test_trouble_always_has_a_reason() -> None:
    assert states.reason("exception", "") == "other"
    assert states.reason("exception", "Weather") == "weather"
    assert states.reason("delivered", "weather") == ""
    assert states.reason("in_transit", "weather", delayed=True) == "weather"
    assert states.reason("in_transit", "moon", delayed=True) == ""


@pytest.mark.parametrize(("delivered", "late"), [(4, False), (5, False), (6, True)])
def test_a_parcel_is_late_after_the_promised_day(delivered: int, late: bool) -> None:
    assert is_late(date(2026, 3, delivered), promised_on=date(2026, 3, 5)) is late
