"""Addresses for people who follow a delivery. They are short, for text messages, and show nothing of the order.

A token is 80 bits of a signature and the number of the subscription, one kind for looking and one for saying yes.
"""

import base64

from django.conf import settings

from thereafter.kit import tokens
from thereafter.storefront import links
from thereafter.stores.models import Store
from thereafter.tracking.models import Subscription

FOLLOW, CONFIRM = "follow", "confirm"
_SIGNED = 14


def token(purpose: str, subscription: Subscription) -> str:
    return f"{_signature(purpose, subscription.store_id, subscription.pk)}{subscription.pk}"


def read(purpose: str, store: Store, text: str) -> int:
    """The number of the subscription; raises `BadToken`."""
    signature, number = text[:_SIGNED], text[_SIGNED:]
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 what fits a key
        raise tokens.BadToken("not a follower's token")
    if not tokens.same(signature.encode(), _signature(purpose, store.pk, int(number)).encode()):
        raise tokens.BadToken("altered, or of another store")
    return int(number)


def _signature(purpose: str, store_id: int, number: int) -> str:
    digest = tokens.hmac_sha256(settings.SECRET_KEY, f"thereafter.{purpose}:{store_id}:{number}".encode())
    return base64.urlsafe_b64encode(digest[:10]).rstrip(b"=").decode()


def follow_page(subscription: Subscription) -> str:
    return links.page(subscription.store, "tracking_storefront:follow", token(FOLLOW, subscription))


def confirm_page(subscription: Subscription) -> str:
    return links.page(subscription.store, "tracking_storefront:confirm", token(CONFIRM, subscription))


def end_page(subscription: Subscription) -> str:
    return links.page(subscription.store, "tracking_storefront:end", token(FOLLOW, subscription))


def code(subscription: Subscription) -> str:
    """Six digits that only the owner of the phone gets to see; others with each asking."""
    asked = subscription.created_at.isoformat()
    digest = tokens.hmac_sha256(settings.SECRET_KEY, f"thereafter.code:{subscription.pk}:{asked}".encode())
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"
