"""The right of withdrawal of one purchase: whether, until when, and what it costs. Plain Python."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from thereafter.returns.rules.legal import law as laws
from thereafter.returns.rules.legal.law import Law, Regime, iso
from thereafter.returns.rules.legal.legal_days import DAY, after_days, after_months
from thereafter.returns.rules.sentences import EXCEPTIONS, Said, say

Status = Literal["none", "excepted", "before", "open", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What the law asks about goods bought at a distance.

    `received_on` is the day on which the last of the order came, None while something is still under way. `informed`:
    whether the shop told of the right in time, or the day on which it did so later. `flags` are those of the product
    (`sentences.EXCEPTIONS`); `unsealed`: the shopper says that the seal is broken.
    """

    country: str
    placed_on: date
    received_on: date | None = None
    informed: bool | date = True
    flags: Collection[str] = ()
    unsealed: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`right`: it can be used today. `until` is the last day, None before everything has arrived."""

    right: bool
    until: date | None
    reason: Said
    article: str
    status: Status
    # The right falls once the seal is broken.
    while_sealed: bool = False


@dataclass(frozen=True, slots=True)
class RefundDue:
    """When the money of a withdrawal must be paid. `by` None: not before goods or proof of sending (`waits`)."""

    by: date | None
    waits: bool
    reason: Said
    article: str


@dataclass(frozen=True, slots=True)
class Costs:
    """Who pays what of a withdrawal, with the article that says so."""

    postage: Literal["shopper", "shop"]
    postage_article: str
    may_deduct: bool
    deduction_article: str
    shipping: Literal["standard", "all"]
    shipping_article: str


def withdrawal(purchase: Purchase, today: date, law: Law | None = None) -> Withdrawal:
    """The right of withdrawal as of today."""
    regime = (law or laws.current()).regime(purchase.country, purchase.placed_on)
    if regime is None:
        return Withdrawal(False, None, say("withdrawal_none"), "", "none")
    flag, exempt = _exempt(regime, purchase)
    if flag and exempt:
        reason = say("withdrawal_excepted", what=EXCEPTIONS.get(flag, flag))
        return Withdrawal(False, None, reason, exempt, "excepted")
    sealed = not purchase.unsealed and any(
        flag in purchase.flags and one.when == "unsealed" for flag, one in regime.exceptions.items()
    )
    until = last_day(regime, purchase)
    if until is None:
        reason = say("withdrawal_before", days=regime.days)
        return Withdrawal(True, None, reason, regime.articles["right"], "before", sealed)
    if today > until:
        return Withdrawal(False, until, say("withdrawal_over", day=until), regime.articles["period"], "over")
    reason, article = _open(regime, purchase, until, sealed)
    return Withdrawal(True, until, reason, article, "open", sealed)


def last_day(regime: Regime, purchase: Purchase) -> date | None:
    """The last day of the period; None while something is under way.

    Whoever was not told has twelve months more; once told within them, the days count from then (Dir. 2011/83 Art. 10).
    """
    received = purchase.received_on
    if received is None:
        return None
    own = _days_after(regime, purchase, received, regime.days)
    if purchase.informed is True or not regime.uninformed_months:
        return own
    # The months count from the end of the initial period as it is without days off, and are then rolled themselves.
    initial = after_days(received, regime.days, "", rolls=False)
    latest = after_months(
        initial, regime.uninformed_months, purchase.country, rolls=regime.rolls, region=purchase.region
    )
    if isinstance(purchase.informed, date) and purchase.informed <= latest:
        return max(own, _days_after(regime, purchase, purchase.informed, regime.days))
    return latest


def _days_after(regime: Regime, purchase: Purchase, event: date, days: int) -> date:
    return after_days(event, days, iso(purchase.country), rolls=regime.rolls, region=purchase.region)


def refund_due(
    purchase: Purchase,
    told_on: date,
    *,
    evidence_on: date | None = None,
    collected_by_shop: bool = False,
    law: Law | None = None,
) -> RefundDue | None:
    """When the money is due after a withdrawal on `told_on`; `evidence_on` is the day on which the goods came back or
    it was shown that they were sent, whichever was first. None where there is no such right."""
    regime = (law or laws.current()).regime(purchase.country, purchase.placed_on)
    if regime is None:
        return None
    waits = regime.may_wait and not collected_by_shop and evidence_on is None and purchase.received_on is not None
    article = regime.articles["wait" if waits else "refund"]
    if waits:
        return RefundDue(None, True, say("refund_waits"), article)
    if regime.refund_from == "goods_or_proof" and evidence_on and not collected_by_shop:
        by = _days_after(regime, purchase, evidence_on, regime.refund_days)
    else:
        by = max(_days_after(regime, purchase, told_on, regime.refund_days), evidence_on or told_on)
    return RefundDue(by, False, say("refund_by", day=by), article)


def send_back_by(purchase: Purchase, told_on: date, law: Law | None = None) -> date | None:
    """The last day on which the shopper must have sent the goods off."""
    regime = (law or laws.current()).regime(purchase.country, purchase.placed_on)
    if regime is None or not regime.send_back_days:
        return None
    return _days_after(regime, purchase, told_on, regime.send_back_days)


def costs(regime: Regime, *, informed: bool | date, told_of_postage: bool) -> Costs:
    """The shopper pays the way back only when told so, and for wear only when told of the right."""
    shopper_pays = regime.postage == "shopper_if_told" and told_of_postage
    return Costs(
        postage="shopper" if shopper_pays else "shop",
        postage_article=regime.articles["postage"],
        may_deduct=regime.deducts_if_informed and informed is True,
        deduction_article=regime.articles["deduction"],
        shipping=regime.shipping_refunded,
        shipping_article=regime.articles["shipping"],
    )


def _exempt(regime: Regime, purchase: Purchase) -> tuple[str, str]:
    """The flag that takes the right away, and its article."""
    for flag, exempt in regime.exceptions.items():
        if flag in purchase.flags and (exempt.when == "always" or purchase.unsealed):
            return flag, exempt.article
    return "", ""


def _open(regime: Regime, purchase: Purchase, until: date, sealed: bool) -> tuple[Said, str]:
    received = purchase.received_on or until
    usual = _days_after(regime, purchase, received, regime.days)
    if until > usual:
        return say("withdrawal_uninformed", day=until), regime.articles["uninformed"]
    return say("withdrawal_sealed" if sealed else "withdrawal_open", day=until), regime.articles["right"]


def function_is_open(purchase: Purchase, today: date, law: Law | None = None) -> bool:
    """Whether the link to withdraw must be found for this purchase today; it stays up one day longer for the clocks of
    other places."""
    known = law or laws.current()
    if not known.requires_function(purchase.country, today):
        return False
    now = withdrawal(purchase, today, known)
    return now.right or (now.status == "over" and now.until is not None and today <= now.until + DAY)
