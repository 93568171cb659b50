"""Where the pictures of a store are shown from."""

from thereafter.messaging.models import Picture
from thereafter.messaging.rules.pictures import EXTENSIONS
from thereafter.storefront import links
from thereafter.stores.models import Store


def address(store: Store, picture: Picture) -> str:
    """The full address, on the shop's own domain if it has one."""
    name = f"{picture.digest}.{EXTENSIONS[picture.content_type]}"
    return links.page(store, "messaging_storefront:picture", name)
