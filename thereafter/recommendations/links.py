"""Links to what is recommended. They lead past us, so that clicks can be counted, and only to a product's own page: the
address is read from the product, not from the link, so nobody can make us lead anywhere else.

The same link is always written the same, so that pages that hold it keep their tags. It never ends: all that it gives
away is a page that everybody may see.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing

from thereafter.kit.tokens import BadToken
from thereafter.recommendations.queries.picks import Pick
from thereafter.recommendations.rules.showing import SLOTS
from thereafter.storefront import links
from thereafter.stores.models import Store

_PICK, _SEEN = "thereafter.pick", "thereafter.picks-seen"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Followed:
    """What a link says. `made_at` is 0 except in messages, where it is the second in which it was made."""

    slot: str
    product_id: int
    customer_id: int | None
    order_id: int | None
    made_at: int


def tracked(
    store: Store, pick: Pick, slot: str, *, customer_id: int | None, order_id: int | None, made: datetime | None = None
) -> str:
    """The counted link to a product; its own address is `pick.url`."""
    parts = (store.pk, SLOTS.index(slot), pick.product_id, customer_id or 0, order_id or 0)
    token = _signed(_PICK, *parts, int(made.timestamp()) if made else 0)
    return links.page(store, "recommendations_storefront:go", token)


def followed(store: Store, token: str) -> Followed:
    """Raises `BadToken` for a link that was altered, or is of another shop."""
    try:
        store_id, slot, product_id, customer_id, order_id, made_at = _read(_PICK, token)
    except ValueError:
        raise BadToken("not a link to a product") from None
    _check(store, store_id, slot)
    return Followed(SLOTS[slot], product_id, customer_id or None, order_id or None, made_at)


def seen_picture(store: Store, slot: str, product_id: int | None) -> str:
    """A picture of one point, fetched when a place on the shop's own page comes into view."""
    token = _signed(_SEEN, store.pk, SLOTS.index(slot), product_id or 0)
    return links.page(store, "recommendations_storefront:seen", token)


def seen(store: Store, token: str) -> tuple[str, int | None]:
    """Slot and product of such a picture; raises `BadToken`."""
    try:
        store_id, slot, product_id = _read(_SEEN, token)
    except ValueError:
        raise BadToken("not such a picture") from None
    _check(store, store_id, slot)
    return SLOTS[slot], product_id or None


def is_address(url: str) -> bool:
    """A page of the web that can be led to; no script, and nothing that only looks like an address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc)


def picture(url: str) -> str:
    """An image for our own pages: of the web, or one that we serve; "" for anything else."""
    return url if is_address(url) or _is_ours(url) else ""


def picture_abroad(url: str) -> str:
    """The same for mails and other people's pages, where our own needs its host."""
    return f"{settings.PUBLIC_URL}{url}" if _is_ours(url) else picture(url)


def _is_ours(url: str) -> bool:
    return url.startswith("/static/") and ".." not in url and "\\" not in url


def address(store: Store, url: str) -> str:
    """Where a product stands: its own page, else the shop, else our page of the shop."""
    found = next((one for one in (url, store.shop_url) if is_address(one)), "")
    return found or links.page(store, "storefront:start")


def _signed(purpose: str, *parts: int) -> str:
    return signing.Signer(salt=purpose, sep=":").sign("-".join(str(part) for part in parts))


def _read(purpose: str, token: str) -> list[int]:
    if len(token) > LONGEST:
        raise BadToken("too long")
    try:
        return [int(part) for part in signing.Signer(salt=purpose, sep=":").unsign(token).split("-")]
    except signing.BadSignature as wrong:
        raise BadToken(str(wrong)) from None


def _check(store: Store, store_id: int, slot: int) -> None:
    if store_id != store.pk or not 0 <= slot < len(SLOTS):
        raise BadToken("of another shop")
