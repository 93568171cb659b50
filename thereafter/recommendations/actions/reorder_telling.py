"""Telling that something is about to run out: once for each purchase, and only who waits for nothing."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.events.orders import ReorderDue
from thereafter.kit import clock
from thereafter.recommendations.models import Reorder
from thereafter.recommendations.queries import due
from thereafter.stores.models import Store
from thereafter.timeline.log import record

AT_ONCE = 500
NEXT_ON, PRODUCT = "reorder.next_on", "reorder.product"


def tell(store: Store, *, now: datetime) -> int:
    """Records `order.reorder_due` for every purchase whose window has begun; returns how many."""
    today = clock.day_in(now, store.time_zone)
    waiting = list(due.to_tell(store, today, now).values_list("pk", flat=True))
    return sum(_tell(store, some, now) for some in _parts(waiting))


@transaction.atomic
def _tell(store: Store, pks: Sequence[int], now: datetime) -> int:
    """The rows decide a race: who finds them told already is late."""
    today = clock.day_in(now, store.time_zone)
    rows = due.to_tell(store, today, now).filter(pk__in=pks).select_related("product")
    mine = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    Reorder.objects.of(store).filter(pk__in=[row.pk for row in mine]).update(
        state=Reorder.State.TOLD, told_at=now, snoozed_until=None
    )
    record(*(_event(row, now) for row in mine))
    return len(mine)


def _event(row: Reorder, now: datetime) -> ReorderDue:
    return ReorderDue(
        store_id=row.store_id,
        customer_id=row.customer_id,
        order_id=row.order_id,
        occurred_at=now,
        product_id=row.product_id,
        title=row.product.title,
        due_on=row.due_on,
    )


def mark_next(store: Store, customers: Collection[int] | None, *, now: datetime) -> None:
    """Tells other rooms what each customer will order next and when, where that changed."""
    today = clock.day_in(now, store.time_zone)
    upcoming = due.upcoming(store, customers, today)
    wanted = {}
    for customer_id, traits in due.traits_of(store, customers, (NEXT_ON, PRODUCT)):
        following = upcoming.get(customer_id)
        said = {NEXT_ON: following.due_on.isoformat(), PRODUCT: following.title} if following else {}
        if said != {name: traits[name] for name in (NEXT_ON, PRODUCT) if name in traits}:
            wanted[customer_id] = {NEXT_ON: said.get(NEXT_ON), PRODUCT: said.get(PRODUCT)}
    for some in _parts(sorted(wanted)):
        set_traits(store, {pk: wanted[pk] for pk in some})


def _parts(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[at : at + AT_ONCE] for at in range(0, len(pks), AT_ONCE))
