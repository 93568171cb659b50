"""Instant exchanges: cards are held, let go and taken from; ours, network, ours, as in `charging`."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from thereafter.returns.actions import accounts, hold_errands, holds
from thereafter.returns.actions.hold_errands import Errand, Report
from thereafter.returns.actions.paying import OLD_KEY
from thereafter.returns.charging import MOST_IN_A_ROUND, NotNow
from thereafter.returns.models import Case, Hold
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Ask, BadAccount, HoldAsk, Later, Page, PageAsk, Refusal, Told
from thereafter.timeline import peek

log = logging.getLogger(__name__)
A = TypeVar("A")
State = Hold.State


def open_page(case: Case, *, now: datetime) -> Hold:
    """The hold with the page on which the shopper allows it, or one that stands by now (see its state).

    Raises `NotNow`, and `holds.NothingToHold`.
    """
    held = holds.begin(case, now=now)
    if held.state != State.ASKED:
        held = look_up(held, now=now)
    if held.state == State.ENDED:
        held = holds.begin(case, now=now)
    return held if held.state != State.ASKED else _ask_for(held, now)


def _ask_for(held: Hold, now: datetime) -> Hold:
    try:
        page = _with(held, lambda account: registry.holds(held.provider).open(account, _asked(held)))
    except Refusal as no:
        holds.not_opened(held, str(no), now=now)
        log.warning("a page for a hold was refused: %s", no)
        raise NotNow from no
    except BadAccount as wrong:
        accounts.note_work(held.store_id, held.provider, error=str(wrong), now=now)
        raise NotNow from wrong
    except Later as later:
        raise NotNow from later
    return holds.heard(held, page, now=now)


def _asked(held: Hold) -> PageAsk:
    if held.ends_at is None:
        raise Refusal("A page that has no end was asked for.")
    return PageAsk(
        key=held.key,
        amount_minor=held.amount_minor,
        currency=held.currency,
        number=held.case.number,
        ends_at=held.ends_at,
        title=held.asked["title"],
        email=held.asked["email"],
        back=held.asked["back"],
        done=held.asked["done"],
    )


def look_up(held: Hold, *, now: datetime) -> Hold:
    """The hold as it stands at its provider; raises `NotNow` when that cannot be known."""
    try:
        page = _with(held, lambda account: registry.holds(held.provider).look(account, held.page_ref))
    except (Refusal, BadAccount, Later) as wrong:
        raise NotNow from wrong
    return holds.heard(held, page, now=now)


def _with(held: Hold, call: Callable[[dict[str, str]], A]) -> A:
    credentials = accounts.credentials(held.store_id, held.provider)
    if not credentials:
        raise BadAccount(OLD_KEY)
    return call(credentials)


def see_to_due(now: datetime) -> int:
    """Carries out what is due at providers; returns how many it took up."""
    if not peek.anything("returns_hold", "due_at <= %s", now):
        return 0
    for taken in range(MOST_IN_A_ROUND):
        errand = hold_errands.claim(now)
        if errand is None:
            return taken
        hold_errands.settle(carry_out(errand), now=now)
    return MOST_IN_A_ROUND


def carry_out(errand: Errand) -> Report:
    """One errand at a provider; whatever goes wrong becomes a reason."""
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
        log.warning("an answer of %s could not be understood", errand.hold.provider, exc_info=wrong)
        return Report(errand, verdict="later", why=f"The answer could not be understood ({type(wrong).__name__}).")


def _go(errand: Errand) -> Page | Told | str:
    held, account = errand.hold, errand.credentials
    if errand.what in ("look", "close"):
        pages = registry.holds(held.provider)
        return (pages.look if errand.what == "look" else pages.close)(account, held.page_ref)
    if errand.what in ("release", "capture"):
        holding = registry.holds(held.provider)
        return (holding.release if errand.what == "release" else holding.capture)(account, _hold_ask(held))
    adapter = registry.adapter(held.provider)
    if errand.what == "look_refund" and adapter.look:
        return adapter.look(account, held.refund_ref)
    return adapter.refund(account, _refund(held))


def _hold_ask(held: Hold) -> HoldAsk:
    return HoldAsk(
        key=held.key,
        turn=held.turn,
        payment=held.payment_ref,
        amount_minor=held.due_minor,
        currency=held.currency,
        title=f"Exchange {held.case.number}",
    )


def _refund(held: Hold) -> Ask:
    # What was taken from a hold that was only to go is what it held.
    amount = held.amount_minor if held.charge_ref == held.payment_ref else held.due_minor
    return Ask(
        key=held.refund_key,
        amount_minor=amount,
        currency=held.currency,
        order=held.case.order.external_id,
        number=held.case.number,
        payment=held.charge_ref,
    )
