"""Who will want what again: worked out every night for a whole shop, and with every order for those who ordered."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from thereafter.kit import clock
from thereafter.recommendations.actions.reorder_learning import learn
from thereafter.recommendations.actions.reorder_telling import mark_next, tell
from thereafter.recommendations.models import Reorder, ReorderProduct
from thereafter.recommendations.queries import due
from thereafter.recommendations.queries.reorder_lines import bought_lines
from thereafter.recommendations.queries.reorder_windows import Pair, windows
from thereafter.recommendations.rules import reorders as rules
from thereafter.stores.models import Store
from thereafter.stores.turns import in_each_store

AT_ONCE = 500
_KEPT = (
    "order_id",
    "variant_id",
    "bought_on",
    "quantity",
    "due_from",
    "due_on",
    "due_to",
    "own_gaps",
    "state",
    "why",
    "snoozed_until",
)


class _Stored(NamedTuple):
    """A reminder as its row holds it; `kept` by the names in `_KEPT`."""

    pk: int
    kept: tuple[Any, ...]

    @property
    def held(self) -> rules.Held:
        told = dict(zip(_KEPT, self.kept, strict=True))
        return rules.Held(told["bought_on"], told["order_id"], told["state"], told["why"])


_At = tuple[int, int]


def renew_all(now: datetime) -> int:
    """In every store; returns how many purchases came due."""
    return in_each_store(lambda store: renew(store, now=now))


def renew(store: Store, *, now: datetime) -> int:
    """Learns where there is news, works out who is due, and tells of those whose window has begun."""
    if learn(store, now=now):
        refresh(store, now=now)
    told = tell(store, now=now)
    mark_next(store, None, now=now)
    return told


def follow(store: Store, customers: Collection[int], *, now: datetime) -> None:
    """After orders of these customers came, changed or were cancelled."""
    if due.has_products_on(store):
        refresh(store, customers, now=now)
        mark_next(store, customers, now=now)


@transaction.atomic
def refresh(store: Store, customers: Collection[int] | None = None, *, now: datetime) -> None:
    """Works the windows of these customers (None: of all) out anew; what they were told and asked for stays."""
    products = due.products_on(store)
    lines = bought_lines(store, customers=customers, products=products) if products else []
    before = _stored(store, customers, products)
    pairs = windows(store, lines, products)
    since = clock.day_in(now, store.time_zone) - rules.BACKLOG
    replaced = _replaced(pairs, products)
    wanted = {at: _kept(pair, before.get(at), at in replaced, since) for at, pair in _by_pair(pairs)}
    _keep(store, wanted, before)


def _stored(store: Store, customers: Collection[int] | None, products: Collection[int]) -> dict[_At, _Stored]:
    """By customer and product, locked: what a shopper says meanwhile is said after us. Tuples: a shop has tens of
    thousands, and most stay as they are."""
    rows = Reorder.objects.of(store).filter(product_id__in=products).order_by("pk").select_for_update(no_key=True)
    if customers is not None:
        rows = rows.filter(customer_id__in=customers)
    told = rows.values_list("customer_id", "product_id", "pk", *_KEPT)
    return {(row[0], row[1]): _Stored(row[2], row[3:]) for row in told.iterator(chunk_size=2_000)}


def _by_pair(pairs: Sequence[Pair]) -> Iterator[tuple[_At, Pair]]:
    return (((pair.customer_id, pair.product_id), pair) for pair in pairs)


def _keep(store: Store, wanted: Mapping[_At, tuple[Any, ...]], before: Mapping[_At, _Stored]) -> None:
    """Writes only what changed."""
    new = [_row(store, at, kept) for at, kept in wanted.items() if at not in before]
    changed = [_row(store, at, kept) for at, kept in wanted.items() if at in before and before[at].kept != kept]
    # Two workers may see the same order: the second finds the row there.
    Reorder.objects.bulk_create(new, ignore_conflicts=True, batch_size=AT_ONCE)
    # As rows to be replaced, not as an UPDATE with a case for each row and column: thirty times faster.
    Reorder.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["store", "customer", "product"],
        update_fields=[name.removesuffix("_id") for name in _KEPT],
        batch_size=AT_ONCE,
    )
    # What nobody bought any more: cancelled, sent back, or another customer's by now. A customer's no stays.
    gone = [row.pk for at, row in before.items() if at not in wanted and row.held.why != rules.SHOPPER]
    Reorder.objects.of(store).filter(pk__in=gone).delete()


def _row(store: Store, at: _At, kept: tuple[Any, ...]) -> Reorder:
    return Reorder(store=store, customer_id=at[0], product_id=at[1], **dict(zip(_KEPT, kept, strict=True)))


def _kept(pair: Pair, old: _Stored | None, is_replaced: bool, since: date) -> tuple[Any, ...]:
    """In order of `_KEPT`."""
    bought_on = date.fromordinal(pair.last.day)
    state, why = rules.following(
        old.held if old else None,
        bought_on=bought_on,
        order_id=pair.last.order_id,
        is_replaced=is_replaced,
        is_backlog=pair.due.since < since,
    )
    snoozed_until = old.kept[-1] if old and state == Reorder.State.SNOOZED else None
    last, window = pair.last, pair.due
    return (last.order_id, last.variant_id, bought_on, pair.quantity, *window, pair.own_gaps, state, why, snoozed_until)


def _replaced(pairs: Sequence[Pair], products: Mapping[int, ReorderProduct]) -> set[tuple[int, int]]:
    """Customers and products in whose place they bought something else since."""
    taken: dict[int, list[rules.Taken]] = defaultdict(list)
    for pair in pairs:
        usual = products[pair.product_id]
        last_on = date.fromordinal(pair.last.day)
        taken[pair.customer_id].append(
            rules.Taken(pair.product_id, usual.product.category, usual.middle, last_on, pair.orders)
        )
    return {(customer, product) for customer, some in taken.items() for product in rules.replaced(some)}
