"""Dead letters: trying again, and putting aside what is not worth it."""

from collections.abc import Iterable
from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from thereafter.console.queries import attention_key
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store
from thereafter.timeline import inbox, outbox
from thereafter.timeline.models import Delivery, Due, Inbound


@transaction.atomic
def replay_call(store: Store, inbound: Inbound, *, body: str | None, by: Staff, now: datetime) -> bool:
    """Takes a refused call in again, with a mended body if one is given; False when it is no longer refused."""
    done = inbox.replay(store, inbound.pk, now, body=body)
    if done:
        detail: dict[str, object] = {"body": "mended" if body is not None else "as it came", "reason": inbound.reason}
        _note(store, "intake.replay", now, by, subject=f"{inbound.source} {inbound.topic}", detail=detail)
    return done


@transaction.atomic
def replay_calls(store: Store, calls: Iterable[int], *, by: Staff, now: datetime) -> int:
    """Takes many refused calls in again as they came; returns how many."""
    again = inbox.refused(store).filter(pk__in=list(calls)).order_by()
    done = again.update(state=Inbound.State.WAITING, reason="", attempts=0, due_at=now)
    if done:
        _note(store, "intake.replay", now, by, subject=f"{done} refused calls")
    return done


@transaction.atomic
def put_call_aside(store: Store, inbound: Inbound, *, by: Staff, now: datetime) -> bool:
    """The call leaves the list; its body and its reason stay in the inbox."""
    done = inbox.refused(store).filter(pk=inbound.pk).order_by().update(state=Inbound.State.DONE)
    if done:
        detail: dict[str, object] = {"reason": inbound.reason}
        _note(store, "intake.put_aside", now, by, subject=f"{inbound.source} {inbound.topic}", detail=detail)
    return bool(done)


@transaction.atomic
def replay_delivery(store: Store, delivery: Delivery, *, by: Staff, now: datetime) -> bool:
    done = outbox.replay(store, delivery.pk, now)
    if done:
        _note(store, "intake.replay", now, by, subject=f"{delivery.entry.name} for {delivery.subscriber}")
    return done


@transaction.atomic
def replay_deliveries(store: Store, *, by: Staff, now: datetime) -> int:
    """Gives every dead delivery of the store its eight tries again; returns how many there were."""
    dead = list(outbox.dead(store).values_list("pk", flat=True))
    again = Delivery.objects.filter(pk__in=dead, state=Due.DEAD)
    done = again.update(state=Due.WAITING, attempts=0, error="", due_at=now)
    if done:
        _note(store, "intake.replay", now, by, subject=f"{done} events")
    return done


@transaction.atomic
def put_delivery_aside(store: Store, delivery: Delivery, *, by: Staff, now: datetime) -> bool:
    """The handler never hears of it; the entry stays on the timeline and the error with the delivery."""
    done = Delivery.objects.filter(pk=delivery.pk, entry__store=store, state=Due.DEAD).update(state=Due.DONE)
    if done:
        subject = f"{delivery.entry.name} for {delivery.subscriber}"
        _note(store, "intake.put_aside", now, by, subject=subject, detail={"error": delivery.error})
    return bool(done)


def _note(
    store: Store, verb: str, now: datetime, by: Staff, *, subject: str, detail: dict[str, object] | None = None
) -> None:
    stores.audit(store, by=by, verb=verb, now=now, subject=subject[:200], detail=detail)
    cache.delete(attention_key(store))
