"""Shoppers pay what an exchange costs more: ours, network, ours; the network is in no transaction."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from thereafter.returns.actions import accounts, charge_errands, charges
from thereafter.returns.actions.charge_errands import Errand, Report
from thereafter.returns.actions.paying import OLD_KEY
from thereafter.returns.models import Case, CasePayment
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Ask, BadAccount, Later, Page, PageAsk, Refusal, Told
from thereafter.timeline import peek

log = logging.getLogger(__name__)
A = TypeVar("A")
State = CasePayment.State
MOST_IN_A_ROUND = 10


class NotNow(Exception):
    """No page could be opened; the shopper may try again, or pay another way."""


def open_page(case: Case, *, now: datetime) -> CasePayment:
    """The payment with the page on which the shopper pays, or one that was paid meanwhile (see its state).

    Raises `NotNow`, and `charges.NothingToPay`.
    """
    payment = charges.begin(case, now=now)
    if payment.state != State.ASKED:
        payment = look_up(payment, now=now)
    if payment.state == State.ENDED:
        payment = charges.begin(case, now=now)
    return payment if payment.state != State.ASKED else _ask_for(payment, now)


def _ask_for(payment: CasePayment, now: datetime) -> CasePayment:
    try:
        page = _with(payment, lambda held: registry.pages(payment.provider).open(held, _asked(payment)))
    except Refusal as no:
        charges.not_opened(payment, str(no), now=now)
        log.warning("a page for paying was refused: %s", no)
        raise NotNow from no
    except BadAccount as wrong:
        accounts.note_work(payment.store_id, payment.provider, error=str(wrong), now=now)
        raise NotNow from wrong
    except Later as later:
        raise NotNow from later
    return charges.heard(payment, page, now=now)


def _asked(payment: CasePayment) -> PageAsk:
    if payment.ends_at is None:
        raise Refusal("A page that has no end was asked for.")
    return PageAsk(
        key=payment.key,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        number=payment.case.number,
        ends_at=payment.ends_at,
        title=payment.asked["title"],
        email=payment.asked["email"],
        back=payment.asked["back"],
        done=payment.asked["done"],
    )


def look_up(payment: CasePayment, *, now: datetime) -> CasePayment:
    """The payment as it stands at its provider; raises `NotNow` when that cannot be known."""
    try:
        page = _with(payment, lambda held: registry.pages(payment.provider).look(held, payment.page_ref))
    except (Refusal, BadAccount, Later) as wrong:
        raise NotNow from wrong
    return charges.heard(payment, page, now=now)


def _with(payment: CasePayment, call: Callable[[dict[str, str]], A]) -> A:
    credentials = accounts.credentials(payment.store_id, payment.provider)
    if not credentials:
        raise BadAccount(OLD_KEY)
    return call(credentials)


def see_to_due(now: datetime) -> int:
    """Looks at open pages, closes those that are not needed, gives back what is owed; returns how many it took up."""
    if not peek.anything("returns_casepayment", "due_at <= %s", now):
        return 0
    for taken in range(MOST_IN_A_ROUND):
        errand = charge_errands.claim(now)
        if errand is None:
            return taken
        charge_errands.settle(carry_out(errand), now=now)
    return MOST_IN_A_ROUND


def carry_out(errand: Errand) -> Report:
    """One call to a provider; whatever goes wrong becomes a reason."""
    if not errand.credentials:
        return Report(errand, verdict="account", why=OLD_KEY)
    try:
        return Report(errand, _go(errand))
    except Refusal as no:
        return Report(errand, verdict="refused", why=str(no))
    except BadAccount as wrong:
        return Report(errand, verdict="account", why=str(wrong))
    except Later as later:
        return Report(errand, verdict="later", why=str(later), seconds=later.seconds)
    except Exception as wrong:  # a provider's library may raise anything, and the money may have gone
        log.warning("an answer of %s could not be understood", errand.payment.provider, exc_info=wrong)
        return Report(errand, verdict="later", why=f"The answer could not be understood ({type(wrong).__name__}).")


def _go(errand: Errand) -> Page | Told:
    payment, held = errand.payment, errand.credentials
    if errand.what == "look":
        return registry.pages(payment.provider).look(held, payment.page_ref)
    if errand.what == "close":
        return registry.pages(payment.provider).close(held, payment.page_ref)
    adapter = registry.adapter(payment.provider)
    if errand.what == "look_refund" and adapter.look:
        return adapter.look(held, payment.refund_ref)
    return adapter.refund(held, _refund(payment))


def _refund(payment: CasePayment) -> Ask:
    return Ask(
        key=payment.refund_key,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        order=payment.case.order.external_id,
        number=payment.case.number,
        payment=payment.payment_ref,
    )
