"""Who is due for what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from thereafter.commerce.models import Customer, Order, Variant
from thereafter.recommendations.models import Reorder, ReorderBuild, ReorderProduct, SoldOut
from thereafter.recommendations.rules import reorders as rules
from thereafter.stores.models import Store, StoreQuerySet

OPEN = (Reorder.State.WAITING, Reorder.State.ORDERED)
# Tabs of the list by what they mean to the merchant.
WHEN = ("overdue", "week", "next", "later", "all")
WEEK = timedelta(days=7)


class Next(NamedTuple):
    """What a customer will order next."""

    due_on: date
    title: str


def products_on(store: Store) -> dict[int, ReorderProduct]:
    """By product, those we remind of."""
    rows = ReorderProduct.objects.of(store).filter(is_on=True, product__is_active=True).select_related("product")
    return {row.product_id: row for row in rows.order_by("product_id")}


def has_products_on(store: Store) -> bool:
    return ReorderProduct.objects.of(store).filter(is_on=True).exists()


def reorders(store: Store | int) -> StoreQuerySet[Reorder]:
    """All that are expected, of products we remind of."""
    switched = ReorderProduct.objects.of(store).filter(is_on=True, product=OuterRef("product"))
    return Reorder.objects.of(store).filter(Exists(switched), product__is_active=True)


def to_tell(store: Store, today: date, now: datetime) -> StoreQuerySet[Reorder]:
    """Whose window has begun and is not long over, who is not waiting for the last parcel, and what can be had."""
    begun = Q(state__in=OPEN, due_from__lte=today, due_to__gte=today - rules.TOO_LATE) & ~Q(why=rules.LATE)
    again = Q(state=Reorder.State.SNOOZED, snoozed_until__lte=today)
    coming = Q(order__status=Order.Status.OPEN, order__placed_at__gt=now - rules.ON_ITS_WAY)
    sold_out = SoldOut.objects.of(store).filter(product=OuterRef("product"))
    return reorders(store).filter(begun | again).exclude(coming).exclude(Exists(sold_out))


def upcoming(store: Store, customers: Collection[int] | None, today: date) -> dict[int, Next]:
    """Of each customer the one that is due first, unless it is long over."""
    rows = reorders(store).exclude(state=Reorder.State.STOPPED).filter(due_to__gte=today - rules.TOO_LATE)
    if customers is not None:
        rows = rows.filter(customer_id__in=customers)
    found: dict[int, Next] = {}
    for customer_id, due_on, title in rows.order_by("due_on", "pk").values_list(
        "customer_id", "due_on", "product__title"
    ):
        found.setdefault(customer_id, Next(due_on, title))
    return found


def traits_of(
    store: Store, customers: Collection[int] | None, names: Collection[str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The traits of these customers, or of everybody with something due or with one of `names`."""
    people = Customer.objects.of(store)
    if customers is not None:
        people = people.filter(pk__in=customers)
    else:
        marked = Q()
        for name in names:
            marked |= Q(**{"traits__has_key": name})
        people = people.filter(Exists(Reorder.objects.of(store).filter(customer=OuterRef("pk"))) | marked)
    return people.values_list("pk", "traits").iterator(chunk_size=2_000)


class Asked(NamedTuple):
    """What the list is asked for."""

    when: str = "week"
    product_id: int = 0
    state: str = ""
    q: str = ""


def listed(store: Store, asked: Asked, today: date) -> StoreQuerySet[Reorder]:
    """Soonest first; of what is due or over, what came due last, as that can still be won."""
    rows = _when(reorders(store), asked.when, today)
    if asked.product_id:
        rows = rows.filter(product_id=asked.product_id)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.q:
        rows = rows.filter(
            Q(customer__name__icontains=asked.q)
            | Q(customer__email__icontains=asked.q)
            | Q(product__title__icontains=asked.q)
        )
    is_past = asked.when in ("overdue", "week")
    return rows.select_related("customer", "product", "order").order_by("-due_on" if is_past else "due_on", "pk")


def _when(rows: StoreQuerySet[Reorder], when: str, today: date) -> StoreQuerySet[Reorder]:
    if when == "all":
        return rows
    rows = rows.exclude(state=Reorder.State.STOPPED)
    spans = {
        "overdue": Q(due_to__lt=today),
        "week": Q(due_to__gte=today, due_on__lt=today + WEEK),
        "next": Q(due_to__gte=today, due_on__gte=today + WEEK, due_on__lt=today + 2 * WEEK),
        "later": Q(due_on__gte=today + 2 * WEEK),
    }
    return rows.filter(spans[when])


def counts(store: Store, today: date) -> dict[str, int]:
    """By tab."""
    rows = reorders(store)
    return {when: _when(rows, when, today).count() for when in WHEN}


REMINDED = timedelta(days=90)


class Reminded(NamedTuple):
    """Of the last ninety days, each customer and product once: how many were told, and how many ordered it since."""

    told: int
    ordered: int


def reminded(store: Store, now: datetime) -> Reminded:
    rows = reorders(store).filter(told_at__gt=now - REMINDED)
    return Reminded(rows.count(), rows.filter(order__placed_at__gt=F("told_at")).count())


def usual(store: Store) -> StoreQuerySet[ReorderProduct]:
    """Products bought again, those with most repeats first."""
    return (
        ReorderProduct.objects.of(store).select_related("product").order_by("-is_on", "-gaps", "product__title", "pk")
    )


def build_of(store: Store | int) -> ReorderBuild | None:
    return ReorderBuild.objects.of(store).first()


def one(store: Store, pk: int) -> Reorder | None:
    return Reorder.objects.of(store).filter(pk=pk).select_related("product", "variant", "store", "customer").first()


def price_now(reorder: Reorder) -> int | None:
    return prices_now([reorder])[reorder.pk]


def prices_now(rows: Sequence[Reorder]) -> dict[int, int | None]:
    """By reorder: the price of the variant that was bought, else the lowest of the product's; None where the shop told
    none. One query."""
    stores, products = {one.store_id for one in rows}, {one.product_id for one in rows}
    variants = Variant.objects.filter(store_id__in=stores, product_id__in=products, price_minor__isnull=False)
    own: dict[int, int] = {}
    lowest: dict[int, int] = {}
    for pk, product_id, price_minor in variants.values_list("pk", "product_id", "price_minor") if rows else ():
        own[pk] = price = price_minor or 0
        lowest[product_id] = min(price, lowest.get(product_id, price))
    return {one.pk: own.get(one.variant_id or 0, lowest.get(one.product_id)) for one in rows}


def is_sold_out(reorder: Reorder) -> bool:
    return SoldOut.objects.of(reorder.store_id).filter(product=reorder.product_id).exists()


def of_customer(customer: Customer) -> StoreQuerySet[Reorder]:
    """Soonest first, without what they want no reminders of or bought something in the place of."""
    rows = reorders(customer.store_id).filter(customer=customer).exclude(state=Reorder.State.STOPPED)
    return rows.select_related("product", "store").order_by("due_on", "pk")


def told_to(store_id: int, customers: Collection[int]) -> StoreQuerySet[Reorder]:
    """What they were told of and did not buy since, the newest first."""
    sold_out = SoldOut.objects.of(store_id).filter(product=OuterRef("product"))
    rows = reorders(store_id).filter(customer_id__in=customers, state=Reorder.State.TOLD).exclude(Exists(sold_out))
    return rows.select_related("product", "store").order_by("-told_at", "pk")
