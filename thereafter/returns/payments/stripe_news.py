"""What Stripe tells of refunds by webhook. The signature is checked by Stripe's own library, in constant time."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import stripe

from thereafter.returns.payments import stripe_checkout
from thereafter.returns.payments.adapters import Later, Page
from thereafter.returns.payments.stripe_refunds import LOST, OURS, SETTLED, why_lost

_FAILED = "checkout.session.async_payment_failed"
PAGES = ("checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", _FAILED)
TOPICS = ("charge.refund.updated", "refund.updated", "refund.failed", "refund.created", *PAGES)
FRESH_SECONDS = 300


class News(NamedTuple):
    ref: str
    key: str
    is_settled: bool
    why: str


def is_genuine(secrets: Sequence[str], signature: str, body: bytes) -> bool:
    """Signed with one of the secrets, and in the last five minutes."""
    return any(_fits(secret, signature, body) for secret in secrets)


def _fits(secret: str, signature: str, body: bytes) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body.decode(), signature, secret, FRESH_SECONDS))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def topic_and_id(body: bytes) -> tuple[str, str]:
    document = _object(body)
    return str(document.get("type", ""))[:60], str(document.get("id", ""))[:100]


def read(body: str) -> News | None:
    """The refund that is spoken of; None when it is of none, or still under way. Raises ValueError for no JSON."""
    told = _object(body.encode()).get("data")
    refund = told.get("object") if isinstance(told, dict) else None
    if not isinstance(refund, dict) or refund.get("object") != "refund":
        return None
    status, metadata = str(refund.get("status") or ""), refund.get("metadata")
    key = str(metadata.get(OURS, "")) if isinstance(metadata, dict) else ""
    why = why_lost(str(refund.get("failure_reason") or "")) if status in LOST else ""
    if not why and status != SETTLED:
        return None
    return News(str(refund.get("id") or "")[:120], key, status == SETTLED, why)


class PageNews(NamedTuple):
    page: Page
    key: str


def read_page(body: str) -> PageNews | None:
    """The page for paying that is spoken of; None when it is of none. Raises ValueError for no JSON."""
    document = _object(body.encode())
    told = document.get("data")
    session = told.get("object") if isinstance(told, dict) else None
    if not isinstance(session, dict) or session.get("object") != "checkout.session":
        return None
    try:
        page = stripe_checkout.read(session)
    except Later as wrong:
        raise ValueError(str(wrong)) from None
    metadata = session.get("metadata")
    key = str(metadata.get(OURS, "")) if isinstance(metadata, dict) else ""
    return PageNews(replace(page, state="ended") if document.get("type") == _FAILED else page, key)


def _object(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    return found if isinstance(found, dict) else {}
