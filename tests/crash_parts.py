"""What the crash test runs in processes of their own: fill the inbox, drain what is left, tell what came of it."""

import json
import sys
from collections import Counter
from datetime import timedelta

import django

django.setup()

from django.db import transaction

from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.loyalty.queries.ledger import totals
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.timeline.models import Delivery, Entry, Inbound
from thereafter.timeline.worker import run_until_idle


def fill(orders: int) -> None:
    now, store = clock.now(), make_store()
    install_recipes(store, now)
    calls = [_call(store, number, now.isoformat()) for number in range(orders)]
    with transaction.atomic():
        inbox.put(calls, now)


def _call(store: Store, number: int, placed_at: str) -> Received:
    order = {
        "external_id": f"o{number}",
        "number": f"#{number}",
        "placed_at": placed_at,
        "currency": "EUR",
        "total": "10.00",
        "customer": {"email": f"shopper{number}@example.com", "name": f"Shopper {number}"},
        "lines": [{"external_id": "1", "title": "Socks", "quantity": 1, "unit_price": "10.00"}],
    }
    return Received(store.pk, "commerce", "api", "orders", f"k{number}", json.dumps(order))


def finish() -> None:
    """An hour later the leases of the dead have ended."""
    with clock.at(clock.now() + timedelta(hours=1)):
        run_until_idle()


def tell() -> None:
    store = Store.objects.get()
    names = Entry.objects.of(store).values_list("name", flat=True)
    told = {
        "waiting": Delivery.objects.exclude(state="done").count() + Inbound.objects.exclude(state="done").count(),
        "placed": sum(name == "order.placed" for name in names),
        "sent": sum(name == "message.sent" for name in names),
        "messages": Counter(Message.objects.of(store).values_list("state", flat=True)),
        "points": totals(store).awarded,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]))
    else:
        {"finish": finish, "tell": tell}[sys.argv[1]]()
