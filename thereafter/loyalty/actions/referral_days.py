"""What time does to invitations: rewards that nothing undoes any more, friends who never came, addresses to forget."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.events.loyalty import ReferralRewarded
from thereafter.loyalty.actions import referral_gifts
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.queries.programmes import Versions, versions
from thereafter.loyalty.rules import referrals as rules
from thereafter.timeline.log import record

State = Referral.State
_BATCH = 1000


@transaction.atomic
def reward_due(now: datetime, limit: int = _BATCH) -> int:
    """The hold is over and nothing came back: the reward is the member's."""
    due = Referral.objects.filter(state=State.QUALIFIED, held_until__lte=now).order_by("held_until", "pk")
    rows = list(due.select_for_update(of=("self",)).select_related("advocate", "entry")[:limit])
    Referral.objects.filter(pk__in=[one.pk for one in rows]).update(state=State.REWARDED)
    record(*(_rewarded(one, now) for one in rows))
    return len(rows)


def _rewarded(referral: Referral, now: datetime) -> ReferralRewarded:
    return ReferralRewarded(
        store_id=referral.store_id,
        customer_id=referral.advocate.customer_id,
        occurred_at=referral.held_until or now,
        referral_id=referral.pk,
        points=referral.entry.points if referral.entry else 0,
    )


@transaction.atomic
def lapse(now: datetime) -> int:
    """Friends who accepted and did not buy in time; another member may invite them now."""
    waiting = Referral.objects.filter(state=State.CLAIMED, claimed_at__lte=now - timedelta(days=1))
    known: dict[int, Versions] = {}
    over = [
        one.pk
        for one in waiting.only("pk", "store_id", "claimed_at").order_by("pk").iterator(chunk_size=_BATCH)
        if _is_over(one, known, now)
    ]
    lapsed = 0
    for start in range(0, len(over), _BATCH):
        batch = over[start : start + _BATCH]
        lapsed += Referral.objects.filter(pk__in=batch, state=State.CLAIMED).update(state=State.LAPSED)
    return lapsed


def _is_over(referral: Referral, known: dict[int, Versions], now: datetime) -> bool:
    if referral.store_id not in known:
        known[referral.store_id] = versions(referral.store_id)
    terms = known[referral.store_id].at(referral.claimed_at).programme.referral
    return terms is None or rules.ends_at(terms, referral.claimed_at) <= now


def forget_networks(now: datetime) -> int:
    """Where claims came from was only for counting."""
    return Referral.objects.filter(ip__isnull=False, claimed_at__lte=now - rules.IP_KEPT).update(ip=None)


@transaction.atomic
def follow_merge(store_id: int, *, keep_id: int, merged_id: int, now: datetime) -> None:
    """Two customers were one person. Who invited themselves gets nothing; of two invitations the older one counts."""
    rows = Referral.objects.of(store_id).select_for_update(of=("self",)).select_related("advocate", "friend_coupon")
    _move_advocate(store_id, rows.filter(advocate__customer=merged_id), keep_id)
    taken = Referral.objects.of(store_id).filter(friend=keep_id, state__in=queries.LIVE).exists()
    for referral in rows.filter(friend=merged_id).order_by("claimed_at", "pk"):
        # Their orders are the other's by now.
        referral.friend_id = keep_id
        if referral.advocate.customer_id in (keep_id, merged_id):
            _undo(referral, rules.Doubt("self_referral", "Both turned out to be one customer."), now)
        elif taken and referral.state in queries.LIVE:
            _undo(
                referral,
                rules.Doubt("already_referred", "The friend turned out to be one who was invited before."),
                now,
            )
        taken = taken or referral.state in queries.LIVE
        Referral.objects.of(store_id).filter(pk=referral.pk).update(friend=keep_id)
    for referral in rows.filter(friend=keep_id, advocate__customer=keep_id).exclude(state=State.REFUSED):
        _undo(referral, rules.Doubt("self_referral", "Both turned out to be one customer."), now)


def _move_advocate(store_id: int, rows: Iterable[Referral], keep_id: int) -> None:
    kept = Member.objects.of(store_id).filter(customer=keep_id).first()
    if kept is not None:
        Referral.objects.of(store_id).filter(pk__in=[one.pk for one in rows]).update(advocate=kept)


def _undo(referral: Referral, doubt: rules.Doubt, now: datetime) -> None:
    referral.doubts = [doubt.as_json(), *referral.doubts]
    referral.state, referral.held_until = State.REFUSED, None
    referral.save(update_fields=["state", "doubts", "held_until"])
    referral_gifts.take_all_back(referral, now=now)
