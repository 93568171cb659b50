"""What messages say of a member: the way to the next tier, rewards within reach, points that run out, a reward that was
taken, and what joining would bring. Each in a few queries for many people."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min
from django.urls import reverse

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.loyalty import rewards_shown, showing, words
from thereafter.loyalty.models import Account, Lot, Member, Redemption, Reward
from thereafter.loyalty.queries import programmes, standings
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.rewards import redemptions
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.queries.tiers import metrics
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.links import account_page
from thereafter.storefront.shell import in_language_of

SOME = 4
HAD = (Redemption.State.TAKEN, Redemption.State.HELD)
Told = list[Facts | None]


def rewards_page(customer: Customer, name: str = "home", *args: Any) -> str:
    """A page of the programme, signed in by the link."""
    there = reverse(f"loyalty_storefront:{name}", args=[customer.store.slug, *args])
    return f"{account_page(customer)}?{urlencode({'next': there})}"


def _by_store(
    customers: Sequence[Customer], tell: Callable[[int, Mapping[int, Customer]], Mapping[int, Facts]]
) -> Told:
    """The facts that `tell` has for the customers of each store, in the order of `customers`."""
    stores: dict[int, dict[int, Customer]] = defaultdict(dict)
    for customer in customers:
        stores[customer.store_id][customer.pk] = customer
    found = {
        (store_id, pk): facts for store_id, people in stores.items() for pk, facts in tell(store_id, people).items()
    }
    return [found.get((customer.store_id, customer.pk)) for customer in customers]


def _standings(store_id: int, people: Mapping[int, Customer], version: Version, now: datetime) -> dict[int, Standing]:
    """Of those who take part, without what ends next."""
    members = Member.objects.of(store_id).filter(customer__in=people, left_at=None, is_held_out=False)
    accounts = {one.customer_id: one for one in Account.objects.of(store_id).filter(customer__in=people, kind="points")}
    found = {}
    for member in members:
        pk = member.customer_id
        account = accounts.get(pk) or Account(store_id=store_id, customer_id=pk, opened_at=now)
        found[pk] = Standing(member, account, version, version.programme.tier_of(member.tier), None)
    return found


@block(
    "tier",
    many=True,
    label="Tier and the way to the next",
    hint="Nothing for who is no member, and where there are no tiers",
    sample={"name": "Silver", "next": "Gold", "missing": "€110", "until": "", "to_keep": "", "gains": ["Free returns"]},
)
def tier(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Told:
    return _by_store(customers, _tiers)


def _tiers(store_id: int, people: Mapping[int, Customer]) -> dict[int, Facts]:
    version, now = programmes.programme_now(store_id), clock.now()
    if not version.programme.tiers:
        return {}
    found = _standings(store_id, people, version, now)
    have = metrics(store_id, list(found), version, now)
    return {pk: _tier(people[pk], one, have[pk]) for pk, one in found.items()}


def _tier(customer: Customer, one: Standing, metric: int) -> Facts:
    with in_language_of(customer):
        progress = showing.progress(customer.store, one, metric)
        if progress is None:
            return {}
        until = progress.keep_until
        return {
            "name": words.tier_name(progress.tier),
            "next": words.tier_name(progress.following),
            "missing": progress.missing,
            "until": until.isoformat() if until else "",
            "to_keep": progress.to_keep,
            "gains": words.tier_gain(one.tier, one.version.programme) if one.tier else [],
            "url": rewards_page(customer, "tiers"),
        }


@block(
    "rewards",
    many=True,
    label="Rewards within reach",
    hint="Those that the member can take now, and the next ones",
    sample={
        "url": "#",
        "items": [
            {"name": "€5 off", "cost": "100 points", "note": "", "ready": True},
            {"name": "A bottle", "cost": "250 points", "note": "35 points missing", "ready": False},
        ],
    },
)
def rewards(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Told:
    return _by_store(customers, _rewards)


def _rewards(store_id: int, people: Mapping[int, Customer]) -> dict[int, Facts]:
    version, now = programmes.programme_now(store_id), clock.now()
    rows = Reward.objects.of(store_id).filter(archived_at=None, is_shown=True).order_by("place", "pk")
    offered = [reward for reward in rows if reward.is_offered(now)]
    found = _standings(store_id, people, version, now) if offered else {}
    taken = _taken([one.account for one in found.values()], offered)
    told = {pk: _within_reach(people[pk], one, offered, taken[one.account.pk], now) for pk, one in found.items()}
    return {pk: facts for pk, facts in told.items() if facts["items"]}


def _taken(accounts: Sequence[Account], rewards: Sequence[Reward]) -> dict[int | None, Counter[int]]:
    known = [account.pk for account in accounts if account.pk]
    rows = Redemption.objects.filter(account__in=known, reward__in=rewards).filter(state__in=HAD)
    counts: dict[int | None, Counter[int]] = defaultdict(Counter)
    for account_id, reward_id in rows.values_list("account_id", "reward_id"):
        counts[account_id][reward_id or 0] += 1
    return counts


def _within_reach(
    customer: Customer, one: Standing, offered: Iterable[Reward], taken: Counter[int], now: datetime
) -> Facts:
    with in_language_of(customer):
        offers = [standings.offer(one, reward, taken[reward.pk], now) for reward in offered]
        shown = [page for page in showing.offers_shown(one, offers) if page.state in {"now", "soon"}][:SOME]
        items = [
            {"name": each.name, "cost": each.cost, "note": each.note, "ready": each.state == "now"} for each in shown
        ]
    return {"items": items, "url": rewards_page(customer)}


@block(
    "points_ending",
    many=True,
    label="Points that run out next",
    hint="How many and until when; nothing where none run out",
    sample={"points": "120 points", "until": "2026-12-31", "url": "#"},
)
def points_ending(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Told:
    return _by_store(customers, _ending)


def _ending(store_id: int, people: Mapping[int, Customer]) -> dict[int, Facts]:
    version, now = programmes.programme_now(store_id), clock.now()
    accounts = Account.objects.of(store_id).filter(customer__in=people, kind="points", available__gt=0)
    mine = {one.pk: one for one in accounts}
    lots = Lot.objects.of(store_id).filter(account__in=mine, remaining__gt=0, is_active=True, expires_at__gt=now)
    first = dict(lots.values("account_id").annotate(first=Min("expires_at")).values_list("account_id", "first"))
    sums: Counter[int] = Counter()
    for account_id, end, left in lots.values_list("account_id", "expires_at", "remaining"):
        sums[account_id] += left if end == first[account_id] else 0
    told = {}
    for pk, account in mine.items():
        idle, end = account.expires_at, first.get(pk)
        count = sums[pk]
        if idle and idle > now and (end is None or idle <= end):
            end, count = idle, account.available
        if end and count:
            told[account.customer_id] = _ends(people[account.customer_id], version, count, end)
    return told


def _ends(customer: Customer, version: Version, count: int, end: datetime) -> Facts:
    with in_language_of(customer):
        text = words.points(version.programme, count)
    return {"points": text, "until": showing.last_day(end, version.zone).isoformat(), "url": rewards_page(customer)}


@block(
    "reward",
    of_event=True,
    label="The reward that was taken",
    hint="Its code and how it is used",
    sample={"name": "€5 off", "code": "CLUB-7Q4K", "until": "2026-12-31", "how": ["Enter this code at the checkout."]},
)
def reward(customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]) -> Told:
    """Of the redemption that the event is about; None when it is somebody else's."""
    wanted = [event.get("redemption_id") or 0 for event in events]
    rows: dict[int, Redemption] = {}
    for store_id in {customer.store_id for customer in customers}:
        rows |= {one.pk: one for one in redemptions(store_id).filter(pk__in=wanted)}
    now = clock.now()
    return [_reward(customer, rows.get(pk), now) for customer, pk in zip(customers, wanted, strict=True)]


def _reward(customer: Customer, one: Redemption | None, now: datetime) -> Facts | None:
    if one is None or one.account.customer_id != customer.pk:
        return None
    with in_language_of(customer):
        shown = rewards_shown.redemption(one, now)
    end = one.coupon.expires_at if one.coupon else None
    until = showing.last_day(end, clock.zone(customer.store.time_zone)) if end else None
    return {
        "name": shown.name,
        "code": shown.code,
        "until": until.isoformat() if until else "",
        "how": list(shown.how),
        "url": rewards_page(customer, "redemption", one.pk),
    }


@block(
    "join",
    many=True,
    label="Invitation to join",
    hint="What the programme gives; nothing for who takes part already",
    sample={"name": "Stride Club", "welcome": "50 points", "ways": ["Buy something: 1 point for every €1"], "url": "#"},
)
def join(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Told:
    return _by_store(customers, _joining)


def _joining(store_id: int, people: Mapping[int, Customer]) -> dict[int, Facts]:
    version, row, now = programmes.programme_now(store_id), programmes.row_of(store_id), clock.now()
    known = Member.objects.of(store_id).filter(customer__in=people)
    inside = set(known.values_list("customer_id", flat=True))
    if row is not None and not row.is_open:
        return {}
    return {pk: _invitation(customer, version, now) for pk, customer in people.items() if pk not in inside}


def _invitation(customer: Customer, version: Version, now: datetime) -> Facts:
    programme = version.programme
    joined = programme.actions.get("joined")
    with in_language_of(customer):
        ways = showing.ways(customer.store, version, None, now)
        return {
            "name": words.programme_name(programme, customer.store.name),
            "welcome": words.points(programme, joined.points) if joined and joined.is_on and joined.points else "",
            "ways": [f"{way.name}: {way.points}" for way in ways[:SOME]],
            "url": rewards_page(customer),
        }
