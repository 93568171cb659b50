"""What is given once: anniversaries with the shop, the tenth order. Birthdays use the same book.

The row comes first: a second worker that reaches the same is refused by the database and tries later. What was undone
by a return stays in the book, so that nobody reaches the same twice by buying and returning.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Min, Q

from thereafter.events.loyalty import MilestoneReached
from thereafter.loyalty.actions import points
from thereafter.loyalty.models import Member, Milestone, OrderEarning
from thereafter.loyalty.queries.programmes import Versions, programme_now, versions
from thereafter.loyalty.rules import milestones as rules
from thereafter.loyalty.rules.programme import MAIN
from thereafter.timeline.log import record

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Reached:
    """A member came to something; `key` names it (`rules.milestones`), `reason` is the history's word for it."""

    member_id: int
    customer_id: int
    key: str
    points: int
    reason: str
    snapshot: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return source_of(self.member_id, self.key)


def source_of(member_id: int, key: str) -> str:
    return f"milestone:{member_id}:{key}"


def taking_part(store_id: int) -> Any:
    """Members who are given something for a day or a number of orders."""
    return Member.objects.of(store_id).filter(left_at=None, is_held_out=False)


def reach(store_id: int, all_reached: Iterable[Reached], *, now: datetime) -> int:
    """Gives what is new of it, once for ever; returns the points given."""
    wanted = list(all_reached)
    starts = range(0, len(wanted), CHUNK)
    return sum(_reach(store_id, wanted[start : start + CHUNK], now=now) for start in starts)


@transaction.atomic
def _reach(store_id: int, wanted: Sequence[Reached], *, now: datetime) -> int:
    rows = Milestone.objects.of(store_id).filter(member_id__in={one.member_id for one in wanted})
    known = set(rows.filter(key__in={one.key for one in wanted}).values_list("member_id", "key"))
    new = [one for one in wanted if (one.member_id, one.key) not in known]
    if not new:
        return 0
    Milestone.objects.bulk_create(
        [Milestone(store_id=store_id, member_id=one.member_id, key=one.key, at=now, points=one.points) for one in new]
    )
    points.award_many(store_id, [_award(one, now) for one in new if one.points], now=now)
    record(
        *(
            MilestoneReached(
                store_id=store_id,
                customer_id=one.customer_id,
                occurred_at=now,
                member_id=one.member_id,
                key=one.key,
                points=one.points,
                kind=one.key.partition(":")[0],
                number=rules.number_of(one.key),
            )
            for one in new
        )
    )
    return sum(one.points for one in new)


def _award(one: Reached, now: datetime) -> points.Award:
    return points.Award(
        customer_id=one.customer_id,
        points=one.points,
        source=one.source,
        reason=one.reason,
        at=now,
        snapshot={"key": one.key, **one.snapshot},
    )


def run(store_id: int, now: datetime, since: datetime | None = None) -> int:
    """Gives for anniversaries with the shop that came since then, without it for those of today; returns the points."""
    version = programme_now(store_id)
    terms = version.programme.anniversary
    if terms is None or not terms.points:
        return 0
    first, last = (moment.astimezone(version.zone).date() for moment in (since or now, now))
    found = _joined_on_days(store_id, first, last).values_list("pk", "customer_id", "joined_at")
    return reach(
        store_id,
        (
            Reached(
                member_id=pk,
                customer_id=customer_id,
                key=rules.anniversary_key(came[0]),
                points=terms.points,
                reason=rules.ANNIVERSARY,
                snapshot={"programme": version.number, "on": came[1].isoformat()},
            )
            for pk, customer_id, joined_at in found
            if (came := rules.anniversary(joined_at.astimezone(version.zone).date(), first, last))
        ),
        now=now,
    )


def _joined_on_days(store_id: int, first: date, last: date) -> Any:
    """Whoever joined about these days in a year before; a day more on both sides, for zones and for 29 February."""
    members = taking_part(store_id)
    earliest = members.aggregate(at=Min("joined_at"))["at"]
    if earliest is None:
        return members.none()
    spans = [_days_of_year(first, last, last.year - year) for year in range(earliest.year - 1, last.year)]
    return members.filter(reduce(or_, (Q(joined_at__gte=start, joined_at__lt=end) for start, end in spans)))


def _days_of_year(first: date, last: date, years: int) -> tuple[datetime, datetime]:
    day, margin = timedelta(days=365.2425), timedelta(days=3)
    start, end = (datetime.combine(on, time(), UTC) - years * day for on in (first, last))
    return start - margin, end + margin


def review_orders(store_id: int, customer_ids: Collection[int], *, now: datetime) -> int:
    """Looks at how many orders of each are kept: gives for those that are reached, takes back what returns undid.

    An order counts while something of it is paid for. The rules are those of the day of the n-th order, so that new
    milestones give nothing for orders of long ago.
    """
    listed = versions(store_id)
    book = Milestone.objects.of(store_id).filter(key__startswith=f"{rules.ORDERS}:", undone_at=None)
    book = book.filter(member__customer_id__in=customer_ids)
    if not any(version.programme.milestones for version in listed.listed) and not book.exists():
        return 0
    kept = _kept(store_id, customer_ids)
    members = taking_part(store_id).filter(customer_id__in=customer_ids).values_list("pk", "customer_id")
    _undo(store_id, book, kept, now=now)
    return reach(
        store_id, (one for pk, whose in members for one in _of_orders(listed, pk, whose, kept[whose])), now=now
    )


def _kept(store_id: int, customer_ids: Collection[int]) -> dict[int, list[datetime]]:
    rows = OrderEarning.objects.of(store_id).filter(account__customer_id__in=customer_ids, account__kind=MAIN)
    rows = rows.filter(kept_minor__gt=0).order_by("at", "pk")
    found: dict[int, list[datetime]] = defaultdict(list)
    for customer_id, at in rows.values_list("account__customer_id", "at"):
        found[customer_id].append(at)
    return found


def _of_orders(listed: Versions, member_id: int, customer_id: int, kept: Sequence[datetime]) -> Iterator[Reached]:
    for number in {one.orders for version in listed.listed for one in version.programme.milestones}:
        at = rules.reached_at(kept, number)
        version = listed.at(at) if at else None
        terms = next((one for one in version.programme.milestones if one.orders == number), None) if version else None
        if version and terms:
            yield Reached(
                member_id=member_id,
                customer_id=customer_id,
                key=rules.orders_key(number),
                points=terms.points,
                reason="milestone",
                snapshot={"programme": version.number, "orders": number, "name": terms.name},
            )


@transaction.atomic
def _undo(store_id: int, book: Any, kept: Mapping[int, Sequence[datetime]], *, now: datetime) -> None:
    for row in book.select_related("member").order_by("pk"):
        if len(kept[row.member.customer_id]) >= rules.number_of(row.key):
            continue
        Milestone.objects.of(store_id).filter(pk=row.pk, undone_at=None).update(undone_at=now)
        source = source_of(row.member_id, row.key)
        points.revoke(store_id, source, name=f"{source}:undone", reason="milestone_undone", at=now, now=now)
