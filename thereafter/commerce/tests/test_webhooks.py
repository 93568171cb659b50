"""Signatures, and what tells one delivery from another."""

import base64
import hmac
from datetime import UTC, datetime

import pytest

from thereafter.commerce.webhooks import (
    Call,
    body_key,
    delivery_key,
    is_signed_by_us,
    read_shopify,
    read_woocommerce,
    source,
    thereafter_signature,
)

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b'{"a": 1}'


def call(signature: str, timestamp: str = STAMP, body: bytes = BODY) -> Call:
    return Call({"x-thereafter-signature": signature, "x-thereafter-timestamp": timestamp}, body, NOW)


def test_our_signature_is_over_the_time_and_the_body() -> None:
    signature = thereafter_signature("s", STAMP, BODY)
    assert is_signed_by_us(["other", "s"], call(signature))
    assert is_signed_by_us(["s"], call(f"sha256={signature}"))
    assert not is_signed_by_us(["s"], call(signature, body=b"{}"))
    assert not is_signed_by_us(["other"], call(signature))
    assert not is_signed_by_us([], call(signature))


@pytest.mark.parametrize("timestamp", ["", "abc", "-5", "9" * 30, str(int(NOW.timestamp()) - 301)])
def test_an_old_or_senseless_time_is_not_good(timestamp: str) -> None:
    assert not is_signed_by_us(["s"], call(thereafter_signature("s", timestamp, BODY), timestamp))


def shopify_call(topic: str, body: bytes = BODY) -> Call:
    signature = base64.b64encode(hmac.digest(b"secret", BODY, "sha256")).decode()
    return Call({"x-shopify-hmac-sha256": signature, "x-shopify-topic": topic}, body, NOW)


def test_shopify_is_checked_byte_for_byte() -> None:
    assert read_shopify(["secret"], shopify_call("orders/create"))
    assert read_shopify(["secret"], shopify_call("orders/create", BODY + b" ")) is None


@pytest.mark.parametrize(("topic", "room"), [("fulfillment_events/create", "tracking"), ("orders/create", "commerce")])
def test_fulfilment_events_are_for_tracking(topic: str, room: str) -> None:
    envelope = read_shopify(["secret"], shopify_call(topic))
    assert envelope
    assert envelope.room == room


def test_without_a_delivery_id_the_content_tells() -> None:
    assert delivery_key("d-1", "t", BODY) == "d-1"
    assert delivery_key(None, "t", BODY) == delivery_key("x" * 101, "t", BODY) == body_key("t", BODY)
    assert body_key("other", BODY) != body_key("t", BODY)


def test_a_source_has_one_reader() -> None:
    with pytest.raises(TypeError, match="two sources"):
        source("shopify")(read_shopify)


def test_two_orders_of_one_second_are_two_calls_from_woocommerce() -> None:
    """WooCommerce makes its delivery id of the webhook and the second."""

    def key_of(body: bytes) -> str:
        signature = base64.b64encode(hmac.digest(b"s3cret", body, "sha256")).decode()
        headers = {
            "x-wc-webhook-signature": signature,
            "x-wc-webhook-topic": "order.created",
            "x-wc-webhook-delivery-id": "d-1",
        }
        envelope = read_woocommerce(["s3cret"], Call(headers, body, NOW))
        assert envelope is not None
        return envelope.key

    assert key_of(b'{"id": 1}') == key_of(b'{"id": 1}') != key_of(b'{"id": 2}')
