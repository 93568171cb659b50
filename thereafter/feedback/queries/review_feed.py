"""All published reviews of a shop, for its feed; read piece by piece, so that many take no more room than few."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC

from thereafter.commerce.models import Variant
from thereafter.feedback.marks import mark
from thereafter.feedback.models import Review, ReviewPhoto
from thereafter.feedback.queries.shown_reviews import photos_of
from thereafter.feedback.rules.review_feed import Listed, Reviewed
from thereafter.storefront import links
from thereafter.stores.models import Store

AT_ONCE = 500
_METHODS = {Review.Collected.INVITATION: "post_fulfillment", Review.Collected.WEB: "unsolicited"}


def listed(store: Store) -> Iterator[Listed]:
    """Every one, whatever its stars; a review without words is one of stars alone, and Google takes none of these."""
    last = 0
    while some := _after(store, last):
        last = some[-1].pk
        photos = photos_of(store.pk, [one.pk for one in some if one.photo_count])
        skus = _skus(store, {one.product_id for one in some})
        for review in some:
            yield _listed(store, review, photos.get(review.pk, ()), skus)


def _after(store: Store, last: int) -> list[Review]:
    rows = Review.objects.of(store).filter(state=Review.State.PUBLISHED, pk__gt=last).exclude(body="", title="")
    return list(rows.select_related("product").order_by("pk")[:AT_ONCE])


def _skus(store: Store, product_ids: Collection[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = Variant.objects.of(store).filter(product__in=product_ids).exclude(sku="").order_by("pk")
    for product, sku in rows.values_list("product", "sku"):
        found.setdefault(product, []).append(sku)
    return found


def _listed(store: Store, review: Review, photos: Collection[ReviewPhoto], skus: Mapping[int, list[str]]) -> Listed:
    product = review.product
    page = links.page(store, "feedback_storefront:product_reviews", product.external_id)
    return Listed(
        number=mark("review", review.store_id, review.pk),
        author=review.shown_name,
        verified=review.is_verified,
        incentivised=review.is_incentivised,
        at=review.written_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        title=review.title,
        content=review.body or review.title,
        language=review.language[:2],
        country=review.country,
        rating=review.rating,
        url=f"{product.url}#reviews" if product.url else page,
        images=[links.page(store, "feedback_storefront:review_photo", _name(one), "full") for one in photos],
        product=Reviewed(product.title, product.url or page, tuple(skus.get(review.product_id, ()))),
        method=_METHODS.get(review.collected, ""),  # type: ignore[call-overload]  # the column holds plain words
    )


def _name(photo: ReviewPhoto) -> str:
    return mark("photo", photo.store_id, photo.pk)
