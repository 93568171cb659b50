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
            "update, refund create, customer update, product update. Format JSON, the address below.",
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
            "Post a JSON object with tracking_number, status and at to the address below.",
            "Sign the body with HMAC-SHA256 and the secret below, as the API's documentation shows.",
        ),
    ),
)


def find(name: str) -> Source | None:
    return next((source for source in SOURCES if source.name == name), None)
