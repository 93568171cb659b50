"""What other rooms know of somebody's returns: traits, counted anew for many people at once.

`returns.open` and `returns.count` are cases, `returns.rate` is the part of the bought units that came back (0 to 1),
`returns.kept_value` what was bought and kept, in the shop's currency. `open.claim` is there while a claim is: whoever
waits for an answer is not asked how they like it. Gifts that others return are not their buyer's.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Order, OrderLine
from thereafter.kit.money import exponent
from thereafter.returns.models import Case, CaseUnit, Grant
from thereafter.returns.rules.claims import CLAIMS
from thereafter.returns.shopper_histories import NOTHING_CAME, own_refunds
from thereafter.stores.models import Store

OPEN_CLAIM = "open.claim"
_KEPT = ("kept", "cancelled", "missing")


@transaction.atomic
def refresh(store_id: int, customer_ids: Collection[int]) -> None:
    """Six queries and one write, whatever the number of customers."""
    people = set(customer_ids)
    cases = list(
        Case.objects.of(store_id).filter(customer_id__in=people, is_gift=False).only("customer_id", "state", "basis")
    )
    going_on = [case for case in cases if case.state not in (*NOTHING_CAME, "resolved", "closed")]
    count = Counter(case.customer_id for case in cases if case.state not in NOTHING_CAME)
    still_open = Counter(case.customer_id for case in going_on)
    claims = {case.customer_id for case in going_on if case.basis in CLAIMS}
    rates, kept = _rates(store_id, people, cases), _kept(store_id, people)
    set_traits(
        store_id,
        {
            pk: {
                "returns.open": still_open[pk],
                "returns.count": count[pk],
                "returns.rate": rates[pk],
                "returns.kept_value": kept[pk],
                OPEN_CLAIM: True if pk in claims else None,
            }
            for pk in people
        },
    )


def refresh_buyers(since: datetime) -> int:
    """Of those who ever asked for a return and bought again since then: what they kept has grown. Returns how many."""
    orders = Order.objects.filter(placed_at__gt=since).values("customer_id")
    people: dict[int, set[int]] = defaultdict(set)
    cases = Case.objects.filter(customer_id__in=orders).values_list("store_id", "customer_id")
    for store_id, customer_id in cases.distinct():
        people[store_id].add(customer_id)
    for store_id, of_store in people.items():
        refresh(store_id, of_store)
    return sum(map(len, people.values()))


def _rates(store_id: int, people: Collection[int], cases: Collection[Case]) -> Mapping[int, float]:
    owners = {case.pk: case.customer_id for case in cases if case.state not in NOTHING_CAME}
    back: Counter[int] = Counter()
    units = CaseUnit.objects.of(store_id).filter(case_id__in=owners, is_live=True).exclude(state__in=_KEPT)
    for case_id in units.values_list("case_id", flat=True):
        back[owners[case_id]] += 1
    bought = _sums(_bought(store_id, people).values_list("order__customer_id").annotate(Sum("quantity")))
    return {pk: round(min(1.0, back[pk] / bought[pk]), 4) if bought.get(pk) else 0.0 for pk in people}


def _bought(store_id: int, people: Collection[int]) -> Any:
    rows = OrderLine.objects.of(store_id).filter(order__customer_id__in=people)
    return rows.exclude(order__status=Order.Status.CANCELLED).order_by()


def _kept(store_id: int, people: Collection[int]) -> Mapping[int, float]:
    """Orders in the shop's currency less what went back, whether we or the shop itself paid it."""
    currency = Store.objects.get(pk=store_id).currency
    orders = Order.objects.of(store_id).filter(customer_id__in=people, currency=currency)
    rows = orders.exclude(status=Order.Status.CANCELLED).values_list("pk", "customer_id", "total_minor")
    owners: dict[int, int] = {}
    worth: Counter[int] = Counter()
    for pk, customer_id, total in rows:
        owners[pk] = customer_id
        worth[customer_id] += total
    granted = Grant.objects.of(store_id).filter(order_id__in=owners, withdrawn_at=None)
    for order_id, amount in granted.values_list("order_id", "amount_minor"):
        worth[owners[order_id]] -= amount
    for refund in own_refunds(store_id, owners):
        worth[owners[refund.order_id]] -= refund.amount_minor
    unit = 10 ** exponent(currency)
    return {pk: max(0, worth[pk]) / unit for pk in people}


def _sums(rows: Any) -> dict[int, int]:
    return {pk: total or 0 for pk, total in rows}
