"""When the goods are there: planning who is asked for reviews, and when. Everybody delivered is planned alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.feedback.actions import asking
from thereafter.feedback.actions.asking import Asking
from thereafter.feedback.models import Ask
from thereafter.feedback.queries import review_asks as queries
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import reviews as rules
from thereafter.kit import clock
from thereafter.stores.models import Store


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel of an order is there. `tracking_number` says which of its products; "": all of them."""

    customer_id: int
    order_id: int
    at: datetime
    source: str
    tracking_number: str = ""
    origin: str = ""


@transaction.atomic
def plan(store_id: int, deliveries: Sequence[Delivered], *, now: datetime, wait_days: int | None = None) -> None:
    """Keeps a wish for each round of products of these orders that nobody was asked about yet.

    A second parcel joins what still waits for the first when both are due within a week: one mail for an order.
    `wait_days` is a wait for products that have none of their own.
    """
    settings = settings_of(store_id)
    if not settings.asks:
        return
    by_order: dict[int, list[Delivered]] = defaultdict(list)
    for one in sorted(deliveries, key=lambda each: each.at):
        by_order[one.order_id].append(one)
    people = {one.customer_id for one in deliveries}
    there, planned = queries.bought(store_id, by_order), queries.asks_of(store_id, people, by_order)
    zone = clock.zone(Store.objects.get(pk=store_id).time_zone)
    usual = settings.wait_days if wait_days is None else wait_days
    askings: list[Asking] = []
    joined: dict[int, Ask] = {}
    for order_id, parcels in by_order.items():
        mine = planned.get(order_id, [])
        # Parcels that came at the same time are one delivery.
        last = parcels[-1]
        fresh = set().union(*(there.in_parcel(order_id, one.tracking_number) for one in parcels)) - _known(mine)
        waits = {pk: usual if (own := there.rules[pk].wait_days) is None else own for pk in fresh}
        for place, round_ in enumerate(rules.when_to_ask(last.at, waits, zone)):
            waiting = _beside(mine, round_)
            if waiting:
                joined[waiting.pk] = _join(waiting, round_)
            else:
                askings.append(_asking(last, place, round_))
    Ask.objects.bulk_update(joined.values(), ["facts", "due_at", "expires_at", "look_at"], batch_size=200)
    asking.ask(store_id, askings, now=now)


def _known(asks: Iterable[Ask]) -> set[int]:
    """Products somebody is asked about already, or was."""
    return {pk for ask in asks for pk in ask.facts.get("product_ids", ())}


def _beside(asks: Collection[Ask], round_: rules.Round) -> Ask | None:
    """What waits for nothing but its day, and that day is near."""
    near = timedelta(days=rules.TOGETHER_DAYS)
    return next(
        (
            ask
            for ask in asks
            if ask.state == Ask.State.WAITING and ask.asked_at is None and abs(ask.due_at - round_.due_at) <= near
        ),
        None,
    )


def _join(ask: Ask, round_: rules.Round) -> Ask:
    due_at = max(ask.due_at, round_.due_at)
    ask.expires_at += due_at - ask.due_at
    ask.due_at, ask.look_at = due_at, due_at
    ask.facts = {**ask.facts, "product_ids": [*ask.facts.get("product_ids", ()), *round_.product_ids]}
    return ask


def _asking(one: Delivered, place: int, round_: rules.Round) -> Asking:
    return Asking(
        customer_id=one.customer_id,
        source=f"{one.source}:{place}" if place else one.source,
        order_id=one.order_id,
        origin=one.origin,
        what=asking.REVIEW,
        due_at=round_.due_at,
        facts={"product_ids": list(round_.product_ids)},
    )
