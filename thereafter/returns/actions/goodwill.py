"""Money that a shop gives of its own will, beyond what policy and law ask: nothing comes back for it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit.money import exponent
from thereafter.returns.actions import granting
from thereafter.returns.models import Grant
from thereafter.returns.rules.money.fees import Terms
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.snapshots import STORE_CREDIT
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff


@dataclass(frozen=True, kw_only=True)
class Gift:
    """`line` is the order line's external id; `source` names the form, so that two taps give once."""

    line: str
    amount_minor: int
    why: str
    source: str
    as_credit: bool = False


@transaction.atomic
def give(order: Order, gift: Gift, *, by: Staff, now: datetime) -> Grant:
    """Promises an amount without a return; raises ValueError with a sentence."""
    if gift.amount_minor <= 0:
        raise ValueError("Enter an amount that is more than nothing.")
    if not gift.why.strip():
        raise ValueError("Say why you give it: whoever reads the books later will ask.")
    request = Request(
        items=(Wanted(line=gift.line, amount=gift.amount_minor),),
        terms=Terms(basis="goodwill", fault="shop", reason="goodwill"),
        destination=STORE_CREDIT if gift.as_credit else None,
        agreed=gift.as_credit,
    )
    try:
        granted = granting.grant(order, request, source=f"goodwill:{gift.source}", by=by, now=now)
    except Refused as refusal:
        raise ValueError(refusal.sentence(order.currency, exponent(order.currency))) from refusal
    detail = {"why": gift.why.strip()[:300], "amount_minor": granted.amount_minor}
    audit(order.store, by=by, verb="returns.goodwill", now=now, subject=order.number, detail=detail)
    return granted
