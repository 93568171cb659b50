"""Looks at how ready a shop is: asked for, taken up by a worker, and written down."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from thereafter.returns.models import ReadinessCheck
from thereafter.returns.rules.figures.readiness import Finding, score
from thereafter.stores.models import Staff, Store

# A worker that took one up and was stopped loses it after so long.
LOST_AFTER = timedelta(minutes=5)


@transaction.atomic
def ask(store: Store, *, by: Staff | None, now: datetime) -> ReadinessCheck:
    """A look, unless one is waiting already."""
    found, _ = ReadinessCheck.objects.get_or_create(
        store=store, done_at=None, defaults={"asked_at": now, "asked_by": by}
    )
    return found


@transaction.atomic
def take_up(now: datetime) -> ReadinessCheck | None:
    """The oldest that waits, claimed for whoever asks; only one worker gets it."""
    free = Q(taken_at=None) | Q(taken_at__lt=now - LOST_AFTER)
    waiting = ReadinessCheck.objects.filter(free, done_at=None)
    found: ReadinessCheck | None = waiting.select_related("store").order_by("asked_at").first()
    if found is None:
        return None
    won = ReadinessCheck.objects.filter(free, pk=found.pk, done_at=None).update(taken_at=now)
    return found if won else None


@transaction.atomic
def write_down(check: ReadinessCheck, findings: Sequence[Finding], *, now: datetime) -> None:
    """What was found; a look is written down once."""
    ReadinessCheck.objects.filter(pk=check.pk, done_at=None).update(
        findings=[asdict(one) for one in findings], score=score(findings), done_at=now
    )
