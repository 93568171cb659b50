from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey, Run
from thereafter.kit import clock
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
CONSOLE = "/console/stride/journeys/"


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
        delivered = ParcelDelivered(
            store_id=store.pk,
            customer_id=order.customer_id,
            order_id=order.pk,
            occurred_at=NOW,
            parcel_id=1,
            carrier="dhl",
        )
        with transaction.atomic():
            record(delivered)
        run_until_idle()
    return order


@pytest.fixture
def run(order: Order) -> Run:
    return Run.objects.get(journey__key="after_delivery")


def page(client: Client, path: str = "", **asked: str) -> str:
    with clock.at(NOW):
        answer = client.get(f"/console/stride/{path}", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, path: str, **data: Any) -> Any:
    with clock.at(NOW):
        return client.post(f"{CONSOLE}{path}", data, follow=True)


def test_the_journeys_are_listed_with_their_counts(order: Order, client: Client) -> None:
    listed = page(client, "journeys/")
    assert "After delivery" in listed
    assert "When a parcel is delivered" in listed


def test_a_journey_shows_its_steps_and_who_waits_for_what(order: Order, client: Client) -> None:
    shown = page(client, "journeys/after_delivery/")
    assert "Wait 3 days, until 10:00" in shown
    assert "Send “Points and community”" in shown
    assert "1 entered" in shown
    assert '?at=try_it">1 waiting' in shown
    assert "Waits until 6 Mar 2026, 10:00" in shown
    assert "Nobody here" in page(client, "journeys/after_delivery/", state="stopped")


def test_people_are_found_by_where_they_wait_and_by_name(order: Order, client: Client) -> None:
    name = order.customer.display_name
    assert name in page(client, "journeys/after_delivery/", at="try_it")
    assert name not in page(client, "journeys/after_delivery/", at="ask")
    assert name in page(client, "journeys/after_delivery/", q=order.number)
    assert "Nobody matches" in page(client, "journeys/after_delivery/", q="nobody at all")


def test_counts_are_of_the_days_one_asks_for(order: Order, client: Client) -> None:
    with clock.at(NOW + timedelta(days=9)):
        assert "0 entered" in client.get(f"{CONSOLE}after_delivery/?since=7").content.decode()
        assert "1 entered" in client.get(f"{CONSOLE}after_delivery/?since=30").content.decode()


def test_branches_say_where_they_lead(order: Order, client: Client) -> None:
    shown = page(client, "journeys/delivered/")
    assert "If late" in shown
    for word in (">Yes</span>", ">No</span>", "Send “Delivered late”", "Send “Delivered”"):
        assert word in shown


def test_the_customers_page_tells_where_they_are(order: Order, client: Client) -> None:
    assert "After delivery" in page(client, f"customers/{order.customer_id}/")


def test_the_way_of_one_customer_is_told_from_what_started_it_to_what_comes_next(run: Run, client: Client) -> None:
    shown = page(client, f"journeys/after_delivery/people/{run.pk}/")
    told = ["When a parcel is delivered", "Wait 3 days, until 10:00", "Waits until 6 Mar 2026", "Ask: Satisfaction"]
    places = [shown.index(text) for text in told]
    assert places == sorted(places)


def test_a_way_that_was_walked_shows_what_was_sent(run: Run, client: Client) -> None:
    with clock.at(NOW + timedelta(days=9)):
        run_until_idle()
    shown = page(client, f"journeys/after_delivery/people/{run.pk}/")
    assert shown.index("Wait 4 days") < shown.index("Wait 7 days")
    assert "/messages/" in shown


def test_somebody_is_let_go_on_put_on_another_step_and_taken_out(run: Run, client: Client) -> None:
    address = f"after_delivery/people/{run.pk}/do/"
    post(client, address, at="2026-03-05T09:00")
    run.refresh_from_db()
    assert run.due_at == datetime(2026, 3, 5, 8, tzinfo=UTC)  # nine in Berlin
    assert "They go on from that step" in post(client, address, act="put_on", step="invite").content.decode()
    run.refresh_from_db()
    assert run.node == "invite"
    post(client, address, act="stop")
    run.refresh_from_db()
    assert run.state == "stopped"
    assert "This run has ended" in post(client, address, act="stop").content.decode()


def test_what_is_no_moment_is_said_in_a_sentence(run: Run, client: Client) -> None:
    assert "Give the moment" in post(client, f"after_delivery/people/{run.pk}/do/", at="tomorrow").content.decode()


def test_a_journey_is_turned_off_and_on_by_post_only(store: Store, client: Client) -> None:
    address = f"{CONSOLE}shipped/turn/"
    assert client.get(address).status_code == 405
    for live in (False, True):
        assert client.post(address, {"live": str(int(live))}).status_code == 302
        assert Journey.objects.of(store).get(key="shipped").live is live
    assert list(Audit.objects.order_by("id").values_list("verb", flat=True)) == [
        "journeys.turn_off",
        "journeys.turn_on",
    ]


def test_a_pause_holds_everybody_and_says_what_becomes_of_them(order: Order, client: Client) -> None:
    assert "stands still" in post(client, "after_delivery/pause/", pause="1").content.decode()
    shown = page(client, "journeys/after_delivery/")
    assert "Paused since" in shown
    assert "more than 24 hours late is left out" in shown
    assert "goes on" in post(client, "after_delivery/pause/", pause="0").content.decode()
    assert Journey.objects.get(key="after_delivery").paused_at is None


def test_a_journey_goes_into_the_archive_and_comes_back_turned_off(store: Store, client: Client) -> None:
    post(client, "shipped/archive/")
    assert "Shipped" not in page(client, "journeys/")
    assert "Shipped" in page(client, "journeys/", archived="1")
    post(client, "shipped/archive/", back="1")
    journey = Journey.objects.of(store).get(key="shipped")
    assert (journey.archived_at, journey.live) == (None, False)


def test_a_copy_has_a_key_of_its_own_and_nobody_enters_it(store: Store, client: Client) -> None:
    post(client, "shipped/duplicate/")
    made = Journey.objects.of(store).get(key="shipped_2")
    assert made.draft == Journey.objects.of(store).get(key="shipped").version.document  # type: ignore[union-attr]  # published
    assert not made.live


def test_a_journey_is_made_from_scratch_from_a_recipe_and_from_a_file(store: Store, client: Client) -> None:
    Journey.objects.of(store).filter(key="shipped").delete()
    assert "You have this one" in page(client, "journeys/new/")
    post(client, "new/make/", name="Thank you!")
    post(client, "new/make/", recipe="shipped")
    exported = client.get(f"{CONSOLE}delivered/export/")
    assert "attachment" in exported.headers["Content-Disposition"]
    post(client, "new/make/", file=SimpleUploadedFile("delivered.json", exported.content))
    made = Journey.objects.of(store).exclude(draft=None)
    assert set(made.values_list("key", flat=True)) == {"thank_you", "shipped", "delivered_2"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not a JSON file"),
        ("[]", "no journey"),
        ('{"document": {"trigger": {}, "steps": [{"kind": "x"}]}}', "Step 1 needs an id"),
    ],
)
def test_a_file_that_is_no_journey_is_refused_in_a_sentence(store: Store, client: Client, text: str, says: str) -> None:
    assert says in post(client, "new/make/", text=text).content.decode()
    assert not Journey.objects.of(store).exclude(draft=None).exists()


def test_who_may_not_edit_sees_no_switch(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "analyst"))
    assert "Turn off" not in page(client, "journeys/shipped/")
    for room in ("turn/", "edit/do/", "archive/", "duplicate/", "pause/", "versions/use/"):
        assert client.post(f"{CONSOLE}shipped/{room}").status_code == 403
    assert client.get(f"{CONSOLE}shipped/edit/").status_code == 403


def test_another_stores_journey_does_not_exist(store: Store, client: Client) -> None:
    publishing.install_recipes(make_store("other"), NOW)
    Journey.objects.of(store).filter(key="shipped").delete()
    for room in ("", "edit/", "publish/", "versions/", "text/", "export/", "messages/"):
        assert client.get(f"{CONSOLE}shipped/{room}").status_code == 404
