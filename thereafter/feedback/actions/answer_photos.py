"""Pictures that people add to an answer: for the shop's eyes only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from thereafter.feedback.models import Answer, AnswerPhoto
from thereafter.kit import pictures
from thereafter.kit.pictures import Picture

MOST = 5


def read(files: Iterable[Any]) -> tuple[list[Picture], list[str]]:
    """Uploads as pictures, and a sentence for each that is none. Outside of any transaction: each takes a second."""
    return pictures.read_some(files, MOST, _too_many())


@transaction.atomic
def add(given: Answer, question: str, made: Iterable[Picture], *, now: datetime) -> list[str]:
    """Keeps at most five for a question, the same one once; a sentence where one does not fit."""
    list(Answer.objects.of(given.store_id).select_for_update().filter(pk=given.pk).values_list("pk"))
    there = set(_of(given, question).values_list("fingerprint", flat=True))
    fresh = {picture.fingerprint: picture for picture in made if picture.fingerprint not in there}
    fitting = list(fresh.values())[: max(0, MOST - len(there))]
    AnswerPhoto.objects.bulk_create([_row(given, question, picture, now) for picture in fitting])
    return [_too_many()] if len(fitting) < len(fresh) else []


@transaction.atomic
def remove(given: Answer, question: str, fingerprint: str) -> None:
    _of(given, question).filter(fingerprint=fingerprint).delete()


def _of(given: Answer, question: str) -> Any:
    return AnswerPhoto.objects.of(given.store_id).filter(answer=given, question=question)


def _row(given: Answer, question: str, picture: Picture, now: datetime) -> AnswerPhoto:
    return AnswerPhoto(
        store_id=given.store_id,
        answer=given,
        question=question,
        fingerprint=picture.fingerprint,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        thumbnail=picture.thumbnail,
        added_at=now,
    )


def _too_many() -> str:
    return _("No more than five photos fit.")
