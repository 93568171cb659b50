from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.loyalty import (
    mail_blocks,  # noqa: F401 it adds its own when it is read
    referral_blocks,  # noqa: F401 likewise
    words,
)
from thereafter.loyalty.queries import ledger as queries
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.programme import Programme
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.shell import in_language_of


@block("points", many=True, label="Points", sample={"balance": 215, "earned": 90, "unit": ""})
def points(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """The balance, and what this order earned (or will, when its points are not booked yet). `unit` is the shop's own
    name of points in the reader's language, "" where it has none."""
    by_store: dict[int, list[int]] = defaultdict(list)
    for index, customer in enumerate(customers):
        by_store[customer.store_id].append(index)
    facts: dict[int, Facts] = {}
    for store_id, indexes in by_store.items():
        balances = queries.balances(store_id, [customers[index].pk for index in indexes])
        earned = queries.points_of_orders([order for index in indexes if (order := orders[index])])
        programme = programme_now(store_id).programme
        for index in indexes:
            order = orders[index]
            gained = earned[order.pk] if order else queries.Gained(0, True)
            balance = balances.get(customers[index].pk, 0) + (0 if gained.booked else gained.points)
            facts[index] = {"balance": balance, "earned": max(0, gained.points)}
            facts[index]["unit"] = _unit(programme, customers[index], balance)
    return [facts[index] if facts[index]["balance"] else None for index in range(len(customers))]


def _unit(programme: Programme, customer: Customer, balance: int) -> str:
    if not programme.points_name:
        return ""
    with in_language_of(customer):
        return words.unit(programme, balance)
