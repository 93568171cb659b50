"""Members rise at once, are judged again at reviews, and fall when what they bought comes back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from thereafter.commerce.actions.customers import set_traits
from thereafter.events.loyalty import TierLost, TierReached
from thereafter.loyalty.actions.points import Award, award_many
from thereafter.loyalty.models import Account, Entry, Member, TierChange
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.tiers import metrics, metrics_each
from thereafter.loyalty.rules import tiers as rules
from thereafter.loyalty.rules.programme import MAIN, Tier
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.log import record
from thereafter.timeline.rows import insert

Why = TierChange.Why
MOMENT = rules.MOMENT
BATCH = 500
FIELDS = ["tier", "tier_since", "tier_until", "qualified_at", "warned_for"]


@dataclass
class Court:
    """Members under judgement at a moment, and what came of it."""

    store_id: int
    version: Version
    at: datetime
    now: datetime
    changes: list[TierChange]
    touched: dict[int, Member]
    welcomes: list[tuple[Member, Tier, TierChange]]


def _court(store_id: int, version: Version, *, at: datetime, now: datetime) -> Court:
    return Court(store_id, version, at, now, [], {}, [])


def rise(store_id: int, customer_ids: Collection[int], *, at: datetime, now: datetime) -> None:
    """Who has enough for a higher tier has it from `at` on."""
    rise_each(store_id, dict.fromkeys(customer_ids, at), now=now)


@transaction.atomic
def rise_each(store_id: int, moments: Mapping[int, datetime], *, now: datetime) -> None:
    """The same for customers who each have a moment of their own."""
    version = programmes.programme_now(store_id)
    if not version.programme.tiers or not moments:
        return
    members = _locked(store_id, moments)
    court = _court(store_id, version, at=now, now=now)
    enough = metrics_each(store_id, moments, version)
    for customer_id, moment in sorted(moments.items(), key=lambda one: one[1]):
        if customer_id in members:
            _lift(court, members[customer_id], enough[customer_id], at=moment)
    _close(court)


def _locked(store_id: int, customer_ids: Iterable[int]) -> dict[int, Member]:
    """Members with their lock, after that of their accounts as everywhere; who left or is held out is not judged."""
    customer_ids = set(customer_ids)
    accounts = Account.objects.of(store_id).filter(customer__in=customer_ids, kind=MAIN)
    list(accounts.select_for_update().order_by("pk").values_list("pk"))
    rows = Member.objects.of(store_id).filter(customer__in=customer_ids, left_at=None, is_held_out=False)
    return {member.customer_id: member for member in rows.select_for_update().order_by("pk")}


def _lift(court: Court, member: Member, metric: int, *, at: datetime) -> bool:
    programme = court.version.programme
    best = rules.qualified(programme, metric)
    if programme.rank(best) <= programme.rank(member.tier):
        return False
    change = _change(court, member, best, Why.REACHED, metric, at=at)
    court.welcomes += [(member, tier, change) for tier in rules.passed(programme, change.from_tier, best)]
    member.tier_until = rules.kept_until(programme.tier, at, court.version.zone)
    member.qualified_at = at
    return True


def _change(court: Court, member: Member, to: str, why: str, metric: int, *, at: datetime) -> TierChange:
    change = TierChange(
        store_id=court.store_id, member=member, from_tier=member.tier, to_tier=to, why=why, at=at, metric=metric
    )
    court.changes.append(change)
    court.touched[member.pk] = member
    if member.tier != to:
        member.tier, member.tier_since = to, at
    return change


def _close(court: Court) -> None:
    """Writes the judgements, gives the welcomes, tells customers' traits and the log."""
    if not court.changes:
        return
    insert(court.changes)
    Member.objects.bulk_update(court.touched.values(), FIELDS, batch_size=BATCH)
    set_traits(court.store_id, {one.customer_id: traits(court.version, one.tier) for one in court.touched.values()})
    record(*(event for change in court.changes if (event := _event(court, change))))
    welcomes = [one for one in court.welcomes if one[1].entry_points]
    had = _had(court, [member for member, _, _ in welcomes])
    fresh = [_welcome(court, *one) for one in welcomes if (one[0].pk, one[1].id) not in had]
    if fresh:
        award_many(court.store_id, fresh, now=court.now)


def _had(court: Court, members: Sequence[Member]) -> set[tuple[int, str]]:
    """Whose welcome was given before and not followed by a fall: who leaves and comes back has not risen a second time,
    nor has anybody by another programme."""
    if not members:
        return set()
    given: dict[tuple[int, str], int] = {}
    people = {member.customer_id: member.pk for member in members}
    rows = Entry.objects.of(court.store_id).filter(account__customer__in=people, kind=Entry.Kind.EARN, reason="tier")
    for customer_id, source in rows.order_by("pk").values_list("account__customer_id", "source"):
        _, change, tier = source.split(":", 2)
        given[people[customer_id], tier] = int(change)
    rank = court.version.programme.rank
    falls = TierChange.objects.of(court.store_id).filter(member__in=people.values()).exclude(why=Why.PROGRAMME)
    for pk, member_id, was, to in falls.values_list("pk", "member_id", "from_tier", "to_tier"):
        if rank(to) < rank(was):
            given = {one: at for one, at in given.items() if one[0] != member_id or at > pk or rank(one[1]) <= rank(to)}
    return set(given)


def traits(version: Version, key: str) -> dict[str, Any]:
    """What other rooms may ask about a member's tier."""
    tier = version.programme.tier_of(key)
    perks = tier.benefits.model_dump(mode="json", exclude_defaults=True) if tier else {}
    return {"loyalty.tier": key, "loyalty.tier_name": tier.name if tier else "", "loyalty.perks": perks}


def _welcome(court: Court, member: Member, tier: Tier, change: TierChange) -> Award:
    return Award(
        customer_id=member.customer_id,
        points=tier.entry_points,
        source=f"tier:{change.pk}:{tier.id}",
        reason="tier",
        at=change.at,
        snapshot={"tier": tier.id, "name": tier.name},
    )


def _event(court: Court, change: TierChange) -> TierReached | TierLost | None:
    programme = court.version.programme
    if change.from_tier == change.to_tier:
        return None
    tier = programme.tier_of(change.to_tier)
    kind = TierReached if programme.rank(change.to_tier) > programme.rank(change.from_tier) else TierLost
    return kind(
        store_id=court.store_id,
        occurred_at=change.at,
        actor=change.actor,
        customer_id=change.member.customer_id,
        member_id=change.member_id,
        tier=change.to_tier,
        tier_name=tier.name if tier else "",
        was=change.from_tier,
    )


@transaction.atomic
def after_refunds(store_id: int, customer_ids: Collection[int], *, now: datetime) -> None:
    """A tier that was reached by what came back is lost at once, unless the programme waits for the review."""
    version = programmes.programme_now(store_id)
    if not version.programme.tiers or version.programme.tier.refund != "immediate":
        return
    members = [one for one in _locked(store_id, customer_ids).values() if one.tier]
    if not members:
        return
    court = _court(store_id, version, at=now, now=now)
    today = metrics(store_id, [one.customer_id for one in members], version, now)
    for member in (one for one in members if not _has_enough(version, one, today[one.customer_id])):
        then = member.qualified_at or now
        earlier = metrics(store_id, [member.customer_id], version, then)[member.customer_id]
        _fall_after_refund(court, member, max(earlier, today[member.customer_id]))
    _close(court)


def _has_enough(version: Version, member: Member, metric: int) -> bool:
    programme = version.programme
    return programme.rank(rules.qualified(programme, metric)) >= programme.rank(member.tier)


def _fall_after_refund(court: Court, member: Member, metric: int) -> None:
    programme = court.version.programme
    best = rules.qualified(programme, metric)
    if programme.rank(best) >= programme.rank(member.tier) or _given_by_hand(court.store_id, [member]):
        return
    _change(court, member, best, Why.REFUND, metric, at=court.at)
    member.tier_until = rules.kept_after_fall(programme.tier, court.at, court.version.zone) if best else None


def _given_by_hand(store_id: int, members: Sequence[Member]) -> set[int]:
    """Of these members, whose tier is a gift of the shop."""
    tiers = {member.pk: member.tier for member in members}
    changes = TierChange.objects.of(store_id).filter(member__in=tiers).order_by("at", "id")
    last = {pk: (to, why) for pk, to, why in changes.values_list("member_id", "to_tier", "why")}
    return {pk for pk, (to, why) in last.items() if why == Why.HAND and to == tiers[pk]}


def review(store_id: int, now: datetime, member_ids: Sequence[int] | None = None) -> int:
    """Judges members whose time has come: who still has enough keeps the tier, others fall. Returns how many fell."""
    version = programmes.programme_now(store_id)
    if not version.programme.tiers:
        return 0
    rows = Member.objects.of(store_id).filter(left_at=None, is_held_out=False).exclude(tier="")
    rows = rows.filter(Q(tier_until=None) | Q(tier_until__lte=now))
    if member_ids is not None:
        rows = rows.filter(pk__in=member_ids)
    ripe = list(rows.order_by("pk").values_list("customer_id", flat=True))
    return sum(_review(store_id, version, ripe[at : at + BATCH], now) for at in range(0, len(ripe), BATCH))


@transaction.atomic
def _review(store_id: int, version: Version, customer_ids: Sequence[int], now: datetime) -> int:
    locked = _locked(store_id, customer_ids).values()
    members = [one for one in locked if one.tier and (one.tier_until is None or one.tier_until <= now)]
    court = _court(store_id, version, at=now, now=now)
    today = metrics(store_id, [one.customer_id for one in members], version, now)
    ended = _at_their_ends(store_id, version, members)
    by_hand = _given_by_hand(store_id, members)
    for member in members:
        if member.tier_until is None and member.pk in by_hand:
            continue
        before, current = ended.get(member.customer_id, 0), today[member.customer_id]
        _judge(court, member, max(before, current), by_ended=before >= current)
    _close(court)
    rank = version.programme.rank
    return sum(rank(change.to_tier) < rank(change.from_tier) for change in court.changes)


def _at_their_ends(store_id: int, version: Version, members: Sequence[Member]) -> dict[int, int]:
    """What members had when their term ended: a calendar year that is over counts for the next one."""
    ends = {one.customer_id: one.tier_until - MOMENT for one in members if one.tier_until is not None}
    return metrics_each(store_id, ends, version) if ends else {}


def _judge(court: Court, member: Member, metric: int, *, by_ended: bool) -> None:
    programme, zone = court.version.programme, court.version.zone
    if _lift(court, member, metric, at=court.at):
        return
    best = rules.qualified(programme, metric)
    if programme.rank(best) >= programme.rank(member.tier) >= 0:
        _keep(court, member, metric, by_ended=by_ended)
        return
    landing = rules.after_fall(programme, member.tier, best)
    _change(court, member, landing, Why.REVIEW, metric, at=court.at)
    member.tier_until = rules.kept_after_fall(programme.tier, court.at, zone) if landing else None
    member.qualified_at = court.at


def _keep(court: Court, member: Member, metric: int, *, by_ended: bool) -> None:
    if member.tier_until is None:
        return
    earned_at = member.tier_until - MOMENT if by_ended else court.at
    member.tier_until = rules.kept_until(court.version.programme.tier, earned_at, court.version.zone)
    member.qualified_at = earned_at
    _change(court, member, member.tier, Why.KEPT, metric, at=court.at)


@transaction.atomic
def set_by_hand(member: Member, tier: str, *, by: Staff, why: str, now: datetime) -> None:
    """Gives or takes a tier; kept until its term ends, or, where there are no terms, until somebody changes it."""
    version = programmes.programme_now(member.store_id)
    if tier and version.programme.tier_of(tier) is None:
        raise ValueError("There is no such tier in the programme.")
    member = _locked(member.store_id, [member.customer_id])[member.customer_id]
    court = _court(member.store_id, version, at=now, now=now)
    change = _change(court, member, tier, Why.HAND, 0, at=now)
    change.actor = f"staff:{by.pk}"
    member.tier_until = rules.kept_until(version.programme.tier, now, version.zone) if tier else None
    member.qualified_at = now
    _close(court)
    audit(
        member.store, by=by, verb="loyalty.tier", now=now, subject=str(member.customer), detail={"to": tier, "why": why}
    )
