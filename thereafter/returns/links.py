"""Addresses of shoppers' pages of returns, for mails, panels and other pages."""

from thereafter.commerce.models import Order
from thereafter.kit import tokens
from thereafter.returns.models import Case, Photo, Visit
from thereafter.storefront.links import order_token, page
from thereafter.stores.models import Store

PHOTO = "return-photo"
# A page that shows photos is opened anew for new links.
PHOTO_DAYS = 1
GIFT, VISIT, CASE = "gift-return", "return-visit", "return-case"
GIFT_DAYS, VISIT_DAYS = 7, 7


def withdraw_page(store: Store, order: Order | None = None) -> str:
    """Where a contract is withdrawn from; with the order filled in, if it is known who asks."""
    if order is None:
        return page(store, "returns_storefront:withdraw")
    return page(store, "returns_storefront:withdraw_order", order_token(order))


def photo_page(photo: Photo, *, small: bool = False) -> str:
    """A photo for a shopper, for a day."""
    token = tokens.sign(PHOTO, photo.store_id, photo.pk, int(small))
    return page(photo.store, "returns_storefront:photo", token)


def photo_of(store: Store, token: str) -> tuple[Photo | None, bool]:
    """The photo that a link speaks of, and whether the small one is meant; raises `tokens.BadToken`."""
    parts = tokens.read(PHOTO, token, max_age_days=PHOTO_DAYS)
    if parts[0] != store.pk:
        raise tokens.BadToken("of another shop")
    return Photo.objects.of(store).filter(pk=parts[1]).first(), bool(parts[2])


def start_page(order: Order) -> str:
    """The portal with the order's items; for mails to its buyer."""
    return page(order.store, "returns_storefront:start", order_token(order))


def gift_token(order: Order) -> str:
    """For somebody who got it: says nothing of prices and of who paid."""
    return tokens.sign(GIFT, order.store_id, order.pk)


def visit_token(visit: Visit) -> str:
    return tokens.sign(VISIT, visit.store_id, visit.pk)


def case_token(case: Case) -> str:
    return tokens.sign(CASE, case.store_id, case.pk)


def case_page(case: Case) -> str:
    """Where a shopper sees how a case stands, and what is to be done; good as long as an order's link."""
    return page(case.order.store, "returns_storefront:case", case_token(case))
