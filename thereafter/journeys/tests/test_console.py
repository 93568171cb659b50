from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey
from thereafter.kit import clock
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def store(client: Client) -> Store:
    store = make_store()
    publishing.install_recipes(store, NOW)
    client.force_login(make_staff(store, "marketer"))
    return store


@pytest.fixture
def order(store: Store) -> Order:
    """Delivered a moment ago."""
    with clock.at(NOW):
        order = make_order(store, placed_at=NOW - timedelta(days=2))
        record(
            ParcelDelivered(
                store_id=store.pk,
                customer_id=order.customer_id,
                order_id=order.pk,
                occurred_at=NOW,
                parcel_id=1,
                carrier="dhl",
            )
        )
        run_until_idle()
    return order


def page(client: Client, path: str = "") -> str:
    with clock.at(NOW):
        answer = client.get(f"/console/stride/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_journeys_are_listed_with_their_counts(order: Order, client: Client) -> None:
    listed = page(client, "journeys/")
    assert "After delivery" in listed
    assert "When a parcel is delivered" in listed


def test_a_journey_shows_its_steps_and_who_waits_for_what(order: Order, client: Client) -> None:
    shown = page(client, "journeys/after_delivery/")
    assert "Wait 3 days, until 10:00" in shown
    assert "Send “Points and community”" in shown
    assert "1 · 1 waiting" in shown
    assert "Waits until 6 Mar 2026, 10:00" in shown
    assert "Nobody here" in page(client, "journeys/after_delivery/?state=stopped")


def test_branches_say_where_they_lead(order: Order, client: Client) -> None:
    shown = page(client, "journeys/delivered/")
    assert "If it is late" in shown
    assert "Yes: Send “Delivered late” · No: Send “Delivered”" in shown


def test_the_customers_page_tells_where_they_are(order: Order, client: Client) -> None:
    assert "After delivery" in page(client, f"customers/{order.customer_id}/")


def test_a_journey_is_turned_off_and_on_by_post_only(store: Store, client: Client) -> None:
    address = "/console/stride/journeys/shipped/turn/"
    assert client.get(address).status_code == 405
    for live in (False, True):
        assert client.post(address, {"live": str(int(live))}).status_code == 302
        assert Journey.objects.of(store).get(key="shipped").live is live
    assert list(Audit.objects.order_by("id").values_list("verb", flat=True)) == [
        "journeys.turn_off",
        "journeys.turn_on",
    ]


def test_who_may_not_edit_sees_no_switch(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "analyst"))
    assert "Turn off" not in page(client, "journeys/shipped/")
    assert client.post("/console/stride/journeys/shipped/turn/", {"live": "0"}).status_code == 403


def test_another_stores_journey_does_not_exist(store: Store, client: Client) -> None:
    publishing.install_recipes(make_store("other"), NOW)
    Journey.objects.of(store).filter(key="shipped").delete()
    assert client.get("/console/stride/journeys/shipped/").status_code == 404
