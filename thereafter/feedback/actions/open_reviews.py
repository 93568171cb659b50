"""Reviews of people we do not know: written on the product's page, seen once the owner of the mailbox said yes."""

from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.actions.people import known_by_address
from thereafter.commerce.models import Product
from thereafter.feedback.actions import reviews
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Review, ReviewConfirmation
from thereafter.feedback.queries import bought
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.stores.models import Store

SOURCE = "reviews"
# Nobody floods a stranger's mailbox through us: few mails in a day.
MOST_MAILS, MAILS_WITHIN = 3, timedelta(days=1)
# What nobody confirmed is deleted.
KEPT_FOR = timedelta(days=15)


@transaction.atomic
def ask(product: Product, author: Author, draft: Draft, *, now: datetime) -> ReviewConfirmation | None:
    """Keeps the review out of sight and queues the mail with the question; None when this mailbox had enough of them.
    Raises `rules.BadReview`."""
    before = ReviewConfirmation.objects.of(product.store_id).filter(email=author.email, asked_at__gt=now - MAILS_WITHIN)
    if before.count() >= MOST_MAILS:
        return None
    review = reviews.write(None, product, author, draft, now=now)
    return ReviewConfirmation.objects.create(
        store_id=product.store_id,
        review=review,
        email=author.email,
        language=draft.language[:10],
        asked_at=now,
        mail_due_at=now,
    )


@transaction.atomic
def confirm(asked: ReviewConfirmation, *, now: datetime) -> Review:
    """The owner of the mailbox says that it is theirs. Whether they bought it is computed now; the second time changes
    nothing."""
    review = Review.objects.of(asked.store_id).select_for_update(of=("self",)).get(pk=asked.review_id)
    if review.state != Review.State.UNCONFIRMED:
        return review
    store = Store.objects.get(pk=asked.store_id)
    customer = known_by_address(store, asked.email, name="", locale=asked.language, source=SOURCE, now=now)
    reviews.in_turn(customer)
    pair = (customer.pk, review.product_id)
    order_id = bought.bought_before(asked.store_id, [pair], review.written_at).get(pair)
    rows = ReviewConfirmation.objects.of(asked.store_id).filter(pk=asked.pk)
    rows.update(confirmed_at=now)
    mine = Review.objects.of(asked.store_id).filter(product=review.product_id, customer=customer, order=order_id)
    if (known := mine.exclude(collected=Review.Collected.IMPORTED).order_by("-id").first()) is not None:
        return _instead(review, known, now)
    review.customer, review.order_id, review.is_verified = customer, order_id, order_id is not None
    review.state, review.email, review.country = Review.State.PENDING, "", customer.country
    review.save()
    reviews.told(review, settings_of(asked.store_id), now=now)
    return review


def _instead(review: Review, known: Review, now: datetime) -> Review:
    """Somebody says anew what they think of what they reviewed before: one person has one voice."""
    photos = review.photos.exclude(fingerprint__in=known.photos.values("fingerprint"))
    photos.update(review=known)
    draft = Draft(
        rating=review.rating,
        title=review.title,
        body=review.body,
        recommends=review.recommends,
        attributes=review.attributes,
        language=review.language,
    )
    # The confirmation goes on pointing to what is there.
    ReviewConfirmation.objects.of(review.store_id).filter(review=review).delete()
    review.delete()
    return reviews.change(known, draft, now=now)


def forget_unconfirmed(now: datetime) -> int:
    """Reviews whose author never said yes; returns how many."""
    old = Review.objects.filter(state=Review.State.UNCONFIRMED, written_at__lt=now - KEPT_FOR)
    return old.delete()[1].get("feedback.Review", 0)
