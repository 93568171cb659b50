"""What runners get for coming back: a programme from the first day, rewards, invitations, and members who used them."""

import random
from datetime import datetime, timedelta
from typing import Any

from thereafter.commerce.actions.coupon_pools import PoolSettings, make_pool
from thereafter.commerce.models import CouponPool, Customer, Order
from thereafter.kit import clock
from thereafter.loyalty.actions import earning, members, redemptions, referrals
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.actions.rewards import RewardSettings, make
from thereafter.loyalty.models import Account, Member, Reward
from thereafter.stores.models import Staff, Store

PROGRAMME: dict[str, Any] = {
    "name": "Stride Club",
    "rate": "1",
    "expiry": {"mode": "inactivity", "months": 18, "warn_days": [30, 7]},
    "rules": [
        {"kind": "excluded", "name": "Gift cards", "categories": ["Gift cards"]},
        {"kind": "fixed", "name": "First order", "points": 50, "first_order": True, "min_amount": "200"},
    ],
    "tiers": [
        {"key": "pacer", "name": "Pacer", "min": "250", "multiplier": "1.25", "entry_points": 50, "colour": "#8a949e"},
        {
            "key": "frontrunner",
            "name": "Frontrunner",
            "min": "600",
            "multiplier": "1.5",
            "entry_points": 150,
            "colour": "#b8892b",
            "benefits": {
                "free_returns": True,
                "priority_support": True,
                "warranty_extra_months": 12,
                "workshop_seats": 1,
                "early_access_hours": 24,
            },
            "words": {"de": "Spitzenläufer", "fr": "Tête de course", "es": "Líder", "pt": "Líder"},
        },
    ],
    "tier": {"metric": "spend", "window": "rolling_365", "term": "days_365", "notice_days": 30},
    "actions": {
        "survey": {"points": 25},
        "joined": {"points": 20, "total": 1},
        "newsletter": {"points": 30, "total": 1},
        "recycling": {"points": 100, "per_month": 2},
        "workshop_attended": {"points": 60},
        "warranty_registered": {"points": 20},
        "exchange": {"points": 40, "per_order": 1},
        "social_instagram": {"points": 10, "total": 1, "url": "https://stride.example/instagram"},
    },
    "birthday": {"points": 100, "min_notice_days": 30},
    "anniversary": {"points": 50},
    "milestones": [{"orders": 5, "points": 100, "name": "Five orders"}, {"orders": 10, "points": 250}],
}
REFERRAL = {"points": 300, "min_amount": "40", "hold_days": 14, "most_per_member": 20}
OFFICE = ("amir", "bea", "carl", "dora", "emil", "fay", "gus", "hana", "ivo", "jule", "kaya", "leo")
# One of so many people who can afford something takes it.
SHARE = 0.35


def open_programme(store: Store, at: datetime) -> None:
    """The rules from before the first order on, with the coupon that friends get."""
    owner = Staff.objects.order_by("pk").first()
    with clock.at(at):
        pool = make_pool(
            store,
            PoolSettings(
                name="For friends",
                kind=CouponPool.Kind.AMOUNT,
                value=1000,
                currency=store.currency,
                minimum_minor=4000,
                valid_days=60,
                per_customer=1,
            ),
            now=at,
            by=owner,
        )
        referral = {**REFERRAL, "friend_pool": pool.key}
        publish(store, {**PROGRAMME, "referral": referral}, by=owner, now=at, note="The club opens")
        for settings in _rewards(store, at):
            make(store, settings, now=at, by=owner)


def _rewards(store: Store, now: datetime) -> list[RewardSettings]:
    return [*_at_the_checkout(store.currency), *_things(store.currency, now)]


def _at_the_checkout(euro: str) -> list[RewardSettings]:
    checkout = Checkout(remind_days=14)
    return [
        RewardSettings(
            name="Money off, as much as you like",
            text="Every 100 points are worth 5 euros.",
            kind="amount",
            cost=100,
            value=500,
            currency=euro,
            is_stepped=True,
            most_points=600,
            valid_days=90,
            checkout=checkout,
            words={"de": {"name": "Rabatt, so viel du magst", "text": "Je 100 Punkte sind 5 Euro wert."}},
        ),
        RewardSettings(
            name="Free shipping",
            kind="shipping",
            cost=80,
            valid_days=90,
            checkout=checkout,
            words={"de": {"name": "Kostenloser Versand"}},
        ),
        RewardSettings(
            name="Store credit of €20",
            kind="credit",
            cost=380,
            value=2000,
            currency=euro,
            words={"de": {"name": "Guthaben über 20\u00a0€"}},
        ),
    ]


def _things(euro: str, now: datetime) -> list[RewardSettings]:
    # The second Saturday after the year that is played.
    later = now + timedelta(days=380)
    saturday = later + timedelta(days=5 - later.weekday())
    return [
        RewardSettings(
            name="Stride enamel mug",
            text="For the coffee after the long run.",
            kind="gift",
            cost=150,
            stock=40,
            per_member=1,
            cost_minor=490,
            words={"de": {"name": "Stride-Emailbecher", "text": "Für den Kaffee nach dem langen Lauf."}},
        ),
        RewardSettings(
            name="Running technique workshop",
            text="Two hours with coach Lena on the track.",
            kind="seat",
            cost=200,
            stock=12,
            per_member=1,
            tiers=["pacer", "frontrunner"],
            cost_minor=1500,
            details={
                "starts_at": saturday.replace(hour=9, minute=0, second=0, microsecond=0).isoformat(),
                "place": "Friedrich-Ludwig-Jahn-Sportpark, Berlin",
            },
            words={"de": {"name": "Lauftechnik-Kurs", "text": "Zwei Stunden mit Trainerin Lena auf der Bahn."}},
        ),
        RewardSettings(
            name="Ten euros for trees",
            kind="donation",
            cost=180,
            value=1000,
            currency=euro,
            details={"recipient": "Trees for Tracks"},
            words={"de": {"name": "Zehn Euro für Bäume"}},
        ),
    ]


def fill(store: Store, now: datetime) -> int:
    """Members take rewards, invite friends, tell their birthdays; returns how many rewards were taken."""
    dice = random.Random(6)  # noqa: S311 the same each time
    _birthdays(store, dice, now)
    _invitations(store, dice, now)
    _deeds(store, dice, now)
    rewards = list(Reward.objects.of(store).order_by("place"))
    taken = 0
    rich = Account.objects.of(store).filter(available__gte=min(one.cost for one in rewards)).order_by("pk")
    for account in rich.select_related("customer"):
        if dice.random() < SHARE:
            taken += _take(account, dice.choice(rewards), dice, now)
    return taken


def _take(account: Account, reward: Reward, dice: random.Random, now: datetime) -> int:
    last = Order.objects.of(account.store_id).filter(customer=account.customer_id).order_by("-placed_at").first()
    days = (now - last.placed_at).days if last else 0
    at = now - timedelta(days=dice.randint(0, max(0, min(60, days - 5))), hours=dice.randint(1, 9))
    steps = min(account.available, reward.most_points or account.available) // reward.cost
    points = reward.cost * dice.randint(1, steps) if reward.is_stepped and steps else None
    try:
        with clock.at(at):
            redemptions.redeem(account.customer, key=f"demo:{account.pk}", points=points, reward=reward, now=at)
    except redemptions.Refused:
        return 0
    return 1


def _birthdays(store: Store, dice: random.Random, now: datetime) -> None:
    for member in Member.objects.of(store).order_by("pk")[::3]:
        at = now - timedelta(days=200)
        members.set_birthday(member, month=dice.randint(1, 12), day=dice.randint(1, 28), now=at)


def _deeds(store: Store, dice: random.Random, now: datetime) -> None:
    """Old shoes that came back to be recycled, workshops."""
    for member in Member.objects.of(store).select_related("customer").order_by("pk")[::7]:
        at = now - timedelta(days=dice.randint(1, 90))
        action = dice.choice(["recycling", "workshop_attended", "warranty_registered"])
        earning.earn(member.customer, action, key=f"demo:{member.pk}", at=at, now=now)


def _invitations(store: Store, dice: random.Random, now: datetime) -> None:
    """Some who bought for the first time of late had been invited by somebody who came before them."""
    since = now - timedelta(days=60)
    firsts = Customer.objects.of(store).filter(created_at__gte=since, merged_into=None).order_by("created_at")
    hosts = list(Member.objects.of(store).filter(joined_at__lt=since).order_by("pk")[:9])
    for number, friend in enumerate(firsts[:24]):
        at = friend.created_at - timedelta(days=dice.randint(1, 4))
        with clock.at(at):
            referrals.claim(hosts[number % len(hosts)], friend, ip=f"203.0.113.{number}", channel="link", now=at)
    # A whole office behind one address: the eleventh within a week is looked at by a person.
    for number in range(12):
        at = now - timedelta(days=2, hours=12 - number)
        with clock.at(at):
            friend = referrals.friend_of(store, email=f"{OFFICE[number]}@riverside.example", language="en", now=at)
            referrals.claim(hosts[0], friend, ip="198.51.100.7", channel="link", now=at)
