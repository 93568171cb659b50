"""What can be connected to a shop: where it posts, and what the merchant has to do over there.

A module that takes webhooks of its own adds them: `connection_source(Source(...))` in its `panels.py`.
"""

from dataclasses import dataclass

from django.conf import settings

from thereafter.stores.models import Store

SHOPS, AGGREGATORS, CARRIERS, OWN = "Shop systems", "Tracking services", "Carriers", "Anything else"
# In this order on the page, each with what it is for.
GROUPS = {
    SHOPS: "Orders, and what happens to them.",
    AGGREGATORS: "One connection for all the carriers that they follow.",
    CARRIERS: "Scans straight from the carrier, as they happen.",
    OWN: "A warehouse, a carrier that is not listed, a script of yours.",
}


@dataclass(frozen=True)
class Source:
    """`path` is where it posts ({store} is the shop's slug); `their_secret` when the other side makes the secret.
    `group` is one of `GROUPS`."""

    name: str
    title: str
    icon: str
    about: str
    path: str
    steps: tuple[str, ...]
    their_secret: bool = False
    group: str = OWN

    def address(self, store: Store) -> str:
        return settings.PUBLIC_URL + self.path.format(store=store.slug)


@dataclass(frozen=True)
class Further:
    """Another page about a source, brought by a module above; its URL takes the store's slug and the source's name."""

    label: str
    about: str
    url_name: str


_sources: dict[str, Source] = {}
_further: dict[str, list[Further]] = {}


def further_page(source: str, page: Further) -> None:
    """Puts a link to a page on the page of a source."""
    _further.setdefault(source, []).append(page)


def further(source: str) -> list[Further]:
    return _further.get(source, [])


def connection_source(source: Source) -> None:
    """Offers a source on the Connections page."""
    if source.name in _sources or source.group not in GROUPS:
        raise TypeError(f"{source.name} is offered already, or its group is none of ours")
    _sources[source.name] = source


for _source in (
    Source(
        "shopify",
        "Shopify",
        "bag",
        "Orders, fulfilments, refunds, customers and products as they change.",
        "/hooks/{store}/shopify",
        (
            "In Shopify, open Settings, Notifications, Webhooks.",
            "Create a webhook for each of: order creation, order update, order cancellation, fulfilment creation and "
            "update, fulfilment event creation, refund creation, customer creation and update, product creation and "
            "update. Format JSON, the address below.",
            "Shopify shows a signing secret under the list. Paste it here.",
        ),
        their_secret=True,
        group=SHOPS,
    ),
    Source(
        "woocommerce",
        "WooCommerce",
        "bag",
        "Orders, refunds, customers and products as they change.",
        "/hooks/{store}/woocommerce",
        (
            "In WordPress, open WooCommerce, Settings, Advanced, Webhooks.",
            "Add a webhook for each of: order created, order updated, customer updated, product updated.",
            "Delivery URL is the address below, Secret the secret below, Status Active.",
        ),
        group=SHOPS,
    ),
    Source(
        "carrier",
        "A carrier, or anything that scans",
        "truck",
        "Scans of parcels from a carrier, a warehouse or a script of yours.",
        "/hooks/{store}/carrier",
        (
            "Post JSON to the address below: the tracking_number, and scans, each with its status and occurred_at "
            "(a time with its offset).",
            "Send the present Unix time in X-Thereafter-Timestamp, and in X-Thereafter-Signature the hex HMAC-SHA256 "
            "of that time, a full stop and the body, made with the secret below.",
        ),
    ),
):
    connection_source(_source)


def offered(q: str = "") -> list[Source]:
    """All there are, or those whose name holds what was searched for; by group, then by title."""
    places = {group: place for place, group in enumerate(GROUPS)}
    wanted = [one for one in _sources.values() if q.lower() in f"{one.title} {one.name}".lower()]
    return sorted(wanted, key=lambda one: (places[one.group], one.title.lower()))


def find(name: str) -> Source | None:
    return _sources.get(name)
