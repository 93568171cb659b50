"""Links at the foot of every shopper's page: `@footer_link(place=20)` in a module's `panels.py`.

The function gets the shop and the language of the page and answers with a label and an address, or None where the shop
needs no such link. It runs for every page, so it must read nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from thereafter.kit.sockets import Socket
from thereafter.stores.models import Store


class FooterLink(NamedTuple):
    label: str
    url: str


footer_link: Socket[Callable[[Store, str], FooterLink | None]] = Socket()


def footer_links(store: Store, language: str) -> list[FooterLink]:
    if not store.slug:
        return []
    return [found for ask in footer_link if (found := ask(store, language))]
