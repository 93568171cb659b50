"""When it is time, what was promised goes out: money, credit, other goods. Then the case is resolved."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import Sum

from thereafter.events.returns import ExchangeReleased, ReturnResolved
from thereafter.kit.money import exponent
from thereafter.returns import pricing, snapshots
from thereafter.returns.actions import granting
from thereafter.returns.actions.steps import about, go, hold
from thereafter.returns.models import Case, CaseUnit, Grant, GrantShare, NewGoods
from thereafter.returns.queries import case_of_grant, grants_of, settings_of
from thereafter.returns.rules import reasons
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.policy.offers import Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES, RANK
from thereafter.returns.shopper_histories import own_refunds
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

_GOOD = ("received", "kept")
_ACCEPTED = ("accepted", "accepted_with_deduction")
_GOODS_OUT = (*EXCHANGES, "replacement")
# When what was wanted instead cannot be had.
_INSTEAD = ("refund", "store_credit", "exchange_shop")
_ELSEWHERE = "Your shop paid something back by itself since. Look whether anything is still owed, then release it."
_SENT = ("shipped", "delivered", "cancelled")


@transaction.atomic
def reached(case: Case, event: str, *, now: datetime, by: Staff | None = None) -> None:
    """Something happened to the goods (one of `outcomes.RELEASES`); what waits for that is released."""
    hold(case)
    if case.state == "open" and RANK[event] >= RANK[case.release]:
        units = _due(case, came=RANK[event] >= RANK["received"])
        if units and _was_paid_elsewhere(case, units):
            ask_a_person(case, _ELSEWHERE, now=now)
        elif units:
            _release(case, units, now=now, by=by)
    settle(case, now=now)


@transaction.atomic
def secured(case: Case, *, now: datetime) -> bool:
    """A hold on the shopper's card stands in for what is to come back: the new goods leave, money still waits. Whether
    they leave."""
    hold(case)
    may = case.state == "open" and case.outcome in _GOODS_OUT and has_goods(case)
    if not may or (case.quote.get("charge") and case.charged_at is None):
        return False
    _send(case, now=now, by=None)
    return True


def _was_paid_elsewhere(case: Case, units: Sequence[CaseUnit]) -> bool:
    """The shop paid something back by itself since the case was opened, for these items or without saying for which:
    of several units of a line nobody can tell whether it was the one that comes back now."""
    lines = {unit.line.external_id for unit in units}
    since = [one for one in own_refunds(case.store_id, [case.order_id]) if one.at >= case.submitted_at]
    # One of ours of which the answer is still on its way carries our key.
    foreign = [one for one in since if f"thereafter-{case.store_id}-" not in one.reason]
    return any(not one.lines or lines & {item["line"] for item in one.lines} for one in foreign)


def how_far(case: Case) -> str:
    """The last of `RELEASES` that the goods have reached."""
    if case.inspected_at or case.method == "none":
        return "inspected"
    if case.received_at:
        return "received"
    return "in_transit" if case.handed_in_at else "at_once"


@transaction.atomic
def release_by_hand(case: Case, *, by: Staff, now: datetime) -> None:
    """The shop waits no longer for the goods. Raises ValueError when nothing is left to release."""
    hold(case)
    units = [one for one in _units(case) if not one.released_at and not _is_out(one)]
    if case.state != "open" or not units:
        raise ValueError("There is nothing in this case that still waits to be paid out or sent.")
    _release(case, units, now=now, by=by)
    settle(case, now=now)


def _units(case: Case) -> Iterable[CaseUnit]:
    return CaseUnit.objects.of(case.store_id).filter(case=case).select_related("line").order_by("pk")


def _due(case: Case, *, came: bool) -> list[CaseUnit]:
    """Units for which something is owed now. Once the parcel was opened only for what was in it."""
    waiting = [unit for unit in _units(case) if not unit.released_at]
    if not came:
        return [unit for unit in waiting if _is_good(unit) or unit.state == "expected"]
    return [unit for unit in waiting if _is_good(unit) or _never_came(unit)]


def _is_good(unit: CaseUnit) -> bool:
    return unit.state in _GOOD or unit.verdict in _ACCEPTED


def _is_out(unit: CaseUnit) -> bool:
    """Nothing will be given for it."""
    return unit.state == "cancelled" or unit.verdict == "rejected"


def _never_came(unit: CaseUnit) -> bool:
    """It is missing because that is the complaint, not because the parcel was empty."""
    return unit.state == "missing" and not reasons.reason(unit.reason).arrives


def _release(case: Case, units: Sequence[CaseUnit], *, now: datetime, by: Staff | None) -> None:
    sends = case.outcome in _GOODS_OUT and has_goods(case)
    if sends and not _may_send(case, units, now):
        return
    try:
        with transaction.atomic():
            _pay(case, units, now=now, by=by)
    except Refused as refusal:
        why = refusal.sentence(case.currency, exponent(case.currency))
        ask_a_person(case, f"Nothing could be paid out. {why}", now=now)
        return
    if sends:
        _send(case, now=now, by=by)
    CaseUnit.objects.of(case.store_id).filter(pk__in=[unit.pk for unit in units]).update(released_at=now)
    waiting = [unit for unit in _units(case) if not unit.released_at and not _is_out(unit)]
    if not waiting:
        Case.objects.of(case.store_id).filter(pk=case.pk).update(released_at=now)
        case.released_at = now


def _may_send(case: Case, units: Sequence[CaseUnit], now: datetime) -> bool:
    """Goods leave when all that was to come is there and what they cost more is paid."""
    if len(units) < len([unit for unit in _units(case) if not _is_out(unit)]):
        ask_a_person(case, "Not everything came back. Decide what is sent.", now=now)
        return False
    return not case.quote.get("charge") or case.charged_at is not None


def ask_a_person(case: Case, why: str, *, now: datetime) -> None:
    """Puts a case before somebody, with the reason; it stays where it is."""
    Case.objects.of(case.store_id).filter(pk=case.pk).update(review=why[:300], changed_at=now)
    case.review = why[:300]


def _pay(case: Case, units: Sequence[CaseUnit], *, now: datetime, by: Staff | None) -> None:
    wish = wish_of(case, units)
    if wish.chosen[0].option.outcome in pricing.NO_MONEY:
        return
    order = granting.hold(case.order)
    priced = pricing.price(snapshots.bought(order), wish)
    number = Grant.objects.of(case.store_id).filter(source__startswith=case.grant_source).count() + 1
    granting.grant(
        order,
        priced.request,
        source=f"{case.grant_source}{number}",
        by=by,
        now=now,
        bonus_minor=priced.bonus if priced.credit else 0,
    )


def wish_of(case: Case, units: Sequence[CaseUnit]) -> pricing.Wish:
    """What the units of a case come to, by the offer it was opened with."""
    settings = settings_of(case.store_id)
    chosen: dict[tuple[str, str], list[CaseUnit]] = {}
    for unit in units:
        chosen.setdefault((unit.line.external_id, unit.reason), []).append(unit)
    before = grants_of(case).aggregate(fees=Sum("fees_minor"), paid=Sum("amount_minor"), bonus=Sum("bonus_minor"))
    deductions: dict[str, int] = {}
    for unit in units:
        if unit.deduction_minor:
            line = unit.line.external_id
            deductions[line] = deductions.get(line, 0) + unit.deduction_minor
    return pricing.Wish(
        chosen=[
            pricing.Chosen(line=line, quantity=len(those), reason=reason, option=option_of(case, line, reason))
            for (line, reason), those in chosen.items()
        ],
        method=case.method,
        shipping=case.quote.get("refund_shipping", "none"),
        goods=_goods_price(case),
        deductions=deductions,
        charged_before=before["fees"] or 0,
        credit_before=before["paid"] or 0,
        bonus_before=before["bonus"] or 0,
        informed=settings.informs_of_withdrawal,
        told_of_postage=settings.tells_of_postage,
    )


def option_of(case: Case, line: str, reason: str) -> Option:
    """The option of a line that was chosen, as it stands in the case; money where what was wanted cannot be had."""
    of_line = (one for one in case.offer["lines"] if (one["line"], one["reason"]) == (line, reason))
    options = {one["outcome"]: one for offer in of_line for one in offer["options"]}
    wanted = [case.outcome] if case.outcome not in _GOODS_OUT or has_goods(case) else _INSTEAD
    found = next((options[outcome] for outcome in wanted if outcome in options), None)
    if found is None:
        raise ValueError(f"{case.number} was opened without such an offer for one of its items.")
    return msgspec.convert(found, Option)


def has_goods(case: Case) -> bool:
    return NewGoods.objects.of(case.store_id).filter(case=case).exclude(state="cancelled").exists()


def take_back(case: Case, *, by: Staff | None, now: datetime) -> bool:
    """Undoes a release of which no money has moved, so that it can go another way; whether it could."""
    grants = list(grants_of(case))
    moved = GrantShare.objects.of(case.store_id).filter(grant__in=grants).exclude(state=GrantShare.State.GRANTED)
    if moved.exists():
        return False
    for granted in grants:
        granting.withdraw(granted, by=by, now=now)
    forget(case)
    return True


@transaction.atomic
def withdraw(granted: Grant, *, by: Staff, now: datetime) -> None:
    """A colleague takes a promise back; its case waits for another one. Raises `CannotGo` when money has moved."""
    case = case_of_grant(granted.store_id, granted.pk)
    if case is not None:
        hold(case)
    granting.withdraw(granted, by=by, now=now)
    if case is None:
        return
    if not grants_of(case).exists():
        forget(case)
    ask_a_person(case, "Its refund was taken back. Decide what the shopper gets.", now=now)


def forget(case: Case) -> None:
    """What was released was taken back: the units wait for it again."""
    CaseUnit.objects.of(case.store_id).filter(case=case).update(released_at=None)
    Case.objects.of(case.store_id).filter(pk=case.pk).update(released_at=None)
    case.released_at = None


def _goods_price(case: Case) -> pricing.Goods:
    rows = NewGoods.objects.of(case.store_id).filter(case=case).exclude(state="cancelled")
    gross = sum(row.price_minor * row.quantity for row in rows)
    return pricing.Goods(gross=gross, same=case.outcome == "exchange_variant")


def _send(case: Case, *, now: datetime, by: Staff | None) -> None:
    rows = list(NewGoods.objects.of(case.store_id).filter(case=case, state="reserved"))
    for goods in rows:
        go(goods, "released", now=now, by=by, released_at=now, changed_at=now)
    if rows:
        record(ExchangeReleased(**about(case, now), goods_ids=tuple(row.pk for row in rows)))


@transaction.atomic
def settle(case: Case, *, now: datetime) -> bool:
    """Resolves a case when the shopper has everything that was promised; whether it did."""
    if case.state != "open" or case.released_at is None or case.outcome == "repair":
        return False
    if grants_of(case).filter(settled_at=None).exists():
        return False
    if NewGoods.objects.of(case.store_id).filter(case=case).exclude(state__in=_SENT).exists():
        return False
    resolve(case, now=now)
    return True


def check_reason(case: Case, why: str) -> None:
    """A withdrawal needs nobody's consent, so nobody of the shop ends one silently; raises ValueError."""
    if case.basis == "withdrawal" and not why.strip():
        raise ValueError(
            "A withdrawal cannot be refused. If the shopper took it back, write down how and when they said so."
        )


def resolve(case: Case, *, now: datetime, by: Staff | None = None, why: str = "") -> None:
    """Nothing is owed to the shopper any more; raises `CannotGo` when it is not open, ValueError for a withdrawal that
    a colleague ends unpaid without a reason."""
    if by is not None and case.released_at is None:
        check_reason(case, why)
    go(case, "resolved", now=now, by=by, why=why, resolved_at=now, review="")
    refunded = grants_of(case).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    record(
        ReturnResolved(
            **about(case, now),
            basis=case.basis,
            outcome=case.outcome,
            value_minor=case.value_minor,
            refund_minor=refunded,
            currency=case.currency,
            paid_minor=pricing.paid_for_goods(case.quote) if case.charged_at else 0,
        )
    )
