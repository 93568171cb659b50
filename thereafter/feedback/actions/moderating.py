"""Deciding what may be seen, for a reason that is none of sentiment, and with a second person where stars are few.

Every decision is a row that stays. What waits for a second person changes nothing: what was public stays public.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from thereafter.events.reviews import ReviewHidden
from thereafter.feedback import moderation_words
from thereafter.feedback.actions import author_news, follow_ups, ratings, review_photos, reviews
from thereafter.feedback.models import Decision, Report, Review, ReviewPhoto
from thereafter.feedback.rules import moderation as rules
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.storefront.shell import in_language_of
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

State, What, Held = Review.State, Decision.What, Decision.State
OPEN = (State.PENDING, State.PUBLISHED)


@transaction.atomic
def approve(store: Store, review_ids: Collection[int], *, by: Staff | None, now: datetime) -> int:
    """Publishes those that wait for a look, whatever their stars; what waits for a second person is left alone."""
    waiting = Review.objects.of(store).filter(pk__in=review_ids, state=State.PENDING)
    proposed = Decision.objects.of(store).filter(review__in=review_ids, state=Held.PROPOSED, photo=None)
    chosen = list(waiting.exclude(pk__in=proposed.values("review")).select_for_update(of=("self",)).order_by("id"))
    Decision.objects.bulk_create(
        Decision(store=store, review=one, what=What.PUBLISH, state=Held.HOLDS, by=by, at=now, rating=one.rating)
        for one in chosen
    )
    # What was hidden, and its author has changed since.
    over = Decision.objects.of(store).filter(review__in=chosen, what=What.HIDE, state=Held.HOLDS, photo=None)
    over.update(state=Held.LIFTED)
    return reviews.publish(store.pk, [one.pk for one in chosen], now=now)


@transaction.atomic
def hide(review: Review, *, reason: str, note: str, by: Staff, now: datetime) -> Decision:
    """Hides it, or proposes to when its stars are few: then a second person confirms. The author is told when it holds.

    Raises `CannotDecide`.
    """
    rules.check_reason(reason, note)
    review = _locked(review)
    if review.state not in OPEN:
        raise CannotDecide("This review is not shown, and waits for nobody.")
    made = Decision(
        store_id=review.store_id,
        review=review,
        what=What.HIDE,
        state=Held.PROPOSED if rules.needs_second(review.rating) else Held.HOLDS,
        reason=reason,
        note=note.strip(),
        by=by,
        at=now,
        rating=review.rating,
    )
    _save_proposal(made)
    if made.state == Held.HOLDS:
        _carry_out(made, review, by, now)
    return made


@transaction.atomic
def hide_photo(photo: ReviewPhoto, *, reason: str, note: str, by: Staff, now: datetime) -> Decision:
    """Hides one picture, by the same rule as the review it belongs to. Raises `CannotDecide`."""
    rules.check_reason(reason, note)
    review = _locked(photo.review)
    mine = Decision.objects.of(review.store_id).filter(photo=photo, state=Held.PROPOSED)
    if photo.is_hidden or mine.exists():
        raise CannotDecide("This picture is hidden already, or waits for a second person.")
    made = Decision.objects.create(
        store_id=review.store_id,
        review=review,
        photo=photo,
        what=What.HIDE,
        state=Held.PROPOSED if rules.needs_second(review.rating) else Held.HOLDS,
        reason=reason,
        note=note.strip(),
        by=by,
        at=now,
        rating=review.rating,
    )
    if made.state == Held.HOLDS:
        _carry_out(made, review, by, now)
    return made


@transaction.atomic
def confirm(decision: Decision, *, by: Staff, now: datetime) -> Decision:
    """The second person agrees, and it is hidden. Raises `CannotDecide`."""
    rules.check_second(by.pk, decision.by_id)
    review = _locked(_about(decision))
    if review.state not in OPEN or review.changed_at > decision.at:
        raise CannotDecide(
            "The author changed this review since, or took it back. Say no, and look at it as it is now."
        )
    decision = _settle(decision, Held.HOLDS, by, now)
    _carry_out(decision, review, by, now)
    return decision


@transaction.atomic
def refuse(decision: Decision, *, by: Staff, now: datetime, note: str = "") -> Decision:
    """It is not hidden. Who proposed it may take it back; anybody else says no. Raises `CannotDecide`."""
    return _settle(decision, Held.REFUSED, by, now, note)


@transaction.atomic
def lift(decision: Decision, *, by: Staff, note: str, now: datetime) -> None:
    """What was hidden is shown again; what an author withdrew stays away. Raises `CannotDecide`."""
    mine = Decision.objects.of(decision.store_id).filter(pk=decision.pk, what=What.HIDE, state=Held.HOLDS)
    if not mine.update(state=Held.LIFTED):
        raise CannotDecide("This is not hidden any more.")
    review = _about(decision)
    Decision.objects.create(
        store_id=decision.store_id,
        review=review,
        photo=decision.photo,
        what=What.PUBLISH,
        state=Held.HOLDS,
        note=note.strip(),
        by=by,
        at=now,
        rating=review.rating,
    )
    if decision.photo:
        _show_photo(decision.photo, review, now)
        return
    reviews.publish(review.store_id, [review.pk], now=now)


@transaction.atomic
def publish_hidden(review: Review, *, by: Staff, note: str, now: datetime) -> None:
    """Shows what is hidden, also what came hidden from elsewhere. Raises `CannotDecide`."""
    hidden = Decision.objects.of(review.store_id).filter(review=review, photo=None, what=What.HIDE, state=Held.HOLDS)
    decision = hidden.order_by("-at", "-pk").first()
    if decision:
        lift(decision, by=by, note=note, now=now)
        return
    if Review.objects.of(review.store_id).filter(pk=review.pk).get().state != State.HIDDEN:
        raise CannotDecide("This is not hidden any more.")
    Decision.objects.create(
        store_id=review.store_id,
        review=review,
        what=What.PUBLISH,
        state=Held.HOLDS,
        note=note.strip(),
        by=by,
        at=now,
        rating=review.rating,
    )
    reviews.publish(review.store_id, [review.pk], now=now)


@transaction.atomic
def have_seen(review: Review, *, now: datetime) -> int:
    """Somebody looked at what visitors reported; returns how many reports that settles."""
    return Report.objects.of(review.store_id).filter(review=review, seen_at=None).update(seen_at=now)


def _locked(review: Review) -> Review:
    return Review.objects.of(review.store_id).select_for_update(of=("self",)).get(pk=review.pk)


def _about(decision: Decision) -> Review:
    if decision.review is None:
        raise CannotDecide("This decision is not about a review.")
    return decision.review


def _save_proposal(made: Decision) -> None:
    waiting = Decision.objects.of(made.store_id).filter(review=made.review, state=Held.PROPOSED, photo=None)
    if waiting.exists():
        raise CannotDecide("Somebody proposed to hide this already. It waits for a second look.")
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise CannotDecide("Somebody proposed to hide this already. It waits for a second look.") from None


def _settle(decision: Decision, state: str, by: Staff, now: datetime, note: str = "") -> Decision:
    """The first press counts."""
    mine = Decision.objects.of(decision.store_id).filter(pk=decision.pk, state=Held.PROPOSED)
    words = "\n".join(part for part in (decision.note, note.strip()) if part)
    if not mine.update(state=state, second=by, second_at=now, note=words):
        raise CannotDecide("Somebody decided this already.")
    decision.refresh_from_db()
    return decision


def _carry_out(decision: Decision, review: Review, by: Staff, now: datetime) -> None:
    was_shown = review.state == State.PUBLISHED
    if decision.photo:
        ReviewPhoto.objects.of(review.store_id).filter(pk=decision.photo.pk).update(is_hidden=True)
        review_photos.count(review)
    else:
        Review.objects.of(review.store_id).filter(pk=review.pk).update(
            state=State.HIDDEN, hidden_for=decision.reason, pinned_at=None
        )
    if was_shown:
        ratings.recount(review.store_id, [review.product_id], now=now)
    _tell(decision, review, by, now)


def _tell(decision: Decision, review: Review, by: Staff, now: datetime) -> None:
    """What the author reads is kept as it was said that day."""
    if review.customer:
        with in_language_of(review.customer):
            decision.told = moderation_words.told(decision.reason)
        decision.save(update_fields=["told"])
    author_news.tell(review, author_news.HIDDEN, key=str(decision.pk), now=now, decision_id=decision.pk)
    if review.customer_id is None:
        return
    if decision.photo is None:
        ids = author_news.event_ids(review, review.customer_id, now, by.pk)
        about = {"product_id": review.product_id, "reason": decision.reason, "decision_id": decision.pk}
        record(ReviewHidden(**ids, **about))  # type: ignore[arg-type]  # the fields of every event of a review
    if decision.reason == "not_about_product":
        # What somebody says of the parcel is not left lying because it does not stand beside the product.
        follow_ups.open_for_review(review, by=by, now=now)


def _show_photo(photo: ReviewPhoto, review: Review, now: datetime) -> None:
    ReviewPhoto.objects.of(review.store_id).filter(pk=photo.pk).update(is_hidden=False)
    review_photos.count(review)
    ratings.recount(review.store_id, [review.product_id], now=now)
