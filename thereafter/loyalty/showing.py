"""What the pages of the programme show of a member: what is coming and ending, tiers, ways to earn."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from thereafter.kit import clock
from thereafter.kit.money import Money, exponent
from thereafter.loyalty import words
from thereafter.loyalty.models import Account, Entry, Lot
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.standings import Offer, Standing
from thereafter.loyalty.queries.tiers import metrics
from thereafter.loyalty.rules import calendar, tiers
from thereafter.loyalty.rules.programme import Action, Programme, Tier
from thereafter.stores.models import Store

MOST_DAYS = 6
# Never shown as a way to earn: nobody does them on purpose, or they stand elsewhere on the page.
_ELSEWHERE = ("joined",)


@dataclass(frozen=True)
class Dated:
    on: date
    points: int


@dataclass(frozen=True)
class Waiting:
    """Points by the day on which they can be used, and by the last day on which they can."""

    coming: Sequence[Dated]
    ending: Sequence[Dated]
    # All of it ends with this day, unless the member buys or takes something before.
    idle_until: date | None = None


def waiting(account: Account, version: Version, now: datetime) -> Waiting:
    if account.pk is None:
        return Waiting((), ())
    lots = list(Lot.objects.of(account.store_id).filter(account=account, remaining__gt=0))
    coming = [(lot.active_from, lot.remaining) for lot in lots if not lot.is_active]
    ending = [(lot.expires_at, lot.remaining) for lot in lots if lot.is_active and lot.expires_at]
    idle = last_day(account.expires_at, version.zone) if account.expires_at and account.available else None
    return Waiting(
        _by_day((at.astimezone(version.zone).date(), points) for at, points in coming),
        _by_day((last_day(at, version.zone), points) for at, points in ending if at > now),
        idle,
    )


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The last day of something that ends at a moment; of midnight that is the day before."""
    return (end - timedelta(microseconds=1)).astimezone(zone).date()


def _by_day(found: Iterable[tuple[date, int]]) -> list[Dated]:
    days: dict[date, int] = defaultdict(int)
    for on, points in found:
        days[on] += points
    return [Dated(on, points) for on, points in sorted(days.items())]


@dataclass(frozen=True)
class Progress:
    """The way to the next tier. `share` is 0 to 1; `keep_until` is the last day of the present one."""

    tier: Tier | None
    following: Tier | None
    share: float
    missing: str
    keep_until: date | None = None
    # What must still come so that the present tier is kept; "" when it is safe.
    to_keep: str = ""
    had: str = ""


def progress_of(store: Store, one: Standing, now: datetime) -> Progress | None:
    return progress(store, one, metric_of(one, now)) if one.version.programme.tiers else None


def metric_of(one: Standing, now: datetime) -> int:
    """What counts towards tiers now, in hundredths of money or in points."""
    customer = one.member.customer_id
    return metrics(one.member.store_id, [customer], one.version, now)[customer]


def progress(store: Store, one: Standing, metric: int) -> Progress | None:
    """`metric` is what the member has in the window, in hundredths of money or in points; None without tiers."""
    programme, zone = one.version.programme, one.version.zone
    if not programme.tiers:
        return None
    rank = programme.rank(one.member.tier)
    following = programme.tiers[rank + 1] if rank + 1 < len(programme.tiers) else None
    wanted = tiers.entry(following, programme.tier) if following else 0
    until = one.member.tier_until if one.tier else None
    short = max(0, tiers.entry(one.tier, programme.tier) - metric) if one.tier and until else 0
    return Progress(
        tier=one.tier,
        following=following,
        share=min(1.0, metric / wanted) if wanted else 1.0,
        missing=measure(store, programme, max(0, wanted - metric)) if following else "",
        keep_until=last_day(until, zone) if until else None,
        to_keep=measure(store, programme, short) if short else "",
        had=measure(store, programme, metric),
    )


def measure(store: Store, programme: Programme, metric: int) -> str:
    """So much of what tiers are reached by, in words: an amount of money or points."""
    if programme.tier.metric == "points":
        return words.points(programme, metric)
    minor = -(-metric * 10 ** exponent(store.currency) // 100)
    return words.plain_money(Money(minor, store.currency))


def entry_words(store: Store, programme: Programme, tier: Tier) -> str:
    return measure(store, programme, tiers.entry(tier, programme.tier))


@dataclass(frozen=True)
class WayShown:
    key: str
    icon: str
    name: str
    points: str
    limit: str = ""
    # "done": it never counts again; "later": not again today, this month or this year.
    state: str = ""
    url: str = ""


def ways(store: Store, version: Version, account: Account | None, now: datetime) -> list[WayShown]:
    """How points are made, what of it the member has done; orders first."""
    programme = version.programme
    rate = words.order_rate(programme, store.currency)
    shown = [WayShown("order", "bag", words.way_name_of_orders(), rate)] if rate else []
    done = _done(account, programme, now) if account and account.pk else {}
    for key, action in programme.actions.items():
        if action.is_on and action.points and key not in _ELSEWHERE:
            shown.append(_way(programme, key, action, _state(action, done.get(key, []), version.zone, now)))
    return shown


def _way(programme: Programme, key: str, action: Action, state: str) -> WayShown:
    return WayShown(
        key=key,
        icon=words.way_icon(key),
        name=words.way_name(key, action),
        points=words.points(programme, action.points),
        limit=words.way_limit(action),
        state=state,
        url=action.url,
    )


def _done(account: Account, programme: Programme, now: datetime) -> dict[str, list[datetime]]:
    """When the member did each of the programme's actions."""
    found: dict[str, list[datetime]] = defaultdict(list)
    mine = Entry.objects.of(account.store_id).filter(account=account, kind=Entry.Kind.EARN)
    for reason, at in mine.filter(reason__in=programme.actions, at__lte=now).values_list("reason", "at"):
        found[reason].append(at)
    return found


def _state(action: Action, done: Sequence[datetime], zone: ZoneInfo, now: datetime) -> str:
    if action.total and len(done) >= action.total:
        return "done"
    today = now.astimezone(zone).date()
    spans = (
        (action.per_day, today),
        (action.per_week, today - timedelta(days=today.weekday())),
        (action.per_month, today.replace(day=1)),
        (action.per_year, date(today.year, 1, 1)),
    )
    since = [(limit, calendar.midnight(first, zone)) for limit, first in spans if limit]
    return "later" if any(sum(at >= first for at in done) >= limit for limit, first in since) else ""


@dataclass(frozen=True)
class OfferShown:
    """A reward on a page. `state`: now, soon (some points missing), tier, gone, had."""

    key: str
    name: str
    text: str
    icon: str
    image_url: str
    cost: str
    state: str
    note: str
    share: float


_STATES = {"": "now", "insufficient_points": "soon", "wrong_tier": "tier", "out_of_stock": "gone"}


def offers_shown(one: Standing, offers: Iterable[Offer]) -> list[OfferShown]:
    """Those that can be taken now first, then the nearest."""
    ranks = Counter({"now": 0, "soon": 1, "tier": 2, "had": 3, "gone": 4})
    shown = [(offer, _shown(one, offer)) for offer in offers]
    return [page for _, page in sorted(shown, key=lambda pair: (ranks[pair[1].state], pair[0].missing))]


def _shown(one: Standing, offer: Offer) -> OfferShown:
    programme, named = one.version.programme, words.reward(offer.reward)
    state = _STATES.get(offer.why_not, "had")
    return OfferShown(
        key=offer.reward.key,
        name=named.name,
        text=named.text,
        icon=named.icon,
        image_url=offer.reward.image_url,
        cost=words.cost(programme, offer.reward),
        state=state,
        note=words.why_not(programme, offer.reward, state, offer.missing),
        share=min(1.0, one.account.available / offer.reward.cost),
    )


@dataclass(frozen=True)
class Referral:
    """What inviting a friend brings both."""

    points: str
    friend_points: str
    has_gift: bool


def referral(programme: Programme) -> Referral | None:
    terms = programme.referral
    if terms is None or not terms.is_on:
        return None
    gift = words.points(programme, terms.friend_points) if terms.friend_points else ""
    return Referral(words.points(programme, terms.points), gift, bool(terms.friend_pool))


def best_worth(one: Standing, offers: Iterable[Offer]) -> Money | None:
    """What the balance is worth in money, by the reward that pays most for it now."""
    sums = [worth for offer in offers if not offer.why_not and (worth := _worth(one, offer)) and worth.minor]
    return max(sums, key=lambda worth: worth.minor) if sums else None


def _worth(one: Standing, offer: Offer) -> Money | None:
    """Steps without a limit for each member pay the whole balance, if not at once."""
    reward, worth = offer.reward, offer.worth
    if worth is None or not reward.is_stepped or reward.per_member is not None or reward.stock is not None:
        return worth
    return Money(one.account.available // reward.cost * reward.value, worth.currency)


def running_extras(programme: Programme, now: datetime) -> list[str]:
    """Extra points for all orders that hold for some time and hold now."""
    found = []
    for rule in programme.rules:
        is_plain = rule.kind == "multiplier" and rule.is_for_all and rule.ends_at is not None and rule.is_on(now)
        asks = (rule.first_order, rule.tiers, rule.segments, rule.channels, rule.weekdays, rule.min_amount)
        if is_plain and not any(asks) and rule.kind == "multiplier" and rule.x > 1 and rule.ends_at:
            found.append(words.more_points(rule.x, last_day(rule.ends_at, clock.zone(programme.tz))))
    return found
