"""A programme and its members, through the public actions."""

from datetime import UTC, datetime
from typing import Any

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.kit import clock
from thereafter.loyalty.actions import members, programmes
from thereafter.loyalty.models import Account, Member
from thereafter.stores.models import Store

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def publish(store: Store, *, at: datetime = LONG_AGO, **document: Any) -> None:
    """The store's rules from then on."""
    programmes.publish(store, document, by=None, now=at)


def person(store: Store, email: str = "ann@example.com") -> Customer:
    take_customers(store, [CustomerDoc(person=Person(email=email, name="Ann"))], source="api", now=LONG_AGO)
    found = find_customer(store, email=email)
    assert found is not None
    return found


def join(store: Store, email: str = "ann@example.com", *, at: datetime = LONG_AGO) -> Member:
    with clock.at(at):
        return members.join(person(store, email), source=Member.Source.PAGE, now=at)


def has(who: Member | Customer) -> int:
    """The points that somebody can use."""
    customer_id = who.customer_id if isinstance(who, Member) else who.pk
    account = Account.objects.of(who.store_id).filter(customer_id=customer_id, kind="points").first()
    return account.available if account else 0


def moment(text: str) -> datetime:
    """ "2026-03-20 10:00" in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
