"""What happens in a case, each event through the action that the product's own pages, its API and its jobs call.

A fact has `result`, and with it `points` (what the member gained by the event, below zero what they lost) or `reason`.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from thereafter.commerce.actions.customers import merge as merge_customers
from thereafter.kit import clock
from thereafter.loyalty.actions import (
    backfilling,
    birthdays,
    earning,
    members,
    points,
    redemptions,
    referrals,
    tiers,
    turning,
)
from thereafter.loyalty.cases import buying, crowd, documents
from thereafter.loyalty.cases.documents import (
    Adjust,
    Backfill,
    BirthdayRun,
    BirthdaySet,
    Check,
    Deed,
    Exchange,
    Facts,
    Malformed,
    Merge,
    OrderPaid,
    Parallel,
    Profile,
    Redeem,
    ReferralClaim,
    Refund,
    Reserve,
    SetProgram,
    Settle,
    TierReview,
)
from thereafter.loyalty.cases.stage import Stage, publish
from thereafter.loyalty.cases.state import earned_so_far, state
from thereafter.loyalty.models import Backfill as BackfillRow


def play(stage: Stage, event: Any) -> Facts:
    """One event at its moment, with all that follows from it."""
    with clock.at(event.at):
        if isinstance(event, Check):
            return state(stage, event.member)
        if isinstance(event, Parallel):
            return _at_once(stage, event)
        before = _measure(stage, event)
        fact = _PLAYS[type(event)](stage, event)
        stage.settle()
        moved = 0 if before is None else (_measure(stage, event) or 0) - before
        return {"points": moved} | fact


def _measure(stage: Stage, event: Any) -> int | None:
    """A figure that the event moves by its points; None where the action itself tells them."""
    if isinstance(event, OrderPaid | Refund):
        return buying.gained(stage, event.order)
    if isinstance(event, BirthdayRun):
        return earned_so_far(stage, event.member)
    return None


def _at_once(stage: Stage, event: Parallel) -> Facts:
    """How many requests came to which result. Who they are about is known before, so that only they race."""
    asked = [one for request in event.requests for one in documents.repeated(request, event.at)]
    for one in asked:
        stage.customer(one.member)
    results = Counter(crowd.all_of(stage.join, [partial(_result, stage, one) for one in asked]))
    stage.settle()
    return {f"{result}_count": results[result] for result in ("ok", "duplicate", "refused")}


def _result(stage: Stage, event: Any) -> str:
    with clock.at(event.at):
        return str(_PLAYS[type(event)](stage, event)["result"])


def _set_program(stage: Stage, event: SetProgram) -> Facts:
    publish(stage, {**stage.program, **event.set})
    return {"result": "ok"}


def _act(stage: Stage, event: Deed) -> Facts:
    order_id = stage.order(event.order).pk if event.order else None
    customer = stage.customer(event.member)
    done = earning.earn(customer, event.action, key=event.key, at=event.at, now=clock.now(), order_id=order_id)
    return _refused(done.reason) if done.result == "refused" else {"result": done.result, "points": done.points}


def _adjust(stage: Stage, event: Adjust) -> Facts:
    try:
        is_new = points.adjust(
            stage.customer(event.member),
            points=event.points,
            reason="case",
            source=f"adj:{event.key}",
            by=None,
            now=clock.now(),
            expires_at=event.expires_at,
        )
    except points.NotEnoughPoints:
        return _refused("insufficient_points")
    except points.ZeroPoints:
        return _refused("no_points")
    except points.KeyReused:
        return _refused("key_reused")
    return {"result": "ok", "points": event.points} if is_new else {"result": "duplicate"}


def _redeem(stage: Stage, event: Redeem) -> Facts:
    if (event.points is None) == (event.reward is None):
        raise Malformed("A redemption is of points or of a reward.")
    customer, reward, now = stage.customer(event.member), stage.reward(event.reward), clock.now()
    return _taken(lambda: redemptions.redeem(customer, key=event.key, points=event.points, reward=reward, now=now), -1)


def _reserve(stage: Stage, event: Reserve) -> Facts:
    customer, minutes, now = stage.customer(event.member), event.ttl_minutes, clock.now()
    return _taken(
        lambda: redemptions.reserve(customer, key=event.key, points=event.points, minutes=minutes, now=now), -1
    )


def _settle(stage: Stage, event: Settle) -> Facts:
    """What is held is gone for the member since then: a capture moves nothing, the others bring it back."""
    deeds: dict[str, Callable[..., redemptions.Done]] = {
        "capture": redemptions.capture,
        "release": redemptions.release,
        "cancel_redemption": redemptions.cancel,
    }
    deed, sign = deeds[event.type], int(event.type != "capture")
    return _taken(lambda: deed(stage.store.pk, event.key, now=clock.now()), sign)


def _taken(deed: Callable[[], redemptions.Done], sign: int) -> Facts:
    try:
        done = deed()
    except redemptions.Refused as refused:
        return _refused(refused.reason)
    return {"result": "duplicate"} if done.is_repeat else {"result": "ok", "points": sign * done.redemption.points}


def _review(stage: Stage, event: TierReview) -> Facts:
    turning.turn(clock.now())
    tiers.review(stage.store.pk, clock.now())
    return {"result": "ok"}


def _birthday(stage: Stage, event: BirthdaySet) -> Facts:
    *_, month, day = (int(part) for part in event.date.split("-"))
    try:
        members.set_birthday(stage.member(event.member), month=month, day=day, now=clock.now())
    except members.NoSuchDay as wrong:
        raise Malformed(str(wrong)) from None
    return {"result": "ok"}


def _birthdays(stage: Stage, event: BirthdayRun) -> Facts:
    birthdays.run(stage.store.pk, clock.now())
    return {"result": "ok"}


def _profile(stage: Stage, event: Profile) -> Facts:
    stage.introduce(event.member, event.set)
    if event.set.tz:
        try:
            members.set_time_zone(stage.member(event.member), event.set.tz)
        except members.NoSuchZone as wrong:
            raise Malformed(str(wrong)) from None
    return {"result": "ok"}


def _claim(stage: Stage, event: ReferralClaim) -> Facts:
    advocate, friend = stage.member(event.advocate), stage.customer(event.member)
    done = referrals.claim(advocate, friend, ip=event.ip, channel="link", now=clock.now())
    return _refused(done.reason) if done.result == "refused" else {"result": done.result}


def _merge(stage: Stage, event: Merge) -> Facts:
    kept, gone = stage.customer(event.member), stage.customer(event.merged)
    if kept.pk == gone.pk:
        return {"result": "duplicate"}
    merge_customers(kept, gone, clock.now())
    return {"result": "ok"}


def _backfill(stage: Stage, event: Backfill) -> Facts:
    known = BackfillRow.objects.of(stage.store).filter(key=event.rule, done_at__isnull=False).exists()
    rule = {"kind": "multiplier", "x": str(event.x)}
    try:
        done = backfilling.carry_out(
            stage.store,
            event.rule,
            rule,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            by=None,
            now=clock.now(),
        )
    except backfilling.AlreadyDone:
        return _refused("key_reused")
    return {"result": "duplicate"} if known else {"result": "ok", "points": done.points}


def _refused(reason: str) -> Facts:
    return {"result": "refused", "reason": reason}


_PLAYS: dict[type, Callable[[Stage, Any], Facts]] = {
    OrderPaid: buying.pay,
    Refund: buying.refund,
    Exchange: buying.exchange,
    SetProgram: _set_program,
    Deed: _act,
    Adjust: _adjust,
    Redeem: _redeem,
    Reserve: _reserve,
    Settle: _settle,
    TierReview: _review,
    BirthdaySet: _birthday,
    BirthdayRun: _birthdays,
    Profile: _profile,
    ReferralClaim: _claim,
    Merge: _merge,
    Backfill: _backfill,
}
