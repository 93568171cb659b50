"""Signed links of the programme's pages."""

from thereafter.kit import tokens
from thereafter.loyalty.models import JoinRequest
from thereafter.storefront.links import page
from thereafter.stores.models import Store

JOIN = "loyalty-join"
# As the mail says.
JOIN_DAYS = 7


def join_page(request: JoinRequest) -> str:
    token = tokens.sign(JOIN, request.store_id, request.pk)
    return page(request.store, "loyalty_storefront:join_confirm", token)


def request_of(store: Store, token: str) -> JoinRequest | None:
    """The request a link speaks of; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    store_id, request_id = tokens.read(JOIN, token, max_age_days=JOIN_DAYS)
    if store_id != store.pk:
        raise tokens.BadToken("of another shop")
    return JoinRequest.objects.of(store).select_related("store").filter(pk=request_id).first()


def home_page(store: Store) -> str:
    return page(store, "loyalty_storefront:home")
