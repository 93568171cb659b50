"""What is sold, what is bought together, and what customers buy next."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thereafter.commerce.models import Product
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import ENOUGH, Figure, cut, too_few
from thereafter.insights.figures.view import View
from thereafter.insights.metrics import products as metrics
from thereafter.insights.rules.changes import LEVEL
from thereafter.insights.rules.intervals import pooled_z
from thereafter.kit.comparing import normal_p
from thereafter.kit.shares import Share, share, wilson
from thereafter.stores.models import Store

SOLD = "Net orders of these days by product; money is after discounts, without shipping."
AFFINITY = (
    "Products in the same net order of these days. Lift: how many times as often they meet as if they were bought "
    "independently of each other; 1 is chance. Pairs in fewer than {support} orders are left out, because lift of a "
    "few is noise. The share says how many orders of the first product also hold the second. Orders of more than 50 "
    "products are left out."
)
NEXT = (
    "Second orders placed in these days: what they hold, by what the customer had begun with. The share is of "
    "customers with a second order who began with the first product; fewer than {support} are left out."
)
FIRST = (
    "Of customers whose {days} days after the first order ended in this period, by a product in that order: those who "
    "ordered again within these days. Who began with two products counts for both. A product is called different when "
    "chance alone would make it so in fewer than 5 of 100 cases, corrected for the number of products (Bonferroni)."
)
GONE = "A product that is no longer known"


def titles(store: Store, ids: Iterable[int]) -> Mapping[int, str]:
    """By product; who is gone has no title."""
    return dict(Product.objects.of(store).filter(pk__in=set(ids)).values_list("pk", "title"))


@dataclass(frozen=True)
class Sold:
    """`share` is of the units of all products, of 1."""

    product_id: int
    title: str
    units: int
    orders: int
    net_minor: int
    share: float


@dataclass(frozen=True, kw_only=True)
class BestSellers(Figure):
    rows: list[Sold]


def best_sellers(view: View, most: int = 50) -> BestSellers:
    """Units: units, orders, minor units."""
    view = cut(view)
    rows = sorted(ask(view, metrics.sold(view.scope)), key=lambda row: (-row["units"], row["product_id"]))
    units, names = sum(row["units"] for row in rows), titles(view.store, (row["product_id"] for row in rows[:most]))
    return BestSellers(
        n=units,
        thin=too_few(units, "units sold in these days", 1),
        definition=SOLD,
        rows=[
            Sold(
                row["product_id"],
                names.get(row["product_id"], GONE),
                row["units"],
                row["orders"],
                row["net_minor"],
                row["units"] / units,
            )
            for row in rows[:most]
        ],
    )


@dataclass(frozen=True)
class Pair:
    """`confidence`: of the orders of the first product, those with the other; `back` the other way round."""

    product_id: int
    title: str
    other_id: int
    other_title: str
    orders: int
    lift: float
    confidence: Share
    back: Share


@dataclass(frozen=True, kw_only=True)
class Affinity(Figure):
    pairs: list[Pair]
    support: int


def product_affinity(view: View, support: int = metrics.SUPPORT, most: int = 50) -> Affinity:
    """Unit: orders; lift is a ratio."""
    view = cut(view)
    alone = {row["product_id"]: row["orders"] for row in ask(view, metrics.baskets(view.scope))}
    everything = alone.pop(0, 0)
    rows = [
        (row["orders"] * everything / (alone[row["product_id"]] * alone[row["other_id"]]), row)
        for row in ask(view, metrics.pairs(view.scope, support))
    ]
    rows.sort(key=lambda pair: (-pair[0], -pair[1]["orders"], pair[1]["product_id"], pair[1]["other_id"]))
    names = titles(view.store, (row[name] for _, row in rows[:most] for name in ("product_id", "other_id")))
    pairs = []
    for lift, row in rows[:most]:
        one, two, n = row["product_id"], row["other_id"], row["orders"]
        both = (Share(n, alone[each], n / alone[each], *wilson(n, alone[each])) for each in (one, two))
        pairs.append(Pair(one, names.get(one, GONE), two, names.get(two, GONE), n, lift, *both))
    thin = too_few(everything, "orders with products in these days") or _no_rows(
        pairs, f"No two products were in {support} or more orders together."
    )
    return Affinity(n=everything, thin=thin, definition=AFFINITY.format(support=support), pairs=pairs, support=support)


def _no_rows(rows: list[Pair] | list["Next"], why: str) -> str:
    return "" if rows else why


@dataclass(frozen=True)
class Next:
    """`share` is of customers with a second order who began with the product; `is_same`: they bought it again."""

    product_id: int
    title: str
    next_id: int
    next_title: str
    customers: int
    share: Share
    is_same: bool


@dataclass(frozen=True, kw_only=True)
class NextProducts(Figure):
    rows: list[Next]
    support: int


def second_order_contents(view: View, support: int = metrics.SUPPORT, most: int = 50) -> NextProducts:
    """Unit: customers."""
    view = cut(view)
    begun = {row["product_id"]: row["customers"] for row in ask(view, metrics.second_beginnings(view.scope))}
    seconds = begun.pop(0, 0)
    rows = ask(view, metrics.second_contents(view.scope, support))
    rows.sort(key=lambda row: (-row["customers"], row["product_id"], row["next_id"]))
    names = titles(view.store, (row[name] for row in rows[:most] for name in ("product_id", "next_id")))
    found = [_next(row["product_id"], row["next_id"], row["customers"], begun, names) for row in rows[:most]]
    thin = too_few(seconds, "second orders in these days") or _no_rows(
        found, f"No product was in the second order of {support} or more customers who began alike."
    )
    return NextProducts(n=seconds, thin=thin, definition=NEXT.format(support=support), rows=found, support=support)


def _next(one: int, then: int, customers: int, begun: Mapping[int, int], names: Mapping[int, str]) -> Next:
    whole = begun[one]
    part = Share(customers, whole, customers / whole, *wilson(customers, whole))
    return Next(one, names.get(one, GONE), then, names.get(then, GONE), customers, part, one == then)


@dataclass(frozen=True)
class FirstProduct:
    """`is_different`: from all other first orders, by more than chance."""

    product_id: int
    title: str
    share: Share
    is_different: bool


@dataclass(frozen=True, kw_only=True)
class FirstProducts(Figure):
    rows: list[FirstProduct]
    within_days: int


def repeat_by_first_product(view: View, within_days: int = 90, most: int = 50) -> FirstProducts:
    """Unit: share of customers. Products with at least 20 such customers, the best first."""
    view = cut(view)
    rows = ask(view, metrics.repeat_by_first(view.scope, within_days))
    known = [(row["product_id"], share(row["again"], row["customers"], ENOUGH)) for row in rows]
    shares = [(product, part) for product, part in known if part]
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(again=row["again"], customers=row["customers"])
    names = titles(view.store, (product for product, _ in shares))
    found = [
        FirstProduct(product, names.get(product, GONE), part, _differs(part, sums, len(shares)))
        for product, part in shares
    ]
    found.sort(key=lambda one: (-one.share.value, -one.share.whole, one.product_id))
    return FirstProducts(
        n=sums["customers"],
        thin="" if found else too_few(0, "products that 20 such customers began with"),
        definition=FIRST.format(days=within_days),
        rows=found[:most],
        within_days=within_days,
    )


def _differs(part: Share, sums: Mapping[str, int], products: int) -> bool:
    rest = share(sums["again"] - part.part, sums["customers"] - part.whole, ENOUGH)
    return rest is not None and normal_p(pooled_z(part, rest)) < LEVEL / products
