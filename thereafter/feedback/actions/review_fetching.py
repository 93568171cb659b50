"""Photos of reviews that were brought: fetched from where they stood, and made anew like any other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from urllib.parse import quote

from django.conf import settings
from django.db import transaction

from thereafter.feedback.actions import ratings, review_photos
from thereafter.feedback.models import Review, ReviewPhoto
from thereafter.kit import pictures
from thereafter.kit.pictures import NotAPhoto, Picture
from thereafter.messaging.channels import guarded

# So many at once, and no longer than that, so that other work has its turn.
AT_ONCE, SECONDS = 40, 20
PATIENCE = timedelta(minutes=10)
MOST_TRIES, MOST_REDIRECTS = 5, 3
_ACCEPT = "image/jpeg,image/png,image/webp,image/*;q=0.8"
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@dataclass(frozen=True)
class Failed(Exception):
    """Why there is no picture; `is_final`: trying again is of no use."""

    why: str
    is_final: bool = True


def download(url: str) -> guarded.File:
    return guarded.download(
        url, accept=_ACCEPT, private=settings.PRIVATE_HOOKS, most_bytes=pictures.LARGEST_BYTES, seconds=SECONDS
    )


def fetch_due(now: datetime) -> int:
    """Fetches photos that are due, outside of any transaction; returns how many were tried."""
    until, tried = monotonic() + SECONDS, 0
    due = ReviewPhoto.objects.filter(fetch_at__lte=now).order_by("fetch_at", "pk").select_related("review")
    for photo in due.defer("content", "thumbnail")[:AT_ONCE]:
        if tried and monotonic() > until:
            break
        claimed = ReviewPhoto.objects.filter(pk=photo.pk, fetch_at=photo.fetch_at).update(fetch_at=now + PATIENCE)
        if claimed:
            tried += 1
            _try(photo, now)
    return tried


def _try(photo: ReviewPhoto, now: datetime) -> None:
    try:
        picture = _fetched(photo.url)
    except Failed as failure:
        _postpone(photo, failure, now)
    else:
        _keep(photo, picture, now)


def _fetched(url: str) -> Picture:
    """Raises `Failed`."""
    for _ in range(MOST_REDIRECTS + 1):
        found = _got(_secure(url))
        if not found.to:
            return _picture(found)
        url = found.to
    raise Failed("The address leads from one place to the next.")


def _secure(url: str) -> str:
    """Letters that an address spells otherwise, and nothing over an open line."""
    ascii_only = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    return f"https://{ascii_only[7:]}" if ascii_only.lower().startswith("http://") else ascii_only


def _got(url: str) -> guarded.File:
    try:
        return download(url)
    except guarded.Forbidden as why:
        raise Failed(str(why)) from None
    except guarded.NoAnswer as why:
        raise Failed(str(why), is_final=False) from None


def _picture(found: guarded.File) -> Picture:
    if found.status != HTTPStatus.OK:
        is_final = found.status in _GONE
        raise Failed("The photo is not there any more." if is_final else f"Answered {found.status}.", is_final)
    if found.is_cut:
        raise Failed("The photo is larger than 15 MB.")
    try:
        return pictures.read(found.body)
    except NotAPhoto as why:
        raise Failed(str(why)) from None


def _postpone(photo: ReviewPhoto, failure: Failed, now: datetime) -> None:
    tries = photo.tries + 1
    is_over = failure.is_final or tries >= MOST_TRIES
    ReviewPhoto.objects.filter(pk=photo.pk).update(
        tries=tries, problem=failure.why[:200], fetch_at=None if is_over else now + PATIENCE * 4**photo.tries
    )


@transaction.atomic
def _keep(photo: ReviewPhoto, picture: Picture, now: datetime) -> None:
    review = Review.objects.of(photo.store_id).filter(pk=photo.review_id).select_for_update(of=("self",)).first()
    if review is None:
        return
    ours = review.photos.filter(pk=photo.pk)
    if review.photos.exclude(pk=photo.pk).filter(fingerprint=picture.fingerprint).exists():
        # The same picture under two addresses.
        ours.delete()
    ours.update(
        fingerprint=picture.fingerprint,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        thumbnail=picture.thumbnail,
        problem="",
        fetch_at=None,
    )
    review_photos.count(review)
    ratings.recount(review.store_id, [review.product_id], now=now)


@transaction.atomic
def try_again(store_id: int, import_id: int, *, now: datetime) -> int:
    """Lets photos of a file be tried once more that could not be had; returns how many."""
    failed = ReviewPhoto.objects.of(store_id).filter(review__brought__of=import_id, fetch_at=None, fingerprint="")
    return failed.exclude(url="").update(fetch_at=now, tries=0, problem="")
