"""Bringing a store's tables on with what was ordered since they were built, some times a day.

New orders move the bestsellers, which is exact: a weight that decays is a sum, and seen from one moment new orders are
added to it. Products that had no neighbours get some, which is exact too, for the cosine with the half-life of
bestsellers. The neighbours that others have, and orders that were cancelled since, wait for the night.
"""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import transaction

from thereafter.recommendations.actions.building import BATCH, replace_popular
from thereafter.recommendations.models import Build, Neighbours
from thereafter.recommendations.queries import sales
from thereafter.recommendations.queries.sales import Sales
from thereafter.recommendations.rules import building as rules
from thereafter.recommendations.rules import models
from thereafter.recommendations.rules.decay import Floats
from thereafter.stores.models import Store
from thereafter.stores.turns import in_each_store

# So many new products get neighbours in one go; what is left is done at night.
MOST_NEW = 500


def catch_up_all(now: datetime) -> int:
    """Brings on the tables of each store with new orders since; returns for how many."""
    return in_each_store(lambda store: sum(catch_up(build, now=now) for build in Build.objects.of(store)))


def catch_up(build: Build, *, now: datetime) -> bool:
    """Adds the orders since the last look; see the top for what of it is exact. False where there are none."""
    store = build.store
    new = sales.since(store.pk, build.newest_order)
    if new.newest_order == build.newest_order:
        return False
    weights = rules.sold(new.bought, rules.seen_from(new.placed_at, build.built_at))
    more = dict(zip(new.product_ids.tolist(), weights.tolist(), strict=True))
    with transaction.atomic():
        looked_at = Build.objects.of(store).filter(built_at=build.built_at, newest_order=build.newest_order)
        if not looked_at.update(newest_order=new.newest_order, caught_up_at=now):
            return False  # somebody built or brought it on meanwhile
        _add_sold(store, more)
        replace_popular(store, sales.on_sale(store.pk))
        _give_neighbours(store, build.built_at, set(more), new.newest_order)
    return True


def _add_sold(store: Store, more: Mapping[int, float]) -> None:
    known = {
        row.product_id: row for row in Neighbours.objects.of(store).filter(product_id__in=more).defer("basket", "next")
    }
    for product, row in known.items():
        row.sold += more[product]
    Neighbours.objects.bulk_update(known.values(), ["sold"], batch_size=BATCH)
    rows = [Neighbours(store=store, product_id=one, sold=weight) for one, weight in more.items() if one not in known]
    Neighbours.objects.bulk_create(rows, batch_size=BATCH)


def _give_neighbours(store: Store, built_at: datetime, product_ids: set[int], until: int) -> None:
    """To those of these products that have none."""
    bare = Neighbours.objects.of(store).filter(product_id__in=product_ids, basket=b"", next=b"")
    rows = {row.product_id: row for row in bare[:MOST_NEW]}
    if not rows:
        return
    sold = sales.with_products(store.pk, rows.keys(), until)
    new = np.isin(sold.product_ids, np.fromiter(rows, np.int64, len(rows)))
    weights = rules.seen_from(sold.placed_at, built_at)
    near = rules.of_new(sold.bought, weights, _sold_of(store, sold), new)
    for product, document in rules.neighbours(near, models.support(sold.bought), sold.product_ids).items():
        rows[product].basket = rows[product].next = document
    Neighbours.objects.bulk_update(rows.values(), ["basket", "next"], batch_size=BATCH)


def _sold_of(store: Store, sold: Sales) -> Floats:
    """What each product of these orders weighs in all orders."""
    kept = Neighbours.objects.of(store).filter(product_id__in=sold.product_ids.tolist())
    known = dict(kept.values_list("product_id", "sold"))
    # One that is missing was sold only before all that is learnt from, and weighs next to nothing.
    return np.asarray([known.get(product, 0.0) for product in sold.product_ids.tolist()]) + 1e-9
