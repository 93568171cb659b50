"""Building what to offer, a store at a time."""

from datetime import datetime
from itertools import groupby

from django.db import transaction

from thereafter.commerce.models import Order, OrderLine
from thereafter.recommendations import rules
from thereafter.recommendations.models import Build, Pair, Popular
from thereafter.stores.models import Store

# The newest lines of a store that count: about 200 MB and two seconds at most.
MOST_LINES = 100_000


def rebuild_due(now: datetime) -> int:
    """Builds anew for each store with enough new orders; returns for how many."""
    return sum(rebuild(store, now=now) for store in Store.objects.order_by("pk"))


@transaction.atomic
def rebuild(store: Store, *, now: datetime) -> bool:
    """Replaces the store's pairs and bestsellers if it is time to; False when nothing much is new."""
    orders = Order.objects.of(store).count()
    build = Build.objects.of(store).first()
    if not rules.is_due(rules.Built(build.built_at, build.orders) if build else None, orders, now):
        return False
    baskets, categories = _read(store)
    _replace_pairs(store, baskets)
    _replace_popular(store, baskets, categories)
    Build.objects.of(store).update_or_create(store=store, defaults={"built_at": now, "orders": orders})
    return True


def _read(store: Store) -> tuple[list[rules.Basket], dict[int, str]]:
    """The baskets of orders that were not cancelled, and the category of each product in them."""
    lines = OrderLine.objects.of(store).filter(product__isnull=False).exclude(order__status=Order.Status.CANCELLED)
    columns = ("order_id", "order__placed_at", "product_id", "product__category")
    rows = list(lines.order_by("-order_id").values_list(*columns)[:MOST_LINES])
    baskets = []
    for _, of_order in groupby(rows, key=lambda row: row[0]):
        kept = list(of_order)
        baskets.append(rules.Basket(kept[0][1], [row[2] for row in kept]))
    return baskets, {row[2]: row[3] for row in rows}


def _replace_pairs(store: Store, baskets: list[rules.Basket]) -> None:
    Pair.objects.of(store).delete()
    Pair.objects.bulk_create(
        [
            Pair(store=store, product_id=product, other_id=near.other, score=near.score, support=near.support)
            for product, found in rules.neighbours(baskets).items()
            for near in found
        ],
        batch_size=2_000,
    )


def _replace_popular(store: Store, baskets: list[rules.Basket], categories: dict[int, str]) -> None:
    Popular.objects.of(store).delete()
    Popular.objects.bulk_create(
        [
            Popular(store=store, category=category, other_id=product, score=score)
            for category, rows in rules.popular(baskets, categories).items()
            for product, score in rows
        ],
        batch_size=2_000,
    )
