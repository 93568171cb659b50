"""QR codes that give points: made by the shop, used by members."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from thereafter.commerce.models import Customer
from thereafter.commerce.rules.coupons import ALPHABET
from thereafter.loyalty.actions import earning
from thereafter.loyalty.models import EarningCode
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

# Of 28: 77 bits, and who tries is stopped after sixty tries.
LETTERS = 16


@dataclass(frozen=True, kw_only=True)
class CodeSettings:
    """What a merchant says of a code."""

    label: str
    action: str
    how_often: str = "once"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    most_uses: int | None = None


class _Nothing(Exception):
    """Undoes the use that was counted, when the ledger has nothing to give for it."""

    def __init__(self, answer: "Scanned") -> None:
        super().__init__(answer.result)
        self.answer = answer


@dataclass(frozen=True)
class Scanned:
    """`result` is "ok", "again" (had it already), "closed", "early", "over", "used_up", or "limit"."""

    result: str
    points: int = 0


@transaction.atomic
def make(store: Store, wanted: CodeSettings, *, by: Staff | None, now: datetime) -> EarningCode:
    code = EarningCode.objects.create(
        store=store,
        token="".join(secrets.choice(ALPHABET) for _ in range(LETTERS)),
        created_at=now,
        created_by=by.name if by else "",
        **vars(wanted),
    )
    audit(store, by=by, verb="loyalty.code_made", subject=code.label, now=now)
    return code


@transaction.atomic
def change(code: EarningCode, wanted: CodeSettings, *, by: Staff | None, now: datetime) -> None:
    """What is printed already goes on working: the address stays."""
    EarningCode.objects.of(code.store_id).filter(pk=code.pk).update(**vars(wanted))
    audit(code.store, by=by, verb="loyalty.code_changed", subject=wanted.label, now=now)


@transaction.atomic
def set_closed(code: EarningCode, *, closed: bool, by: Staff | None, now: datetime) -> None:
    EarningCode.objects.of(code.store_id).filter(pk=code.pk).update(closed_at=now if closed else None)
    audit(code.store, by=by, verb=f"loyalty.code_{'closed' if closed else 'opened'}", subject=code.label, now=now)


def collect(code: EarningCode, customer: Customer, *, now: datetime) -> Scanned:
    """Gives what the programme gives for the code's action, as often as the code allows; pressed twice, once."""
    why = code.why_closed(now)
    if why and why != "used_up":
        return Scanned(why)
    try:
        return _collect(code, customer, now)
    except _Nothing as nothing:
        return nothing.answer


@transaction.atomic
def _collect(code: EarningCode, customer: Customer, now: datetime) -> Scanned:
    counted = _count(code)
    key = f"code:{code.pk}:{customer.pk}"
    if code.how_often == EarningCode.HowOften.DAILY:
        key += f":{timezone.localtime(now):%Y-%m-%d}"
    earned = earning.earn(customer, code.action, key=key, at=now, now=now)
    if earned.result == "duplicate":
        raise _Nothing(Scanned("again"))
    if earned.result != "ok" or not earned.points:
        raise _Nothing(Scanned("limit" if earned.reason == "limit_reached" else "closed"))
    if not counted:
        raise _Nothing(Scanned("used_up"))
    EarningCode.objects.of(code.store_id).filter(pk=code.pk).update(points=F("points") + earned.points)
    return Scanned("ok", earned.points)


def _count(code: EarningCode) -> bool:
    """Claims one of the uses there are; who had theirs before hears so, even when all are gone."""
    mine = EarningCode.objects.of(code.store_id).filter(pk=code.pk, closed_at=None)
    left = mine.filter(Q(most_uses=None) | Q(uses__lt=F("most_uses")))
    return bool(left.update(uses=F("uses") + 1))
