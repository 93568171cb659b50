"""Signed links of the programme's pages."""

from thereafter.loyalty.models import JoinRequest
from thereafter.storefront.links import page, row_in, row_token
from thereafter.stores.models import Store

JOIN = "loyalty-join"
# As the mail says.
JOIN_DAYS = 7


def join_page(request: JoinRequest) -> str:
    return page(request.store, "loyalty_storefront:join_confirm", row_token(JOIN, request))


def request_of(store: Store, token: str) -> JoinRequest | None:
    """The request a link speaks of; raises `tokens.BadToken`, or `tokens.Expired` when it is too old."""
    request_id = row_in(store, JOIN, token, max_age_days=JOIN_DAYS)
    return JoinRequest.objects.of(store).select_related("store").filter(pk=request_id).first()


def home_page(store: Store) -> str:
    return page(store, "loyalty_storefront:home")
