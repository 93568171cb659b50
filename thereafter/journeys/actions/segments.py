"""Making segments, and keeping who is in them up to date."""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from thereafter.commerce.models import Customer, Identity
from thereafter.commerce.rules.text import normal_email
from thereafter.events.segments import SegmentEntered, SegmentLeft
from thereafter.journeys import selecting, uses
from thereafter.journeys.models import Segment, SegmentMember
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition, compile_condition
from thereafter.kit.batches import batched
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store, StoreQuerySet
from thereafter.timeline.log import record
from thereafter.timeline.models import Entry
from thereafter.timeline.rows import insert

log = logging.getLogger(__name__)
CHUNK = 1000
# What the clock or a trait changes is looked at this often; the rest whenever something happened in the shop.
CLOCK = timedelta(hours=1)
# Words of our own addresses.
RESERVED = frozenset({"new", "preview"})


class InUse(Exception):
    """The segment cannot go: `users` would miss it."""

    def __init__(self, users: Sequence[str]) -> None:
        super().__init__(f"It is used by {', '.join(users)}.")
        self.users = users


@dataclass(frozen=True)
class Added:
    """What became of a list of addresses."""

    added: int
    known: int
    strangers: list[str]


@transaction.atomic
def create(store: Store, *, name: str, condition: str, by: Staff | None, now: datetime) -> Segment:
    """A new segment with its people; without a condition an empty list. Raises `BadCondition`."""
    segment = Segment(store=store, key=_free_key(store, name), name=name, condition=condition, created_at=now)
    _check(segment)
    segment.save()
    audit(store, by=by, verb="journeys.create_segment", now=now, subject=name)
    if condition:
        recount(segment, now, tell=False)
    return segment


@transaction.atomic
def edit(segment: Segment, *, name: str, condition: str, by: Staff | None, now: datetime) -> None:
    """Another name or condition. Who comes or goes by that entered no journey: nothing happened to them."""
    is_other = condition != segment.condition
    segment.name, segment.condition = name, condition
    _check(segment)
    segment.save(update_fields=["name", "condition"])
    audit(segment.store, by=by, verb="journeys.edit_segment", now=now, subject=name)
    if is_other:
        recount(segment, now, tell=False)


@transaction.atomic
def delete(segment: Segment, *, by: Staff | None, now: datetime) -> None:
    """Raises `InUse` while a journey, a campaign or another segment needs it."""
    users = uses.users_of(segment)
    if users:
        raise InUse(users)
    audit(segment.store, by=by, verb="journeys.delete_segment", now=now, subject=segment.name)
    segment.delete()


def _check(segment: Segment) -> None:
    """That it can be asked of the database, and that it does not ask for itself, by itself or through others."""
    if not segment.condition:
        return
    condition = compile_condition(segment.condition, vocabulary.segment())
    selecting.customers(segment.store, condition, segment.created_at)
    if "customer.segments" in condition.names and segment.key and _comes_back(segment):
        raise BadCondition("This segment would ask for itself. Take it out of the condition.")


def _comes_back(segment: Segment) -> bool:
    others = {each.key: each.condition for each in Segment.objects.of(segment.store_id)}
    others[segment.key] = segment.condition
    asked, open_ = set[str](), [segment.key]
    while open_:
        at = open_.pop()
        further = {key for key in others if uses.asks_for(others[at], key)}
        if segment.key in further:
            return True
        open_ += further - asked
        asked |= further
    return False


def _free_key(store: Store, name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:34] or "segment"
    taken = {*RESERVED, *Segment.objects.of(store).filter(key__startswith=base).values_list("key", flat=True)}
    return next(key for key in (base, *(f"{base}_{number}" for number in range(2, 10_000))) if key not in taken)


# ------------------------------------------------------------------- who is in it


def recount_due(now: datetime) -> int:
    """Works out who is in each segment of which something may have changed; returns how many segments that were."""
    count = 0
    for segment in Segment.objects.exclude(condition="").select_related("store").order_by("id"):
        if _may_have_changed(segment, now):
            _try_recount(segment, now)
            count += 1
    return count


def _may_have_changed(segment: Segment, now: datetime) -> bool:
    if segment.counted_at is None or segment.trouble or now - segment.counted_at >= CLOCK:
        return True
    return _log_ends_at(segment.store_id) != segment.counted_to


def _log_ends_at(store_id: int) -> int:
    return Entry.objects.of(store_id).aggregate(last=Max("id"))["last"] or 0


def _try_recount(segment: Segment, now: datetime) -> None:
    """A condition that cannot be asked any more (a field is gone) leaves its people as they were, and says so."""
    try:
        with transaction.atomic():
            recount(segment, now, tell=segment.counted_at is not None)
    except Exception as error:
        # Of whatever kind it is: it must not keep the segments behind it from being counted.
        log.warning("segment %s of store %s was not counted", segment.key, segment.store_id, exc_info=error)
        why = error.sentence if isinstance(error, BadCondition) else "The database could not answer this condition."
        Segment.objects.filter(pk=segment.pk).update(trouble=why[:300], counted_at=now)


@transaction.atomic
def recount(segment: Segment, now: datetime, *, tell: bool) -> None:
    """Who is in it now, by one query; only those who came or went are written. `tell` records it of each of them."""
    Segment.objects.select_for_update().get(pk=segment.pk)
    ends_at = _log_ends_at(segment.store_id)
    wanted = set(selecting.customers(segment.store, segment.condition, now).values_list("pk", flat=True))
    current = set(_current(segment).values_list("customer_id", flat=True))
    _leave(segment, current - wanted, now, tell=tell)
    _enter(segment, wanted - current, now, tell=tell)
    segment.people, segment.counted_at, segment.trouble = len(wanted), now, ""
    # What was told just now changes nobody's segment but through others, which look again at their turn.
    segment.counted_to = ends_at
    segment.save(update_fields=["people", "counted_at", "counted_to", "trouble"])


def _current(segment: Segment) -> StoreQuerySet[SegmentMember]:
    return SegmentMember.objects.of(segment.store_id).filter(segment=segment, left_at__isnull=True)


def _leave(segment: Segment, people: Collection[int], now: datetime, *, tell: bool) -> None:
    for ids in batched(sorted(people), CHUNK):
        rows = list(_current(segment).filter(customer_id__in=ids).values_list("customer_id", "visit"))
        _current(segment).filter(customer_id__in=ids).update(left_at=now)
        if tell:
            record(*(SegmentLeft(**_told(segment, customer, now), visit=visit) for customer, visit in rows))


def _enter(segment: Segment, people: Collection[int], now: datetime, *, tell: bool) -> None:
    for ids in batched(sorted(people), CHUNK):
        before = SegmentMember.objects.of(segment.store_id).filter(segment=segment, customer_id__in=ids)
        visits = dict(before.values("customer_id").annotate(last=Max("visit")).values_list("customer_id", "last"))
        insert(
            SegmentMember(
                store_id=segment.store_id,
                segment_id=segment.pk,
                customer_id=customer,
                visit=visits.get(customer, 0) + 1,
                entered_at=now,
            )
            for customer in ids
        )
        if tell:
            record(
                *(
                    SegmentEntered(**_told(segment, customer, now), visit=visits.get(customer, 0) + 1)
                    for customer in ids
                )
            )


def _told(segment: Segment, customer: int, now: datetime) -> dict[str, Any]:
    return {
        "store_id": segment.store_id,
        "customer_id": customer,
        "occurred_at": now,
        "segment_id": segment.pk,
        "segment": segment.key,
    }


# ------------------------------------------------------------------------- lists


@transaction.atomic
def add_people(segment: Segment, emails: Iterable[str], *, by: Staff | None, now: datetime) -> Added:
    """Puts customers on a list by their addresses; who is no customer is named, not made one."""
    wanted = {address for email in emails if (address := normal_email(email))}
    found = dict[str, int]()
    for addresses in batched(sorted(wanted), CHUNK):
        rows = Identity.objects.of(segment.store_id).filter(kind=Identity.Kind.EMAIL, value__in=addresses)
        found |= dict(rows.values_list("value", "customer_id"))
    current = set(_current(segment).values_list("customer_id", flat=True))
    new = set(found.values()) - current
    _enter(segment, new, now, tell=True)
    _count_list(segment, now)
    audit(segment.store, by=by, verb="journeys.fill_list", now=now, subject=segment.name, detail={"added": len(new)})
    return Added(len(new), len(set(found.values())) - len(new), sorted(wanted - set(found)))


@transaction.atomic
def keep_as_list(segment: Segment, *, name: str, by: Staff | None, now: datetime) -> Segment:
    """A list of who is in it at this moment; whoever comes or goes later changes nothing of it."""
    kept = create(segment.store, name=name, condition="", by=by, now=now)
    _enter(kept, set(_current(segment).values_list("customer_id", flat=True)), now, tell=False)
    _count_list(kept, now)
    return kept


@transaction.atomic
def remove_person(segment: Segment, customer: Customer, *, by: Staff | None, now: datetime) -> None:
    _leave(segment, [customer.pk], now, tell=True)
    _count_list(segment, now)
    audit(segment.store, by=by, verb="journeys.take_off_list", now=now, subject=segment.name)


def _count_list(segment: Segment, now: datetime) -> None:
    segment.people, segment.counted_at = _current(segment).count(), now
    segment.save(update_fields=["people", "counted_at"])


@transaction.atomic
def follow(keep_id: int, merged_id: int, store_id: int) -> None:
    """Two records were one person: the one that stays is on the lists of both. Segments find out by themselves."""
    stays = SegmentMember.objects.of(store_id).filter(customer_id=merged_id)
    lists = stays.filter(left_at__isnull=True, segment__condition="")
    theirs = SegmentMember.objects.of(store_id).filter(customer_id=keep_id)
    there = set(theirs.filter(left_at__isnull=True).values_list("segment_id", flat=True))
    # Who was on a list before is on it once more, with the next visit.
    visits = dict(theirs.values("segment_id").annotate(last=Max("visit")).values_list("segment_id", "last"))
    for stay in lists.exclude(segment_id__in=there):
        lists.filter(pk=stay.pk).update(customer_id=keep_id, visit=visits.get(stay.segment_id, 0) + 1)
    emptied = set(stays.filter(left_at__isnull=True).values_list("segment_id", flat=True))
    stays.delete()
    for segment in Segment.objects.of(store_id).filter(pk__in=emptied):
        Segment.objects.filter(pk=segment.pk).update(people=_current(segment).count())
