"""What stands in the forms by which people review what they bought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thereafter.commerce.models import Customer, Order, Product
from thereafter.feedback.models import Review, ReviewRequest
from thereafter.feedback.queries import review_asks
from thereafter.feedback.rules.reviews import Rule
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

LATEST = 20
DELIVERED = "parcel.delivered"


@dataclass(frozen=True)
class ToReview:
    """A product of an order with its rule, and what its buyer said of it."""

    product: Product
    title: str
    rule: Rule
    review: Review | None


def of_order(order: Order, request: ReviewRequest | None) -> list[ToReview]:
    """What the request asks about, or all of the order that can be reviewed."""
    there = review_asks.bought(order.store_id, [order.pk])
    lines = there.products.get(order.pk, {})
    if request is not None:
        asked = set(request.products.values_list("product", flat=True))
        lines = {pk: line for pk, line in lines.items() if pk in asked}
    said = _said(order, list(lines))
    return [
        ToReview(line.product, line.title, there.rules[pk], said.get(pk)) for pk, line in lines.items() if line.product
    ]


def _said(order: Order, product_ids: Sequence[int]) -> Mapping[int, Review]:
    mine = Review.objects.of(order.store_id).filter(customer=order.customer_id, order=order, product__in=product_ids)
    return {review.product_id: review for review in mine.exclude(state=Review.State.WITHDRAWN).order_by("id")}


def request_in(store: Store, request_id: int) -> ReviewRequest | None:
    return ReviewRequest.objects.of(store).filter(pk=request_id).first() if request_id else None


def own(store: Store, review_id: int) -> Review | None:
    rows = Review.objects.of(store).select_related("product", "customer", "order", "thanks")
    return rows.filter(pk=review_id).first()


def written_by(customer: Customer) -> list[Review]:
    """The newest of a person, without what they took back."""
    mine = Review.objects.of(customer.store_id).filter(customer=customer).exclude(state=Review.State.WITHDRAWN)
    return list(mine.select_related("product").order_by("-written_at", "-id")[:LATEST])


def can_be_reviewed(order: Order) -> list[tuple[str, Review | None]]:
    """Titles of an order's products with what was said of each; nothing before a parcel of it has come."""
    came = Entry.objects.of(order.store_id).filter(order_id=order.pk, name=DELIVERED).exists()
    if not came or order.is_cancelled:
        return []
    return [(one.title, one.review) for one in of_order(order, None)]
