"""Which recommended products were bought afterwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from thereafter.commerce.models import OrderLine
from thereafter.recommendations.models import Bought, Click, Showing

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Something that was shown to or followed by a customer."""

    at: datetime
    slot: str
    order_id: int | None


@dataclass(slots=True)
class _Sold:
    """One product of an order, all its lines together."""

    order_id: int
    customer_id: int
    product_id: int
    placed_at: datetime
    currency: str
    quantity: int = 0
    amount_minor: int = 0


Causes = dict[tuple[int, int], list[_Cause]]


def credit(store_id: int, order_ids: Collection[int]) -> int:
    """Four statements for any number of orders; twice changes nothing. Returns how many products were credited."""
    sold = _sold(store_id, order_ids)
    people = {one.customer_id for one in sold}
    if not people:
        return 0
    since = min(one.placed_at for one in sold) - WINDOW
    until = max(one.placed_at for one in sold)
    shown, clicked = _showings(store_id, people, since, until), _clicks(store_id, people, since, until)
    rows = [row for one in sold if (row := _row(store_id, one, shown, clicked))]
    Bought.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _sold(store_id: int, order_ids: Collection[int]) -> list[_Sold]:
    columns = ("order_id", "order__customer_id", "product_id", "order__placed_at", "order__currency")
    lines = OrderLine.objects.filter(order__store_id=store_id, order_id__in=order_ids, product__isnull=False)
    found: dict[tuple[int, int], _Sold] = {}
    for *row, quantity, amount in lines.values_list(*columns, "quantity", "total_minor"):
        one = found.setdefault((row[0], row[2]), _Sold(*row))
        one.quantity += quantity
        one.amount_minor += amount
    return list(found.values())


def _showings(store_id: int, people: Collection[int], since: datetime, until: datetime) -> Causes:
    rows = Showing.objects.of(store_id).filter(customer_id__in=people, at__gte=since, at__lt=until)
    told = rows.values_list("customer_id", "at", "slot", "order_id", "products")
    return _by_product(
        (customer, product, _Cause(at, slot, order))
        for customer, at, slot, order, products in told
        for product, _reason in products
    )


def _clicks(store_id: int, people: Collection[int], since: datetime, until: datetime) -> Causes:
    rows = Click.objects.of(store_id).filter(customer_id__in=people, at__gte=since, at__lt=until)
    told = rows.values_list("customer_id", "product_id", "at", "slot", "order_id")
    return _by_product((customer, product, _Cause(at, slot, order)) for customer, product, at, slot, order in told)


def _by_product(rows: Iterable[tuple[int, int, _Cause]]) -> Causes:
    found: Causes = defaultdict(list)
    for customer, product, cause in rows:
        found[customer, product].append(cause)
    return found


def _last(causes: Causes, one: _Sold) -> _Cause | None:
    """The newest before the order; what stands beside the order itself came after it."""
    at = [
        cause
        for cause in causes.get((one.customer_id, one.product_id), ())
        if one.placed_at - WINDOW <= cause.at < one.placed_at and cause.order_id != one.order_id
    ]
    return max(at, key=lambda cause: cause.at, default=None)


def _row(store_id: int, one: _Sold, shown: Causes, clicked: Causes) -> Bought | None:
    seen, followed = _last(shown, one), _last(clicked, one)
    cause = followed or seen
    if cause is None:
        return None
    return Bought(
        store_id=store_id,
        order_id=one.order_id,
        product_id=one.product_id,
        customer_id=one.customer_id,
        slot=cause.slot,
        shown_at=seen.at if seen else None,
        clicked_at=followed.at if followed else None,
        quantity=one.quantity,
        amount_minor=one.amount_minor,
        currency=one.currency,
        at=one.placed_at,
    )
