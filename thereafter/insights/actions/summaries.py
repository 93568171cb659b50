"""The weekly summary: who gets it, and which mails are due."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from thereafter.insights.models import SummaryReader, SummarySent
from thereafter.insights.rules.days import monday as monday_of
from thereafter.kit import clock
from thereafter.stores.actions import audit
from thereafter.stores.models import Membership, Staff, Store

State = SummarySent.State
HOUR = time(8)
VERB = "insights.read"
# A server that was away for longer sends nothing any more: a summary of Monday is no news on Thursday.
_LATEST = timedelta(days=2)
LEASE, AGAIN = timedelta(minutes=10), timedelta(minutes=30)
MOST_TRIES = 6


@transaction.atomic
def subscribe(store: Store, staff: Staff, now: datetime) -> None:
    _, is_new = SummaryReader.objects.get_or_create(store=store, staff=staff, defaults={"since": now})
    if is_new:
        audit(store, by=staff, verb="insights.summary_wanted", now=now, subject=staff.name)


@transaction.atomic
def unsubscribe(store: Store, staff: Staff, now: datetime) -> None:
    """What is queued for them does not go either."""
    count, _ = SummaryReader.objects.of(store).filter(staff=staff).delete()
    SummarySent.objects.of(store).filter(staff=staff, state=State.QUEUED).update(
        state=State.SKIPPED, detail="Left the summary."
    )
    if count:
        audit(store, by=staff, verb="insights.summary_left", now=now, subject=staff.name)


def queue_due(now: datetime) -> int:
    """Writes down the mails of shops where it is Monday, eight o'clock, or was lately; returns how many."""
    stores = Store.objects.filter(pk__in=SummaryReader.objects.values("store_id").distinct())
    return sum(_queue(store, now) for store in stores)


def _queue(store: Store, now: datetime) -> int:
    began = last_due(store, now)
    if now - began > _LATEST:
        return 0
    week = began.astimezone(clock.zone(store.time_zone)).date() - timedelta(days=7)
    done = set(SummarySent.objects.of(store).filter(week=week).values_list("staff_id", flat=True))
    readers = SummaryReader.objects.of(store).filter(since__lt=began).values_list("staff_id", flat=True)
    rows = [
        SummarySent(store=store, staff_id=staff_id, week=week, due_at=now)
        for staff_id in readers
        if staff_id not in done
    ]
    SummarySent.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def last_due(store: Store, now: datetime) -> datetime:
    """The last Monday, eight o'clock, where the shop is."""
    zone = clock.zone(store.time_zone)
    day = monday_of(now.astimezone(zone).date())
    due = datetime.combine(day, HOUR, zone)
    return due if due <= now else datetime.combine(day - timedelta(days=7), HOUR, zone)


def last_week(store: Store, now: datetime) -> date:
    """The Monday of the last whole week where the shop is."""
    return monday_of(clock.day_in(now, store.time_zone)) - timedelta(days=7)


def claim(now: datetime, limit: int = 200) -> list[SummarySent]:
    """Takes what is due, each row by one worker. What a worker had when it died may have gone out: it is not sent
    again."""
    lost = SummarySent.objects.filter(state=State.SENDING, due_at__lte=now)
    lost.update(state=State.FAILED, detail="A worker stopped while the mail server had it; it may have gone out.")
    due = SummarySent.objects.filter(Q(state=State.QUEUED), due_at__lte=now).select_related("store", "staff")
    return [row for row in due.order_by("due_at", "pk")[:limit] if _take(row, now)]


def _take(row: SummarySent, now: datetime) -> bool:
    mine = SummarySent.objects.of(row.store_id).filter(pk=row.pk, state=State.QUEUED, due_at=row.due_at)
    row.tries += 1
    return bool(mine.update(state=State.SENDING, due_at=now + LEASE, tries=row.tries))


def may_read(rows: Sequence[SummarySent]) -> set[tuple[int, int]]:
    """Of (store, person) those who work there today and may see its figures."""
    members = Membership.objects.filter(
        store_id__in={row.store_id for row in rows}, staff_id__in={row.staff_id for row in rows}, staff__is_active=True
    )
    return {(member.store_id, member.staff_id) for member in members if member.may(VERB)}


def settle(row: SummarySent, state: SummarySent.State, detail: str = "") -> None:
    SummarySent.objects.of(row.store_id).filter(pk=row.pk).update(state=state, detail=detail[:250])


def put_off(row: SummarySent, why: str, now: datetime) -> None:
    """Later once more, and given up after some tries."""
    if row.tries >= MOST_TRIES:
        settle(row, State.FAILED, why)
        return
    SummarySent.objects.of(row.store_id).filter(pk=row.pk).update(
        state=State.QUEUED, due_at=now + AGAIN, detail=why[:250]
    )
