"""What colleagues do with a share of a refund: try again, stop, give store credit, note that they paid it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from thereafter.returns.actions import granting
from thereafter.returns.actions.paying import put
from thereafter.returns.models import GrantShare, ShareTry
from thereafter.returns.payments import registry
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff

T = TypeVar("T")
State = GrantShare.State


class CannotPay(ValueError):
    """What a colleague wants to do with a share does not fit it; the text says what to do instead."""


@transaction.atomic
def again(share: GrantShare, *, by: Staff, now: datetime) -> None:
    """Tries a share that failed once more, by the way that is chosen for it now."""
    held = granting.locked(share)
    if held.state != State.FAILED and not (held.state == State.GRANTED and held.due_at is None):
        raise CannotPay("Only what failed, or waits for a person, can be tried again.")
    put(held, due_at=now, adapter="", attempts=0)
    _by_hand(held, "again", by, now)


@transaction.atomic
def stop(share: GrantShare, *, by: Staff, now: datetime) -> None:
    """Stops trying, so that a person can go another way. The money may have gone: look at the provider first."""
    held = granting.locked(share)
    if held.state != State.SENT:
        raise CannotPay("This is not under way.")
    granting.fail(held, why="Stopped by a colleague.", now=now)
    _by_hand(held, "failed", by, now, "Stopped")


@transaction.atomic
def to_credit(share: GrantShare, *, agreed: bool, by: Staff, now: datetime) -> GrantShare:
    """Gives store credit instead. After a withdrawal only when the shopper agreed (Directive 2011/83/EU Art. 13(1))."""
    held = granting.locked(share)
    if held.grant.basis == "withdrawal" and not agreed:
        raise CannotPay("After a withdrawal the money goes back as it was paid, unless the shopper expressly agreed.")
    if held.tender == registry.CREDIT:
        raise CannotPay("This goes to store credit already.")
    other = _follow(lambda: granting.reroute(held, to=registry.CREDIT, by=by, now=now))
    _by_hand(held, "rerouted", by, now)
    return other


@transaction.atomic
def paid_by_hand(share: GrantShare, *, reference: str, by: Staff, now: datetime) -> None:
    """A colleague gave the money back; `reference` is what the bank or the till calls it."""
    held, reference = granting.locked(share), " ".join(reference.split())[:120]
    if not reference:
        raise CannotPay("Say by which reference the payment can be found again: the bank's, the till's, the shop's.")
    if GrantShare.objects.of(held.store_id).filter(provider_ref=reference).exclude(pk=held.pk).exists():
        raise CannotPay(f"{reference} stands at another refund. Add something that tells them apart.")
    if held.state == State.SENT:
        raise CannotPay("This is under way. Stop it first, and look whether the money went.")
    if held.state == State.GRANTED:
        held = granting.send(held, now=now)
    _follow(lambda: granting.settle(held, provider_ref=reference, now=now))
    put(held, adapter=registry.MANUAL)
    _by_hand(held, "settled", by, now, reference)


def _follow(step: Callable[[], T]) -> T:
    try:
        return step()
    except CannotGo as wrong:
        raise CannotPay(str(wrong)) from None


def _by_hand(share: GrantShare, became: str, by: Staff, now: datetime, said: str = "") -> None:
    ShareTry.objects.create(
        store_id=share.store_id,
        share_id=share.pk,
        adapter=registry.MANUAL,
        at=now,
        became=became,
        said=said[:300],
        by=by,
    )
    order = share.grant.order
    audit(order.store, by=by, verb=f"returns.share_{became}", now=now, subject=order.number)
