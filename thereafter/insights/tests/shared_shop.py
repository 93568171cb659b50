"""A small shop with figures, for what takes them out of the console."""

from datetime import UTC, datetime, timedelta

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.tests.makers import order_doc
from thereafter.insights.export.bringing import bring
from thereafter.stores.models import Store

# A Monday, half past eight in Berlin.
NOW = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
SECRET = "alice.secret@example.com"


def with_orders(store: Store, *, weeks: int = 10, brought: bool = True) -> Store:
    """Orders each day at noon up to the Sunday before NOW, every second one of a customer who comes again."""
    docs = []
    for day in range(weeks * 7):
        at = (NOW - timedelta(days=day + 1)).replace(hour=12)
        email = SECRET if day % 2 else f"c{day}@example.com"
        docs.append(order_doc(f"{day:03d}", email=email, placed_at=at))
    take_orders(store, docs, source="api", now=NOW)
    if brought:
        bring(store, now=NOW)
    return store
