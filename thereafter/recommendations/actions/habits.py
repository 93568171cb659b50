"""Learning of which categories people own one, and of which they buy again."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max

from thereafter.commerce.models import Order, OrderLine
from thereafter.recommendations.actions.messages_read import kept_for
from thereafter.recommendations.models import ShowSettings
from thereafter.stores.models import Store
from thereafter.stores.turns import in_each_store


def learn_all(now: datetime) -> int:
    return in_each_store(lambda store: learn(store, now=now))


@transaction.atomic
def learn(store: Store, *, now: datetime) -> bool:
    """Counts each category's buyers, and those of them with two different products of it; whether anything changed.

    A category with something that is used up is one of which people buy again, whatever they did so far.
    """
    lines = OrderLine.objects.of(store).filter(product__isnull=False).exclude(product__category="")
    people = (
        lines.exclude(order__status=Order.Status.CANCELLED)
        .order_by()
        .values_list("product__category", "order__customer_id")
        .annotate(products=Count("product", distinct=True), days=Max("product__replenish_days"))
    )
    buyers: Counter[str] = Counter()
    twice: Counter[str] = Counter()
    used_up: dict[str, bool] = defaultdict(bool)
    for category, _customer, products, days in people.iterator():
        buyers[category] += 1
        twice[category] += products > 1
        used_up[category] |= bool(days)
    habits = {name: [count, count if used_up[name] else twice[name]] for name, count in buyers.items()}
    settings = kept_for(store, now)
    if settings.habits == habits:
        return False
    ShowSettings.objects.of(store).filter(pk=settings.pk).update(habits=habits)
    return True
