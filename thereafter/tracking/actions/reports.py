"""What shoppers report: written down, flagged for somebody to see to, and told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Order
from thereafter.events.parcels import DeliveryProblemReported
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.tracking.actions.flags import raise_flag
from thereafter.tracking.models import Parcel, Report
from thereafter.tracking.rules.flags import REPORTED

# Saying the same again within a day adds to what was said.
SAME_FOR = timedelta(days=1)
LONGEST = 4_000
# Whoever waits for an answer is not asked how they like it: messages wait while this trait is there.
OPEN_PROBLEM = "open.problem"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a shopper says; `items` are [{"title": …, "quantity": n}] as chosen of the order's lines."""

    kind: str
    text: str = ""
    items: Sequence[dict[str, Any]] = ()


@transaction.atomic
def report(order: Order, parcel: Parcel | None, problem: Problem, now: datetime) -> Report:
    """Takes a problem in; the same kind within a day is added to the open report and not told again."""
    # Two taps on the button wait for each other here.
    Order.objects.of(order.store_id).select_for_update(no_key=True).get(pk=order.pk)
    known = _open_report(order, parcel, problem.kind, now)
    # Somebody may have taken the flag down a moment ago, before the report was settled: it goes up again.
    raise_flag(order, parcel, REPORTED, problem.kind, now=now)
    if known is not None:
        return _added(known, problem)
    made = Report.objects.create(
        store_id=order.store_id,
        order=order,
        parcel=parcel,
        kind=problem.kind,
        text=problem.text[:LONGEST],
        items=list(problem.items),
        reported_at=now,
    )
    set_traits(order.store_id, {order.customer_id: {OPEN_PROBLEM: True}})
    record(
        DeliveryProblemReported(
            store_id=order.store_id,
            occurred_at=now,
            customer_id=order.customer_id,
            order_id=order.pk,
            parcel_id=parcel.pk if parcel else 0,
            report_id=made.pk,
            kind=problem.kind,
            text=made.text,
            items=tuple(problem.items),
        )
    )
    return made


def _open_report(order: Order, parcel: Parcel | None, kind: str, now: datetime) -> Report | None:
    rows = Report.objects.of(order.store_id).filter(order=order, parcel=parcel, kind=kind, settled_at__isnull=True)
    found: Report | None = rows.filter(reported_at__gt=now - SAME_FOR).order_by("-reported_at").first()
    return found


def _added(known: Report, problem: Problem) -> Report:
    words = [known.text] if problem.text in known.text else [known.text, problem.text]
    known.text = "\n\n".join(part for part in words if part)[:LONGEST]
    known.items = [*known.items, *(item for item in problem.items if item not in known.items)]
    known.save(update_fields=["text", "items"])
    return known


@transaction.atomic
def settle(store: Store, cleared: Collection[tuple[int, int]], now: datetime) -> int:
    """The flags of these (order, parcel or 0) came down: their reports are dealt with."""
    waiting = Report.objects.of(store).filter(order_id__in={order_id for order_id, _ in cleared}, settled_at=None)
    done = [row for row in waiting.select_related("order") if (row.order_id, row.parcel_id or 0) in cleared]
    count = Report.objects.of(store).filter(pk__in=[row.pk for row in done]).update(settled_at=now)
    if done:
        _tell_the_rooms(store, {row.order.customer_id for row in done})
    return count


def _tell_the_rooms(store: Store, customer_ids: Collection[int]) -> None:
    """Those of whom no report is open any more are open to messages again."""
    still = Report.objects.of(store).filter(order__customer_id__in=customer_ids, settled_at=None)
    over = set(customer_ids) - set(still.values_list("order__customer_id", flat=True))
    set_traits(store, {customer_id: {OPEN_PROBLEM: None} for customer_id in over})
