"""Reviews from another app: a file is looked at, answered, and carried out in parts. Nothing is brought twice.

What comes was written elsewhere and long ago: it is told to nobody, earns nothing and starts no journey.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from thereafter.feedback.actions import ratings
from thereafter.feedback.models import BroughtReview, RefusedReview, Review, ReviewImport, ReviewPhoto
from thereafter.feedback.queries import review_imports as asking
from thereafter.feedback.queries.review_imports import Coming, Used
from thereafter.feedback.queries.review_products import Shelf
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import reviews as rules
from thereafter.feedback.rules.review_formats import recognising, refusals
from thereafter.feedback.rules.review_formats.reading import File
from thereafter.feedback.rules.review_formats.rows import Refused, Taken
from thereafter.kit import tables
from thereafter.kit.tables import Unreadable
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.rows import insert

log = logging.getLogger(__name__)

# So many rows are one transaction, and so many parts are done before other work has its turn.
PART, PARTS_AT_ONCE = 500, 10


class NotReady(ValueError):
    """The file cannot be brought in yet; the text says what is missing."""


@transaction.atomic
def look(store: Store, name: str, data: bytes, *, by: Staff, now: datetime, system: str = "") -> ReviewImport:
    """Keeps a file to be looked at; `system`: the format, if it is not to be told by its columns. Raises `Unreadable`,
    also for columns that are of no app we know."""
    body = tables.text_of(data)
    found = recognising.recognise(tables.read(body).columns)
    if not (system or found.key):
        raise Unreadable(found.sentence)
    one = ReviewImport(store=store, name=name[:150] or "reviews.csv", system=system or found.key, body=body)
    return _looked(one, {}, by, now)


@transaction.atomic
def mend(before: ReviewImport, name: str, data: bytes, *, by: Staff, now: datetime) -> ReviewImport:
    """Keeps the refused rows of a file, mended, to be read as that one was. Raises `Unreadable`."""
    body = refusals.without_reasons(tables.text_of(data))
    one = ReviewImport(store=before.store, name=name[:150] or "mended.csv", system=before.system, body=body)
    return _looked(one, {**before.answers, "mends": before.pk}, by, now)


def _looked(one: ReviewImport, answers: dict[str, Any], by: Staff, now: datetime) -> ReviewImport:
    # Says in a sentence what a format that was chosen by hand lacks in this file.
    file = asking.read(one, now)
    # The order of the columns, by which the cells of a row are kept.
    one.answers = {**answers, "columns": file.table.columns}
    one.rows, one.created_at, one.by, one.actor = len(file.table.rows), now, by.name, f"staff:{by.pk}"
    one.save(force_insert=True)
    return one


@transaction.atomic
def answer(one: ReviewImport, *, system: str, date_order: str, products: Mapping[str, int]) -> bool:
    """Keeps how the file is to be read; False once it is being carried out. Raises `Unreadable` where the format does
    not fit. `products`: ours by the name in the file, 0 to leave its reviews out."""
    said = {**one.answers, "date_order": date_order, "products": dict(products)}
    fits = ReviewImport(store=one.store, system=system, body=one.body, answers=said)
    asking.read(fits, one.created_at)
    rows = ReviewImport.objects.of(one.store_id).filter(pk=one.pk, state=ReviewImport.State.LOOKED_AT)
    changed = rows.update(answers=said, system=system)
    one.refresh_from_db()
    return bool(changed)


@transaction.atomic
def drop(one: ReviewImport) -> bool:
    """Forgets a file that was only looked at."""
    rows = ReviewImport.objects.of(one.store_id).filter(pk=one.pk, state=ReviewImport.State.LOOKED_AT)
    return bool(rows.delete()[0])


@transaction.atomic
def begin(one: ReviewImport, *, by: Staff, now: datetime) -> bool:
    """Lets the job carry it out; False when somebody did already. Raises `NotReady` with what is missing."""
    file = asking.read(one, now)
    if file.asked:
        raise NotReady("Say first what comes first in the dates of this file.")
    # By which its rows can be read again when reviews are taken along.
    one.answers = {**one.answers, "order": file.plan.date_order}
    rows = ReviewImport.objects.of(one.store_id).filter(pk=one.pk, state=ReviewImport.State.LOOKED_AT)
    begun = rows.update(
        state=ReviewImport.State.RUNNING, begun_at=now, actor=f"staff:{by.pk}", by=by.name, answers=one.answers
    )
    if begun:
        audit(one.store, by=by, verb="feedback.import", now=now, subject=one.name, detail={"rows": one.rows})
    return bool(begun)


def carry_on(now: datetime) -> int:
    """Brings in the next parts of a file that was begun; returns how many rows. Safe to stop at any moment."""
    one = ReviewImport.objects.filter(state=ReviewImport.State.RUNNING).select_related("store").order_by("pk").first()
    if one is None:
        return 0
    file, start = asking.read(one, now), one.done
    rows, products = file.rows(), asking.shelf_of(one)
    for _ in range(PARTS_AT_ONCE):
        part = rows[one.done : one.done + PART]
        if not _carry_out(one, file, products, part, now) or one.done >= len(rows):
            break
    return max(1, one.done - start)


@transaction.atomic
def _carry_out(one: ReviewImport, file: File, products: Shelf, part: Sequence[Taken | Refused], now: datetime) -> bool:
    """One part, whole or not at all; whoever moves the count has it."""
    rows = ReviewImport.objects.filter(pk=one.pk, state=ReviewImport.State.RUNNING, done=one.done)
    is_last = one.done + len(part) >= one.rows
    # What came keeps its own row, what did not stands beside; the file itself is not kept.
    ended = {"state": ReviewImport.State.DONE, "ended_at": now, "body": ""} if is_last else {}
    if not rows.update(done=F("done") + len(part), **ended):
        return False
    _bring_safely(one, file, products, part, now)
    one.done += len(part)
    return True


def _bring_safely(
    one: ReviewImport, file: File, products: Shelf, rows: Sequence[Taken | Refused], now: datetime
) -> None:
    """One row that cannot be kept never holds up the others: it stands with those that were refused."""
    try:
        with transaction.atomic():
            _bring(one, file, products, rows, now)
    except Exception:
        if len(rows) == 1:
            log.exception("line %s of review import %s cannot be brought in", rows[0].line, one.pk)
            why = "Something went wrong with this row. Bring it once more."
            _refuse(one, [Refused(rows[0].line, rows[0].cells, why)])
            return
        for row in rows:
            _bring_safely(one, file, products, [row], now)


def _bring(one: ReviewImport, file: File, products: Shelf, rows: Sequence[Taken | Refused], now: datetime) -> None:
    used: Used = set()
    part = asking.sort_out(one.store, file, products, rows, used)
    _refuse(one, part.refused)
    reviews = insert(_reviews(one, part.coming, now))
    insert(
        BroughtReview(
            store_id=one.store_id,
            of_id=one.pk,
            review_id=review.pk,
            row=coming.taken.line,
            cells=list(coming.taken.cells.values()),
            notes=list(coming.notes),
        )
        for review, coming in zip(reviews, part.coming, strict=True)
    )
    insert(_photos(reviews, part.coming, now))
    ratings.recount(one.store_id, {review.product_id for review in reviews}, now=now)
    ReviewImport.objects.filter(pk=one.pk).update(taken=F("taken") + len(reviews), known=F("known") + len(part.known))


def _refuse(one: ReviewImport, rows: Sequence[Refused]) -> None:
    insert(
        RefusedReview(
            store_id=one.store_id,
            of_id=one.pk,
            row=row.line,
            reason=row.reason[:300],
            cells=list(row.cells.values()),
            is_left_out=row.is_left_out,
        )
        for row in rows
    )
    wrong = sum(not row.is_left_out for row in rows)
    ReviewImport.objects.filter(pk=one.pk).update(refused=F("refused") + wrong)


def _reviews(one: ReviewImport, rows: Sequence[Coming], now: datetime) -> list[Review]:
    domains = settings_of(one.store_id).insider_domains
    return [
        Review(
            store_id=one.store_id,
            product_id=row.product_id,
            customer_id=row.customer_id,
            order_id=row.order_id,
            email="" if row.customer_id else row.taken.row.email[:254],
            external_id=row.external_id,
            collected=Review.Collected.IMPORTED,
            is_verified=row.order_id is not None,
            is_insider=rules.is_insider(row.taken.row.email, domains),
            written_at=row.taken.row.written_at,
            changed_at=now,
            published_at=now if row.kept.state == Review.State.PUBLISHED else None,
            **row.kept._asdict(),
        )
        for row in rows
    ]


def _photos(reviews: Sequence[Review], rows: Sequence[Coming], now: datetime) -> list[ReviewPhoto]:
    """Their places; the pictures are fetched by a job."""
    return [
        ReviewPhoto(
            store_id=review.store_id,
            review_id=review.pk,
            place=place,
            url=url,
            fingerprint="",
            fetch_at=now,
            added_at=now,
        )
        for review, row in zip(reviews, rows, strict=True)
        for place, url in enumerate(row.taken.row.photo_urls[: rules.MOST_PHOTOS])
        if len(url) <= asking.LONGEST_URL
    ]
