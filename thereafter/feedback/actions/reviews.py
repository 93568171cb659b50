"""Writing reviews, changing them, taking them back, and letting them be seen. Nothing here looks at the stars."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer, Order, Product
from thereafter.events.reviews import ReviewChanged, ReviewPublished, ReviewWithdrawn, ReviewWritten
from thereafter.feedback.actions import asking, ratings, review_photos, review_thanks
from thereafter.feedback.models import Decision, Review, ReviewRequest, ReviewSettings, ReviewVersion
from thereafter.feedback.queries import bought, review_asks
from thereafter.feedback.queries.moderation import hints
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import reviews as rules
from thereafter.kit.pictures import Picture
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Staff
from thereafter.timeline.log import record

State, Collected = Review.State, Review.Collected


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who writes. `order` is the one they were asked about; `says_insider`: they said that they belong to the shop.

    Without a customer there is an address, and nothing is seen before its owner said yes.
    """

    customer: Customer | None = None
    order: Order | None = None
    email: str = ""
    name: str = ""
    says_insider: bool = False
    collected: str = Collected.INVITATION
    network: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What they say. `photos` are made anew already (`review_photos.made`); `keep`: ids of those that stay."""

    rating: int
    title: str = ""
    body: str = ""
    recommends: bool | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    photos: Sequence[Picture] = ()
    keep: Collection[int] | None = None


@transaction.atomic
def write(request: ReviewRequest | None, product: Product, author: Author, draft: Draft, *, now: datetime) -> Review:
    """Takes a review; one that this person wrote about this purchase is changed instead. Raises `rules.BadReview`."""
    rules.check(draft.rating, draft.title, draft.body)
    if author.customer is not None:
        in_turn(author.customer)
    order_id = _bought_in(product, author, now)
    before = _written_before(product, author, order_id)
    if before is not None:
        return change(before, draft, now=now)
    settings = settings_of(product.store_id)
    review = Review.objects.create(
        store_id=product.store_id,
        product=product,
        customer=author.customer,
        order_id=order_id,
        request=request,
        email="" if author.customer else author.email,
        network=author.network,
        rating=draft.rating,
        **_words(draft),
        country=author.customer.country if author.customer else "",
        shown_name=_name(author),
        state=State.PENDING if author.customer else State.UNCONFIRMED,
        collected=author.collected,
        is_verified=order_id is not None,
        is_insider=author.says_insider or rules.is_insider(_address(author), settings.insider_domains),
        written_at=now,
        changed_at=now,
    )
    review_photos.keep(review, draft.photos, now=now)
    if author.customer is not None:
        told(review, settings, now=now)
    return review


def in_turn(customer: Customer) -> None:
    """Of two presses of one button the second waits, and finds what the first wrote."""
    list(Customer.objects.of(customer.store_id).select_for_update(no_key=True).filter(pk=customer.pk).values_list("pk"))


def told(review: Review, settings: ReviewSettings, *, now: datetime) -> None:
    """Once the author is known: thanks first, whatever it says and whatever becomes of it, then it may be seen."""
    review_thanks.give(review, settings, now=now)
    if review.order_id is not None:
        asks = review_asks.asked_about(review.store_id, review.order_id, review.product_id)
        asking.heard(review.store_id, asks, at=now)
        drop_documents(review.store_id, [review.order_id])
    record(written(review))
    if not settings.checks_first and not _wants_a_look(review):
        publish(review.store_id, [review.pk], now=now)
        review.refresh_from_db()


@transaction.atomic
def change(review: Review, draft: Draft, *, now: datetime) -> Review:
    """The author thinks differently now; what stood before is kept. Raises `rules.BadReview`.

    Where a person looks first, they look again; what was hidden comes back only after somebody looked.
    """
    rules.check(draft.rating, draft.title, draft.body)
    review = Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)
    words = _words(draft)
    other_photos = review_photos.change(review, draft.photos, draft.keep, now=now)
    same = all(getattr(review, name) == value for name, value in [*words.items(), ("rating", draft.rating)])
    if same and not other_photos and review.state != State.WITHDRAWN:
        return review
    was = review.rating
    keep_version(review, now=now)
    review.rating, review.version, review.changed_at = draft.rating, review.version + 1, now
    for name, value in words.items():
        setattr(review, name, value)
    review.save()
    if review.customer_id is None or review.state == State.UNCONFIRMED:
        return review
    record(_changed(review, was))
    _lift_decisions(review, now)
    _seen_again(review, now=now)
    ratings.recount(review.store_id, [review.product_id], now=now)
    review.refresh_from_db()
    return review


@transaction.atomic
def withdraw(review: Review, *, now: datetime) -> bool:
    """The author takes it back, with its pictures; False when it was taken back already."""
    standing = Review.objects.of(review.store_id).filter(pk=review.pk).exclude(state=State.WITHDRAWN)
    if not standing.update(state=State.WITHDRAWN, hidden_for="", photo_count=0, pinned_at=None, changed_at=now):
        return False
    review.photos.all().delete()
    _lift_decisions(review, now)
    if review.customer_id is not None:
        about = {"review_id": review.pk, "product_id": review.product_id}
        record(ReviewWithdrawn(**_ids(review, review.customer_id), occurred_at=now, actor="shopper", **about))
    if review.order_id is not None:
        drop_documents(review.store_id, [review.order_id])
    ratings.recount(review.store_id, [review.product_id], now=now)
    return True


def _lift_decisions(review: Review, now: datetime) -> None:
    """What was decided, or waits for a second person, was about other words than those that stand there now."""
    about = Decision.objects.of(review.store_id).filter(review=review, photo=None, what=Decision.What.HIDE)
    held = about.filter(state__in=[Decision.State.PROPOSED, Decision.State.HOLDS])
    held.update(state=Decision.State.LIFTED, second_at=now)


@transaction.atomic
def publish(store_id: int, review_ids: Collection[int], *, now: datetime) -> int:
    """Lets reviews be seen from now on; returns how many were not before. What its author took back stays away."""
    waiting = Review.objects.of(store_id).filter(pk__in=review_ids, state__in=[State.PENDING, State.HIDDEN])
    chosen = list(waiting.select_for_update(of=("self",)).order_by("id"))
    for review in chosen:
        review.state, review.hidden_for, review.published_at = State.PUBLISHED, "", review.published_at or now
    Review.objects.bulk_update(chosen, ["state", "hidden_for", "published_at"], batch_size=500)
    record(*(_published(review, review.customer_id, now) for review in chosen if review.customer_id is not None))
    ratings.recount(store_id, {review.product_id for review in chosen}, now=now)
    return len(chosen)


def _bought_in(product: Product, author: Author, now: datetime) -> int | None:
    """The order by which they have it: the one they were asked about, else their newest one before now."""
    if author.customer is None:
        return None
    order = author.order if author.order and author.order.customer_id == author.customer.pk else None
    if order is not None and bought.order_has(order, product.pk, now):
        return order.pk
    pair = (author.customer.pk, product.pk)
    return bought.bought_before(product.store_id, [pair], now).get(pair)


def _written_before(product: Product, author: Author, order_id: int | None) -> Review | None:
    """What this person said of this purchase; who did not buy it speaks once of the product."""
    if author.customer is None:
        return None
    mine = Review.objects.of(product.store_id).filter(product=product, customer=author.customer, order=order_id)
    return mine.exclude(collected=Collected.IMPORTED).order_by("-id").first()


def _words(draft: Draft) -> dict[str, object]:
    return {
        "title": " ".join(draft.title.split()),
        "body": draft.body.strip(),
        "recommends": draft.recommends,
        "attributes": dict(draft.attributes),
        "language": draft.language[:10],
    }


def _name(author: Author) -> str:
    return rules.shown_name(author.name or (author.customer.name if author.customer else ""))


def _address(author: Author) -> str:
    return author.customer.email if author.customer else author.email


def _seen_again(review: Review, *, now: datetime) -> None:
    """Of a review that its author changed: whether it can be seen at once, or somebody looks first."""
    looks = settings_of(review.store_id).checks_first or review.state in (State.HIDDEN, State.PENDING)
    looks = looks or _wants_a_look(review)
    if looks or review.state != State.PUBLISHED:
        Review.objects.of(review.store_id).filter(pk=review.pk).update(state=State.PENDING, hidden_for="")
    if not looks:
        publish(review.store_id, [review.pk], now=now)


def _wants_a_look(review: Review) -> bool:
    """What reads like personal data, a link or an insult waits for a person, whatever its stars."""
    return bool(hints(review.store_id, [review])[review.pk])


def keep_version(
    review: Review, *, now: datetime, staff: Staff | None = None, changed_by: str = "author"
) -> ReviewVersion:
    """What it says now, before it says something else."""
    return ReviewVersion.objects.create(
        store_id=review.store_id,
        review=review,
        number=review.version,
        rating=review.rating,
        title=review.title,
        body=review.body,
        attributes=review.attributes,
        changed_by=changed_by,
        staff=staff,
        until=now,
    )


def written(review: Review) -> ReviewWritten:
    """The event of a review whose author is known."""
    return ReviewWritten(
        **_ids(review, review.customer_id or 0),
        occurred_at=review.written_at,
        actor="shopper",
        review_id=review.pk,
        product_id=review.product_id,
        rating=review.rating,
        photos=review.photo_count,
        has_words=bool(review.body),
        verified=review.is_verified,
        collected=review.collected,
    )


def _changed(review: Review, was: int) -> ReviewChanged:
    return ReviewChanged(
        **_ids(review, review.customer_id or 0),
        occurred_at=review.changed_at,
        actor="shopper",
        review_id=review.pk,
        product_id=review.product_id,
        rating=review.rating,
        was=was,
        photos=review.photo_count,
    )


def _published(review: Review, customer_id: int, now: datetime) -> ReviewPublished:
    return ReviewPublished(
        **_ids(review, customer_id),
        occurred_at=now,
        review_id=review.pk,
        product_id=review.product_id,
        rating=review.rating,
    )


def _ids(review: Review, customer_id: int) -> dict[str, Any]:
    return {"store_id": review.store_id, "customer_id": customer_id, "order_id": review.order_id}
