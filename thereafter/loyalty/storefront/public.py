"""What everybody may see of the programme: ways to earn, tiers, some rewards, inviting friends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.loyalty import showing, words
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.purchases import purchases, with_people
from thereafter.loyalty.rules.earning import Purchase, decide
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.storefront.forms import JoinForm
from thereafter.stores.models import Store

SOME_REWARDS = 6


@dataclass(frozen=True)
class TierShown:
    key: str
    name: str
    entry: str
    gains: list[str]
    colour: str = ""


@dataclass(frozen=True)
class RewardShown:
    name: str
    text: str
    icon: str
    image_url: str
    cost: str


def naming(store: Store, programme: Programme) -> dict[str, Any]:
    return {
        "programme": programme,
        "programme_name": words.programme_name(programme, store.name),
        "words": words,
    }


def facts(store: Store, now: datetime) -> dict[str, Any]:
    version = programmes.programme_now(store.pk)
    joined = version.programme.actions.get("joined")
    return {
        **naming(store, version.programme),
        "ways": showing.ways(store, version, None, now),
        "extras": showing.running_extras(version.programme, now),
        "tiers": tiers(store, version.programme),
        "rewards": rewards(store, version.programme, now),
        "referral": showing.referral(version.programme),
        "welcome": words.points(version.programme, joined.points) if joined and joined.is_on and joined.points else "",
        "form": JoinForm(),
    }


def tiers(store: Store, programme: Programme) -> list[TierShown]:
    return [
        TierShown(
            key=tier.id,
            name=words.tier_name(tier),
            entry=showing.entry_words(store, programme, tier),
            gains=words.tier_gain(tier, programme),
            colour=tier.colour,
        )
        for tier in programme.tiers
    ]


def rewards(store: Store, programme: Programme, now: datetime, most: int = SOME_REWARDS) -> list[RewardShown]:
    """The first ones as the shop put them, without those that are gone."""
    rows = Reward.objects.of(store).filter(archived_at=None, is_shown=True).exclude(stock=0)
    offered = [one for one in rows.order_by("place", "pk") if one.is_offered(now)]
    return [_reward(programme, one) for one in offered[:most]]


def _reward(programme: Programme, one: Reward) -> RewardShown:
    named = words.reward(one)
    return RewardShown(named.name, named.text, named.icon, one.image_url, words.cost(programme, one))


def reach_back(customer: Customer, now: datetime) -> list[tuple[Order, int]]:
    """Orders of the days before that earn points when this customer joins now, with their points."""
    programme = programmes.programme_now(customer.store_id).programme
    since = now - timedelta(days=programme.reach_back_days)
    rows = Order.objects.of(customer.store_id).filter(customer=customer, placed_at__gt=since, placed_at__lte=now)
    orders = list(rows.filter(cancelled_at=None).order_by("-placed_at"))
    if not orders:
        return []
    versions = programmes.versions(customer.store_id)
    bought = with_people(customer.store_id, orders, purchases(orders), versions)
    return [
        (order, points)
        for order in orders
        if order.pk in bought and (points := _points(versions.at(order.placed_at), bought[order.pk]))
    ]


def _points(version: Version, bought: Purchase) -> int:
    return decide(version.programme, version.number, bought).points
