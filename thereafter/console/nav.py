"""The merchants' menu: `nav_item(...)` in a module's `panels.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from thereafter.stores.models import Membership, Store


@dataclass(frozen=True)
class NavItem:
    label: str
    url_name: str
    icon: str
    verb: str
    group: str
    place: int
    count: Callable[[Store], int] | None
    # The role whose work begins there.
    start_of: str = ""


_items: list[NavItem] = []
GROUPS = ("", "Orders", "Returns", "Customers", "Engage", "Insights", "Settings")
# The page in this group stands behind the search box, not in the menu.
SEARCH = "Search"


def nav_item(  # noqa: PLR0913 a page of the menu has this much to say
    label: str,
    *,
    url_name: str,
    icon: str,
    verb: str,
    group: str = "",
    place: int = 50,
    count: Callable[[Store], int] | None = None,
    start_of: str = "",
) -> None:
    """Adds a page to the menu of those who may `verb`; its URL takes the store's slug only."""
    _items.append(NavItem(label, url_name, icon, verb, group, place, count, start_of))


def menu(membership: Membership, path: str) -> list[dict[str, Any]]:
    """The menu as groups of links that this person may follow."""
    store = membership.store
    allowed = sorted(
        (item for item in _items if item.group in GROUPS and membership.may(item.verb)), key=lambda item: item.place
    )
    links = [(item.group, _link(item, store)) for item in allowed]
    _mark_current([link for _, link in links], path)
    groups = [{"title": group, "items": [link for name, link in links if name == group]} for group in GROUPS]
    return [group for group in groups if group["items"]]


def start_url(membership: Membership) -> str:
    """Where the work of this person's role begins; "" where that is simply the first page of the menu."""
    pages = (item for item in _items if item.start_of == membership.role and membership.may(item.verb))
    return next((reverse(item.url_name, args=[membership.store.slug]) for item in pages), "")


def search_url(membership: Membership) -> str:
    """Where the search box points, for who may search; else ""."""
    pages = (item for item in _items if item.group == SEARCH and membership.may(item.verb))
    return next((reverse(item.url_name, args=[membership.store.slug]) for item in pages), "")


def _link(item: NavItem, store: Store) -> dict[str, Any]:
    return {
        "label": item.label,
        "url": reverse(item.url_name, args=[store.slug]),
        "icon": item.icon,
        "count": item.count(store) if item.count else 0,
        "current": False,
    }


def _mark_current(links: list[dict[str, Any]], path: str) -> None:
    """The longest address that the page's begins with is where we are."""
    here = [link for link in links if path.startswith(link["url"])]
    if here:
        max(here, key=lambda link: len(link["url"]))["current"] = True
