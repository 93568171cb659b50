"""Building what to offer, a store at a time, at night: all is counted anew. `catching_up` brings it on by day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from thereafter.commerce.models import Order, Product
from thereafter.recommendations.models import BackTest, Bestsellers, Build, Neighbours, Pair
from thereafter.recommendations.queries import sales
from thereafter.recommendations.queries.sales import Sales
from thereafter.recommendations.rules import building as rules
from thereafter.recommendations.rules import models
from thereafter.recommendations.rules.choosing import WINDOW, Choice, choose
from thereafter.recommendations.rules.models import Settings
from thereafter.stores.models import Store
from thereafter.stores.turns import in_each_store

BATCH = 500
TESTS_KEPT = 24

Documents = dict[int, bytes]


def rebuild_due(now: datetime) -> int:
    """Builds anew for each store with enough new orders; returns for how many."""
    return in_each_store(lambda store: rebuild(store, now=now))


def rebuild(store: Store, *, now: datetime) -> bool:
    """Replaces the store's tables if it is time to; False when nothing much is new. It counts without a lock."""
    orders = Order.objects.of(store).count()
    build = Build.objects.of(store).first()
    # Tables of before there were models are as good as none.
    built = rules.Built(build.built_at, build.orders) if build and build.models_used else None
    if not rules.is_due(built, orders, now):
        return False
    sold = sales.newest(store.pk)
    settings = _settings(store, sold, orders, now)
    on_sale = sales.on_sale(store.pk)
    near = _neighbours(sold, settings, on_sale, now)
    weights = rules.sold(sold.bought, rules.seen_from(sold.placed_at, now)).tolist()
    couples = rules.strongest(sold.bought, now.toordinal() + 1, Settings().half_life)
    with transaction.atomic():
        _replace_neighbours(store, near, dict(zip(sold.product_ids.tolist(), weights, strict=True)))
        replace_popular(store, on_sale)
        _replace_pairs(store, sold, couples)
        told = {"built_at": now, "orders": orders, "newest_order": sold.newest_order, "caught_up_at": None}
        used = {purpose: one.model for purpose, one in settings.items()}
        Build.objects.of(store).update_or_create(store=store, defaults={**told, "models_used": used})
    return True


def _settings(store: Store, sold: Sales, orders: int, now: datetime) -> dict[str, Settings]:
    """As they were chosen lately, else by a new back-test."""
    test = BackTest.objects.of(store).order_by("-at", "-pk").first()
    if test and not rules.is_to_be_chosen(rules.Built(test.at, test.orders), orders, now):
        return {purpose: Settings(**kept) for purpose, kept in test.settings.items()}
    choice = choose(sold.bought, now.toordinal() + 1)
    _keep(store, choice, orders, now)
    return dict(choice.settings)


@transaction.atomic
def _keep(store: Store, choice: Choice, orders: int, now: datetime) -> None:
    BackTest.objects.create(
        store=store,
        at=now,
        first_day=(now - timedelta(days=WINDOW - 1)).date(),
        orders=orders,
        settings={purpose: asdict(one) for purpose, one in choice.settings.items()},
        scores=choice.told,
    )
    old = BackTest.objects.of(store).order_by("-at", "-pk").values_list("pk", flat=True)[TESTS_KEPT:]
    BackTest.objects.of(store).filter(pk__in=list(old)).delete()


def _neighbours(
    sold: Sales, settings: Mapping[str, Settings], on_sale: Mapping[int, str], now: datetime
) -> dict[str, Documents]:
    """By purpose, of products on sale; taught once where two purposes have the same settings."""
    support = models.support(sold.bought)
    offered = np.isin(sold.product_ids, np.fromiter(on_sale, np.int64, len(on_sale)))
    found = {}
    for one in set(settings.values()):
        near = models.fit(sold.bought, now.toordinal() + 1, one, offered).near
        found[one] = rules.neighbours(near, support, sold.product_ids)
    return {purpose: found[one] for purpose, one in settings.items()}


def _replace_neighbours(store: Store, near: Mapping[str, Documents], sold: Mapping[int, float]) -> None:
    Neighbours.objects.of(store).delete()
    still = set(Product.objects.of(store).values_list("pk", flat=True))
    rows = [
        Neighbours(
            store=store,
            product_id=product,
            sold=weight,
            basket=near["basket"].get(product, b""),
            next=near["next"].get(product, b""),
        )
        for product, weight in sold.items()
        if product in still
    ]
    Neighbours.objects.bulk_create(rows, batch_size=BATCH)


def replace_popular(store: Store, on_sale: Mapping[int, str]) -> None:
    """From what is kept of each product; `on_sale` are the categories of those that may be offered."""
    kept = rules.sellers(Neighbours.objects.of(store).values_list("product_id", "sold"), on_sale)
    Bestsellers.objects.of(store).delete()
    rows = [Bestsellers(store=store, category=category, document=document) for category, document in kept.items()]
    Bestsellers.objects.bulk_create(rows, batch_size=BATCH)


def _replace_pairs(store: Store, sold: Sales, couples: Sequence[rules.Couple]) -> None:
    Pair.objects.of(store).delete()
    still = set(Product.objects.of(store).values_list("pk", flat=True))
    rows = []
    for couple in couples:
        one, other = int(sold.product_ids[couple.one]), int(sold.product_ids[couple.other])
        figures = {"score": couple.score, "support": couple.support, "lift": couple.lift}
        if one in still and other in still:
            rows.append(Pair(store=store, product_id=one, other_id=other, **figures))
            rows.append(Pair(store=store, product_id=other, other_id=one, **figures))
    Pair.objects.bulk_create(rows, batch_size=BATCH)
