"""The delivery in a calendar: read back by a small reader written from RFC 5545."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from thereafter.kit import clock
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules import icalendar
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def read(body: bytes) -> list[dict[str, str]]:
    """The events of a calendar; fails for what no calendar program has to take."""
    assert body.endswith(b"\r\n")
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in body.replace(b"\r\n", b"")
    whole = body.replace(b"\r\n ", b"").decode().split("\r\n")
    assert (whole[0], whole[-2], whole[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    events: list[dict[str, str]] = []
    for line in whole:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events:
            events[-1].setdefault(name, value)
    return events


def delivery(**fields: object) -> icalendar.Delivery:
    given = {"uid": "a@b", "sequence": 1, "changed_at": NOW, "first": date(2026, 3, 5), "last": date(2026, 3, 7)}
    return icalendar.Delivery(**(given | {"title": "Parcel"} | fields))  # type: ignore[arg-type]  # a test's choice


def test_whole_days_end_on_the_day_after() -> None:
    (event,) = read(icalendar.calendar("Shop", [delivery()]).encode())
    assert (event["DTSTART;VALUE=DATE"], event["DTEND;VALUE=DATE"]) == ("20260305", "20260308")
    assert event["DTSTAMP"] == "20260304T120000Z"


@pytest.mark.parametrize(
    "title", ["Stride, Co; & \\Sons", "ü" * 200, "a" * 74 + "日本語" * 40, "two\nlines\r\nthree", "📦" * 50]
)
def test_any_text_is_escaped_and_folded(title: str) -> None:
    (event,) = read(icalendar.calendar(title, [delivery(title=title)]).encode())
    said = event["SUMMARY"].replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert said == title.replace("\r\n", "\n")


def test_control_characters_add_no_line() -> None:
    (event,) = read(icalendar.calendar("x", [delivery(title="a\x00b\x0bc\u2028d\rATTACH:evil")]).encode())
    assert "ATTACH" not in event
    assert event["SUMMARY"] == "abcd\\nATTACH:evil"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def parcel(store: Store) -> Parcel:
    return make_parcel(store, number="1001")


def fetched(token: str, at: datetime, **headers: str) -> tuple[int, bytes, str]:
    with clock.at(at):
        answer = Client(headers=headers).get(f"/s/stride/tracking/o/{token}/delivery.ics")
    return answer.status_code, answer.content, answer.get("ETag", "")


@pytest.mark.django_db
def test_the_event_stays_and_its_version_grows_with_news(store: Store, parcel: Parcel) -> None:
    token = order_token(parcel.order)
    (before,) = read(fetched(token, NOW)[1])
    at = NOW + timedelta(days=1)
    scan(store, scan_doc("delivered", at), now=at)
    (after,) = read(fetched(token, at)[1])
    assert before["UID"] == after["UID"]
    assert int(before["SEQUENCE"]) < int(after["SEQUENCE"])
    assert after["DTSTART;VALUE=DATE"] == "20260305"
    assert after["SUMMARY"] == "Delivered: parcel from Stride & Co"


@pytest.mark.django_db
def test_a_calendar_program_that_asks_again_gets_nothing_twice(parcel: Parcel) -> None:
    token = order_token(parcel.order)
    status, body, tag = fetched(token, NOW)
    assert (status, len(read(body))) == (200, 1)
    later = NOW + timedelta(minutes=50)
    assert fetched(token, later, if_none_match=tag)[0] == 304


@pytest.mark.django_db
def test_each_parcel_is_an_event_of_its_own(store: Store) -> None:
    from_shop = make_parcel(store, number="1001")
    scan(store, scan_doc("in_transit", NOW), tracking_number="JD0002", order="1001", now=NOW)
    events = read(fetched(order_token(from_shop.order), NOW)[1])
    assert len({event["UID"] for event in events}) == Parcel.objects.count()


@pytest.mark.django_db
def test_the_calendar_says_nothing_of_who_lives_where(parcel: Parcel) -> None:
    body = fetched(order_token(parcel.order), NOW)[1].decode()
    assert [secret for secret in ("John", "10115", "Trail Runner", "john@") if secret in body] == []
    assert "/o/" in body
