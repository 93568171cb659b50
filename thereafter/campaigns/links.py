"""Signed links of the newsletter's pages."""

from thereafter.campaigns.models import Signup
from thereafter.kit import tokens
from thereafter.storefront.links import page
from thereafter.stores.models import Store

CONFIRM = "newsletter-confirm"
# As the mail says.
CONFIRM_DAYS = 7


def confirm_page(signup: Signup) -> str:
    token = tokens.sign(CONFIRM, signup.store_id, signup.pk)
    return page(signup.store, "campaigns_storefront:confirm", token)


def signup_of(store: Store, token: str) -> Signup | None:
    """The sign-up that a link speaks of; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    store_id, signup_id = tokens.read(CONFIRM, token, max_age_days=CONFIRM_DAYS)
    if store_id != store.pk:
        raise tokens.BadToken("of another shop")
    return Signup.objects.of(store).select_related("store").filter(pk=signup_id).first()
