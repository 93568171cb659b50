"""What friends buy: it makes an invitation count, and what comes back in the hold unmakes it.

Looked up anew each time under the invitation's lock, so that it does not matter in which order the shop's news arrive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.events.base import ShopperEvent
from thereafter.events.loyalty import ReferralQualified, ReferralUndone
from thereafter.loyalty.actions import points, referral_codes, referral_gifts, sheets
from thereafter.loyalty.models import Entry, Member, Referral
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.queries.ledger import money_back
from thereafter.loyalty.queries.programmes import Version, Versions, versions
from thereafter.loyalty.queries.purchases import purchases
from thereafter.loyalty.rules import referrals as rules
from thereafter.loyalty.rules.calendar import days_later
from thereafter.loyalty.rules.earning import Purchase
from thereafter.loyalty.rules.programme import ReferralTerms
from thereafter.loyalty.rules.refunds import Back
from thereafter.timeline.log import record

State = Referral.State
OPEN = (State.CLAIMED, State.QUALIFIED, State.REWARDED, State.UNDONE, State.LAPSED)


@dataclass
class Facts:
    """All that is needed to settle some invitations, looked up at once."""

    versions: Versions
    orders: dict[int, list[Order]]
    bought: dict[int, Purchase]
    back: dict[int, list[Back]]
    sides: dict[int, rules.Side]
    brought: dict[int, int]
    booked: dict[str, Entry]
    undone: set[str]


@dataclass
class Outcome:
    """What is to be written of one invitation."""

    referral: Referral
    terms: ReferralTerms
    awards: list[points.Award] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    events: list[ShopperEvent] = field(default_factory=list)
    is_changed: bool = False


@transaction.atomic
def settle(store_id: int, order_ids: Collection[int], *, now: datetime) -> None:
    """Orders that are new, changed, cancelled or refunded, and the invitations they touch. Two queries when none is."""
    orders = Order.objects.of(store_id).filter(pk__in=order_ids)
    buyers = set(orders.values_list("customer_id", flat=True))
    buyers |= referral_codes.attribute(store_id, orders.exclude(discount_codes=[]), now=now)
    settle_friends(store_id, buyers, now=now)


@transaction.atomic
def settle_friends(store_id: int, friend_ids: Collection[int], *, now: datetime) -> None:
    """The invitations of these friends by all that they bought so far."""
    open_ones = Referral.objects.of(store_id).filter(friend__in=friend_ids, state__in=OPEN)
    people = list(open_ones.values_list("advocate_id", "advocate__customer_id", "friend_id"))
    if not people:
        return
    advocates = {member_id for member_id, _, _ in people}
    sheets.hold(store_id, {customer_id for _, customer_id, _ in people}, {one[2] for one in people} - {None}, now=now)
    # The member's row first, as claims take it: limits then hold whoever comes first.
    list(Member.objects.of(store_id).filter(pk__in=advocates).select_for_update().order_by("pk").values_list("pk"))
    locked = open_ones.select_for_update(of=("self",)).select_related("advocate", "friend_coupon").order_by("pk")
    referrals = _one_per_friend(list(locked))
    facts = _look_up(store_id, referrals)
    outcomes = [_outcome(one, facts, now) for one in referrals]
    _write(store_id, [one for one in outcomes if one], now)


def _one_per_friend(referrals: Sequence[Referral]) -> list[Referral]:
    """One that lapsed is looked at again only while no other member's has taken its place."""
    live = {one.friend_id for one in referrals if one.state != State.LAPSED}
    lapsed = {one.friend_id: one for one in referrals if one.state == State.LAPSED and one.friend_id not in live}
    return [one for one in referrals if one.state != State.LAPSED or lapsed.get(one.friend_id) is one]


def _look_up(store_id: int, referrals: Sequence[Referral]) -> Facts:
    friends = {one.friend_id or 0 for one in referrals}
    of_friend: dict[int, list[Order]] = defaultdict(list)
    for order in Order.objects.of(store_id).filter(customer_id__in=friends).order_by("placed_at", "pk"):
        of_friend[order.customer_id].append(order)
    orders = [order for some in of_friend.values() for order in some]
    advocates = {one.advocate.customer_id for one in referrals}
    names = [name for one in referrals for name in _names(one, of_friend[one.friend_id or 0])]
    return Facts(
        versions=versions(store_id),
        orders=of_friend,
        bought=purchases(orders) if orders else {},
        back=money_back(store_id, [order.pk for order in orders]) if orders else defaultdict(list),
        sides=queries.sides(store_id, friends | advocates),
        brought=queries.brought(store_id, {one.advocate_id for one in referrals}),
        booked=referral_gifts.booked(store_id, names),
        undone=referral_gifts.taken_back(store_id, names),
    )


def _names(referral: Referral, orders: Iterable[Order]) -> list[str]:
    since = [order.pk for order in orders if order.placed_at >= referral.claimed_at]
    return [referral_gifts.source(referral, what) for what in [referral_gifts.JOINED, *map(str, since)]]


def _outcome(referral: Referral, facts: Facts, now: datetime) -> Outcome | None:
    version = facts.versions.at(referral.claimed_at)
    if version.programme.referral is None:
        return None
    outcome = Outcome(referral, version.programme.referral)
    winners = _winners(outcome, facts, version)
    standing = {name for name in _names(referral, facts.orders[referral.friend_id or 0]) if _stands(name, facts)}
    fresh = {name: award for name, award in winners.items() if name not in facts.booked}
    # What was rewarded for good stays, whatever we hear later of orders of the past.
    is_open = bool(fresh) or (bool(standing) and referral.state == State.QUALIFIED)
    refused = _refusal(outcome, facts, version) if is_open else None
    if refused is not None:
        return _refused(outcome, refused, now)
    if fresh and referral.state not in queries.BROUGHT:
        facts.brought[referral.advocate_id] += 1
    outcome.awards = list(fresh.values())
    outcome.back = sorted(standing - set(winners))
    _move(outcome, version, is_left=bool(winners), now=now)
    return outcome


def _stands(name: str, facts: Facts) -> bool:
    return name in facts.booked and name not in facts.undone


def _winners(outcome: Outcome, facts: Facts, version: Version) -> dict[str, points.Award]:
    """What the member is to have for it, by source."""
    referral, terms = outcome.referral, outcome.terms
    if terms.on == "joining":
        return dict([_award(outcome, version, referral.claimed_at, referral_gifts.JOINED)])
    good = [order for order in _in_time(outcome, facts) if _is_good(order, outcome, facts, version)]
    found = dict(_award(outcome, version, order.placed_at, order.pk) for order in good)
    if terms.on == "every_order" or not found:
        return found
    # The order that was rewarded first stays the one, even when we hear of an earlier one later.
    kept = next((name for name in found if _stands(name, facts)), next(iter(found)))
    return {kept: found[kept]}


def _in_time(outcome: Outcome, facts: Facts) -> list[Order]:
    since, until = outcome.referral.claimed_at, rules.ends_at(outcome.terms, outcome.referral.claimed_at)
    return [order for order in facts.orders[outcome.referral.friend_id or 0] if since <= order.placed_at < until]


def _is_good(order: Order, outcome: Outcome, facts: Facts, version: Version) -> bool:
    """Whether enough of it was kept until its hold was over; what came back later changes nothing."""
    purchase = facts.bought.get(order.pk)
    until = days_later(order.placed_at, outcome.terms.hold_days, version.zone)
    if purchase is None or (order.cancelled_at is not None and order.cancelled_at < until):
        return False
    kept = rules.kept_items(
        items_minor=sum(line.value_minor for line in purchase.lines) - purchase.off_minor,
        total_minor=purchase.total_minor,
        back_minor=sum(back.amount_minor for back in facts.back[order.pk] if back.at < until),
    )
    return rules.is_enough(
        version.programme, outcome.terms, net_minor=kept, currency=order.currency, places=purchase.exponent
    )


def _award(outcome: Outcome, version: Version, at: datetime, what: str | int) -> tuple[str, points.Award]:
    referral = outcome.referral
    name = referral_gifts.source(referral, what)
    return name, points.Award(
        customer_id=referral.advocate.customer_id,
        points=outcome.terms.points,
        source=name,
        reason="referral",
        at=at,
        snapshot={"referral": referral.pk, "programme": version.number, "hold_days": outcome.terms.hold_days},
        active_from=days_later(at, outcome.terms.hold_days, version.zone),
    )


def _refusal(outcome: Outcome, facts: Facts, version: Version) -> rules.Doubt | None:
    """What is known only since the friend ordered: where things are sent, and orders that we heard of late."""
    referral = outcome.referral
    if referral.decided_at is not None:
        return None
    earlier = [
        order.placed_at
        for order in facts.orders[referral.friend_id or 0]
        if order.placed_at < referral.claimed_at and not order.is_cancelled
    ]
    is_counted = referral.state in queries.BROUGHT
    around = rules.Circumstances(
        bought_on=earlier[0].astimezone(version.zone).date() if earlier else None,
        brought=0 if is_counted else facts.brought[referral.advocate_id],
    )
    advocate, friend = facts.sides[referral.advocate.customer_id], facts.sides[referral.friend_id or 0]
    doubts = rules.judge(advocate, friend, outcome.terms, around)
    known = {doubt["reason"] for doubt in referral.doubts}
    new = [doubt.as_json() for doubt in doubts if doubt.reason not in known]
    if new:
        referral.doubts = [*referral.doubts, *new]
        Referral.objects.of(referral.store_id).filter(pk=referral.pk).update(doubts=referral.doubts)
    return rules.heaviest(doubts)


def _refused(outcome: Outcome, doubt: rules.Doubt, now: datetime) -> Outcome:
    """Neither of the two is told: what speaks against it is for the shop's people."""
    referral = outcome.referral
    decisive = [one for one in referral.doubts if one["reason"] == doubt.reason]
    referral.doubts = decisive + [one for one in referral.doubts if one["reason"] != doubt.reason]
    referral.state, referral.held_until = State.REFUSED, None
    referral_gifts.take_all_back(referral, now=now)
    outcome.is_changed = True
    return outcome


def _move(outcome: Outcome, version: Version, *, is_left: bool, now: datetime) -> None:
    referral = outcome.referral
    if outcome.awards:
        last = max(award.active_from or award.at for award in outcome.awards)
        first = outcome.awards[0]
        referral.held_until = max(last, referral.held_until or last)
        referral.qualified_at = referral.qualified_at or first.at
        referral.state = State.QUALIFIED
        outcome.events.append(_qualified(outcome, last.astimezone(version.zone).date()))
    elif outcome.back and not is_left:
        referral.state, referral.held_until = State.UNDONE, None
        outcome.events.append(
            ReferralUndone(
                store_id=referral.store_id,
                customer_id=referral.advocate.customer_id,
                occurred_at=now,
                referral_id=referral.pk,
            )
        )


def _qualified(outcome: Outcome, on: date) -> ReferralQualified:
    referral, first = outcome.referral, outcome.awards[0]
    return ReferralQualified(
        store_id=referral.store_id,
        customer_id=referral.advocate.customer_id,
        occurred_at=first.at,
        referral_id=referral.pk,
        points=sum(award.points for award in outcome.awards),
        active_on=on,
    )


def _write(store_id: int, outcomes: Sequence[Outcome], now: datetime) -> None:
    awards = [award for one in outcomes for award in one.awards]
    points.award_many(store_id, awards, now=now)
    entries = referral_gifts.booked(store_id, [award.source for award in awards])
    for one in outcomes:
        for name in one.back:
            referral_gifts.take_back(store_id, name, reason="referral", at=now, now=now)
        for award in one.awards[:1]:
            one.referral.entry = entries.get(award.source)
            what = award.source.rpartition(":")[2]
            one.referral.order_id = int(what) if what.isdigit() else None
    changed = [one.referral for one in outcomes if one.events or one.is_changed]
    fields = ["state", "doubts", "held_until", "qualified_at", "entry", "order"]
    Referral.objects.bulk_update(changed, fields, batch_size=200)
    record(*(event for one in outcomes for event in one.events))
