"""What a template looks like with a sample order: nothing of it is kept or sent."""

from datetime import datetime, timedelta
from typing import Any

from thereafter.messaging import library, publishing, rendering, rules
from thereafter.messaging.blocks import blocks
from thereafter.messaging.rendering import Rendered
from thereafter.stores.models import Store

_SAMPLE_BLOCKS: dict[str, dict[str, Any]] = {
    "points": {"balance": 215, "earned": 90, "next_at": 500},
    "recommendations": {
        "currency": "EUR",
        "picks": [
            {"title": "Merino Socks", "url": "#", "price_minor": 1400, "together": "Trail Runner 2"},
            {"title": "Running Cap", "url": "#", "price_minor": 2490},
        ],
    },
    "satisfaction": {"question": None, **{f"url_{score}": "#" for score in range(1, 6)}},
}


def sample(store: Store, key: str, language: str, now: datetime) -> Rendered:
    """One of our templates as a made-up shopper would get it; raises `CannotPublish` or `CannotRender`."""
    compiled = publishing.compiled_for(store, key, language)
    sources = {"subject": compiled.subject, "html": compiled.html, "text": compiled.text}
    facts = _facts(store, now)
    if library.template(key).message_class == rules.TRANSACTIONAL:
        facts["links"]["unsubscribe"] = None
    asked = {name: facts for name, facts in _SAMPLE_BLOCKS.items() if name in blocks}
    locale = store.locale if rules.languages(store.locale)[0] == language else language
    return rendering.render(compiled.fingerprint, sources, facts | asked, locale)


def _facts(store: Store, now: datetime) -> dict[str, Any]:
    return {
        "store": {
            name: getattr(store, name) or None
            for name in ("name", "logo_url", "shop_url", "support_email", "legal_address")
        },
        "customer": {"first_name": "John", "name": "John Runner", "email": "john@example.com"},
        "order": _order(store, now),
        "delivery": {
            "headline": "expected",
            "from": (now + timedelta(days=3)).date().isoformat(),
            "to": (now + timedelta(days=5)).date().isoformat(),
            "delivered_on": now.date().isoformat(),
            "promised_on": (now + timedelta(days=2)).date().isoformat(),
            "pickup": {"name": "Corner Shop", "address": "Elm Street 12, 10115 Berlin"},
        },
        "event": {
            "carrier": "DHL",
            "tracking_number": "00340434161094042557",
            "promised_on": (now - timedelta(days=1)).date().isoformat(),
            "amount_minor": 8990,
            "currency": store.currency,
            "kind": "damaged",
            "subject": "About your parcel",
            "paragraphs": [
                "The storm has closed the depot in Leipzig.",
                "Your parcel goes on as soon as it opens again.",
            ],
            "until": (now + timedelta(days=6)).date().isoformat(),
        },
        "news": {"title": "Arriving today", "text": "It is with the carrier who brings it to the door."},
        "links": {"order": "#", "account": "#", "view": "#", "unsubscribe": "#", "follow": "#"},
    }


def _order(store: Store, now: datetime) -> dict[str, Any]:
    return {
        "number": "1042",
        "placed_on": now.date().isoformat(),
        "currency": store.currency,
        "items": [
            {"title": "Trail Runner 2", "variant": "Moss / 42", "quantity": 1, "total_minor": 8990},
            {"title": "Merino Socks", "variant": "M", "quantity": 2, "total_minor": 2800},
        ],
        "subtotal_minor": 11790,
        "discount_minor": 1000,
        "shipping_minor": 490,
        "tax_minor": 1801,
        "taxes_included": True,
        "total_minor": 11280,
        "address": ["John Runner", "Elm Street 5", "10115 Berlin"],
    }
