"""Campaigns and their people for tests, made through the public actions."""

from datetime import datetime
from typing import Any

from thereafter.campaigns.actions import editing
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.rules.plans import Plan, Variant
from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import PLACED
from thereafter.stores.models import Store

# Comes along, sells, and needs no order.
TEMPLATE = "newsletter"


def make_people(store: Store, count: int, *, prefix: str = "p", **fields: Any) -> list[Customer]:
    """People who said yes to offers by e-mail, unless said otherwise."""
    given: dict[str, Any] = {"country": "DE", "accepts_marketing": True} | fields
    docs = [
        CustomerDoc(
            person=Person(email=f"{prefix}{at}@example.com", name=f"{prefix.title()} {at}", **given),
            changed_at=PLACED,
        )
        for at in range(count)
    ]
    take_customers(store, docs, source="api", now=PLACED)
    emails = [doc.person.email for doc in docs]
    return list(Customer.objects.of(store).filter(email__in=emails).order_by("pk"))


def make_campaign(store: Store, name: str = "Spring", *, now: datetime = PLACED, **settings: Any) -> Campaign:
    """A draft of one variant to everybody, unless said otherwise."""
    given: dict[str, Any] = {"variants": (Variant(template=TEMPLATE),)} | settings
    return editing.draft(store, name, Plan(**given), now=now)


def launched(store: Store, *, now: datetime = PLACED, **settings: Any) -> Campaign:
    campaign = make_campaign(store, now=now, **settings)
    editing.launch(campaign, now=now)
    return campaign
