"""Invitations for tests, made through the public actions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Line, Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.queries import find_customer
from thereafter.commerce.tests.makers import make_order, order_doc
from thereafter.kit import clock
from thereafter.loyalty.actions import members, programmes, referrals
from thereafter.loyalty.actions.referrals import Claimed
from thereafter.loyalty.models import Account, Member, Referral
from thereafter.stores.models import Store
from thereafter.timeline.worker import run_until_idle

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
TERMS = {"points": 500, "min_amount": "40", "hold_days": 14, "max_per_ip_7d": 10}
IP = "198.51.100.7"


def rewarding(store: Store, **terms: Any) -> None:
    """The shop rewards invitations; orders themselves earn nothing, so that sums are easy to read."""
    document = {"rate": "0", "actions": {}, "referral": {**TERMS, **terms}}
    programmes.publish(store, document, by=None, now=START - timedelta(days=30))


def person(store: Store, email: str, **known: Any) -> Customer:
    take_customers(store, [CustomerDoc(person=Person(email=email, **known))], source="api", now=START)
    found = find_customer(store, email=email)
    assert found
    return found


def member(store: Store, email: str = "ann@example.com", **known: Any) -> Member:
    customer = person(store, email, **known)
    return members.join(customer, source=Member.Source.PAGE, now=START - timedelta(days=1))


def claim(advocate: Member, email: str = "bob@example.com", *, at: datetime = START, **how: Any) -> Claimed:
    friend = person(advocate.store, email, **how.pop("known", {}))
    with clock.at(at):
        return referrals.claim(advocate, friend, ip=how.get("ip", IP), channel="link", now=at)


def accepted(advocate: Member, email: str = "bob@example.com", **how: Any) -> Referral:
    done = claim(advocate, email, **how)
    assert done.result == "ok", done
    assert done.referral
    return done.referral


def buys(store: Store, amount: str = "60", email: str = "bob@example.com", *, days: float = 2, **said: Any) -> Order:
    """The friend orders so many days after the start, and the news of it are heard."""
    at = START + timedelta(days=days)
    line = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price=amount, product_id="shoe")
    who = said.pop("customer", Person(email=email))
    with clock.at(at):
        order = make_order(store, email=email, placed_at=at, lines=[line], customer=who, **said)
        run_until_idle()
    return order


def refunds(order: Order, amount: str, *, days: float, name: str = "r1") -> None:
    at = START + timedelta(days=days)
    doc = RefundDoc(external_id=name, amount=amount, at=at)
    with clock.at(at):
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=at)
        run_until_idle()


def cancels(order: Order, *, days: float) -> None:
    at = START + timedelta(days=days)
    line = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price="60", product_id="shoe")
    who = Person(email=order.customer.email)
    doc = order_doc(order.number, placed_at=order.placed_at, lines=[line], customer=who, cancelled_at=at, changed_at=at)
    with clock.at(at):
        take_orders(order.store, [doc], source="api", now=at)
        run_until_idle()


def points_of(one: Member) -> tuple[int, int]:
    """What the member can use, and what waits."""
    account = Account.objects.of(one.store_id).filter(customer=one.customer_id).first()
    return (account.available, account.pending) if account else (0, 0)


def again(referral: Referral) -> Referral:
    return Referral.objects.of(referral.store_id).get(pk=referral.pk)
