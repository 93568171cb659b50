"""Several workers at once: one order, one customer, one event."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import close_old_connections, connections

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.models import Customer, Order, Product
from thereafter.commerce.tests.makers import PLACED, order_doc
from thereafter.events.customers import CustomerJoined
from thereafter.events.orders import OrderPlaced
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
NOW = PLACED + timedelta(days=1)


@pytest.fixture
def store() -> Store:
    return make_store()


def at_once(*tasks: Callable[[], object]) -> list[Exception]:
    errors: list[Exception] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> None:
        try:
            start.wait()
            task()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return errors


def test_the_same_orders_taken_by_many_at_once_are_taken_once(store: Store) -> None:
    docs = [order_doc(str(number), email=f"p{number % 3}@example.com") for number in range(30)]
    errors = at_once(
        *[lambda turn=turn: take_orders(store, docs[turn:] + docs[:turn], source="api", now=NOW) for turn in range(6)]
    )
    assert errors == []
    assert Order.objects.of(store).count() == 30
    assert Customer.objects.of(store).count() == 3
    assert Product.objects.of(store).count() == 1
    assert_recorded(OrderPlaced, times=30)
    assert_recorded(CustomerJoined, times=3)
