"""What shoppers and merchants say to reminders: later, not this product, yes again; on or off."""

from datetime import date, datetime, timedelta

from django.db import transaction

from thereafter.recommendations.actions.reorder_telling import mark_next
from thereafter.recommendations.actions.reorders import refresh
from thereafter.recommendations.models import Reorder, ReorderProduct
from thereafter.recommendations.rules import reorders as rules


@transaction.atomic
def snooze(reorder: Reorder, *, now: datetime, today: date) -> None:
    """They are reminded again in two weeks, but not before what they bought since runs out."""
    until = max(today + timedelta(days=rules.SNOOZE_DAYS), reorder.due_from)
    _say(reorder, now, state=Reorder.State.SNOOZED, why="", snoozed_until=until)


@transaction.atomic
def stop(reorder: Reorder, *, now: datetime) -> None:
    """They are not reminded of this product any more, whatever they buy."""
    _say(reorder, now, state=Reorder.State.STOPPED, why=Reorder.Why.SHOPPER, snoozed_until=None)


@transaction.atomic
def go_on(reorder: Reorder, *, now: datetime) -> None:
    """They want reminders of it after all, from the next purchase on if they were told of this one."""
    state = Reorder.State.TOLD if reorder.told_at else Reorder.State.WAITING
    _say(reorder, now, state=state, why="", snoozed_until=None)


def _say(reorder: Reorder, now: datetime, **said: object) -> None:
    Reorder.objects.of(reorder.store_id).filter(pk=reorder.pk).update(**said)
    for name, value in said.items():
        setattr(reorder, name, value)
    mark_next(reorder.store, {reorder.customer_id}, now=now)


@transaction.atomic
def switch(usual: ReorderProduct, to: str, *, now: datetime) -> None:
    """The merchant's word on a product: "on", "off", or "" for as learnt."""
    usual.switch = to
    days = usual.product.replenish_days
    usual.is_on = rules.is_on(to, replenish_days=days, is_bought_again=usual.is_bought_again)
    usual.save(update_fields=["switch", "is_on"])
    if usual.is_on:
        refresh(usual.store, now=now)
    mark_next(usual.store, None, now=now)


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int) -> None:
    """What one of two records of a person said holds for both; everything else is worked out anew."""
    held = {row.product_id: row for row in Reorder.objects.of(store_id).filter(customer_id=keep_id)}
    for row in Reorder.objects.of(store_id).filter(customer_id=merged_id):
        kept = held.get(row.product_id)
        if kept is None or (kept.why != Reorder.Why.SHOPPER and row.bought_on > kept.bought_on):
            # What they bought last is what they were told of.
            if kept is not None:
                kept.delete()
            Reorder.objects.of(store_id).filter(pk=row.pk).update(customer_id=keep_id)
        elif row.why == Reorder.Why.SHOPPER:
            Reorder.objects.of(store_id).filter(pk=kept.pk).update(state=row.state, why=row.why, snoozed_until=None)
    Reorder.objects.of(store_id).filter(customer_id=merged_id).delete()
