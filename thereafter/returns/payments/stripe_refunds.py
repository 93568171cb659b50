"""Refunds by Stripe. Loads Stripe's library, so it is loaded late; the key keeps a second try from paying twice."""

from typing import Any

from thereafter.returns.payments.adapters import Adapter, Ask, Credentials, Later, Refusal, Told
from thereafter.returns.payments.stripe_account import asking, client

SETTLED, LOST = "succeeded", ("failed", "canceled")
OURS = "thereafter_key"


def refund(credentials: Credentials, ask: Ask) -> Told:
    """Stripe forgets a key after a day, and a try may be repeated later; so we look first whether it was done."""
    stripe = client(credentials)
    payment = {"charge" if ask.payment.startswith(("ch_", "py_")) else "payment_intent": ask.payment}
    known = _find(stripe, payment, ask.key)
    if known is not None:
        return told(known)
    wanted = {**payment, "amount": ask.amount_minor, "metadata": {OURS: ask.key, "order": ask.number}}
    made = asking(lambda: stripe.v1.refunds.create(wanted, {"idempotency_key": ask.key}))
    return told(made)


def _find(stripe: Any, payment: dict[str, str], key: str) -> Any:
    found = asking(lambda: stripe.v1.refunds.list({**payment, "limit": 100}))
    return next((one for one in found.data if _key_of(one) == key), None)


def _key_of(refund: Any) -> str:
    return str(_value(getattr(refund, "metadata", None), OURS))


def _value(held: Any, name: str) -> Any:
    try:
        return held[name]
    except (KeyError, TypeError):
        return ""


def look(credentials: Credentials, ref: str) -> Told:
    """What became of a refund that a bank was still at."""
    stripe = client(credentials)
    return told(asking(lambda: stripe.v1.refunds.retrieve(ref)))


def told(refund: Any) -> Told:
    """Raises `Refusal` for one that came back, `Later` for what is no refund."""
    status = str(getattr(refund, "status", "") or "")
    if status in LOST:
        raise Refusal(why_lost(str(getattr(refund, "failure_reason", "") or "")))
    if not getattr(refund, "id", ""):
        raise Later("Stripe's answer has a shape that we do not know.")
    return Told(str(refund.id), status == SETTLED)


_REASONS = {
    "lost_or_stolen_card": "The card was lost or stolen.",
    "expired_or_canceled_card": "The card has expired or was cancelled.",
    "charge_for_pending_refund_disputed": "The payment is disputed at the bank.",
    "insufficient_funds": "There is not enough money in the Stripe account.",
    "declined": "The bank declined it.",
    "merchant_request": "It was cancelled in Stripe.",
}


def why_lost(reason: str) -> str:
    return _REASONS.get(reason, "The bank sent it back without a reason.")


STRIPE = Adapter("stripe", refund, look)
