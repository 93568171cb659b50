"""Learning after how many days a store's products are bought again, and how well that was known before."""

from datetime import datetime
from statistics import median
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from thereafter.commerce.models import Order, Product
from thereafter.recommendations.models import ReorderBuild, ReorderProduct
from thereafter.recommendations.queries.reorder_lines import Line, bought_lines, packs
from thereafter.recommendations.rules import intervals, next_basket
from thereafter.recommendations.rules.reorders import is_on
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

NEWS = ("order.placed", "order.changed", "order.cancelled", "order.refunded", "customer.merged")
# Enough deliveries to know what is usual.
DELIVERIES = 2_000
# What everybody buys is worth remembering so far down the list.
POPULAR = 300
_LEARNT = ("middle", "low", "high", "gaps", "buyers", "came_back", "is_bought_again", "tested", "error_days", "inside")


class _Bought(NamedTuple):
    """Lines as numbers: people and products count from 0, by the ids they stand for."""

    lines: list[Line]
    bought: intervals.Bought
    people: np.ndarray
    products: np.ndarray


@transaction.atomic
def learn(store: Store, *, now: datetime) -> bool:
    """Learns anew when orders came in or changed since the last time, or something is used up now; whether it did."""
    build = ReorderBuild.objects.of(store).first()
    newest = Entry.objects.of(store).filter(name__in=NEWS).aggregate(newest=Max("pk"))["newest"] or 0
    if build is not None and build.entry_to == newest and not _said_anew(store):
        return False
    lines = bought_lines(store)
    told = _numbered(lines, packs(store))
    _keep(store, _whole_shop(store, told, newest, now) | _next_baskets(told))
    return True


def _said_anew(store: Store) -> bool:
    """Whether the merchant said of another product that it is used up, or of one that it is not."""
    known = ReorderProduct.objects.of(store)
    lasting = Product.objects.of(store).filter(replenish_days__gt=0)
    if lasting.exclude(Exists(known.filter(product=OuterRef("pk")))).exists():
        return True
    only_said = known.filter(is_on=True, switch="", is_bought_again=False)
    return only_said.exclude(product__replenish_days__gt=0).exists()


def _keep(store: Store, fields: dict[str, object]) -> None:
    ReorderBuild.objects.of(store).update_or_create(store=store, defaults=fields)


def _numbered(lines: list[Line], packed: dict[int, float]) -> _Bought:
    people, person = np.unique(np.array([line.customer_id for line in lines], np.int64), return_inverse=True)
    products, item = np.unique(np.array([line.product_id for line in lines], np.int64), return_inverse=True)
    days = np.array([line.day for line in lines], np.int64)
    units = np.array([line.quantity * packed.get(line.variant_id or 0, 1.0) for line in lines], float)
    return _Bought(lines, intervals.merge_days(intervals.Bought(person, item, days, units)), people, products)


def _whole_shop(store: Store, told: _Bought, newest: int, now: datetime) -> dict[str, object]:
    """Learns of each product on the way."""
    known = _products(store, told.products)
    products = np.array(sorted(known), np.int64)
    place = np.searchsorted(products, told.products)
    bought = told.bought._replace(items=place[told.bought.items]) if len(place) else told.bought
    categories = np.unique(np.array([known[pk].category for pk in products.tolist()], str), return_inverse=True)[1]
    days = np.array([known[pk].replenish_days or np.nan for pk in products.tolist()], float)
    gaps = intervals.gaps_of(bought)
    accuracy, tests = intervals.look_back(gaps, categories, days)
    learnt = intervals.learn(gaps, categories, days).spread_by(accuracy.spread)
    again = intervals.bought_again(bought, gaps, learnt, now.toordinal())
    _keep_products(store, [known[pk] for pk in products.tolist()], _columns(bought, gaps, learnt, tests, again))
    return {
        "built_at": now,
        "entry_to": newest,
        "orders": len({line.order_id for line in told.lines}),
        "gaps": len(gaps.days),
        "elasticity": learnt.elasticity,
        "spread": learnt.spread,
        "lead_days": _lead_days(store),
        "tested": accuracy.tested,
        "error_days": accuracy.median_error if accuracy.tested else None,
        "usual_error_days": accuracy.usual_error if accuracy.tested else None,
        "inside": round(accuracy.inside * accuracy.tested),
    }


def _products(store: Store, bought: np.ndarray) -> dict[int, Product]:
    """What was bought, and what the merchant says is used up."""
    ids = set(bought.tolist())
    rows = Product.objects.of(store).only("pk", "category", "replenish_days")
    return {one.pk: one for one in rows.iterator() if one.pk in ids or one.replenish_days}


def _columns(
    bought: intervals.Bought,
    gaps: intervals.Gaps,
    learnt: intervals.Learnt,
    tests: intervals.Tests,
    again: np.ndarray,
) -> dict[str, list[object]]:
    """By field of `ReorderProduct`, a value for each product."""
    count = len(learnt.middle)
    errors = intervals.quantile_by(tests.items, tests.errors, count, 0.5)
    return {
        "middle": learnt.middle.tolist(),
        "low": learnt.low.tolist(),
        "high": learnt.high.tolist(),
        "gaps": learnt.gaps.tolist(),
        "buyers": intervals.people_by(bought.people, bought.items, count).tolist(),
        "came_back": intervals.people_by(gaps.people, gaps.items, count).tolist(),
        "is_bought_again": again.tolist(),
        "tested": np.bincount(tests.items, minlength=count).tolist(),
        "error_days": [None if np.isnan(error) else float(error) for error in errors],
        "inside": np.bincount(tests.items, weights=tests.inside, minlength=count).astype(int).tolist(),
    }


def _keep_products(store: Store, products: list[Product], columns: dict[str, list[object]]) -> None:
    """Of what nobody came back for and nobody says is used up there is nothing to keep, except a merchant's word. All
    rows are locked, so that a switch is turned before or after, never in between."""
    said = ReorderProduct.objects.of(store).order_by("pk").select_for_update(no_key=True)
    switches = {product_id: switch for product_id, switch in said.values_list("product_id", "switch") if switch}
    rows = []
    for at, product in enumerate(products):
        row = ReorderProduct(store=store, product=product, **{name: columns[name][at] for name in _LEARNT})
        if row.gaps or product.replenish_days or product.pk in switches:
            row.switch = switches.get(product.pk, "")
            row.is_on = is_on(row.switch, replenish_days=product.replenish_days, is_bought_again=row.is_bought_again)
            rows.append(row)
    kept = {row.product_id for row in rows}
    stale = ReorderProduct.objects.of(store).filter(switch="")
    gone = [row.pk for row in stale.only("pk", "product_id") if row.product_id not in kept]
    stale.filter(pk__in=gone).delete()
    ReorderProduct.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["store", "product"],
        update_fields=[*_LEARNT, "is_on"],
        batch_size=1_000,
    )


def _lead_days(store: Store) -> int:
    """The days from order to delivery of half of the newest parcels; 0 where nobody tells us of deliveries."""
    arrived = Entry.objects.of(store).filter(name="parcel.delivered", order_id__isnull=False)
    rows = dict(arrived.order_by("-occurred_at").values_list("order_id", "occurred_at")[:DELIVERIES])
    placed = Order.objects.of(store).filter(pk__in=rows).values_list("pk", "placed_at")
    days = [(rows[pk] - at).days for pk, at in placed]
    return max(0, round(median(days))) if days else 0


def _next_baskets(told: _Bought) -> dict[str, object]:
    """What sells now, and how well last baskets would have been foretold."""
    if not told.lines:
        return {"popular": [], "baskets": 0, "basket_recall": None, "popular_recall": None}
    bought = next_basket.purchases([(line.customer_id, line.product_id, line.order_id) for line in told.lines])
    share = next_basket.popularity(bought.purchases, next_basket.Weights().recent)
    first = np.argsort(-share, kind="stable")[:POPULAR]
    popular = [[bought.items[at], float(share[at])] for at in first.tolist() if share[at] > 0]
    tested = next_basket.look_back(bought.purchases)
    return {
        "popular": popular,
        "baskets": tested.baskets,
        "basket_recall": tested.ours if tested.baskets else None,
        "popular_recall": tested.popular if tested.baskets else None,
        "prior": tested.prior,
    }
