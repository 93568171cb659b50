"""Finding products that come back more than they did, and telling the shop's people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from thereafter.commerce.models import Product
from thereafter.events.returns import ReturnRateJumped
from thereafter.returns import figures
from thereafter.returns.figures import Book
from thereafter.returns.models import Case, RateJump
from thereafter.returns.rules.figures import cohorts
from thereafter.returns.rules.figures.jumps import WEEKS, WEEKS_BEFORE, Counts, jumps
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record


@dataclass(frozen=True, slots=True)
class Weeks:
    """The newest complete weeks, Monday to Sunday, and the first day of those they are compared with."""

    before: date
    first: date
    last: date


def compare_all(now: datetime) -> int:
    """Every shop with returns; how many jumps were found."""
    return sum(len(compare(store, now)) for store in Store.objects.filter(pk__in=Case.objects.values("store_id")))


def compare(store: Store, now: datetime) -> list[RateJump]:
    """The jumps that were not known yet. The same weeks again find nothing new."""
    days = 7 * (WEEKS + WEEKS_BEFORE) + cohorts.OLD_ENOUGH.days + 7
    book = figures.book(store, days, now)
    weeks = newest_weeks(book)
    if RateJump.objects.of(store).filter(last_on=weeks.last).exists():
        return []
    products = counts(book, weeks)
    found = jumps({key: one for key, one in products.items() if key})
    rows = [_row(book, weeks, key, products[key], found[key]) for key in found]
    return _tell(store, rows, now)


def newest_weeks(book: Book) -> Weeks:
    last = book.today - timedelta(days=book.past.complete_after)
    last -= timedelta(days=last.isoweekday() % 7)
    first = last - timedelta(days=7 * WEEKS - 1)
    return Weeks(first - timedelta(days=7 * WEEKS_BEFORE), first, last)


def counts(book: Book, weeks: Weeks) -> dict[int, Counts]:
    newest = cohorts.by(lambda one: one.product_id, *book.between(weeks.first, weeks.last))
    before = cohorts.by(lambda one: one.product_id, *book.between(weeks.before, weeks.first - timedelta(days=1)))
    return {
        key: Counts(newest[key].delivered, newest[key].returned, before[key].delivered, before[key].returned)
        for key in newest.keys() & before.keys()
    }


def _row(book: Book, weeks: Weeks, product_id: int, one: Counts, chance: float) -> RateJump:
    _, returned = book.between(weeks.first, weeks.last)
    said = Counter(back.reason for back in returned if back.of.product_id == product_id)
    reason, units = said.most_common(1)[0]
    return RateJump(
        product_id=product_id,
        first_on=weeks.first,
        last_on=weeks.last,
        delivered=one.delivered,
        returned=one.returned,
        before_delivered=one.before_delivered,
        before_returned=one.before_returned,
        p_value=chance,
        reason=reason,
        reason_units=units,
    )


@transaction.atomic
def _tell(store: Store, rows: Sequence[RateJump], now: datetime) -> list[RateJump]:
    """Two workers at once tell once: the row decides."""
    titles = dict(Product.objects.of(store).filter(pk__in=[row.product_id for row in rows]).values_list("pk", "title"))
    told = []
    for row in rows:
        made, is_new = RateJump.objects.get_or_create(
            store=store, product_id=row.product_id, last_on=row.last_on, defaults=_fields(row, now)
        )
        if is_new:
            told.append(made)
    record(*(_event(row, titles) for row in told))
    return told


_KEPT = (
    "first_on", "delivered", "returned", "before_delivered", "before_returned", "p_value", "reason", "reason_units",
)  # fmt: skip


def _fields(row: RateJump, now: datetime) -> dict[str, object]:
    return {name: getattr(row, name) for name in _KEPT} | {"found_at": now}


def _event(row: RateJump, titles: Mapping[int, str]) -> ReturnRateJumped:
    return ReturnRateJumped(
        store_id=row.store_id,
        occurred_at=row.found_at,
        jump_id=row.pk,
        product_id=row.product_id,
        product=titles.get(row.product_id, ""),
        delivered=row.delivered,
        returned=row.returned,
        before_delivered=row.before_delivered,
        before_returned=row.before_returned,
        first_on=row.first_on,
        last_on=row.last_on,
        p_value=row.p_value,
    )


@transaction.atomic
def see(jump: RateJump, *, by: Staff, now: datetime) -> bool:
    """A person knows of it. Whether they were the first."""
    rows = RateJump.objects.of(jump.store_id).filter(pk=jump.pk, seen_at=None)
    return bool(rows.update(seen_at=now, seen_by=by))
