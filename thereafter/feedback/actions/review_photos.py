"""Pictures of reviews: made anew from what was uploaded, each once, at most six."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from thereafter.feedback.models import Review, ReviewPhoto
from thereafter.feedback.rules.reviews import MOST_PHOTOS
from thereafter.kit import pictures
from thereafter.kit.pictures import Picture


def made(files: Iterable[Any], *, room: int = MOST_PHOTOS) -> tuple[list[Picture], list[str]]:
    """What can be read of an upload, and a sentence for each that cannot. Takes a second for each: call it outside of
    any transaction. `room`: so many may still come at this time."""
    if room < MOST_PHOTOS:
        afterwards = _("These are a lot of photos at once. Please send the others afterwards.")
        return pictures.read_some(files, room, afterwards)
    return pictures.read_some(files, MOST_PHOTOS, _("No more than six photos fit."))


@transaction.atomic
def keep(review: Review, photos: Sequence[Picture], *, now: datetime) -> int:
    """Adds those that are not there yet, as long as six fit; returns how many were added."""
    there = list(review.photos.order_by("place").values_list("fingerprint", flat=True))
    new = list({photo.fingerprint: photo for photo in photos if photo.fingerprint not in there}.values())
    added = new[: max(0, MOST_PHOTOS - len(there))]
    ReviewPhoto.objects.bulk_create(
        ReviewPhoto(
            store_id=review.store_id,
            review=review,
            place=place,
            fingerprint=photo.fingerprint,
            width=photo.width,
            height=photo.height,
            content=photo.content,
            thumbnail=photo.thumbnail,
            added_at=now,
        )
        for place, photo in enumerate(added, start=len(there))
    )
    count(review)
    return len(added)


@transaction.atomic
def change(review: Review, photos: Sequence[Picture], staying: Collection[int] | None, *, now: datetime) -> bool:
    """Takes away what does not stay (None: all stay) and adds the new ones; whether that made a difference."""
    gone = 0
    if staying is not None:
        gone, _each = review.photos.exclude(pk__in=staying).delete()
    return bool(keep(review, photos, now=now) + gone)


def count(review: Review) -> None:
    """How many can be seen: neither hidden nor still to be fetched."""
    review.photo_count = review.photos.filter(is_hidden=False).exclude(fingerprint="").count()
    review.save(update_fields=["photo_count"])
