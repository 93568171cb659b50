"""Promising money back, and writing down what became of the promise. Nothing here speaks to a payment provider."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from thereafter.commerce.models import Order
from thereafter.events.refunds import RefundFailed, RefundGranted, RefundSettled, RefundWithdrawn
from thereafter.returns import snapshots
from thereafter.returns.models import Grant, GrantShare
from thereafter.returns.queries import case_of_grant
from thereafter.returns.rules import machines
from thereafter.returns.rules.money import refunds
from thereafter.returns.rules.money.quotes import Quote, Request
from thereafter.returns.rules.money.refusals import ExceedsRefundableAmount
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, StoreQuerySet
from thereafter.timeline.log import record

State = GrantShare.State


@transaction.atomic
def grant(
    order: Order, request: Request, *, source: str, by: Staff | None, now: datetime, bonus_minor: int = 0
) -> Grant:
    """Promises a refund; the same `source` again changes nothing and returns the first. `bonus_minor` comes on top of
    store credit.

    The order is held meanwhile, so that the last cent is promised once. Raises a `Refused` with what would be allowed,
    ValueError for a `source` of another order.
    """
    held = hold(order)
    known = _known(held, source)
    if known:
        return known
    bought = snapshots.bought(held)
    quoted = refunds.quote(bought, request)
    if quoted.unplaced and not quoted.refund_total:
        raise ExceedsRefundableAmount(bought.room)
    granted = Grant.objects.create(
        store_id=held.store_id,
        order=held,
        source=source,
        basis=request.terms.basis,
        currency=held.currency,
        amount_minor=quoted.refund_total,
        fees_minor=quoted.fees_total,
        bonus_minor=bonus_minor,
        items=_items(quoted),
        shipping_net_minor=quoted.shipping.net,
        shipping_tax_minor=quoted.shipping.tax,
        trace=list(quoted.trace),
        granted_by=by,
        granted_at=now,
    )
    GrantShare.objects.bulk_create(
        GrantShare(
            store_id=held.store_id,
            grant=granted,
            tender=share.tender,
            amount_minor=share.amount,
            changed_at=now,
            due_at=now,
        )
        for share in quoted.shares
    )
    record(RefundGranted(**_told(granted, now), source=source))
    if not quoted.shares:
        _close(granted, now)
    audit(held.store, by=by, verb="returns.grant", now=now, subject=held.number, detail={"source": source})
    return granted


def _known(order: Order, source: str) -> Grant | None:
    found = Grant.objects.of(order.store_id).filter(source=source).first()
    if found and found.order_id != order.pk:
        raise ValueError(f"{source} was granted for another order; give each refund a name of its own.")
    return found


def hold(order: Order) -> Order:
    """The order's row, held until the transaction ends. SQLite has one writer anyhow."""
    rows = Order.objects.of(order.store_id).select_related("store")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=order.pk)


def _items(quoted: Quote) -> list[dict[str, Any]]:
    return [
        {
            "line": one.line,
            "units": one.units,
            "net": one.value.net,
            "tax": one.value.tax,
            "withheld_net": one.withheld.net,
            "withheld_tax": one.withheld.tax,
        }
        for one in quoted.items
    ]


@transaction.atomic
def send(share: GrantShare, *, now: datetime) -> GrantShare:
    """Says that the provider is about to be asked, before it is: whoever dies then asks again with the same key."""
    held = locked(share)
    _go(held, State.SENT, now, attempts=held.attempts + 1, error="")
    return held


@transaction.atomic
def settle(share: GrantShare, *, provider_ref: str, now: datetime) -> None:
    """The money has gone back. Told twice, it is booked once."""
    held = locked(share)
    if held.state == State.SETTLED:
        return
    _go(held, State.SETTLED, now, provider_ref=provider_ref[:120], error="", due_at=None)
    _close(held.grant, now)


@transaction.atomic
def fail(share: GrantShare, *, why: str, now: datetime) -> None:
    """The payment would not take it. It stays promised, until it is sent once more or goes another way.

    That a bank sends back what was settled is told here too.
    """
    held = locked(share)
    _go(held, State.FAILED, now, error=why[:300], due_at=None)
    Grant.objects.of(held.store_id).filter(pk=held.grant_id).update(settled_at=None)
    told = _told(held.grant, now) | {"amount_minor": held.amount_minor}
    record(RefundFailed(**told, tender=held.tender, why=held.error))


@transaction.atomic
def reroute(share: GrantShare, *, to: str, by: Staff | None, now: datetime) -> GrantShare:
    """What a payment would not take goes to something else, such as store credit: nothing is lost."""
    held = locked(share)
    _go(held, State.REROUTED, now, due_at=None)
    other = GrantShare.objects.create(
        store_id=held.store_id, grant=held.grant, tender=to, amount_minor=held.amount_minor, changed_at=now, due_at=now
    )
    order = held.grant.order
    audit(order.store, by=by, verb="returns.reroute", now=now, subject=order.number, detail={"to": to})
    return other


@transaction.atomic
def withdraw(granted: Grant, *, by: Staff | None, now: datetime) -> None:
    """Takes a promise back of which no money has moved; raises `CannotGo` when some has."""
    order = hold(granted.order)
    for share in _shares(granted):
        _go(share, State.WITHDRAWN, now, due_at=None)
    Grant.objects.of(granted.store_id).filter(pk=granted.pk).update(withdrawn_at=now)
    record(RefundWithdrawn(**_told(granted, now)))
    audit(order.store, by=by, verb="returns.withdraw", now=now, subject=order.number, detail={"source": granted.source})


def _shares(granted: Grant) -> StoreQuerySet[GrantShare]:
    rows = GrantShare.objects.of(granted.store_id).filter(grant=granted).order_by("pk")
    return rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows


def locked(share: GrantShare) -> GrantShare:
    """The share as it stands now, held until the transaction ends."""
    rows = GrantShare.objects.of(share.store_id).select_related("grant__order__store")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=share.pk)


def _go(share: GrantShare, to: str, now: datetime, **changed: Any) -> None:
    """The one place where a share changes its state; raises `CannotGo`."""
    machines.follow(machines.MONEY, share.state, to)
    for name, value in {"state": to, "changed_at": now, **changed}.items():
        setattr(share, name, value)
    share.save(update_fields=["state", "changed_at", *changed])


def _close(granted: Grant, now: datetime) -> None:
    """When the last part has gone back."""
    done = (State.SETTLED, State.REROUTED)
    if GrantShare.objects.of(granted.store_id).filter(grant=granted).exclude(state__in=done).exists():
        return
    Grant.objects.of(granted.store_id).filter(pk=granted.pk).update(settled_at=now)
    record(RefundSettled(**_told(granted, now), **_how(granted)))


def _how(granted: Grant) -> dict[str, Any]:
    """For whom, and where it went."""
    case = case_of_grant(granted.store_id, granted.pk)
    settled = GrantShare.objects.of(granted.store_id).filter(grant=granted, state=State.SETTLED)
    shares = list(settled.order_by("pk"))
    return {
        "case_id": case.pk if case else 0,
        "is_gift": bool(case and case.is_gift),
        "to_credit_minor": sum(share.amount_minor for share in shares if share.tender == snapshots.STORE_CREDIT),
        "provider_refs": tuple(share.provider_ref for share in shares if share.provider_ref),
    }


def _told(granted: Grant, now: datetime) -> dict[str, Any]:
    return {
        "store_id": granted.store_id,
        "customer_id": granted.order.customer_id,
        "order_id": granted.order_id,
        "occurred_at": now,
        "grant_id": granted.pk,
        "amount_minor": granted.amount_minor,
        "currency": granted.currency,
    }
