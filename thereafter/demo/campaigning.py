"""A letter in autumn that a third of its readers did not get, by lot, so that there is something to prove."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from thereafter.campaigns.actions import editing
from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.rules.plans import Plan, Variant
from thereafter.commerce.models import Customer
from thereafter.demo import history
from thereafter.demo.player import Happening, catch_up
from thereafter.kit import clock
from thereafter.messaging.actions import receipts
from thereafter.messaging.actions.receipts import News
from thereafter.messaging.models import Message, Receipt
from thereafter.recommendations.actions import showing
from thereafter.recommendations.links import Followed
from thereafter.recommendations.models import Showing
from thereafter.stores.models import Store

SEED = 10
# Sent so long ago that everybody's days to buy are over.
AGO, DAYS = timedelta(days=24), 14
PLAN = Plan(
    variants=(Variant(template="newsletter", subject="Autumn miles, picked for you"),),
    holdout=30,
    attribution_days=DAYS,
)
# Of those who got it so many follow it, and so many buy who would not have.
FOLLOWS, BUYS = 0.22, 0.17
# The first number of their orders, above all others of the counter.
NUMBERED = 9_001


def send(store: Store, at: datetime) -> None:
    """The letter goes out at `at`, and some of its readers follow it within hours."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    with clock.at(at):
        editing.launch(editing.draft(store, "Autumn miles", PLAN, now=at), now=at)
    catch_up(at)
    sent = Message.objects.of(store).filter(origin__in=_origins(store), state=Message.State.SENT).order_by("pk")
    followed = [
        News(
            kind=Receipt.Kind.CLICKED,
            at=at + timedelta(minutes=chance.randrange(5, 2_000)),
            message_id=one.pk,
            url=store.shop_url,
        )
        for one in sent
        if chance.random() < FOLLOWS
    ]
    receipts.take(store.pk, followed, at + timedelta(days=2))


def _origins(store: Store) -> list[str]:
    return [one.origin for one in Campaign.objects.of(store)]


def bought(store: Store, at: datetime, told: datetime) -> Iterator[Happening]:
    """What its readers bought over the counter because of it, told at `told` like all that was sold there."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    got = Recipient.objects.of(store).filter(queued_at__isnull=False).values("customer")
    for number, customer in enumerate(Customer.objects.of(store).filter(pk__in=got).order_by("pk"), NUMBERED):
        if chance.random() < BUYS:
            placed = at + timedelta(days=chance.uniform(0.5, DAYS - 1))
            yield Happening(told, "order", f"h{number}", history.order(chance, number, _person(customer), placed))


def _person(customer: Customer) -> dict[str, Any]:
    city = {"city": "Berlin", "country": customer.country or "DE"}
    return {"email": customer.email, "name": customer.name, "locale": customer.locale} | city


def follow_picks(store: Store) -> None:
    """Some of those who were shown products go and look at one of them."""
    chance = random.Random(SEED)  # noqa: S311 a play, not a secret
    for one in Showing.objects.of(store).order_by("pk"):
        if chance.random() < FOLLOWS / 2:
            product, _reason = chance.choice(one.products)
            link = Followed(one.slot, product, one.customer_id, one.order_id, 0)
            at = one.at + timedelta(minutes=chance.randrange(5, 900))
            showing.click(store, link, one.customer_id, at=at)
