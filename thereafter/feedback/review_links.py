"""Signed links to the pages where people write reviews and change them; none shows an id."""

from thereafter.commerce.models import Order
from thereafter.feedback.models import Review, ReviewConfirmation, ReviewPhoto, ReviewRequest
from thereafter.feedback.rules.reviews import OWN_DAYS, WRITE_DAYS
from thereafter.kit import tokens
from thereafter.storefront import links
from thereafter.storefront.links import page
from thereafter.stores.models import Store

FORM, OWN, CONFIRM, PHOTO = "feedback.reviews", "feedback.review", "feedback.review_yes", "feedback.review_photo"
CONFIRM_DAYS = 14


def form_token(order: Order, request: ReviewRequest | None = None) -> str:
    return tokens.sign(FORM, order.store_id, order.pk, request.pk if request else 0)


def form_page(order: Order, request: ReviewRequest | None = None) -> str:
    """Where somebody reviews what they bought: what they were asked about, or all of the order."""
    return page(order.store, "feedback_storefront:reviews", form_token(order, request))


def read_form(store: Store, token: str) -> tuple[int, int]:
    """Order and request (0 for none) of a link; raises `BadToken`, also for a link of another store."""
    store_id, order_id, request_id = tokens.read(FORM, token, max_age_days=WRITE_DAYS)
    if store_id != store.pk:
        raise tokens.BadToken("a link of another shop")
    return int(order_id), int(request_id)


def own_page(review: Review) -> str:
    """Where its author sees, changes and takes back a review."""
    return page(review.store, "feedback_storefront:own_review", own_token(review))


def own_token(review: Review) -> str:
    return links.row_token(OWN, review)


def read_own(store: Store, token: str) -> int:
    return int(links.row_in(store, OWN, token, max_age_days=OWN_DAYS))


def confirm_page(asked: ReviewConfirmation) -> str:
    return page(asked.store, "feedback_storefront:confirm_review", links.row_token(CONFIRM, asked))


def read_confirm(store: Store, token: str) -> int:
    return int(links.row_in(store, CONFIRM, token, max_age_days=CONFIRM_DAYS))


def photo_token(photo: ReviewPhoto) -> str:
    """A picture for its author, also while nobody else sees it."""
    return links.row_token(PHOTO, photo)


def read_photo(store: Store, token: str) -> int:
    return int(links.row_in(store, PHOTO, token, max_age_days=OWN_DAYS))
