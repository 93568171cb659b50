"""What followers are told: queued with what happened, sent by a drain, written down."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import ParcelDelivered
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.stores.models import Store
from thereafter.tracking.actions import subscriptions
from thereafter.tracking.models import Notice, Subscription
from thereafter.tracking.rules import news

State = Notice.State
_SETTLED = ["state", "error", "due_at", "sent_at"]


@transaction.atomic
def queue(store: Store, events: Sequence[ShopperEvent], now: datetime) -> int:
    """One notice per follower and piece of news; hearing of it twice changes nothing. Returns how many were made."""
    told = [(event.order_id, key) for event in events if event.order_id and (key := news.key(event))]
    followers = _followers(store, {order_id for order_id, _ in told}) if told else {}
    if not followers:
        return 0
    pairs = [(one, key) for order_id, key in told for one in followers.get(order_id, ())]
    notices = [_notice(store, one, key, now) for one, key in _worth_telling(store, pairs, now)]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    arrived = {event.order_id for event in events if isinstance(event, ParcelDelivered) and event.order_id in followers}
    if arrived:
        subscriptions.end_finished(store, {order_id for order_id in arrived if order_id}, now)
    return len(notices)


def _followers(store: Store, order_ids: set[int]) -> dict[int, list[Subscription]]:
    """Those who said yes and have not ended, by order."""
    live = Subscription.objects.of(store).filter(
        order_id__in=order_ids, confirmed_at__isnull=False, ended_at__isnull=True
    )
    by_order: dict[int, list[Subscription]] = defaultdict(list)
    for one in live:
        by_order[one.order_id].append(one)
    return by_order


def _worth_telling(
    store: Store, pairs: Sequence[tuple[Subscription, str]], now: datetime
) -> Iterable[tuple[Subscription, str]]:
    """A moved date is not, to whom we wrote within a day or are just writing."""
    moved = {one.pk for one, key in pairs if news.is_estimate(key)}
    if not moved:
        return pairs
    recent = Notice.objects.of(store).filter(subscription_id__in=moved, made_at__gt=now - news.QUIET)
    told = set(recent.exclude(key=subscriptions.CONFIRM).values_list("subscription_id", flat=True))
    told |= {one.pk for one, key in pairs if not news.is_estimate(key)}
    return [(one, key) for one, key in pairs if not news.is_estimate(key) or one.pk not in told]


def _notice(store: Store, subscription: Subscription, key: str, now: datetime) -> Notice:
    return Notice(store=store, subscription=subscription, key=key, due_at=now, made_at=now)


@transaction.atomic
def claim(now: datetime, limit: int) -> list[Notice]:
    """Takes notices that are due for the length of a lease. A worker that dies leaves them to be sent once more: a
    mail then carries the same Message-ID, a notification the same topic."""
    rows = Notice.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    taken = list(rows.select_related("subscription__order", "store")[:limit])
    for notice in taken:
        notice.due_at, notice.tries = now + news.LEASE, notice.tries + 1
        notice.subscription.store = notice.subscription.order.store = notice.store
    Notice.objects.bulk_update(taken, ["due_at", "tries"])
    return taken


@transaction.atomic
def settle(handed: Sequence[tuple[Notice, Verdict]], now: datetime) -> None:
    """Writes down what became of notices; who wants no more is not written to again."""
    for notice, verdict in handed:
        _apply(notice, verdict, now)
    Notice.objects.bulk_update([notice for notice, _ in handed], _SETTLED)
    for notice, verdict in handed:
        if verdict.answer == Answer.GONE:
            subscriptions.end(notice.subscription, now)


def _apply(notice: Notice, verdict: Verdict, now: datetime) -> None:
    notice.error = verdict.detail[:300]
    pause = news.next_try(notice.tries)
    if verdict.answer == Answer.ACCEPTED:
        notice.state, notice.sent_at = State.SENT, now
    elif verdict.answer == Answer.LATER and pause:
        notice.due_at = now + pause
    else:
        notice.state = State.FAILED
