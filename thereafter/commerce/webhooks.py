"""Who may post to /hooks/<store>/<source>, and what a call is: checked against its raw body, before anything is kept.

A module that takes webhooks of its own adds a reader: `@source("carrier")` in its `webhooks.py`.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from thereafter.kit import tokens

FRESH_SECONDS = 300
LONGEST_KEY = 100  # what the inbox has room for
Headers = Mapping[str, str]


class Envelope(NamedTuple):
    """What a verified call is about. `key` tells its repetition; an empty `room` means there is nothing to keep.
    `body` is kept instead of the call's own where that is a form: JSON that holds it as it came."""

    topic: str
    key: str
    room: str
    body: bytes | None = None


class Call(NamedTuple):
    """A call as it arrived: header names in lower case, the body byte for byte, when, and the path it was posted to."""

    headers: Headers
    body: bytes
    now: datetime
    path: str = ""


# Given the connection's secrets (two while one is being changed) and the call: None when the signature is not right.
Reader = Callable[[Sequence[str], Call], Envelope | None]
R = TypeVar("R", bound=Reader)
SOURCES: dict[str, Reader] = {}
NOTHING_TO_KEEP = Envelope("ping", "", "")


def source(name: str) -> Callable[[R], R]:
    """Adds a source of webhooks; the function checks the signature and says what the call is."""

    def add(reader: R) -> R:
        if name in SOURCES:
            raise TypeError(f"two sources are named {name}")
        SOURCES[name] = reader
        return reader

    return add


def thereafter_signature(secret: str, timestamp: str, body: bytes) -> str:
    """How callers of our own webhooks sign: hex HMAC-SHA256 over "<Unix seconds>.<raw body>"."""
    return tokens.hmac_sha256(secret, timestamp.encode() + b"." + body).hex()


def is_signed_by_us(secrets: Sequence[str], call: Call) -> bool:
    """Checks X-Thereafter-Signature, and that X-Thereafter-Timestamp is within five minutes of now."""
    timestamp = call.headers.get("x-thereafter-timestamp", "")
    if not re.fullmatch(r"\d{1,12}", timestamp) or abs(call.now.timestamp() - int(timestamp)) > FRESH_SECONDS:
        return False
    given = call.headers.get("x-thereafter-signature", "").removeprefix("sha256=")
    return any(tokens.same(thereafter_signature(secret, timestamp, call.body), given) for secret in secrets)


def body_key(topic: str, body: bytes) -> str:
    """Tells a repetition by its content, for callers that give their deliveries no id."""
    return hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


def delivery_key(given: str | None, topic: str, body: bytes) -> str:
    """The sender's own delivery id, or a hash of the content when there is none that could be kept."""
    return given if given and len(given) <= LONGEST_KEY and given.isprintable() else body_key(topic, body)


def is_base64_signed(secrets: Sequence[str], header: str, body: bytes) -> bool:
    signatures = [base64.b64encode(tokens.hmac_sha256(secret, body)).decode() for secret in secrets]
    return any(tokens.same(signature, header) for signature in signatures)


@source("shopify")
def read_shopify(secrets: Sequence[str], call: Call) -> Envelope | None:
    if not is_base64_signed(secrets, call.headers.get("x-shopify-hmac-sha256", ""), call.body):
        return None
    topic = call.headers.get("x-shopify-topic", "")[:60]
    room = "tracking" if topic.startswith("fulfillment_events/") else "commerce"
    return Envelope(topic, delivery_key(call.headers.get("x-shopify-webhook-id"), topic, call.body), room)


@source("woocommerce")
def read_woocommerce(secrets: Sequence[str], call: Call) -> Envelope | None:
    # WooCommerce knocks once, unsigned, before it lets a merchant save a webhook.
    if re.fullmatch(rb"webhook_id=\d{1,12}", call.body):
        return NOTHING_TO_KEEP
    if not is_base64_signed(secrets, call.headers.get("x-wc-webhook-signature", ""), call.body):
        return None
    topic = call.headers.get("x-wc-webhook-topic", "")[:60]
    # Its delivery id is made of the webhook and the second, so two orders of one second share it: the content tells.
    return Envelope(topic, body_key(topic, call.body), "commerce")
