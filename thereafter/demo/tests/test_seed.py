"""The demo shop's past comes through the intake, and John's story through signed webhooks."""

from datetime import UTC, datetime, timedelta

import pytest

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.webhooks import SOURCES, Call
from thereafter.demo import seed, story
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Connection, Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.timeline.models import Delivery, Inbound
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
ORDERS, SCENES = 12, 12


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(seed, "ORDERS", ORDERS)
    with clock.at(NOW):
        return seed.open_shop(NOW)


@pytest.mark.timeout(400)
def test_a_year_of_the_demo_shop_is_taken_without_a_refusal_and_once(shop: Store) -> None:
    first = seed.fill(shop, NOW, lambda done: None)
    again = seed.fill(shop, NOW, lambda done: None)
    assert Order.objects.of(shop).count() == ORDERS + SCENES
    assert not Inbound.objects.exclude(state="done").exists()
    assert not Delivery.objects.exclude(state="done").exists()
    assert (first.duplicates, again.duplicates) == (0, first.sent)


def test_johns_story_reaches_him_step_by_step(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def post(store: Store, source: str, body: bytes, headers: dict[str, str]) -> None:
        secrets = Connection.objects.of(store).get(source=source).secrets()
        call = Call({name.lower(): value for name, value in headers.items()}, body, clock.now())
        envelope = SOURCES[source](secrets, call)
        assert envelope, "our own signature was not accepted"
        inbox.put([Received(store.pk, envelope.room, source, envelope.topic, envelope.key, body.decode())], clock.now())

    monkeypatch.setattr(story, "_post", post)
    now = clock.now()
    for minutes, step in enumerate(story.STEPS):
        with clock.at(now + timedelta(minutes=minutes)):
            step.happen(shop, story.FIRST_NUMBER, clock.now())
            run_until_idle()
    john = Customer.objects.of(shop).get(email=story.EMAIL)
    assert list(Message.objects.of(shop).filter(customer=john).order_by("id").values_list("template", "state")) == [
        ("order_confirmation", "sent"),
        ("shipped", "sent"),
        ("out_for_delivery", "sent"),
        ("delivered", "sent"),
        ("satisfaction", "sent"),
        ("loyalty_invite", "sent"),
        ("goes_well_with", "skipped"),  # a shop without a past has nothing to recommend
    ]
    assert john.traits["loyalty.points"] == 174
