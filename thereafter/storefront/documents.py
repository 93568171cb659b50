"""The document of an order's page: what every room has to say of the order, as plain JSON."""

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from thereafter.commerce.models import Order
from thereafter.kit.clock import day_in
from thereafter.storefront.actions import keep_document, reserve_document
from thereafter.storefront.panels import order_panel

_HOUSE = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def release() -> str:
    """A hash of our code, our templates and what is installed: a document is good for the release that gathered it."""
    files = (path for kind in ("py", "html", "mo") for path in sorted(_HOUSE.rglob(f"*.{kind}")))
    whole = hashlib.blake2b(" ".join(settings.INSTALLED_APPS).encode(), digest_size=8)
    for path in files:
        if "tests" not in path.parts:
            whole.update(path.read_bytes())
    return whole.hexdigest()


def gather(order: Order, now: datetime) -> tuple[str, str]:
    """Reads all that the order's page shows and keeps it; returns version and body."""
    revision = reserve_document(order)
    order = Order.objects.of(order.store_id).select_related("store", "customer").get(pk=order.pk)
    today = day_in(now, order.store.time_zone)
    with timezone.override(order.store.time_zone):
        body = msgspec.json.encode(_facts(order, today)).decode()
    return keep_document(order, revision=revision, body=body, made_on=today, made_by=release()), body


def _facts(order: Order, today: date) -> dict[str, Any]:
    # A document is for whoever holds the link, so its panels know of no request.
    nobody = HttpRequest()
    panels = [panel for make in order_panel if (panel := make(nobody, order))]
    return {
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "cancelled": order.is_cancelled,
        "today": today.isoformat(),
        "panels": [{"template": one.template, "title": one.title, "context": one.context} for one in panels],
    }
