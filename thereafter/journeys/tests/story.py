"""A made-up story of a few weeks in a shop, and the worker that lives through it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import Min

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.documents import Line
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.orders import OrderCancelled, OrderRefunded
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey, Timer
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = BEGIN + timedelta(days=90)
DOCUMENT: dict[str, Any] = {
    "trigger": {"event": "parcel.delivered", "once_per": "order", "if": "!has(fact.late) || fact.late != true"},
    "stops_on": ["order.cancelled", "order.refunded"],
    "stop_if": "order.total > 500.0",
    "goal": {"event": "order.placed", "within_days": 10, "stops": True},
    "holdout": 25,
    "steps": [
        {"id": "rest", "kind": "wait", "days": 2, "at": "10:00"},
        {"id": "ask", "kind": "ask", "survey": "satisfaction"},
        {"id": "answered", "kind": "wait_for", "event": "survey.answered", "if": "fact.score >= 4", "days": 3,
         "then": "thank", "else": "split"},
        {"id": "thank", "kind": "award", "points": 10, "next": "end"},
        {"id": "split", "kind": "split",
         "ways": [{"name": "a", "weight": 50, "to": "news"}, {"name": "b", "weight": 50, "to": "many"}]},
        {"id": "news", "kind": "send", "template": "goes_well_with", "next": "end"},
        {"id": "many", "kind": "branch", "if": "customer.orders >= 2.0", "then": "sorry", "else": "plain"},
        {"id": "sorry", "kind": "send", "template": "delivered_late", "next": "end"},
        {"id": "plain", "kind": "send", "template": "delivered"},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    at: datetime
    kind: str
    number: int


def story(people: int) -> list[Happening]:
    """What happens to some orders: delivered, answered, refunded, cancelled, ordered again, all by chance."""
    random = Random(5)
    told = []
    for number in range(people):
        placed = BEGIN + timedelta(hours=random.randrange(24 * 14))
        delivered = placed + timedelta(hours=random.randrange(24, 120), minutes=random.randrange(60))
        told += [Happening(placed, "order", number), Happening(delivered, random.choice(["delivered", "late"]), number)]
        for kind, chance in (("good", 0.3), ("bad", 0.3), ("refund", 0.15), ("cancel", 0.15), ("again", 0.3)):
            if random.random() < chance:
                told.append(Happening(delivered + timedelta(hours=random.randrange(1, 200)), kind, number))
    return sorted(told, key=lambda one: (one.at, one.number))


def live(store: Store, told: list[Happening]) -> None:
    """Plays a story with the worker at hand at every moment at which anything is due."""
    orders: dict[int, Order] = {}
    for one in told:
        catch_up(one.at)
        with clock.at(one.at):
            happen(store, one, orders)
        work(one.at)
    catch_up(BEGIN + timedelta(days=60))


def catch_up(until: datetime) -> None:
    """Works at each moment until then at which a run or a message is due."""
    while True:
        due = [
            Timer.objects.aggregate(at=Min("due_at"))["at"],
            Message.objects.filter(state="queued").aggregate(at=Min("due_at"))["at"],
        ]
        now = min((at for at in due if at), default=until)
        if now >= until:
            return
        work(now)


def work(now: datetime) -> None:
    with clock.at(now):
        run_until_idle()


@transaction.atomic
def happen(store: Store, one: Happening, orders: dict[int, Order]) -> None:
    if one.kind in ("order", "again"):
        shoes = Line(external_id="1", title="Shoes", quantity=7 if one.number % 11 == 0 else 1, unit_price="89.90")
        number, email = f"{one.kind}-{one.number}", f"p{one.number}@example.com"
        order = make_order(store, number=number, email=email, placed_at=one.at, lines=[shoes])
        orders.setdefault(one.number, order)
        if one.kind == "order" and one.number % 2:
            agree(order.customer, one.at)
        return
    order = orders[one.number]
    ids: dict[str, Any] = {
        "store_id": store.pk,
        "customer_id": order.customer_id,
        "order_id": order.pk,
        "occurred_at": one.at,
    }
    if one.kind in ("delivered", "late"):
        record(
            ParcelDelivered(**ids, parcel_id=order.pk, carrier="dhl", late=one.kind == "late" and one.number % 3 == 0)
        )
    elif one.kind in ("good", "bad"):
        score = 5 if one.kind == "good" else 2
        record(SurveyAnswered(**ids, answer_id=order.pk, survey="satisfaction", score=score))
    elif one.kind == "refund":
        record(OrderRefunded(**ids, number=order.number, refund_id=order.pk, amount_minor=100, currency="EUR"))
    else:
        Order.objects.filter(pk=order.pk).update(status="cancelled", cancelled_at=one.at)
        record(OrderCancelled(**ids, number=order.number))


def agree(customer: Customer, at: datetime) -> None:
    change_consent(
        customer, channel="email", purpose="marketing", granted=True, source="checkout", evidence="ticked", now=at
    )


def journey(store: Store, document: Mapping[str, Any] = DOCUMENT, key: str = "story") -> Journey:
    made = Journey.objects.create(store=store, key=key, name="A story", live=True, created_at=BEGIN)
    publishing.publish(made, document, now=BEGIN)
    return made
