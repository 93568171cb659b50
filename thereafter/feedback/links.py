"""Signed links to the pages where people answer: one per person and score, none shows an id."""

from thereafter.feedback.models import Invitation
from thereafter.feedback.rules import LINK_DAYS
from thereafter.kit import tokens
from thereafter.storefront.links import page
from thereafter.stores.models import Store

SCORE = "feedback.score"
THANKS = "feedback.thanks"


def score_page(store: Store, invitation: Invitation, score: int) -> str:
    """The full address of the page where this person confirms this score; 0 leaves the choice open."""
    return page(store, "feedback_storefront:answer", tokens.sign(SCORE, invitation.store_id, invitation.pk, score))


def thanks_token(invitation: Invitation) -> str:
    return tokens.sign(THANKS, invitation.store_id, invitation.pk)


def read_score(store: Store, token: str) -> tuple[int, int]:
    """Invitation and score of a link; raises `BadToken`, also for a link of another store."""
    invitation_id, score = _read(SCORE, store, token)
    return int(invitation_id), int(score)


def read_thanks(store: Store, token: str) -> int:
    (invitation_id,) = _read(THANKS, store, token)
    return int(invitation_id)


def _read(purpose: str, store: Store, token: str) -> list[int | str]:
    store_id, *parts = tokens.read(purpose, token, max_age_days=LINK_DAYS)
    if store_id != store.pk:
        raise tokens.BadToken("a link of another shop")
    return parts
