"""Holds on cards by Stripe: a page that only authorises, and what becomes of the hold. Loads Stripe's library late.

A bank lets a hold lapse after about seven days. The card is kept for charging without the shopper, so the deadline can
take what is due all the same; whatever took money bears our key, and is looked for first.
"""

from dataclasses import replace
from typing import Any

from thereafter.returns.payments import stripe_checkout
from thereafter.returns.payments.adapters import Credentials, HoldAsk, Holds, Later, Page, PageAsk, Refusal
from thereafter.returns.payments.stripe_account import asking, client
from thereafter.returns.payments.stripe_checkout import OURS

_WAITS, _TAKEN, _GONE = "requires_capture", "succeeded", "canceled"


def open_page(credentials: Credentials, ask: PageAsk) -> Page:
    stripe, wanted = client(credentials), stripe_checkout.wanted_of(ask)
    wanted["payment_intent_data"] |= {"capture_method": "manual", "setup_future_usage": "off_session"}
    wanted |= {"payment_method_types": ["card"], "customer_creation": "always"}
    made = asking(lambda: stripe.v1.checkout.sessions.create(wanted, {"idempotency_key": ask.key}))
    return _told(stripe, stripe_checkout.read(made))


def look(credentials: Credentials, ref: str) -> Page:
    return _told(client(credentials), stripe_checkout.look(credentials, ref))


def close(credentials: Credentials, ref: str) -> Page:
    return _told(client(credentials), stripe_checkout.close(credentials, ref))


def _told(stripe: Any, page: Page) -> Page:
    """A page that was gone through says of a hold only that nothing is paid: the payment itself is asked."""
    if page.state not in ("underway", "paid") or not page.payment:
        return page
    status = _payment(stripe, page.payment).status
    if status == _GONE:
        return replace(page, state="ended")
    return replace(page, state="held" if status in (_WAITS, _TAKEN) else "underway")


def release(credentials: Credentials, ask: HoldAsk) -> str:
    """Lets the hold go, unless money was taken by it or in its place."""
    stripe = client(credentials)
    first = _payment(stripe, ask.payment)
    taken = _taken(stripe, first, ask)
    if not taken and first.status != _GONE:
        _cancel(stripe, ask)
    return taken


def capture(credentials: Credentials, ask: HoldAsk) -> str:
    """Takes what is due once: from the hold while it stands and is large enough, else from the card that was kept."""
    stripe = client(credentials)
    first = _payment(stripe, ask.payment)
    taken = _taken(stripe, first, ask)
    if taken:
        return taken
    if first.status == _WAITS and first.amount_capturable >= ask.amount_minor:
        return _capture(stripe, ask)
    if first.status != _GONE:
        _cancel(stripe, ask)
    return _charge(stripe, first, ask)


def _payment(stripe: Any, name: str) -> Any:
    return asking(lambda: stripe.v1.payment_intents.retrieve(name))


def _taken(stripe: Any, first: Any, ask: HoldAsk) -> str:
    """The payment of this hold that took money; raises `Later` while a bank is at one."""
    if first.status == _TAKEN:
        return str(first.id)
    customer = getattr(first, "customer", None)
    if not customer:
        return ""
    rows = asking(lambda: stripe.v1.payment_intents.list({"customer": customer, "limit": 100})).data
    ours = [one for one in rows if _key_of(one) == ask.key]
    if any(one.status == "processing" for one in ours):
        raise Later("The bank is still at it.")
    return next((str(one.id) for one in ours if one.status == _TAKEN), "")


def _key_of(payment: Any) -> str:
    try:
        return str(payment.metadata[OURS])
    except (AttributeError, KeyError, TypeError):
        return ""


def _cancel(stripe: Any, ask: HoldAsk) -> None:
    named = {"idempotency_key": f"{ask.key}-release-{ask.turn}"}
    asking(lambda: stripe.v1.payment_intents.cancel(ask.payment, {}, named))


def _capture(stripe: Any, ask: HoldAsk) -> str:
    named = {"idempotency_key": f"{ask.key}-capture-{ask.turn}"}
    wanted = {"amount_to_capture": ask.amount_minor}
    return _name(asking(lambda: stripe.v1.payment_intents.capture(ask.payment, wanted, named)))


def _charge(stripe: Any, first: Any, ask: HoldAsk) -> str:
    card, customer = getattr(first, "payment_method", None), getattr(first, "customer", None)
    if not card or not customer:
        raise Refusal("The hold has ended, and no card was kept that could be charged.")
    wanted = {
        "amount": ask.amount_minor,
        "currency": ask.currency.lower(),
        "customer": customer,
        "payment_method": card,
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "description": ask.title,
        "metadata": {OURS: ask.key},
    }
    named = {"idempotency_key": f"{ask.key}-charge-{ask.turn}"}
    return _name(asking(lambda: stripe.v1.payment_intents.create(wanted, named)))


def _name(payment: Any) -> str:
    if payment.status != _TAKEN:
        raise Later("The bank is still at it.")
    return str(payment.id)


STRIPE = Holds(open_page, look, close, release, capture)
