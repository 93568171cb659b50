"""Signed links to the pages where people answer: one per person and score, none shows an id."""

from typing import Literal

from thereafter.commerce.models import Order
from thereafter.feedback.models import Answer, Invitation, OpenLink, Survey
from thereafter.feedback.rules.answers import LINK_DAYS
from thereafter.kit import tokens
from thereafter.storefront.links import in_language, page
from thereafter.stores.models import Store

SCORE = "feedback.score"
THANKS = "feedback.thanks"
# An answer that was begun: the pages of its further questions.
GIVEN = "feedback.given"
ORDER = "feedback.order"
SITTING = "feedback.sitting"
# A card lies in the parcel, and the parcel in a cupboard.
CARD_DAYS = 365
Place = Literal["qr", "page"]


def score_page(store: Store, invitation: Invitation, score: int | None) -> str:
    """The full address of the page where this person confirms this score; None leaves the choice open."""
    said = "" if score is None else score
    return page(store, "feedback_storefront:answer", tokens.sign(SCORE, invitation.store_id, invitation.pk, said))


def order_survey(order: Order, survey: Survey, place: Place = "qr") -> str:
    """The full address of a survey about an order, for a card in the parcel (its QR code) or the order's page. Nobody
    counts as asked until they answer; who was asked already finds that question."""
    token = tokens.sign(ORDER, order.store_id, order.pk, survey.pk, place)
    return page(order.store, "feedback_storefront:about_order", token)


def open_survey(link: OpenLink, language: str = "") -> str:
    """The full address of a survey that anybody may answer, in a language if one is said."""
    address = page(link.store, "feedback_storefront:open_link", link.code)
    return in_language(address, language, link.store) if language else address


def thanks_token(invitation: Invitation) -> str:
    return tokens.sign(THANKS, invitation.store_id, invitation.pk)


def given_token(given: Answer) -> str:
    return tokens.sign(GIVEN, given.store_id, given.pk)


def read_score(store: Store, token: str) -> tuple[int, int | None]:
    """Invitation and score of a link; raises `BadToken`, also for a link of another store."""
    invitation_id, score = _read(SCORE, store, token)
    return int(invitation_id), None if score == "" else int(score)


def read_thanks(store: Store, token: str) -> int:
    (invitation_id,) = _read(THANKS, store, token)
    return int(invitation_id)


def read_given(store: Store, token: str) -> int:
    (answer_id,) = _read(GIVEN, store, token)
    return int(answer_id)


def read_order(store: Store, token: str) -> tuple[int, int, str]:
    """Order, survey and place of a link."""
    order_id, survey_id, place = _read(ORDER, store, token, CARD_DAYS)
    return int(order_id), int(survey_id), str(place)


def sitting_key(link: OpenLink) -> str:
    """Stands in an anonymous form, so that sending it twice is one answer."""
    return tokens.sign(SITTING, link.store_id, link.pk, tokens.random_token()[:24])


def read_sitting_key(link: OpenLink, key: str) -> str:
    link_id, said = _read(SITTING, link.store, key, max_age_days=1)
    if link_id != link.pk:
        raise tokens.BadToken("a form of another link")
    return str(said)


def _read(purpose: str, store: Store, token: str, max_age_days: float = LINK_DAYS) -> list[int | str]:
    store_id, *parts = tokens.read(purpose, token, max_age_days=max_age_days)
    if store_id != store.pk:
        raise tokens.BadToken("a link of another shop")
    return parts
