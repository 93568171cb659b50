"""The Olist marketplace as a live shop would have told it: orders, hand-overs, deliveries and answers, by their times.

The tables name no e-mail addresses and no tracking numbers; each customer and each parcel is given one made of its id,
so that mails are rendered and scans find their parcel as they would in a live shop.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from thereafter.commerce.connectors.olist import History, Review, read_history
from thereafter.commerce.models import Order
from thereafter.demo.player import Happening
from thereafter.feedback.models import Answer
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.loyalty.queries.ledger import totals
from thereafter.messaging.models import Message
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.timeline.models import Delivery, Due, Entry, Inbound
from thereafter.tracking.models import Parcel

SLUG = "olist"
# After the last recorded moment the journeys that still wait come to their end.
AFTERWARDS = timedelta(days=45)


def open_shop(now: datetime) -> Store:
    """The marketplace as a store of ours, opened at `now`; the one that is there if it is."""
    known = Store.objects.filter(slug=SLUG).first()
    if known:
        return known
    store = stores.open_store(
        SLUG,
        name="Olist",
        currency="BRL",
        now=now,
        locale="pt-BR",
        time_zone="America/Sao_Paulo",
        country="BR",
        support_email="ajuda@olist.example",
        sender_email="pedidos@olist.example",
    )
    stores.connect(store, "carrier", now=now)
    install_recipes(store, now)
    return store


def happenings(folder: Path) -> list[Happening]:
    """Everything that is recorded, in the order of time. Raises `Unreadable`."""
    return sorted((one for history in read_history(folder) for one in _of(history)), key=lambda one: one.at)


def _of(history: History) -> Iterator[Happening]:
    order, key = history.order, history.order.external_id
    order.customer.email = f"{order.customer.external_id}@customers.example"
    yield Happening(order.placed_at, "order", key, msgspec.to_builtins(order))
    if history.carrier_at:
        yield from _parcel(history, key, history.carrier_at)
    for review in history.reviews:
        yield _answer(review, key)


def _parcel(history: History, key: str, carrier_at: datetime) -> Iterator[Happening]:
    fulfilment = {"external_id": key, "shipped_at": carrier_at.isoformat(), "tracking_number": _tracking_number(key)}
    yield Happening(carrier_at, "fulfilment", key, {"order": key, "fulfilment": fulfilment})
    yield _scan(history, "picked_up", carrier_at)
    if history.delivered_at:
        yield _scan(history, "delivered", history.delivered_at)


def _scan(history: History, status: str, at: datetime) -> Happening:
    key = history.order.external_id
    scans = [{"status": status, "occurred_at": at.isoformat()}]
    return Happening(at, "scan", f"{key}:{status}", {"tracking_number": _tracking_number(key), "scans": scans})


def _tracking_number(key: str) -> str:
    return f"OL{key[:18].upper()}BR"


def _answer(review: Review, key: str) -> Happening:
    document: dict[str, Any] = {
        # A review id may stand on several orders: each order's answer is one of its own.
        "external_id": f"{review.review_id}:{key}",
        "order": key,
        "order_source": SLUG,
        "score": review.score,
        "comment": "\n".join(part for part in (review.title, review.comment) if part),
        "answered_at": review.answered_at.isoformat(),
    }
    return Happening(review.answered_at, "answer", document["external_id"], document)


def figures(store: Store) -> dict[str, Any]:
    """What stands in the database after a replay, by the names of its last line."""
    parcels, ledger = Parcel.objects.of(store).filter(delivered_at__isnull=False), totals(store)
    refused = Inbound.objects.of(store).filter(state=Inbound.State.REFUSED).values_list("reason", flat=True)
    kept = Inbound.objects.of(store).filter(state=Inbound.State.KEPT).values_list("waits_for", flat=True)
    reasons = [reason.split(":")[0] for reason in refused] + [f"waits_for_{name.split(':')[0]}" for name in kept]
    return {
        "orders": Order.objects.of(store).count(),
        "parcels_delivered": parcels.count(),
        "late_parcels": parcels.filter(late=True).count(),
        "messages": Message.objects.of(store).filter(state=Message.State.SENT).count(),
        "surveys_answered": Answer.objects.of(store).count(),
        "points_awarded": ledger.awarded - ledger.taken_back,
        "events": Entry.objects.of(store).count(),
        "deliveries": Delivery.objects.filter(entry__store=store, state=Due.DONE).count(),
        "refused": {reason: reasons.count(reason) for reason in sorted(set(reasons))},
    }
