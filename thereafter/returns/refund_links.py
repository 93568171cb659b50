"""Signed addresses of a refund's page for the shopper."""

from thereafter.kit import tokens
from thereafter.returns.models import Grant
from thereafter.storefront.links import ORDER_LINK_DAYS, page
from thereafter.stores.models import Store

REFUND = "refund"


def refund_token(granted: Grant) -> str:
    return tokens.sign(REFUND, granted.store_id, granted.pk)


def refund_page(granted: Grant) -> str:
    """Where a shopper sees how far the money is, and finds the credit note; good as long as an order's link."""
    return page(granted.order.store, "returns_storefront:refund", refund_token(granted))


def refund_of(store: Store, token: str) -> Grant | None:
    """The refund that a link speaks of; raises `tokens.BadToken`."""
    parts = tokens.read(REFUND, token, max_age_days=ORDER_LINK_DAYS)
    if parts[0] != store.pk:
        raise tokens.BadToken("of another shop")
    return Grant.objects.of(store).select_related("order__customer").filter(pk=parts[1]).first()
