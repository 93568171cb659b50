"""Seats go into members' calendars."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.loyalty.actions import redemptions
from thereafter.loyalty.rules.seat_files import seat_file
from thereafter.loyalty.storefront.seats import seat_path
from thereafter.loyalty.tests.reward_makers import NOW, make_reward, rich, take
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

BEGINS = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)


def test_a_calendar_file_is_what_the_standard_says() -> None:
    text = seat_file(
        uid="seat-1@shop",
        title="Tasting; with, commas\\",
        starts_at=BEGINS,
        ends_at=BEGINS + timedelta(hours=2),
        place="Main 1\nBath",
        note="",
        stamped_at=NOW,
    )
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == ""
    assert "DTSTART:20260501T180000Z" in lines
    assert "DTEND:20260501T200000Z" in lines
    assert "SUMMARY:Tasting\\; with\\, commas\\\\" in lines
    assert "LOCATION:Main 1\\nBath" in lines
    assert "STATUS:CONFIRMED" in lines


def test_long_lines_are_folded_between_letters() -> None:
    note = "Größe und Käse " * 20
    text = seat_file(uid="1", title="x", starts_at=BEGINS, ends_at=None, place="", note=note.strip(), stamped_at=NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert f"DESCRIPTION:{note.strip()}" in text.replace("\r\n ", "")


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return rich(store)


@pytest.mark.django_db
def test_the_link_of_a_seat_gives_its_file_and_says_when_it_was_cancelled(
    store: Store, order: Order, client: Client
) -> None:
    details = {"starts_at": BEGINS.isoformat(), "place": "Studio"}
    taken = take(order, make_reward(store, "seat", value=0, currency="", name="Tasting", details=details))
    address = seat_path(store.slug, taken.pk)
    answer = client.get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "LOCATION:Studio" in answer.content.decode()
    with clock.at(NOW):
        redemptions.cancel(store.pk, taken.key, now=NOW)
    assert "METHOD:CANCEL" in client.get(address).content.decode()
    assert client.get(address.replace(".ics", "x.ics")).status_code == 404


@pytest.mark.django_db
def test_a_seat_on_the_members_page_is_the_members_alone(store: Store, order: Order, client: Client) -> None:
    taken = take(order, make_reward(store, "seat", value=0, currency="", details={"starts_at": BEGINS.isoformat()}))
    answer = client.get(reverse("loyalty_storefront:seat", args=[store.slug, taken.pk]))
    assert answer.status_code in (302, 404)
