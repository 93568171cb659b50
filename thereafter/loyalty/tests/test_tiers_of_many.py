"""Many members rise at once, each at a moment of their own, in as many queries as a few."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import order_doc
from thereafter.loyalty.actions import orders, tiers
from thereafter.loyalty.models import Member, TierChange
from thereafter.loyalty.tests.givings import publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = DAY + timedelta(hours=2)
GOLD = {"key": "gold", "name": "Gold", "min": "50", "entry_points": 5}


def bought(store: Store, people: int, *, first: datetime, prefix: str) -> list[orders.News]:
    """An order of each, a second apart."""
    docs = [
        order_doc(f"{prefix}{n}", email=f"p{n}@example.com", placed_at=first + timedelta(seconds=n))
        for n in range(people)
    ]
    take_orders(store, docs, source="api", now=LATER)
    mine = Order.objects.of(store).filter(number__startswith=prefix)
    return [orders.News(order.pk, order.placed_at) for order in mine]


@pytest.mark.parametrize("metric", ["spend", "points"])
def test_rising_takes_no_query_per_member(metric: str) -> None:
    counts = []
    for people in (5, 50):
        store = make_store(slug=f"shop-{people}")
        publish(store, tiers=[GOLD], tier={"metric": metric, "window": "rolling_30", "term": "days_30"})
        news = bought(store, people, first=DAY, prefix="A")
        late = bought(store, people, first=DAY - timedelta(days=1), prefix="B")
        with CaptureQueriesContext(connection) as asked:
            orders.settle(store.pk, news, now=LATER)
            orders.settle(store.pk, late, now=LATER)
            assert tiers.review(store.pk, LATER + timedelta(days=31)) == 0
            assert tiers.review(store.pk, LATER + timedelta(days=400)) == people
        counts.append(len(asked))
        changes = TierChange.objects.of(store).filter(why="reached").values_list("member__customer__email", "at")
        assert dict(changes) == {f"p{n}@example.com": DAY + timedelta(seconds=n) for n in range(people)}
        assert not Member.objects.of(store).exclude(tier="").exists()
    assert counts[1] < counts[0] + 60, counts
