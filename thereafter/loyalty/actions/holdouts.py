"""Members who are left without the programme for comparison, and the end of that: what they missed is made good."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Order
from thereafter.loyalty.actions import members, orders
from thereafter.loyalty.models import Member
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

BATCH = 500


def end(store: Store, *, by: Staff, now: datetime) -> int:
    """Everybody who was held out takes part, and what they bought since they came earns by the rules of its day."""
    held = Member.objects.of(store).filter(is_held_out=True)
    done = 0
    while batch := list(held.order_by("pk")[:BATCH]):
        done += _let_in(store, batch, now)
    audit(store, by=by, verb="loyalty.holdout", now=now, subject="holdout", detail={"members": done})
    return done


@transaction.atomic
def _let_in(store: Store, batch: list[Member], now: datetime) -> int:
    Member.objects.of(store).filter(pk__in=[one.pk for one in batch]).update(is_held_out=False)
    set_traits(store, {one.customer_id: members.traits(one) for one in batch})
    record(*(members.joined(one, now) for one in batch))
    joined_at = {one.customer_id: one.joined_at for one in batch}
    bought = Order.objects.of(store).filter(customer__in=joined_at, cancelled_at=None)
    missed = [order for order in bought if order.placed_at >= joined_at[order.customer_id]]
    orders.settle(store.pk, [orders.News(order.pk, order.placed_at) for order in missed], now=now)
    return len(batch)
