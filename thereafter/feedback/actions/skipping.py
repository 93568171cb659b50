"""What cannot be asked any more, when its turn comes."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from thereafter.feedback.models import Ask, AskDecision


@transaction.atomic
def skip(store_id: int, asks: Sequence[Ask], reason: str, *, now: datetime) -> None:
    """What who carries it out cannot ask any more: the order is cancelled, the product already reviewed."""
    if not asks:
        return
    Ask.objects.of(store_id).filter(pk__in=[ask.pk for ask in asks]).update(
        state=Ask.State.SKIPPED, reason=reason, look_at=None, asked_at=None, decided_at=now
    )
    AskDecision.objects.bulk_create(
        [AskDecision(store_id=store_id, ask=ask, at=now, state=Ask.State.SKIPPED, reason=reason) for ask in asks]
    )
