"""Mails about cases to those who are not the order's customer: queued with what happened, sent by a job."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from thereafter.events.base import ShopperEvent
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.returns.models import Case, CaseLetter
from thereafter.returns.rules import letters
from thereafter.timeline.models import MOST_TRIES, next_try

State = CaseLetter.State
LEASE = timedelta(minutes=5)


@transaction.atomic
def queue(store_id: int, events: Sequence[ShopperEvent], *, now: datetime) -> int:
    """One letter for each piece of news of a case that is somebody else's; hearing of it twice changes nothing."""
    ids = {getattr(event, "case_id", 0) for event in events}
    to_others = Q(is_gift=True) | Q(customer__email="")
    others = Case.objects.of(store_id).filter(to_others, pk__in=ids).exclude(email="")
    wanted = set(others.values_list("pk", flat=True))
    made = [_letter(event, now) for event in events if getattr(event, "case_id", 0) in wanted]
    found = [letter for letter in made if letter.template]
    CaseLetter.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def _letter(event: ShopperEvent, now: datetime) -> CaseLetter:
    told = msgspec.json.decode(msgspec.json.encode(event.payload()))
    return CaseLetter(
        store_id=event.store_id,
        case_id=told["case_id"],
        template=letters.template_for(event.name, told),
        event=told,
        key=letters.key_of(event.name, told, event.occurred_at.isoformat()),
        due_at=now,
        made_at=now,
    )


@transaction.atomic
def claim(now: datetime, limit: int) -> list[CaseLetter]:
    """Takes letters that are due for the length of a lease; one whose worker died is sent again as the same mail."""
    rows = CaseLetter.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    taken = list(rows.select_related("case__order__store", "case__customer", "store")[:limit])
    for letter in taken:
        letter.due_at, letter.tries = now + LEASE, letter.tries + 1
    CaseLetter.objects.bulk_update(taken, ["due_at", "tries"])
    return taken


def settle(letter: CaseLetter, verdict: Verdict, now: datetime) -> None:
    """Writes down what became of it; what passes is tried again."""
    pause = next_try(letter.tries) if letter.tries < MOST_TRIES else None
    letter.error = verdict.detail[:300]
    if verdict.answer == Answer.ACCEPTED:
        letter.state, letter.sent_at = State.SENT, now
    elif verdict.answer == Answer.LATER and pause is not None:
        letter.due_at = now + timedelta(seconds=pause)
    else:
        letter.state = State.FAILED
    letter.save(update_fields=["state", "error", "due_at", "sent_at"])
