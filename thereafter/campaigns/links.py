"""Signed links of the newsletter's pages."""

from thereafter.campaigns.models import Signup
from thereafter.storefront.links import page, row_in, row_token
from thereafter.stores.models import Store

CONFIRM = "newsletter-confirm"
# As the mail says.
CONFIRM_DAYS = 7


def confirm_page(signup: Signup) -> str:
    return page(signup.store, "campaigns_storefront:confirm", row_token(CONFIRM, signup))


def signup_of(store: Store, token: str) -> Signup | None:
    """The sign-up that a link speaks of; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    signup_id = row_in(store, CONFIRM, token, max_age_days=CONFIRM_DAYS)
    return Signup.objects.of(store).select_related("store").filter(pk=signup_id).first()
