"""What mails say of sending back, of withdrawing, and of cases."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block
from thereafter.returns import facts, finding, links
from thereafter.returns.finding import Standing
from thereafter.returns.models import Case, CreditAccount
from thereafter.returns.rules.legal import law
from thereafter.returns.statements import in_language
from thereafter.storefront.links import order_token, page

SAMPLE: Facts = {
    "until": None,
    "days": 30,
    "free": True,
    "cost_minor": None,
    "currency": "EUR",
    "start_url": "#",
    "withdraw_url": "#",
    "withdraw_label": "Withdraw from contract here",
}


@block(
    "returns",
    many=True,
    label="Returns",
    hint="The last day to send back, what it costs, and the way to withdraw",
    sample=SAMPLE,
)
def returns(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """Nothing for an order of which nothing can come back."""
    now = clock.now()
    of_store: dict[int, dict[int, Order]] = defaultdict(dict)
    for order in orders:
        if order is not None and not order.is_cancelled:
            of_store[order.store_id][order.pk] = order
    told: dict[int, Standing] = {}
    for waiting in of_store.values():
        rows = list(waiting.values())
        told |= finding.standings(rows, clock.day_in(now, rows[0].store.time_zone))
    return [
        _facts(customer, order, told[order.pk]) if order and order.pk in told else None
        for customer, order in zip(customers, orders, strict=True)
    ]


def _facts(customer: Customer, order: Order, standing: Standing) -> Facts | None:
    if not (standing.withdraws or standing.returns):
        return None
    language = in_language(customer.locale or order.store.locale)
    withdraw: dict[str, Any] = {"withdraw_url": None, "withdraw_label": None}
    if standing.withdraws:
        withdraw = {
            "withdraw_url": links.withdraw_page(order.store, order),
            "withdraw_label": law.current().labels(language)[0],
        }
    return {
        "until": _iso(standing.until) if standing.returns else None,
        "days": standing.days,
        "free": standing.cost_minor == 0,
        "cost_minor": standing.cost_minor or None,
        "currency": order.currency,
        "start_url": page(order.store, "returns_storefront:start", order_token(order)),
        **withdraw,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_ITEM = {"title": "Trail Runner 2", "variant": "Moss / 42", "quantity": 1, "image": None}
_STEPS = ("asked", "done"), ("accepted", "done"), ("handed_in", "current"), ("arrived", "todo"), ("paid", "todo")


@block(
    "return_case",
    of_event=True,
    label="Return: what was asked",
    hint="The number of the return, its items, and what the shopper wants for them",
    sample={
        "number": "R1042",
        "order": "1042",
        "outcome": "refund",
        "basis": "voluntary",
        "method": "label",
        "release": "received",
        "answer": "We would like to help, but the pair was worn outdoors.",
        "send_by": "2026-04-09",
        "currency": "EUR",
        "items": [_ITEM],
        "refund_minor": 8990,
        "url": "#",
        "start_url": "#",
    },
)
def return_case(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    return _of_cases(customers, events, facts.items)


@block(
    "return_steps",
    of_event=True,
    label="Return: the steps",
    hint="Where a return stands and what happens next",
    sample={"steps": [{"name": name, "state": state} for name, state in _STEPS], "url": "#"},
)
def return_steps(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    return _of_cases(customers, events, facts.steps)


@block(
    "return_way",
    of_event=True,
    label="Return: how to send it",
    hint="The label, the code or the address, and the last day",
    sample={
        "method": "label",
        "send_by": "2026-04-09",
        "address": ["Stride Returns", "Harbour Road 7", "20457 Hamburg"],
        "label_url": "#",
        "is_paid": True,
        "number": "R1042",
        "url": "#",
    },
)
def return_way(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    """Nothing once it is on its way, or where nothing is to be sent."""
    return _of_cases(customers, events, facts.ways)


@block(
    "return_findings",
    of_event=True,
    label="Return: what we found",
    hint="What is kept back or not taken, each with its reason",
    sample={
        "deductions": [{"title": "Trail Runner 2", "amount_minor": 1500, "why": "The soles were worn outdoors."}],
        "currency": "EUR",
        "url": "#",
    },
)
def return_findings(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    return _of_cases(customers, events, facts.findings)


@block(
    "return_goods",
    of_event=True,
    label="Return: what comes instead",
    hint="The new goods of an exchange, and how to follow them",
    sample={"items": [_ITEM | {"variant": "Moss / 43"}], "carrier": "DHL", "tracking_number": "00340434161094042557"},
)
def return_goods(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    return _of_cases(customers, events, facts.goods)


@block(
    "return_money",
    of_event=True,
    label="Return: the refund",
    hint="How much went back, to what, and when it shows; codes of store credit",
    sample={
        "amount_minor": 8990,
        "currency": "EUR",
        "parts": [
            {"to": "card", "amount_minor": 5990},
            {"to": "credit", "amount_minor": 3000, "code": "7Q4K-MMXA-92TB-HHEC"},
        ],
    },
)
def return_money(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    """Of a refund, or of credit that was given by itself."""
    granted = _by_store(customers, events, "grant_id")
    told = {store: facts.money(store, ids) for store, ids in granted.items()}
    given = {store: _credit(store, ids) for store, ids in _by_store(customers, events, "credit_id").items()}
    return [
        told.get(customer.store_id, {}).get(event.get("grant_id", 0))
        or given.get(customer.store_id, {}).get(event.get("credit_id", 0))
        for customer, event in zip(customers, events, strict=True)
    ]


def _credit(store_id: int, ids: Collection[int]) -> dict[int, Facts]:
    rows = CreditAccount.objects.of(store_id).filter(pk__in=ids)
    return {
        one.pk: {"amount_minor": one.balance_minor, "currency": one.currency, "parts": [facts.credit_part(one)]}
        for one in rows
    }


def _of_cases(
    customers: Sequence[Customer],
    events: Sequence[Facts],
    tell: Callable[[Collection[Case]], dict[int, Facts]],
) -> list[Facts | None]:
    """Facts of the case that each event is about."""
    told: dict[int, Facts] = {}
    for store_id, ids in _by_store(customers, events, "case_id").items():
        told |= tell(facts.cases(store_id, ids).values())
    return [told.get(event.get("case_id", 0)) for event in events]


def _by_store(customers: Sequence[Customer], events: Sequence[Facts], name: str) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for customer, event in zip(customers, events, strict=True):
        if event.get(name):
            found[customer.store_id].add(int(event[name]))
    return found
