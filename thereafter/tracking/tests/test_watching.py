"""The watch list: what is on it, and what can be done for many at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking import watching
from thereafter.tracking.actions.flags import look_again, raise_flag, watch_fulfilment
from thereafter.tracking.actions.watching import see_to
from thereafter.tracking.models import CarrierClaim, Parcel
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc
from thereafter.tracking.watching import Asked

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 3, 3, 9, tzinfo=UTC)
NOW = PLACED + timedelta(days=4)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def client(owner: Staff) -> Client:
    signed_in = Client()
    signed_in.force_login(owner)
    return signed_in


def parcel(store: Store, number: str, **order: Any) -> Parcel:
    fields: dict[str, Any] = {"number": number, "placed_at": PLACED, "promised_on": date(2026, 6, 30)} | order
    return make_parcel(store, tracking_number=f"T{number}", email=f"c{number}@example.com", **fields)


def troubled(store: Store, number: str, reason: str = "weather", **order: Any) -> Parcel:
    one = parcel(store, number, **order)
    scan(store, scan_doc("exception", NOW, reason=reason), now=NOW, tracking_number=f"T{number}")
    one.refresh_from_db()
    return one


def listed(store: Store, owner: Staff, **asked: Any) -> list[str]:
    _, rows = watching.page(store, Asked(**asked), owner, None)
    return [row.order.number for row in rows]


def post(client: Client, store: Store, what: str, *parcels: Parcel, **fields: str) -> str:
    """The page that follows, as text."""
    given = {"row": [f"{one.order_id}-{one.pk}" for one in parcels], **fields}
    with clock.at(NOW):
        answer = client.post(reverse(f"tracking_console:{what}", args=[store.slug]), given, follow=True)
        run_until_idle()
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_is_wrong_longest_first_and_each_parcel_once(store: Store, owner: Staff) -> None:
    parcel(store, "1")
    scan(store, scan_doc("in_transit", NOW), now=NOW, tracking_number="T1")
    troubled(store, "2")
    overdue = parcel(store, "3", promised_on=date(2026, 3, 4))
    scan(store, scan_doc("exception", NOW), now=NOW, tracking_number="T3")
    with clock.at(NOW):
        look_again(store, NOW)
    assert listed(store, owner) == ["3", "2"]
    overdue.refresh_from_db()
    assert set(overdue.flags) == {"overdue", "exception"}
    numbers = watching.counts(store)
    assert (numbers[""], numbers["exception"], numbers["overdue"], numbers["stalled"]) == (2, 2, 1, 0)


def test_orders_of_which_nothing_left_are_on_the_list_too(store: Store, owner: Staff) -> None:
    make_order(store, number="9", placed_at=PLACED)
    watch_fulfilment(store, PLACED + timedelta(days=8))
    assert listed(store, owner, view="fulfilment") == ["9"]


def test_views_carrier_and_search_narrow_the_list(store: Store, owner: Staff) -> None:
    troubled(store, "1")
    troubled(store, "2", reason="customs_hold")
    assert listed(store, owner, view="overdue") == []
    assert listed(store, owner, carrier="dhl") == ["1", "2"]
    assert listed(store, owner, carrier="ups") == []
    assert listed(store, owner, q="#2") == ["2"]
    assert listed(store, owner, q="t1") == ["1"]


def test_another_shop_sees_and_changes_nothing_of_it(store: Store, client: Client) -> None:
    other = make_store("other")
    foreign = troubled(other, "1")
    answer = post(client, store, "watch_claim", foreign, reason="lost")
    assert "Choose at least one row first." in answer
    assert not CarrierClaim.objects.of(other).exists()


def test_rows_are_handed_to_a_colleague(store: Store, owner: Staff, client: Client) -> None:
    mate = make_staff(store, role="support")
    one, two = troubled(store, "1"), troubled(store, "2")
    assert "2 rows are now with Support." in post(client, store, "watch_assign", one, two, to=str(mate.pk))
    assert listed(store, mate, assigned="me") == ["1", "2"]
    assert listed(store, owner, assigned="nobody") == []
    assert Audit.objects.of(store).filter(verb="tracking.assign").exists()


def test_a_stranger_cannot_be_given_work(store: Store, owner: Staff, client: Client) -> None:
    stranger = make_staff(make_store("other"), email="stranger@example.com")
    post(client, store, "watch_assign", troubled(store, "1"), to=str(stranger.pk))
    assert listed(store, owner, assigned="nobody") == ["1"]


def test_what_was_seen_to_leaves_the_list_and_comes_back_when_it_goes_wrong_anew(
    store: Store, owner: Staff, client: Client
) -> None:
    one = troubled(store, "1")
    assert "One row is off the list." in post(client, store, "watch_see_to", one)
    assert listed(store, owner) == []
    later = NOW + timedelta(days=1)
    scan(store, scan_doc("in_transit", later), now=later, tracking_number="T1")
    scan(store, scan_doc("exception", later + timedelta(hours=2)), now=later, tracking_number="T1")
    assert listed(store, owner) == ["1"]


def test_shoppers_get_one_mail_per_order_however_often_the_button_is_pressed(store: Store, client: Client) -> None:
    one, two = troubled(store, "1"), troubled(store, "2")
    before = Message.objects.of(store).filter(template="note").count()
    answer = ""
    for _ in range(2):
        answer = post(client, store, "watch_write", one, two, subject="The <storm>", text="We watch it.\n\nSorry.")
    assert "2 messages are on the way." in answer
    notes = Message.objects.of(store).filter(template="note")
    assert (before, notes.count()) == (0, 2)
    note = notes.order_by("pk")[0]
    shown = render_again(note)
    assert (note.state, shown.subject) == ("sent", "The <storm>")
    assert "We watch it." in shown.html
    assert "<storm>" not in shown.html


def test_a_message_without_words_is_refused(store: Store, client: Client) -> None:
    assert "Write a subject and a text." in post(
        client, store, "watch_write", troubled(store, "1"), subject=" ", text="x"
    )
    assert not Message.objects.of(store).filter(template="note").exists()


def test_a_claim_is_made_once_for_what_the_shopper_paid(store: Store, client: Client) -> None:
    one = troubled(store, "1", reason="carrier_lost")
    assert "1 new claim." in post(client, store, "watch_claim", one, reason="lost")
    assert "0 new claims." in post(client, store, "watch_claim", one, reason="lost")
    claim = CarrierClaim.objects.of(store).get()
    assert (claim.amount_minor, claim.currency, claim.state) == (one.order.subtotal_minor, "EUR", "open")


def test_a_claim_is_about_a_parcel(store: Store, client: Client) -> None:
    order = make_order(store, number="9", placed_at=PLACED)
    watch_fulfilment(store, PLACED + timedelta(days=8))
    where = reverse("tracking_console:watch_claim", args=[store.slug])
    answer = client.post(where, {"row": [f"{order.pk}-0"], "reason": "lost"}, follow=True)
    assert "none of these orders has one yet" in answer.content.decode()


def test_how_a_claim_stands_is_written_down_and_the_file_names_what_is_to_be_filed(
    store: Store, client: Client
) -> None:
    post(client, store, "watch_claim", troubled(store, "1"), troubled(store, "2"), reason="damaged")
    file = client.get(reverse("tracking_console:claims_file", args=[store.slug])).content.decode()
    assert [line.split(",")[1] for line in file.splitlines()[1:]] == ["T1", "T2"]
    first = CarrierClaim.objects.of(store).order_by("pk")[0]
    where = reverse("tracking_console:claim", args=[store.slug, first.pk])
    client.post(where, {"state": "paid", "reference": "C-77", "amount": "12,50"})
    first.refresh_from_db()
    assert (first.state, first.reference, first.amount_minor) == ("paid", "C-77", 1250)
    client.post(where, {"state": "paid", "reference": "C-77", "amount": "much"})
    first.refresh_from_db()
    assert first.amount_minor == 1250


def test_the_list_takes_the_same_few_queries_however_long_it_is(store: Store, owner: Staff) -> None:
    troubled(store, "1")
    with CaptureQueriesContext(connection) as few:
        listed(store, owner)
    for number in range(2, 8):
        troubled(store, str(number))
    with CaptureQueriesContext(connection) as many:
        assert len(listed(store, owner)) == 7
    assert len(many) == len(few)


def test_the_list_can_be_used_without_any_script(store: Store, client: Client) -> None:
    one = troubled(store, "1")
    with clock.at(NOW):
        page = client.get(reverse("tracking_console:watch", args=[store.slug])).content.decode()
    assert f'value="{one.order_id}-{one.pk}"' in page
    assert "Weather" in page
    where = reverse("tracking_console:watch_write", args=[store.slug])
    asked = client.get(where, {"row": [f"{one.order_id}-{one.pk}"]}).content.decode()
    assert "Who gets it" in asked


def test_a_parcel_with_several_things_seen_to_has_none_up(store: Store, owner: Staff) -> None:
    one = parcel(store, "1")
    raise_flag(one.order, one, "reported", "damaged", now=NOW)
    raise_flag(one.order, one, "polling_expired", now=NOW)
    see_to(store, watching.watched(store, [(one.order_id, one.pk)]), by=owner, now=NOW)
    one.refresh_from_db()
    assert one.flags == {}
