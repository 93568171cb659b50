"""The shop's reviews, to be taken along: as a table of any app, or whole with their versions and decisions."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from thereafter.feedback.marks import mark
from thereafter.feedback.models import BroughtReview, Review, ReviewImport, ReviewPhoto
from thereafter.feedback.queries.review_imports import own_id
from thereafter.feedback.rules.review_formats import keeping, reading, recognising, writing
from thereafter.feedback.rules.review_formats.cells import handle_of
from thereafter.feedback.rules.review_formats.formats import FORMATS
from thereafter.feedback.rules.review_formats.keeping import Kept
from thereafter.feedback.rules.review_formats.rows import Column, Format, Plan, ReviewRow, Taken
from thereafter.feedback.rules.review_formats.writing import Review as Written
from thereafter.storefront import links
from thereafter.stores.models import Store

# So many reviews are read at once, and so many before a page is shown.
CHUNK, LOOKED_AT = 500, 3000
_HOW = {
    Review.Collected.INVITATION: "store invitation",
    Review.Collected.WEB: "web",
    Review.Collected.API: "api",
}


@dataclass(frozen=True)
class Origin:
    """How the rows of a file that was brought are read."""

    format: Format
    names: list[str]
    columns: Mapping[str, Column]
    plan: Plan

    def taken(self, brought: BroughtReview) -> Taken | None:
        cells = dict(zip(self.names, brought.cells, strict=False))
        found = reading.read_row(self.format, self.columns, brought.row, cells, self.plan)
        return found if isinstance(found, Taken) else None


def table(store: Store, key: str, now: datetime) -> Iterator[str]:
    """Lines of a table of an app. What its author took back is not in it; where a table cannot say that a review is
    hidden, only published ones are."""
    chosen, plan = FORMATS[key], _plan(store, now)
    reviews = (one for one in told(store, chosen) if writing.may_be_written(chosen, one.row))
    yield from writing.write(chosen, reviews, plan)


def told(store: Store, chosen: Format) -> Iterator[Written]:
    """Each review as a table tells it, the oldest first."""
    origins: dict[int, Origin | None] = {}
    for review in _reviews(store, Review.objects.of(store).exclude(state=Review.State.WITHDRAWN)):
        brought: BroughtReview | None = getattr(review, "brought", None)
        origin = _origin(store, brought, origins)
        taken = origin.taken(brought) if brought and origin else None
        if taken is None or origin is None:
            yield Written(_row(store, review))
        elif origin.format.key == chosen.key:
            yield Written(keeping.put_back(chosen, taken.row, _kept(review)), taken)
        else:
            yield Written(_moved(store, review, origin.format, taken.row))


def _reviews(store: Store, rows: Any) -> Iterator[Review]:
    related = ("product", "variant", "customer", "brought")
    chosen = rows.select_related(*related).prefetch_related(
        Prefetch("photos", ReviewPhoto.objects.defer("content", "thumbnail").order_by("place", "pk")),
        "product__variants",
    )
    last = 0
    while part := list(chosen.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield from part
        last = part[-1].pk


def _plan(store: Store, now: datetime) -> Plan:
    return Plan(ZoneInfo(store.time_zone), now)


def _origin(store: Store, brought: BroughtReview | None, held: dict[int, Origin | None]) -> Origin | None:
    if brought is None:
        return None
    if brought.of_id not in held:
        held[brought.of_id] = _made(store, ReviewImport.objects.of(store).defer("body").get(pk=brought.of_id))
    return held[brought.of_id]


def _made(store: Store, one: ReviewImport) -> Origin | None:
    chosen = FORMATS.get(one.system)
    if chosen is None or one.begun_at is None:
        return None
    names = list(one.answers.get("columns", []))
    plan = replace(_plan(store, one.begun_at), date_order=str(one.answers.get("order") or ""))
    return Origin(chosen, names, recognising.matched(chosen, names), plan)


def _kept(review: Review) -> Kept:
    return Kept(
        rating=review.rating,
        title=review.title,
        body=review.body,
        state=_state(review),
        hidden_for=review.hidden_for,
        shown_name=review.shown_name,
        source=review.source,
        reply=review.reply,
        replied_at=review.replied_at,
        is_incentivised=review.is_incentivised,
        recommends=review.recommends,
        attributes=dict(review.attributes),
        country=review.country,
        language=review.language,
    )


def _state(review: Review) -> str:
    return "pending" if review.state == Review.State.UNCONFIRMED else str(review.state)


def _row(store: Store, review: Review) -> ReviewRow:
    """A review that was written here, with all that is known of it."""
    product, variants = review.product, list(review.product.variants.all())
    variant = review.variant or (variants[0] if len(variants) == 1 else None)
    return ReviewRow(
        rating=review.rating,
        written_at=review.written_at,
        external_id=own_id(store, review),
        title=review.title,
        body=review.body,
        author=(review.customer.name if review.customer else "") or review.shown_name,
        nickname=review.shown_name,
        email=(review.customer.email if review.customer else "") or review.email,
        product_id=product.external_id,
        product_handle=handle_of(product.url) if "/product" in product.url else "",
        product_title=product.title,
        product_url=product.url,
        product_image_url=product.image_url,
        sku=variant.sku if variant else "",
        variant_id=variant.external_id if variant else "",
        variant=variant.title if variant else "",
        reply=review.reply,
        replied_at=review.replied_at,
        is_reply_public=True if review.reply else None,
        photo_urls=_photo_urls(store, review),
        state=_state(review),
        is_told_verified=review.is_verified,
        is_incentivised=review.is_incentivised,
        is_recommended=review.recommends,
        country=review.country,
        language=review.language,
        source=review.source or _HOW.get(Review.Collected(review.collected), ""),
        attributes=dict(review.attributes),
    )


def _photo_urls(store: Store, review: Review, told: Collection[str] = ()) -> tuple[str, ...]:
    """Our address of each photo that is here and seen, the old one of any other; those that somebody hid are left out.

    The app that they came from may be gone by the time the next one fetches them.
    """
    photos = list(review.photos.all())
    known = {photo.url for photo in photos}
    urls = (_photo_url(store, photo) for photo in photos if not photo.is_hidden)
    return (*filter(None, urls), *(url for url in told if url not in known))


def _photo_url(store: Store, photo: ReviewPhoto) -> str:
    if not photo.fingerprint:
        return photo.url
    return links.page(store, "feedback_storefront:review_photo", mark("photo", photo.store_id, photo.pk), "full")


def _moved(store: Store, review: Review, origin: Format, told: ReviewRow) -> ReviewRow:
    """A review that was brought, for another app: what the first one told, our products, and our word on who bought."""
    ours, back = _row(store, review), keeping.put_back(origin, told, _kept(review))
    return replace(
        back,
        external_id=ours.external_id,
        product_id=ours.product_id,
        product_handle=ours.product_handle or back.product_handle,
        product_title=ours.product_title,
        product_url=ours.product_url or back.product_url,
        product_image_url=ours.product_image_url or back.product_image_url,
        sku=ours.sku or back.sku,
        email=back.email or ours.email,
        photo_urls=_photo_urls(store, review, back.photo_urls),
        state=ours.state,
        is_told_verified=review.is_verified,
        source=ours.source,
    )


def lines(store: Store) -> Iterator[str]:
    """Everything about each review as a line of JSON: what it says and said, what was decided, and where it is from."""
    rows = Review.objects.of(store).prefetch_related("versions", "decisions", "decisions__by", "decisions__appeal")
    for review in _reviews(store, rows):
        yield json.dumps(_whole(store, review), ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _whole(store: Store, review: Review) -> dict[str, Any]:
    row = vars(_row(store, review))
    brought: BroughtReview | None = getattr(review, "brought", None)
    return {
        **{name: value for name, value in row.items() if value not in (None, "", (), {})},
        "id": review.pk,
        "verified": review.is_verified,
        "collected": review.collected,
        "hidden_for": review.hidden_for,
        "helpful": review.helpful,
        "unhelpful": review.unhelpful,
        "versions": [
            _some(each, "number", "rating", "title", "body", "changed_by", "until") for each in review.versions.all()
        ],
        "decisions": [_decision(each) for each in review.decisions.all()],
        "photos": [_some(each, "url", "fingerprint", "problem", "is_hidden") for each in review.photos.all()],
        "brought": _some(brought, "row", "cells", "notes") if brought else None,
    }


def _decision(one: Any) -> dict[str, Any]:
    appeal = getattr(one, "appeal", None)
    return {
        **_some(one, "what", "state", "reason", "note", "told", "at", "second_at"),
        "by": one.by.name if one.by else "",
        "appeal": _some(appeal, "text", "made_at", "outcome", "answer", "decided_at") if appeal else None,
    }


def _some(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@dataclass
class Outlook:
    """What a table of an app would hold: how many reviews, how many it leaves out, and what it cannot say of them."""

    reviews: int = 0
    left_out: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)


def outlook(store: Store, key: str, *, most: int = LOOKED_AT) -> Outlook:
    """Looks at the first so many."""
    chosen, seen = FORMATS[key], Outlook()
    for one in islice(told(store, chosen), most):
        if not writing.may_be_written(chosen, one.row):
            seen.left_out += 1
            continue
        seen.reviews += 1
        seen.lost.update(writing.lost(chosen, one.row))
        seen.lacking.update(writing.lacking(chosen, one.row))
    return seen
