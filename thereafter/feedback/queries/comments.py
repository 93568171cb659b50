"""What people wrote in their own words: the comments of surveys and the texts of reviews, read alike."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from thereafter.feedback.models import Answer, Review, Said
from thereafter.feedback.rules.answers import band
from thereafter.stores.models import StoreQuerySet

ANSWER, REVIEW = "answer", "review"
# What is not shown, or was taken back, teaches nothing and is counted nowhere.
READABLE = (Review.State.PENDING, Review.State.PUBLISHED)


class Comment(NamedTuple):
    """`band` is low, middle or high, "" without a score; `language` is the one the person was asked in."""

    room: str
    row: int
    survey_id: int | None
    text: str
    score: int | None
    band: str
    language: str
    said_at: datetime
    changed_at: datetime


def answers(store_id: int) -> StoreQuerySet[Answer]:
    return Answer.objects.of(store_id).exclude(comment="")


def reviews(store_id: int) -> StoreQuerySet[Review]:
    return Review.objects.of(store_id).filter(state__in=READABLE).exclude(title="", body="")


def written(store_id: int, since: datetime | None = None) -> int:
    """How many comments there are, or came since."""
    one, two = answers(store_id), reviews(store_id)
    if since:
        one, two = one.filter(answered_at__gte=since), two.filter(written_at__gte=since)
    return one.count() + two.count()


def newest(store_id: int, most: int) -> list[Comment]:
    """The newest comments of both kinds, oldest of them first."""
    one = _of_answers(answers(store_id).order_by("-answered_at", "-id")[:most])
    two = _of_reviews(reviews(store_id).order_by("-written_at", "-id")[:most])
    found = sorted([*one, *two], key=lambda comment: (comment.said_at, comment.room, comment.row))
    return found[-most:]


def unread(store_id: int, most: int, since: datetime | None = None) -> list[Comment]:
    """Those that nobody read since they were written or changed; of all time, or of answers given and reviews changed
    since then."""
    one, two = answers(store_id), reviews(store_id)
    if since:
        one, two = one.filter(answered_at__gte=since), two.filter(changed_at__gte=since)
    read = Said.objects.of(store_id).filter(row=OuterRef("pk"), read_at__gte=OuterRef("changed_at"))
    one, two = one.filter(~Exists(read.filter(room=ANSWER))), two.filter(~Exists(read.filter(room=REVIEW)))
    return [*_of_answers(one.order_by("pk")[:most]), *_of_reviews(two.order_by("pk")[:most])]


def batches(store_id: int, size: int) -> Iterator[list[Comment]]:
    """All comments, so many at a time."""
    last = 0
    while batch := _of_answers(answers(store_id).filter(pk__gt=last).order_by("pk")[:size]):
        yield batch
        last = batch[-1].row
    last = 0
    while batch := _of_reviews(reviews(store_id).filter(pk__gt=last).order_by("pk")[:size]):
        yield batch
        last = batch[-1].row


def texts(store_id: int, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], Answer | Review]:
    """Those that still may be read, with their customers, orders and products, by room and id."""
    ids = {room: [row for where, row in wanted if where == room] for room in (ANSWER, REVIEW)}
    one = answers(store_id).filter(pk__in=ids[ANSWER]).select_related("customer", "order", "survey")
    two = reviews(store_id).filter(pk__in=ids[REVIEW]).select_related("customer", "order", "product")
    found: dict[tuple[str, int], Answer | Review] = {(ANSWER, answer.pk): answer for answer in one}
    return found | {(REVIEW, review.pk): review for review in two}


def gone(store_id: int) -> StoreQuerySet[Said]:
    """What was read and is no comment any more: taken back, hidden, erased."""
    said = Said.objects.of(store_id)
    is_answer, is_review = Q(room=ANSWER), Q(room=REVIEW)
    return said.filter(
        (is_answer & ~Q(row__in=answers(store_id).values("pk")))
        | (is_review & ~Q(row__in=reviews(store_id).values("pk")))
    )


def _of_answers(rows: StoreQuerySet[Answer]) -> list[Comment]:
    fields = ("id", "survey_id", "survey__kind", "comment", "score", "language", "answered_at", "changed_at")
    return [
        Comment(ANSWER, row, survey, text, score, band(kind, score), language, at, changed)
        for row, survey, kind, text, score, language, at, changed in rows.values_list(*fields)
    ]


def _of_reviews(rows: StoreQuerySet[Review]) -> list[Comment]:
    fields = ("id", "title", "body", "rating", "language", "written_at", "changed_at")
    return [
        Comment(REVIEW, row, None, f"{title}\n{body}".strip(), stars, band("csat", stars), language, at, changed)
        for row, title, body, stars, language, at, changed in rows.values_list(*fields)
    ]
