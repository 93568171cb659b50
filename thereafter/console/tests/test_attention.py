"""Dead letters: what was refused, what could not be carried out, what waits."""

import json

import pytest
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.events.orders import OrderPlaced
from thereafter.kit import clock
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import OPENED, make_staff
from thereafter.timeline import inbox
from thereafter.timeline.models import Delivery, Due, Entry, Inbound

pytestmark = pytest.mark.django_db
ATTENTION = "/console/stride/attention/"


def refuse(
    store: Store, key: str = "k1", body: str = '{"total": 1.50}', reason: str = "No such currency: EURO."
) -> Inbound:
    call = inbox.Received(store.pk, "commerce", "shopify", "orders/create", key, body)
    inbox.refuse([(call, reason)], OPENED)
    return Inbound.objects.of(store).get(key=key)


def kill(store: Store) -> Delivery:
    """A delivery that failed eight times."""
    event = OrderPlaced(
        store_id=store.pk,
        occurred_at=OPENED,
        customer_id=1,
        number="1",
        total_minor=1,
        currency="EUR",
        items=1,
        source="x",
    )
    entry = Entry.objects.create(
        store=store, name=event.name, occurred_at=OPENED, recorded_at=OPENED, payload=event.payload()
    )
    return Delivery.objects.create(
        entry=entry, subscriber="loyalty.award", due_at=OPENED, state=Due.DEAD, attempts=8, error="Error: <b>broken</b>"
    )


def test_an_empty_list_says_so(browser_of_owner: Client) -> None:
    for address in (ATTENTION, f"{ATTENTION}events/", f"{ATTENTION}waiting/"):
        assert "empty" in browser_of_owner.get(address).content.decode()


def test_a_refused_call_is_told_with_its_reason_and_its_body(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store, body='{"name":"<script>alert(1)</script>"}')
    assert "No such currency: EURO." in browser_of_owner.get(ATTENTION).content.decode()
    page = browser_of_owner.get(f"{ATTENTION}call/{call.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_untouched_body_goes_in_again_byte_for_byte(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store)
    shown = json.dumps(json.loads(call.body), indent=2).replace("\n", "\r\n")
    browser_of_owner.post(f"{ATTENTION}call/{call.pk}/", {"body": shown})
    call.refresh_from_db()
    assert (call.state, call.body) == ("waiting", '{"total": 1.50}')
    assert Audit.objects.of(store).get(verb="intake.replay").detail["body"] == "as it came"


def test_a_mended_body_goes_in_instead(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store)
    browser_of_owner.post(f"{ATTENTION}call/{call.pk}/", {"body": '{"total": 2}'})
    call.refresh_from_db()
    assert (call.state, call.body, call.attempts) == ("waiting", '{"total": 2}', 0)
    assert Audit.objects.of(store).get(verb="intake.replay").detail["body"] == "mended"


def test_a_body_that_is_broken_by_mending_is_not_taken(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store)
    page = browser_of_owner.post(f"{ATTENTION}call/{call.pk}/", {"body": '{"total": }'}).content.decode()
    assert "not JSON any more" in page
    call.refresh_from_db()
    assert call.state == "refused"


def test_a_body_too_long_for_a_page_can_still_be_run_again(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store, body="x" * 300_000)
    assert len(browser_of_owner.get(f"{ATTENTION}call/{call.pk}/").content) < 280_000
    browser_of_owner.post(f"{ATTENTION}call/{call.pk}/")
    call.refresh_from_db()
    assert (call.state, len(call.body)) == ("waiting", 300_000)


def test_all_that_the_filter_shows_go_in_again(browser_of_owner: Client, store: Store) -> None:
    refuse(store, "k1", reason="No such currency.")
    refuse(store, "k2", reason="No such currency.")
    refuse(store, "k3", reason="No number.")
    browser_of_owner.post(f"{ATTENTION}replay/", {"reason": "No such currency."})
    assert [call.key for call in inbox.refused(store)] == ["k3"]
    assert Audit.objects.of(store).get().subject == "2 refused calls"


def test_the_list_is_searched_in_reasons_and_bodies(browser_of_owner: Client, store: Store) -> None:
    refuse(store, "k1", body="SC-77", reason="No number.")
    refuse(store, "k2", body="SC-78", reason="No currency.")
    page = browser_of_owner.get(ATTENTION, {"q": "sc-77"}).content.decode()
    assert f"call/{Inbound.objects.get(key='k1').pk}/" in page
    assert f"call/{Inbound.objects.get(key='k2').pk}/" not in page


def test_what_is_put_aside_leaves_the_list_and_is_written_down(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store)
    browser_of_owner.post(f"{ATTENTION}call/{call.pk}/put-aside/")
    assert not inbox.refused(store).exists()
    assert Audit.objects.of(store).get(verb="intake.put_aside").detail == {"reason": "No such currency: EURO."}


def test_what_waits_is_shown_with_what_it_waits_for(browser_of_owner: Client, store: Store) -> None:
    call = refuse(store)
    Inbound.objects.filter(pk=call.pk).update(state="kept", reason="", waits_for="order:shopify:77")
    assert "Order 77 of Shopify" in browser_of_owner.get(f"{ATTENTION}waiting/").content.decode()
    assert browser_of_owner.get(f"{ATTENTION}call/{call.pk}/").status_code == 200
    browser_of_owner.post(f"{ATTENTION}call/{call.pk}/", {"body": "{}"})
    call.refresh_from_db()
    assert call.state == "kept"


def test_a_dead_delivery_is_told_in_words_and_tried_again(browser_of_owner: Client, store: Store) -> None:
    delivery = kill(store)
    page = browser_of_owner.get(f"{ATTENTION}events/").content.decode()
    assert "Loyalty: award" in page
    assert "Order placed" in page
    assert "<b>broken" not in page
    browser_of_owner.post(f"{ATTENTION}events/{delivery.pk}/replay/")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)


def test_all_dead_deliveries_are_tried_again(browser_of_owner: Client, store: Store) -> None:
    kill(store)
    kill(store)
    browser_of_owner.post(f"{ATTENTION}events/replay/")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert Audit.objects.of(store).get().subject == "2 events"


def test_a_dead_delivery_can_be_put_aside(browser_of_owner: Client, store: Store) -> None:
    delivery = kill(store)
    browser_of_owner.post(f"{ATTENTION}events/{delivery.pk}/put-aside/")
    delivery.refresh_from_db()
    assert delivery.state == "done"


def test_who_may_only_read_cannot_run_anything_again(store: Store) -> None:
    analyst, call, delivery = signed_in(make_staff(store, role="analyst")), refuse(store), kill(store)
    page = analyst.get(ATTENTION)
    assert page.status_code == 200
    assert b"Run all again" not in page.content
    for address in ("replay/", f"call/{call.pk}/put-aside/", "events/replay/", f"events/{delivery.pk}/replay/"):
        assert analyst.post(ATTENTION + address).status_code == 403
    analyst.post(f"{ATTENTION}call/{call.pk}/", {"body": "{}"})
    call.refresh_from_db()
    assert call.state == "refused"


def test_the_menu_counts_what_needs_attention(browser_of_owner: Client, store: Store) -> None:
    refuse(store)
    kill(store)
    page = browser_of_owner.get("/console/stride/settings/").content.decode()
    assert '<span class="count">2</span>' in page.replace("\n", "")


def test_the_page_says_when_a_thing_came(browser_of_owner: Client, store: Store) -> None:
    refuse(store)
    with clock.at(OPENED.replace(hour=3)):
        assert "3 hours ago" in browser_of_owner.get(ATTENTION).content.decode()
