"""The five machines of a case, kept apart: what may follow what. Coupling them is what users of others complain of."""

from collections.abc import Mapping

CASE, PARCEL, UNIT, MONEY, GOODS = "case", "parcel", "unit", "money", "goods"
_Machine = Mapping[str, tuple[str, ...]]

_CASE: _Machine = {
    "draft": ("submitted", "cancelled"),
    "submitted": ("needs_review", "approved", "declined", "cancelled"),
    "needs_review": ("approved", "declined", "cancelled"),
    "approved": ("open", "cancelled"),
    "declined": ("reopened",),
    # Cancelling is for before goods or money moved; the actions see to that.
    "open": ("resolved", "cancelled", "expired"),
    "resolved": ("closed", "reopened"),
    "closed": ("reopened",),
    # Goods that come all the same bring it back to life.
    "cancelled": ("reopened",),
    "expired": ("reopened",),
    "reopened": ("open", "resolved", "closed"),
}
_PARCEL: _Machine = {
    "label_requested": ("created", "failed", "cancelled"),
    "failed": ("label_requested", "cancelled"),
    "created": ("qr_shown", "pre_transit", "in_transit", "dropped_off", "delivered", "cancelled", "expired"),
    "qr_shown": ("pre_transit", "in_transit", "dropped_off", "delivered", "cancelled", "expired"),
    "dropped_off": ("in_transit", "delivered", "lost", "exception"),
    "pre_transit": ("in_transit", "dropped_off", "delivered", "lost", "exception", "cancelled", "expired"),
    "in_transit": ("delivered", "lost", "exception"),
    "exception": ("in_transit", "delivered", "lost"),
    # What was given up is found now and then.
    "lost": ("in_transit", "delivered"),
    "expired": ("in_transit", "dropped_off", "delivered"),
    "delivered": (),
    # It was given up, and came all the same.
    "cancelled": ("in_transit", "dropped_off", "delivered"),
}
_TO_DISPOSE = ("restock", "refurbish", "resale", "donate", "recycle", "destroy", "vendor_return", "send_back")
_UNIT: _Machine = {
    "expected": ("received", "missing", "wrong_item", "kept", "cancelled"),
    "missing": ("received", "wrong_item", "cancelled"),
    "wrong_item": ("received", "accepted", "rejected", "manual"),
    "extra": ("received", "send_back", "accepted"),
    "received": ("accepted", "accepted_with_deduction", "rejected", "manual"),
    "manual": ("accepted", "accepted_with_deduction", "rejected"),
    "accepted": _TO_DISPOSE,
    "accepted_with_deduction": _TO_DISPOSE,
    "rejected": ("accepted", "accepted_with_deduction", *_TO_DISPOSE),
    # The shopper keeps it, by policy.
    "kept": (),
    "cancelled": ("expected",),
    # A unit that is to be processed may later be restocked: none of these is the end.
    **{state: tuple(one for one in _TO_DISPOSE if one != state) for state in _TO_DISPOSE},
}
_MONEY: _Machine = {
    "granted": ("sent", "rerouted", "withdrawn"),
    "sent": ("settled", "failed"),
    "failed": ("sent", "rerouted", "settled"),
    # A bank may send money back weeks later: its account was closed. It is owed again.
    "settled": ("failed",),
    "rerouted": (),
    "withdrawn": (),
}
_GOODS: _Machine = {
    "reserved": ("released", "cancelled"),
    "released": ("shipped", "cancelled"),
    "shipped": ("delivered", "cancelled"),
    "delivered": (),
    "cancelled": (),
}
MACHINES: Mapping[str, _Machine] = {CASE: _CASE, PARCEL: _PARCEL, UNIT: _UNIT, MONEY: _MONEY, GOODS: _GOODS}


class CannotGo(ValueError):
    """A machine was asked to go where it cannot; the text says from where to where."""


def follow(machine: str, state: str, to: str) -> None:
    """Refuses what may not follow; raises `CannotGo`."""
    if to not in MACHINES[machine].get(state, ()):
        raise CannotGo(f"A {machine} that is {said(state)} cannot become {said(to)}.")


def said(state: str) -> str:
    return state.replace("_", " ")
