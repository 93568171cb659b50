"""What can be connected to a shop: where it posts, and what the merchant has to do over there."""

from dataclasses import dataclass

from django.conf import settings

from thereafter.stores.models import Store


@dataclass(frozen=True)
class Source:
    """`path` is where it posts ({store} is the shop's slug); `their_secret` when the other side makes the secret."""

    name: str
    title: str
    icon: str
    about: str
    path: str
    steps: tuple[str, ...]
    their_secret: bool = False

    def address(self, store: Store) -> str:
        return settings.PUBLIC_URL + self.path.format(store=store.slug)


SOURCES = (
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
)


def find(name: str) -> Source | None:
    return next((source for source in SOURCES if source.name == name), None)
