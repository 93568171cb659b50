"""Carriers' bridges post scans to /hooks/<store>/carrier, signed like our own webhooks; carriers and aggregators that
push to /hooks/<store>/<adapter>, signed as they sign. Shopify's events come through the shop's connection. The bodies
are read when the inbox is drained, see `actions/intake.py`."""

from collections.abc import Sequence

from thereafter.commerce.webhooks import (
    SOURCES,
    Call,
    Envelope,
    Reader,
    delivery_key,
    is_signed_by_us,
    read_woocommerce,
    source,
)
from thereafter.tracking.actions.intake import ROOM
from thereafter.tracking.carriers import woocommerce_tracking
from thereafter.tracking.carriers.adapter import Adapter
from thereafter.tracking.carriers.registry import ADAPTERS

TOPIC, PUSH = "scans", "push"


@source("carrier")
def read_carrier(secrets: Sequence[str], call: Call) -> Envelope | None:
    if not is_signed_by_us(secrets, call):
        return None
    return Envelope(TOPIC, delivery_key(call.headers.get("x-thereafter-id"), TOPIC, call.body), ROOM)


@source(woocommerce_tracking.ADAPTER.code)
def read_woocommerce_tracking(secrets: Sequence[str], call: Call) -> Envelope | None:
    """The shop's own call once more, for what TrackShip wrote into the order; it knocks as the shop does."""
    envelope = read_woocommerce(secrets, call)
    return envelope._replace(topic=PUSH, room=ROOM) if envelope and envelope.room else envelope


def reader_of(adapter: Adapter) -> Reader:
    """Takes the adapter's pushes when its signature is right."""

    def read(secrets: Sequence[str], call: Call) -> Envelope | None:
        if adapter.verify is None or not adapter.verify(secrets, call):
            return None
        return Envelope(PUSH, delivery_key(adapter.delivery_id(call), PUSH, call.body), ROOM)

    return read


# What comes through a shop's connection goes in at its door.
for _adapter in ADAPTERS.values():
    if _adapter.verify and _adapter.code not in SOURCES:
        source(_adapter.code)(reader_of(_adapter))
