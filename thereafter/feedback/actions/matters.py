"""What is open between a customer and the shop: while it is, nobody asks them how it went."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from thereafter.feedback.models import Ask, OpenMatter
from thereafter.feedback.rules.budget import MATTER
from thereafter.timeline.rows import insert_new


class Matter(NamedTuple):
    """`kind` of OpenMatter, and by what name the room that told of it knows it."""

    customer_id: int
    kind: str
    ref: str
    at: datetime


_COLUMNS = ("store_id", "customer_id", "kind", "ref", "opened_at")


@transaction.atomic
def opened(store_id: int, matters: Iterable[Matter]) -> None:
    """Told again, it stays as it is; one that was closed and goes on is open again."""
    told = [one._replace(ref=one.ref[:80]) for one in matters]
    rows = [(store_id, one.customer_id, one.kind, one.ref, one.at) for one in told]
    changed = []
    for one, row in _there_before(store_id, told, insert_new(OpenMatter, _COLUMNS, rows)):
        # Also what is open still: what closed it before this may be told of after it.
        if row.opened_at < one.at and (row.closed_at is None or row.closed_at < one.at):
            row.opened_at, row.closed_at = one.at, None
            changed.append(row)
    OpenMatter.objects.bulk_update(changed, ["opened_at", "closed_at"], batch_size=200)


@transaction.atomic
def closed(store_id: int, matters: Iterable[Matter]) -> None:
    """Who waited for it is looked at again. What closes before we heard that it opened stays closed."""
    told = [one._replace(ref=one.ref[:80]) for one in matters]
    rows = [(store_id, one.customer_id, one.kind, one.ref, one.at, one.at) for one in told]
    changed = []
    for one, row in _there_before(store_id, told, insert_new(OpenMatter, (*_COLUMNS, "closed_at"), rows)):
        if row.opened_at <= one.at and (row.closed_at is None or row.closed_at < one.at):
            row.closed_at = one.at
            changed.append(row)
    OpenMatter.objects.bulk_update(changed, ["closed_at"], batch_size=200)
    if not told:
        return
    waiting = Ask.objects.of(store_id).filter(state=Ask.State.WAITING, reason=MATTER)
    waiting.filter(customer_id__in={one.customer_id for one in told}).update(look_at=max(one.at for one in told))


def _there_before(
    store_id: int, told: Sequence[Matter], new: Sequence[int | None]
) -> Iterator[tuple[Matter, OpenMatter]]:
    """What was told of matters that we knew, each with its row: the same row where one is told of twice."""
    known = [one for one, new_id in zip(told, new, strict=True) if new_id is None]
    if not known:
        return
    refs = {one.ref for one in known}
    rows = OpenMatter.objects.of(store_id).filter(kind__in={one.kind for one in known}, ref__in=refs)
    found = {(row.kind, row.ref): row for row in rows.select_for_update(of=("self",)).order_by("id")}
    yield from ((one, found[one.kind, one.ref]) for one in known)
