"""What customers bought, sent back and wait for: one or two queries for any number of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from thereafter.commerce.models import Order, OrderLine, Refund
from thereafter.kit import clock
from thereafter.recommendations.models import Exposure
from thereafter.recommendations.rules.decay import weigh
from thereafter.recommendations.rules.reorders import ON_ITS_WAY

# Of what a person bought, the newest speaks loudest.
HALF_LIFE = timedelta(days=60)
# Nobody's taste needs more than this many products.
MOST_SEEDS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order."""

    order_id: int
    customer_id: int
    status: str
    placed_at: datetime
    refunded_minor: int
    external_id: str
    product_id: int
    title: str
    category: str
    replenish_days: int | None
    is_held: bool | None


@dataclass(slots=True)
class History:
    """What one customer has to do with the shop. `is_held` is None until they are drawn."""

    lines: list[Line] = field(default_factory=list)
    returned: set[int] = field(default_factory=set)

    @property
    def is_held(self) -> bool | None:
        return self.lines[0].is_held if self.lines else None

    @property
    def owned(self) -> frozenset[int]:
        return frozenset(line.product_id for line in self.lines if line.status != Order.Status.CANCELLED)

    def of_order(self, order_id: int) -> dict[int, Line]:
        return {line.product_id: line for line in self.lines if line.order_id == order_id}

    def coming(self, *, but: int | None) -> frozenset[int]:
        """What is in orders that did not leave yet, other than the one it is about. Some shops never say that one left:
        after a while it has."""
        since = clock.now() - ON_ITS_WAY
        still_open = (line for line in self.lines if line.status == Order.Status.OPEN and line.placed_at > since)
        return frozenset(line.product_id for line in still_open if line.order_id != but)

    def taste(self) -> dict[int, float]:
        """What they bought and kept, by weight: an order of two months before their last counts half."""
        kept = [line for line in self.lines if line.status != Order.Status.CANCELLED]
        newest = max((line.placed_at for line in kept), default=None)
        weights: dict[int, float] = defaultdict(float)
        for line in kept:
            if newest and line.product_id not in self.returned:
                weights[line.product_id] += weigh(line.placed_at, newest, HALF_LIFE)
        best = sorted(weights.items(), key=lambda row: (-row[1], row[0]))[:MOST_SEEDS]
        return dict(best)


_COLUMNS = (
    "order_id",
    "order__customer_id",
    "order__status",
    "order__placed_at",
    "order__refunded_minor",
    "external_id",
    "product_id",
    "title",
    "product__category",
    "product__replenish_days",
    "held",
)


def histories(store_id: int, customer_ids: Collection[int]) -> dict[int, History]:
    """By customer; those who bought nothing yet are there too."""
    found = {customer_id: History() for customer_id in customer_ids}
    if not found:
        return found
    drawn = Exposure.objects.of(store_id).filter(customer=OuterRef("order__customer_id")).values("is_held")
    # By the orders of these people: told the line's own store, a database may read all lines of the shop.
    bought = OrderLine.objects.filter(order__store_id=store_id, order__customer_id__in=customer_ids)
    rows = bought.filter(product__isnull=False).annotate(held=Subquery(drawn)).values_list(*_COLUMNS)
    for row in sorted(rows, key=lambda row: (row[0], row[5])):
        line = Line(*row)
        found[line.customer_id].lines.append(line)
    _note_returned(store_id, found)
    return found


def _note_returned(store_id: int, found: dict[int, History]) -> None:
    """A line whose money went back came back; most people have none, and then nothing is asked."""
    lines = [line for history in found.values() for line in history.lines if line.refunded_minor]
    by_name = {(line.order_id, line.external_id): line for line in lines}
    for order_id, name in _refunded(store_id, {line.order_id for line in lines}):
        line = by_name.get((order_id, name))
        if line:
            found[line.customer_id].returned.add(line.product_id)


def _refunded(store_id: int, order_ids: Collection[int]) -> Iterable[tuple[int, str]]:
    if not order_ids:
        return
    refunds = Refund.objects.of(store_id).filter(order_id__in=order_ids).values_list("order_id", "lines")
    for order_id, lines in refunds:
        for line in lines:
            yield order_id, str(line.get("line", ""))


def returned(order_ids: Collection[int]) -> set[tuple[int, int]]:
    """(order, product) of all lines of these orders of which as many as were bought came back."""
    back: dict[tuple[int, str], int] = defaultdict(int)
    for order_id, lines in Refund.objects.filter(order_id__in=order_ids).values_list("order_id", "lines"):
        for line in lines:
            back[order_id, str(line.get("line", ""))] += int(line.get("quantity") or 0)
    lines = OrderLine.objects.filter(order_id__in={order for order, _ in back}, product__isnull=False)
    kept: dict[tuple[int, int], int] = defaultdict(int)
    for order_id, product_id, name, quantity in lines.values_list("order_id", "product_id", "external_id", "quantity"):
        kept[order_id, product_id or 0] += quantity - back.get((order_id, name), 0)
    return {at for at, left in kept.items() if left <= 0}


def sides(store_id: int, customer_ids: Collection[int]) -> dict[int, bool]:
    """Of those who were drawn, whether they are held out."""
    if not customer_ids:
        return {}
    drawn = Exposure.objects.of(store_id).filter(customer_id__in=customer_ids)
    return dict(drawn.values_list("customer_id", "is_held"))
