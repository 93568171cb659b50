"""The queue of mails that ask for a yes: rows of any room's model with the fields mail, mail_due_at, mail_tries and
mail_error, and `mail` one of queued, sent and failed."""

from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import connection, transaction

from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.stores.models import Store
from thereafter.timeline.models import MOST_TRIES, next_try

LEASE = timedelta(minutes=5)


class Waiting(Protocol):
    """Somebody who is asked by mail."""

    @property
    def pk(self) -> Any: ...
    @property
    def store(self) -> Store: ...
    @property
    def mail_tries(self) -> int: ...


W = TypeVar("W", bound=Waiting)


@transaction.atomic
def claim(model: type[W], now: datetime, limit: int) -> list[W]:
    """Rows whose mail is due, for this worker alone for some minutes."""
    everybody = _rows(model)
    rows = everybody.filter(mail="queued", mail_due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    claimed: list[W] = list(rows.select_related("store").order_by("mail_due_at", "pk")[:limit])
    everybody.filter(pk__in=[one.pk for one in claimed]).update(mail_due_at=now + LEASE)
    return claimed


@transaction.atomic
def settle(one: Waiting, verdict: Verdict, now: datetime) -> None:
    """What became of the mail; what may still go is tried again later and later."""
    rows = _rows(type(one)).of(one.store).filter(pk=one.pk)
    if verdict.answer == Answer.ACCEPTED:
        rows.update(mail="sent", mail_error="")
        return
    tries = one.mail_tries + 1
    wait = next_try(tries) if verdict.answer == Answer.LATER and tries < MOST_TRIES else None
    rows.update(
        mail="queued" if wait else "failed",
        mail_due_at=now + timedelta(seconds=wait or 0),
        mail_tries=tries,
        mail_error=verdict.detail[:300],
    )


def _rows(model: Any) -> Any:
    """Untyped: no model of this module has these fields."""
    return model.objects.all()
