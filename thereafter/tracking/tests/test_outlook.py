"""Whether a parcel keeps its day, what the shopper can do, and how exactly a place may be told."""

from datetime import date, timedelta

import pytest

from thereafter.tracking.rules import outlook, places, progress, states
from thereafter.tracking.rules.outlook import Outlook, Way
from thereafter.tracking.rules.settings import Alerts

TODAY = date(2026, 3, 5)


def seen(status: str = states.IN_TRANSIT, **facts: object) -> Outlook:
    given = {"trouble": "", "promised_on": TODAY + timedelta(2), "last": TODAY + timedelta(1), "late_chance": 0.0}
    way = Way(status=status, **(given | {"flags": {}} | facts))  # type: ignore[arg-type]  # keywords from a dictionary
    return outlook.outlook(way, today=TODAY, alerts=Alerts(might_be_late=0.4, tell=0.7))


@pytest.mark.parametrize(
    ("chance", "trend"),
    [(None, "on_time"), (0.0, "on_time"), (0.39, "on_time"), (0.4, "might_be_late"), (0.7, "will_be_late")],
)
def test_the_stores_own_thresholds_decide_how_a_chance_is_told(chance: float | None, trend: str) -> None:
    assert seen(late_chance=chance).trend == trend


def test_a_carriers_word_is_more_than_its_silence() -> None:
    assert seen(flags={"delayed": "carrier"}) == Outlook("will_be_late", "carrier")
    assert seen(flags={"delayed": "stalled", "stalled": "transit"}) == Outlook("might_be_late", "stalled")
    assert seen(states.LABEL_CREATED, flags={"stalled": "pre_transit"}) == Outlook("might_be_late", "pre_transit")


def test_known_trouble_explains_better_than_a_prediction() -> None:
    assert seen(late_chance=0.8, trouble="weather") == Outlook("will_be_late", "weather")
    assert seen(late_chance=0.8) == Outlook("will_be_late", "predicted")


def test_after_the_promised_day_it_is_late_whatever_was_predicted() -> None:
    assert seen(promised_on=TODAY - timedelta(1)).trend == "late"


def test_nothing_is_said_where_nothing_was_promised_or_no_day_is_left_to_keep() -> None:
    assert seen(promised_on=None) == Outlook()
    assert seen(last=TODAY + timedelta(3)) == Outlook()
    assert {seen(status, late_chance=0.9) for status in (states.DELIVERED, states.RETURNING)} == {Outlook()}
    assert seen(states.EXCEPTION) == Outlook()


def test_on_the_van_on_the_promised_day_it_is_on_time() -> None:
    assert seen(states.OUT_FOR_DELIVERY, promised_on=TODAY, late_chance=0.9).trend == "on_time"


@pytest.mark.parametrize(
    ("status", "reason", "action"),
    [
        ("available_for_pickup", "", "pickup"),
        ("exception", "consignee_bad_address", "address"),
        ("exception", "customs_duties_unpaid", "pay"),
        ("exception", "customs_documents", "documents"),
        ("exception", "weather", ""),
        ("attempted", "", "be_home"),
        ("out_for_delivery", "", "expect"),
        ("returned", "", "tell_us"),
        ("in_transit", "", ""),
    ],
)
def test_what_the_shopper_can_do(status: str, reason: str, action: str) -> None:
    assert outlook.next_action(status, reason, waits=False) == action


def test_after_a_missed_try_a_known_pickup_place_is_what_counts() -> None:
    assert outlook.next_action("attempted", "", waits=True) == "pickup"


def test_the_usual_hour_is_that_of_nine_in_ten_and_needs_enough_deliveries() -> None:
    assert outlook.by_hour([60 * 10] * 19) is None
    assert outlook.by_hour([60 * 10 + 5] * 18 + [60 * 17 + 59] * 2) == 11
    assert outlook.by_hour([60 * 17 + 59] * 20) == 18
    assert outlook.by_hour([24 * 60 - 1] * 20) == 24


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("Berlin", "Berlin"),
        ("Newark, NJ, US", "Newark, NJ, US"),
        ("12 Main Street, Austin, TX", "Austin, TX"),
        ("Hauptstr. 5, 10115 Berlin", "Berlin"),
        ("DE-10115 Berlin", "Berlin"),
        ("Depot, Gewerbepark, Leipzig, Saxony, Germany", "Leipzig, Saxony, Germany"),
        ("Packstation 112", ""),
        ("", ""),
    ],
)
def test_a_place_is_told_to_strangers_as_its_town(place: str, told: str) -> None:
    assert places.town(place, states.IN_TRANSIT) == told


def test_at_the_door_the_place_is_nobodys_business() -> None:
    assert places.town("Neighbour Miller", states.DELIVERED) == ""


def test_a_parcel_that_comes_back_has_a_bar_of_its_own() -> None:
    assert progress.steps(states.RETURNING) == [("shipped", "done"), ("returning", "problem"), ("returned", "todo")]
    assert {state for _, state in progress.steps(states.RETURNED)} == {"done"}
    assert [name for name, _ in progress.steps(states.AVAILABLE_FOR_PICKUP)][3] == "pickup"
    assert progress.steps(states.CANCELLED) == []
