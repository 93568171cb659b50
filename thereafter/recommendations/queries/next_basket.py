"""What customers will probably put into their next order, in shops where people buy the same things again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from thereafter.commerce.models import Product, Variant
from thereafter.recommendations.models import ReorderBuild, SoldOut
from thereafter.recommendations.queries.reorder_lines import Line, bought_lines
from thereafter.recommendations.rules import next_basket as rules
from thereafter.stores.models import Store

# What is sold out or gone is left out afterwards.
SPARE = 3


class Likely(NamedTuple):
    """A product of the next order. `times` is how many of the customer's orders held it: 0 is what others buy now."""

    product_id: int
    external_id: str
    title: str
    url: str
    image_url: str
    price_minor: int | None
    times: int


def next_basket(store_id: int, customer_ids: Collection[int], most: int) -> dict[int, list[Likely]]:
    """Up to `most` for each customer, the likeliest first; nothing where habits foretell no better than bestsellers,
    and nothing for who never bought."""
    build = ReorderBuild.objects.of(store_id).first()
    found: dict[int, list[Likely]] = {customer_id: [] for customer_id in customer_ids}
    if build is None or not has_habits(build):
        return found
    lines = bought_lines(Store.objects.get(pk=store_id), customers=customer_ids)
    ranked = _ranked(lines, dict(build.popular), build.prior, most * SPARE)
    offered = _offered(store_id, {product for products in ranked.values() for product in products})
    times = _times(lines)
    for customer_id, products in ranked.items():
        sound = [pk for pk in products if pk in offered][:most]
        found[customer_id] = [offered[pk]._replace(times=times[customer_id, pk]) for pk in sound]
    return found


def has_habits(build: ReorderBuild) -> bool:
    """Whether own habits did better on last baskets than what sells best."""
    return build.baskets > 0 and (build.basket_recall or 0.0) > (build.popular_recall or 0.0)


def _ranked(lines: Sequence[Line], popular: Mapping[int, float], prior: float, most: int) -> dict[int, list[int]]:
    if not lines:
        return {}
    told = rules.purchases([(line.customer_id, line.product_id, line.order_id) for line in lines])
    own = set(told.items)
    items = [*told.items, *(pk for pk in popular if pk not in own)]
    bought = told.purchases._replace(shape=(len(told.people), len(items)))
    common = prior * np.array([popular.get(pk, 0.0) for pk in items], np.float32)
    model = rules.Model(rules.habits(bought, rules.Weights().keep), common)
    lists, scores = rules.best(model, np.arange(len(told.people)), most)
    return {
        customer_id: [items[at] for at, score in zip(row, worth, strict=True) if score > 0]
        for customer_id, row, worth in zip(told.people, lists.tolist(), scores.tolist(), strict=True)
    }


def _times(lines: Sequence[Line]) -> Counter[tuple[int, int]]:
    return Counter(
        (customer_id, product_id)
        for customer_id, product_id, _ in {(line.customer_id, line.product_id, line.order_id) for line in lines}
    )


def _offered(store_id: int, products: Collection[int]) -> dict[int, Likely]:
    """What can be had now, with the lowest price of its variants."""
    prices: dict[int, list[int]] = defaultdict(list)
    variants = Variant.objects.of(store_id).filter(product_id__in=products, price_minor__isnull=False)
    for product_id, price_minor in variants.values_list("product_id", "price_minor"):
        prices[product_id].append(price_minor or 0)
    sold_out = SoldOut.objects.of(store_id).filter(product_id__in=products).values("product_id")
    rows = Product.objects.of(store_id).filter(pk__in=products, is_active=True).exclude(pk__in=sold_out)
    columns = rows.values_list("pk", "external_id", "title", "url", "image_url")
    return {row[0]: Likely(*row, min(prices[row[0]], default=None), 0) for row in columns}
