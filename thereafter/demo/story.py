"""John buys running shoes: the story as real, signed webhooks, one press of "Next step" each."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from thereafter.commerce.models import Order
from thereafter.journeys.actions import moving as journeys
from thereafter.kit import tokens
from thereafter.stores.models import Connection, Store

EMAIL = "john@example.com"
FIRST_NUMBER = 5001
CARRIER = "DHL"
_JOHN = Path(__file__).parent / "john.json"


@dataclass(frozen=True)
class Step:
    """One press of the button: what happens in the world, and what to look at afterwards."""

    title: str
    what: str
    happen: Callable[[Store, int, datetime], None]


class NotTaken(Exception):
    """Our own intake did not take the webhook; the text says what it answered."""


def john_orders(store: Store, number: int, now: datetime) -> None:
    _post_shopify(store, "orders/create", _order(number, now))


def shop_packs(store: Store, number: int, now: datetime) -> None:
    fulfilment = {
        "id": number * 10 + 1,
        "order_id": number,
        "status": "success",
        "created_at": now.isoformat(),
        "updated_at": now.isoformat(),
        "tracking_company": CARRIER,
        "tracking_number": _tracking_number(number),
        "tracking_numbers": [_tracking_number(number)],
        "tracking_urls": [],
        "line_items": [{"id": number * 10 + line, "quantity": 1} for line in (1, 2)],
    }
    _post_shopify(store, "fulfillments/create", fulfilment)


def scan(status: str, text: str, place: str) -> Callable[[Store, int, datetime], None]:
    def happen(store: Store, number: int, now: datetime) -> None:
        here = now.astimezone(ZoneInfo(store.time_zone))
        document = {
            "carrier": CARRIER,
            "tracking_number": _tracking_number(number),
            "scans": [{"status": status, "text": text, "place": place, "occurred_at": here.isoformat()}],
        }
        _post_carrier(store, document)

    return happen


def days_pass(store: Store, number: int, now: datetime) -> None:
    """The demo's clock does not run faster: John's waiting journeys are told to go on at once."""
    order = Order.objects.of(store).filter(external_id=str(number)).first()
    if order:
        journeys.skip_waits(order, now=now)


STEPS = (
    Step("John orders running shoes", "Shopify posts a signed order webhook.", john_orders),
    Step("The shop packs and hands over", "Shopify posts the fulfilment with its tracking number.", shop_packs),
    Step(
        "The parcel travels", "The carrier posts a scan.", scan("in_transit", "Sorted at the parcel centre", "Leipzig")
    ),
    Step("Out for delivery", "The carrier posts a scan.", scan("out_for_delivery", "On the van", "Berlin")),
    Step("Delivered", "The carrier posts a scan.", scan("delivered", "Handed to the recipient", "Berlin")),
    Step("Three days later", "The journey asks how it went. Open the mail and tap a face.", days_pass),
    Step("A week later", "Points, and an invitation to the running community.", days_pass),
    Step("Two weeks later", "An offer for socks that go with the shoes.", days_pass),
)


def _tracking_number(number: int) -> str:
    return f"00340434{number:012d}"


def _order(number: int, now: datetime) -> dict[str, Any]:
    """A Shopify order as their REST API of 2024-10 and later posts it, as far as a shop like ours fills it in."""
    order: dict[str, Any] = json.loads(_JOHN.read_text(encoding="utf-8"))
    for at, line in enumerate(order["line_items"], 1):
        line["id"] = number * 10 + at
    consent = {"state": "subscribed", "consent_updated_at": now.isoformat()}
    john = {"id": 900_001, "first_name": "John", "last_name": "Miller", "email": EMAIL}
    return order | {
        "id": number,
        "name": f"#{number}",
        "order_number": number,
        "email": EMAIL,
        **dict.fromkeys(("created_at", "updated_at", "processed_at"), now.isoformat()),
        "customer": john | {"email_marketing_consent": consent},
    }


def _post_shopify(store: Store, topic: str, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    signature = base64.b64encode(tokens.hmac_sha256(_secret(store, "shopify"), body)).decode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Webhook-Id": tokens.random_token(),
        "X-Shopify-Shop-Domain": "stride.example",
    }
    _post(store, "shopify", body, headers)


def _post_carrier(store: Store, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    stamp = str(int(time.time()))
    signature = tokens.hmac_sha256(_secret(store, "carrier"), f"{stamp}.".encode() + body).hex()
    headers = {
        "X-Thereafter-Signature": signature,
        "X-Thereafter-Timestamp": stamp,
        "X-Thereafter-Id": tokens.random_token(),
    }
    _post(store, "carrier", body, headers)


def _post(store: Store, source: str, body: bytes, headers: dict[str, str]) -> None:
    address = f"{settings.DEMO_SELF_URL}/hooks/{store.slug}/{source}"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json", **headers})  # noqa: S310 ours
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
            answer.read()
    except urllib.error.HTTPError as refusal:
        raise NotTaken(f"{refusal.code}: {refusal.read().decode()[:300]}") from None


def _secret(store: Store, source: str) -> str:
    return Connection.objects.of(store).get(source=source).secrets()[0]
