"""Pages of Stripe Checkout for what an exchange costs more. Loads Stripe's library, so it is loaded late."""

from collections.abc import Mapping
from typing import Any

from thereafter.returns.payments.adapters import Credentials, Later, Page, PageAsk, Pages, Refusal
from thereafter.returns.payments.stripe_account import asking, client

OURS = "thereafter_key"
_LONGEST_TITLE = 120


def open_page(credentials: Credentials, ask: PageAsk) -> Page:
    """The same key within a day leads to the same page."""
    stripe, wanted = client(credentials), wanted_of(ask)
    return read(asking(lambda: stripe.v1.checkout.sessions.create(wanted, {"idempotency_key": ask.key})))


def wanted_of(ask: PageAsk) -> dict[str, Any]:
    """A page as Stripe is asked for it."""
    price = {
        "currency": ask.currency.lower(),
        "unit_amount": ask.amount_minor,
        "product_data": {"name": ask.title[:_LONGEST_TITLE]},
    }
    named = {OURS: ask.key, "return": ask.number}
    wanted: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": ask.done,
        "cancel_url": ask.back,
        "expires_at": int(ask.ends_at.timestamp()),
        "metadata": named,
        "payment_intent_data": {"metadata": named, "description": ask.title[:_LONGEST_TITLE]},
    }
    if ask.email:
        wanted["customer_email"] = ask.email
    return wanted


def look(credentials: Credentials, ref: str) -> Page:
    stripe = client(credentials)
    return read(asking(lambda: stripe.v1.checkout.sessions.retrieve(ref)))


def close(credentials: Credentials, ref: str) -> Page:
    """Ends a page on which nothing is to be paid any more; Stripe refuses that for one that was paid."""
    stripe = client(credentials)
    try:
        return read(asking(lambda: stripe.v1.checkout.sessions.expire(ref)))
    except Refusal:
        return look(credentials, ref)


def read(session: Any) -> Page:
    """A session as Stripe answers it, or as its webhook tells it. Raises `Later` for what is none."""
    status, ref = _text(session, "status"), _text(session, "id")
    if not ref or status not in ("open", "complete", "expired"):
        raise Later("Stripe's answer has a shape that we do not know.")
    state = {"open": "open", "expired": "ended"}.get(status, "underway")
    if status == "complete" and _text(session, "payment_status") == "paid":
        state = "paid"
    total = _value(session, "amount_total")
    return Page(
        ref=ref[:120],
        state=state,
        url=_text(session, "url"),
        payment=_name_of(_value(session, "payment_intent"))[:120],
        amount_minor=total if isinstance(total, int) else 0,
        currency=_text(session, "currency").upper(),
    )


def _name_of(payment: Any) -> str:
    return payment if isinstance(payment, str) else _text(payment, "id")


def _text(held: Any, name: str) -> str:
    found = _value(held, name)
    return found if isinstance(found, str) else ""


def _value(held: Any, name: str) -> Any:
    return held.get(name) if isinstance(held, Mapping) else getattr(held, name, None)


STRIPE = Pages(open_page, look, close)
