"""Accepting an invitation, and what a person decides of one that looked odd."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from thereafter.commerce.actions.people import known_by_address
from thereafter.commerce.models import Customer
from thereafter.events.loyalty import ReferralHeld
from thereafter.loyalty.actions import friend_orders, referral_gifts, sheets
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.rules import referrals as rules
from thereafter.loyalty.rules.programme import ReferralTerms
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State = Referral.State
Result = Literal["ok", "refused", "duplicate"]
SOURCE = "referral"
# A name that was typed in or brought along with a link.
_LONGEST_CHANNEL = 12


@dataclass(frozen=True)
class Claimed:
    """What came of accepting. "refused" has its reason; with "ip_velocity" the invitation waits for a person.

    There is no referral where the shop has no such programme (`not_offered`).
    """

    referral: Referral | None
    result: Result
    reason: str = ""


class CannotDecide(ValueError):
    """The decision is not possible any more; the sentence says why."""


def terms_at(store_id: int, at: datetime) -> ReferralTerms | None:
    """What inviting brings by the programme of that moment; None where it brings nothing."""
    terms = programmes.programme_at(store_id, at).programme.referral
    return terms if terms is not None and terms.is_on else None


@transaction.atomic
def claim(advocate: Member, friend: Customer, *, ip: str, channel: str, now: datetime) -> Claimed:
    """A friend accepts an invitation: judged at once, welcomed when nothing speaks against it, once per friend.

    `ip` is kept for ninety days, to count how many came from one network.
    """
    terms = terms_at(advocate.store_id, now)
    if terms is None or advocate.left_at is not None or advocate.is_held_out:
        return Claimed(None, "refused", "not_offered")
    sheets.hold(advocate.store_id, [advocate.customer_id], [friend.pk], now=now)
    # Claims of one member are taken one after the other, so that limits hold however many come at once.
    advocate = Member.objects.of(advocate.store_id).select_for_update().get(pk=advocate.pk)
    friend = friend.merged_into or friend
    mine = Referral.objects.of(advocate.store_id).filter(advocate=advocate, friend=friend).order_by("-pk")
    known = mine.select_related("friend_coupon").first()
    if known is not None and known.state in queries.LIVE:
        return Claimed(known, "duplicate")
    if known is not None and known.state == State.REFUSED and known.decided_at is not None:
        return Claimed(known, "refused", "by_hand")
    if known is None or known.state == State.LAPSED:
        known = Referral(store_id=advocate.store_id, advocate=advocate, friend=friend)
    if known.state != State.HELD:
        # One that waits for a person keeps its day: what was bought meanwhile was bought after the invitation.
        known.claimed_at = now
    known.friend_email, known.channel, known.ip = friend.email, channel[:_LONGEST_CHANNEL], rules.network(ip)
    return _taken(known, advocate, friend, terms, now)


def _taken(referral: Referral, advocate: Member, friend: Customer, terms: ReferralTerms, now: datetime) -> Claimed:
    doubts = _doubts(referral, advocate, friend, terms, now)
    decisive = rules.heaviest(doubts)
    referral.doubts = [doubt.as_json() for doubt in doubts]
    referral.state = _state(decisive)
    try:
        with transaction.atomic():
            referral.save()
    except IntegrityError:
        # Another member's invitation was accepted in this very moment.
        late = rules.Doubt("already_referred", "Another member's invitation was accepted at the same time.")
        decisive, referral.doubts, referral.state = late, [late.as_json()], State.REFUSED
        referral.save()
    if decisive is None:
        referral_gifts.welcome(referral, terms, now=now)
        friend_orders.settle_friends(referral.store_id, [friend.pk], now=now)
        referral.refresh_from_db(fields=["state", "entry", "order", "qualified_at", "held_until"])
        return Claimed(referral, "ok")
    if decisive.weight == rules.Weight.HOLDS:
        record(_held(referral, advocate, [decisive.reason], now))
    return Claimed(referral, "refused", decisive.reason)


def _state(decisive: rules.Doubt | None) -> str:
    if decisive is None:
        return State.CLAIMED
    return State.HELD if decisive.weight == rules.Weight.HOLDS else State.REFUSED


def _doubts(
    referral: Referral, advocate: Member, friend: Customer, terms: ReferralTerms, now: datetime
) -> list[rules.Doubt]:
    store_id = advocate.store_id
    known = queries.sides(store_id, [advocate.customer_id, friend.pk])
    zone = programmes.programme_at(store_id, now).zone
    bought = queries.first_bought(store_id, [friend.pk]).get(friend.pk)
    others = Referral.objects.of(store_id).filter(friend=friend, state__in=queries.LIVE).exclude(pk=referral.pk)
    invited = others.order_by("claimed_at").values_list("claimed_at", flat=True).first()
    around = rules.Circumstances(
        bought_on=bought.astimezone(zone).date() if bought and bought < referral.claimed_at else None,
        invited_on=invited.astimezone(zone).date() if invited else None,
        claims=queries.claims_from(store_id, referral.ip, now=now, besides=referral.pk),
        brought=queries.brought(store_id, [advocate.pk])[advocate.pk],
    )
    return rules.judge(known[advocate.customer_id], known[friend.pk], terms, around)


def _held(referral: Referral, advocate: Member, reasons: list[str], now: datetime) -> ReferralHeld:
    return ReferralHeld(
        store_id=referral.store_id,
        customer_id=advocate.customer_id,
        occurred_at=now,
        referral_id=referral.pk,
        reasons=tuple(reasons),
    )


def friend_of(store: Store, *, email: str, language: str, now: datetime) -> Customer:
    """Who was invited: of old or somebody new."""
    return known_by_address(store, email, name="", locale=language, source=SOURCE, now=now)


@transaction.atomic
def release(referral: Referral, *, by: Staff, note: str, now: datetime) -> None:
    """A person finds nothing wrong: the invitation counts from its own day on, with all that was bought since."""
    held = _locked(referral, now)
    was = held.state
    if was in (State.HELD, State.REFUSED):
        _may_count(held)
        Referral.objects.of(held.store_id).filter(pk=held.pk).update(state=State.CLAIMED)
    _decide(held, "release", by=by, note=note, now=now)
    if was in (State.HELD, State.REFUSED):
        terms = programmes.programme_at(held.store_id, held.claimed_at).programme.referral
        if terms is not None:
            referral_gifts.welcome(held, terms, now=now)
        friend_orders.settle_friends(held.store_id, [held.friend_id or 0], now=now)
    referral.refresh_from_db()


@transaction.atomic
def refuse(referral: Referral, *, by: Staff, note: str, now: datetime) -> None:
    """A person says no: nothing is given for it, and what was given is taken back."""
    held = _locked(referral, now)
    if held.state == State.LAPSED:
        raise CannotDecide("This invitation has lapsed: there is nothing to refuse any more.")
    _decide(held, "refuse", by=by, note=note, now=now)
    Referral.objects.of(held.store_id).filter(pk=held.pk).update(state=State.REFUSED, held_until=None)
    referral_gifts.take_all_back(held, now=now)
    referral.refresh_from_db()


def _locked(referral: Referral, now: datetime) -> Referral:
    """The accounts and the member's row first, as everybody takes them."""
    sheets.hold(referral.store_id, [referral.advocate.customer_id], filter(None, [referral.friend_id]), now=now)
    Member.objects.of(referral.store_id).select_for_update().get(pk=referral.advocate_id)
    rows = Referral.objects.of(referral.store_id).select_for_update(of=("self",))
    return rows.select_related("friend_coupon", "advocate__customer", "store").get(pk=referral.pk)


def _may_count(referral: Referral) -> None:
    others = Referral.objects.of(referral.store_id).filter(friend=referral.friend_id, state__in=queries.LIVE)
    if others.exclude(pk=referral.pk).exists():
        raise CannotDecide("Another member's invitation of this friend counts already. Refuse that one first.")
    if referral.friend_id == referral.advocate.customer_id:
        raise CannotDecide("Both are the same customer now: nobody invites themselves.")


def _decide(referral: Referral, what: str, *, by: Staff, note: str, now: datetime) -> None:
    rows = Referral.objects.of(referral.store_id).filter(pk=referral.pk)
    rows.update(decided_by=by.name, decided_at=now, decision_note=note[:300])
    subject = f"Invitation of {referral.friend_email} by {referral.advocate.customer}"
    detail = {"was": referral.state, "note": note}
    audit(referral.store, by=by, verb=f"loyalty.{what}_referral", now=now, subject=subject, detail=detail)
