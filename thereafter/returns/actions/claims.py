"""Answering claims, and saying who bears their cost."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Fulfilment, FulfilmentLine
from thereafter.events.returns import ClaimDecided
from thereafter.returns.actions import deciding
from thereafter.returns.actions.steps import about
from thereafter.returns.models import Case, CaseUnit
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

CLAIMS = ("carrier_claim", "non_conformity", "warranty")
PAYERS = ("shop", "carrier", "insurer", "supplier")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`answer` is what the shopper reads of a no; `owed_minor` is what whoever pays owes the shop."""

    is_good: bool
    payer: str = ""
    owed_minor: int = 0
    answer: str = ""


@transaction.atomic
def decide(case: Case, verdict: Verdict, *, by: Staff, now: datetime) -> None:
    """Says yes or no to a claim, and who pays. Raises ValueError or `CannotGo` with a sentence."""
    _check(case, verdict)
    if verdict.is_good:
        deciding.approve(case, by=by, now=now)
    else:
        deciding.decline(case, answer=verdict.answer, by=by, now=now)
    _write_down(case, verdict, by=by, now=now)


@transaction.atomic
def name_payer(case: Case, payer: str, *, owed_minor: int, by: Staff, now: datetime) -> None:
    """Says who bears the cost of a claim that was accepted; raises ValueError."""
    verdict = Verdict(is_good=True, payer=payer, owed_minor=owed_minor)
    _check(case, verdict)
    if not payer:
        raise ValueError("Choose who pays.")
    if case.decided_at is None or case.state in ("declined", "cancelled"):
        raise ValueError("Accept the claim first; then say who pays.")
    _write_down(case, verdict, by=by, now=now)


def _check(case: Case, verdict: Verdict) -> None:
    if case.basis not in CLAIMS:
        raise ValueError("This return is no claim: nobody else pays for it.")
    if verdict.payer and verdict.payer not in PAYERS:
        raise ValueError("Choose who pays: your shop, the carrier, the insurance or the supplier.")
    if verdict.owed_minor < 0:
        raise ValueError("Give an amount that is not negative.")


def _write_down(case: Case, verdict: Verdict, *, by: Staff, now: datetime) -> None:
    payer = verdict.payer if verdict.is_good else ""
    Case.objects.of(case.store_id).filter(pk=case.pk).update(payer=payer, changed_at=now)
    case.payer = payer
    record(
        ClaimDecided(
            **about(case, now),
            kind=_kind(case),
            accepted=verdict.is_good,
            payer=payer,
            amount_minor=verdict.owed_minor,
            currency=case.currency,
            tracking_numbers=numbers_of(case),
            actor=f"staff:{by.pk}",
        )
    )
    audit(case.order.store, by=by, verb="returns.claim", now=now, subject=case.number, detail={"payer": payer})


def _kind(case: Case) -> str:
    first = CaseUnit.objects.of(case.store_id).filter(case=case).order_by("pk").first()
    return first.reason if first else ""


def numbers_of(case: Case) -> tuple[str, ...]:
    """Under which the goods of a case went out; of all the order where nobody told what was in which parcel."""
    lines = CaseUnit.objects.of(case.store_id).filter(case=case).values("line")
    packed = FulfilmentLine.objects.of(case.store_id).filter(line__in=lines).values("fulfilment")
    sent = Fulfilment.objects.of(case.store_id).filter(order_id=case.order_id)
    sent = sent.exclude(tracking_number="").exclude(status="cancelled").order_by("shipped_at", "pk")
    found = sent.filter(pk__in=packed) or sent
    return tuple(dict.fromkeys(one.tracking_number for one in found))
