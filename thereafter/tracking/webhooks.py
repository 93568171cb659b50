"""Carriers' bridges post scans to /hooks/<store>/carrier, signed like our own webhooks; Shopify's events come through
the shop's connection. The bodies are read when the inbox is drained, see `actions/intake.py`."""

from collections.abc import Sequence

from thereafter.commerce.webhooks import Call, Envelope, delivery_key, is_signed_by_us, source
from thereafter.tracking.actions.intake import ROOM

TOPIC = "scans"


@source("carrier")
def read_carrier(secrets: Sequence[str], call: Call) -> Envelope | None:
    if not is_signed_by_us(secrets, call):
        return None
    return Envelope(TOPIC, delivery_key(call.headers.get("x-thereafter-id"), TOPIC, call.body), ROOM)
