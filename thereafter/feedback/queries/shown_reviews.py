"""What everybody may read of a product's reviews: one page of them, and what they say together."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from thereafter.feedback.models import Rating, Review, ReviewPhoto
from thereafter.feedback.rules.widgets import Wanted

MOST_PHOTOS = 24


@dataclass(frozen=True, slots=True)
class Together:
    """What all published reviews say together, counted: nothing of it is typed in by anybody.

    `attributes`: how often each option was chosen, by attribute. `languages`: reviews of each language.
    """

    verified: int
    incentivised: int
    imported: int
    recommend: int
    asked_to_recommend: int
    attributes: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Page:
    reviews: Sequence[Review]
    photos: Mapping[int, Sequence[ReviewPhoto]]
    found: int
    number: int
    pages: int


def published(store_id: int, product_ids: Collection[int]) -> QuerySet[Review]:
    return Review.objects.of(store_id).filter(product__in=product_ids, state=Review.State.PUBLISHED).order_by()


def rating_of(store_id: int, product_id: int) -> Rating:
    """The kept counts; a product without any has a row of zeros that is not kept."""
    return Rating.objects.of(store_id).filter(product=product_id).first() or Rating(
        store_id=store_id, product_id=product_id
    )


def ratings_of(store_id: int, product_ids: Collection[int]) -> dict[int, Rating]:
    return {row.product_id: row for row in Rating.objects.of(store_id).filter(product__in=product_ids)}


def together(store_id: int, product_ids: Collection[int]) -> Together:
    """One query: reviews that say the same of these few things are counted by the database."""
    facts: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    attributes: dict[str, Counter[str]] = {}
    columns = ("is_verified", "is_incentivised", "collected", "recommends", "language", "attributes")
    rows = published(store_id, product_ids).values_list(*columns).annotate(times=Count("pk"))
    for verified, paid, collected, recommends, language, chosen, times in rows:
        facts["verified"] += times * verified
        facts["incentivised"] += times * paid
        facts["imported"] += times * (collected == Review.Collected.IMPORTED)
        facts["asked"] += times * (recommends is not None)
        facts["recommend"] += times * bool(recommends)
        languages[language[:2]] += times * bool(language)
        for key, option in chosen.items():
            attributes.setdefault(key, Counter())[str(option)] += times
    return Together(
        verified=facts["verified"],
        incentivised=facts["incentivised"],
        imported=facts["imported"],
        recommend=facts["recommend"],
        asked_to_recommend=facts["asked"],
        attributes=attributes,
        languages=+languages,
    )


def page_of(store_id: int, product_ids: Collection[int], wanted: Wanted, *, sort: str, size: int) -> Page:
    """The reviews a visitor asked for; `sort` is the shop's own order, for who chose none."""
    rows = filtered(published(store_id, product_ids), wanted)
    found = rows.count()
    pages = max(1, -(-found // size))
    number = min(wanted.page, pages)
    ordered = _in_order(rows, wanted.sort or sort, pinned_first=not wanted.sort)
    reviews = list(ordered.select_related("product")[(number - 1) * size : number * size])
    with_photos = [review.pk for review in reviews if review.photo_count]
    return Page(reviews, photos_of(store_id, with_photos), found, number, pages)


def filtered(rows: QuerySet[Review], wanted: Wanted) -> QuerySet[Review]:
    if wanted.stars:
        rows = rows.filter(rating=wanted.stars)
    if wanted.photos:
        rows = rows.filter(photo_count__gt=0)
    if wanted.language:
        rows = rows.filter(language__startswith=wanted.language)
    if wanted.attribute:
        key, _, option = wanted.attribute.partition(":")
        # As plain text: compared as JSON, SQLite would read "small" as broken JSON.
        said = Cast(KeyTextTransform(key, "attributes"), CharField())
        rows = rows.annotate(said=said).filter(said=option)
    for word in wanted.words.split():
        rows = rows.filter(Q(title__icontains=word) | Q(body__icontains=word))
    return rows


def _in_order(rows: QuerySet[Review], sort: str, *, pinned_first: bool) -> QuerySet[Review]:
    """What the shop pinned stands first where nobody chose an order, and says so."""
    orders: dict[str, list[Any]] = {
        "newest": [],
        "helpful": [(F("helpful") - F("unhelpful")).desc()],
        "photos": [Case(When(photo_count__gt=0, then=Value(0)), default=Value(1))],
        "highest": ["-rating"],
        "lowest": ["rating"],
    }
    pinned = [F("pinned_at").desc(nulls_last=True)] if pinned_first else []
    return rows.order_by(*pinned, *orders[sort], "-written_at", "-pk")


def photos_of(store_id: int, review_ids: Collection[int]) -> dict[int, list[ReviewPhoto]]:
    """The photos that may be seen, without their pictures, by review."""
    found: dict[int, list[ReviewPhoto]] = {}
    if not review_ids:
        return found
    rows = ReviewPhoto.objects.of(store_id).filter(review__in=review_ids, is_hidden=False).exclude(fingerprint="")
    for photo in rows.defer("content", "thumbnail").order_by("place", "pk"):
        found.setdefault(photo.review_id, []).append(photo)
    return found


def gallery(store_id: int, product_ids: Collection[int]) -> list[ReviewPhoto]:
    """The newest photos of a product's reviews, whatever their stars."""
    rows = ReviewPhoto.objects.of(store_id).filter(
        review__product__in=product_ids, review__state=Review.State.PUBLISHED, is_hidden=False
    )
    newest = rows.exclude(fingerprint="").select_related("review").defer("content", "thumbnail")
    return list(newest.order_by("-review__written_at", "place", "pk")[:MOST_PHOTOS])
