"""Reviews that buyers wrote, for tests."""

from datetime import datetime, timedelta
from typing import Any

from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.feedback.actions import appeals, moderating, review_setup, reviews
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Review, ReviewPhoto, ReviewRule
from thereafter.feedback.rules.ready_attributes import READY
from thereafter.stores.models import Staff, Store

WRITTEN = PLACED + timedelta(days=20)


def make_review(
    store: Store,
    rating: int = 4,
    body: str = "They fit well and look good after a month.",
    *,
    product: Product | None = None,
    order: Order | None = None,
    email: str = "john@example.com",
    is_published: bool = False,
    now: datetime = WRITTEN,
    **words: Any,
) -> Review:
    """Of somebody who bought it, unless `order` is of somebody else."""
    product = product or make_product(store)
    order = order or make_order(store, email=email)
    author = Author(customer=order.customer, order=order)
    review = reviews.write(None, product, author, Draft(rating=rating, body=body, **words), now=now)
    if is_published:
        reviews.publish(store.pk, [review.pk], now=now)
        review.refresh_from_db()
    return review


def reviews_of_each_kind(store: Store, first: Staff, second: Staff) -> dict[str, int]:
    """A review with a picture that somebody proposed to hide and one whose author objects, a rule and a group; each by
    the name it has in addresses."""
    product = make_product(store, "of-each", title="Of each, blue", category="Socks")
    other = make_product(store, "of-each-2", title="Of each, black", category="Socks")
    low = make_review(store, 2, "Too small.", product=product, email="low@example.com")
    photo = ReviewPhoto.objects.create(store=store, review=low, fingerprint="x", content=b"", added_at=WRITTEN)
    moderating.hide(low, reason="off_topic", note="", by=first, now=WRITTEN)
    high = make_review(store, 5, "Call 0170 1234567.", product=product, email="high@example.com")
    hidden = moderating.hide(high, reason="personal_data", note="", by=second, now=WRITTEN)
    rule = ReviewRule(store=store, category="Socks", attributes=[READY["fit"]])
    return {
        "review_id": low.pk,
        "review_photo_id": photo.pk,
        "decision_id": low.decisions.get().pk,
        "appeal_id": appeals.appeal(hidden, "It is my shop.", now=WRITTEN).pk,
        "review_rule_id": review_setup.keep_rule(store, rule, by=first, now=WRITTEN).pk,
        "review_group_id": review_setup.make_group(store, "", [product.pk, other.pk], by=first, now=WRITTEN).pk,
    }
