"""Where points that are taken back come from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of a clawback. `forgiven` is not taken; `ended` of it because it had run out."""

    pending: int
    active: int
    others: int
    owed: int
    forgiven: int
    ended: int


def shares(points: int, *, own_pending: int, own_active: int, ended: int, others: int, policy: str) -> Shares:
    """The own lot (pending, then active), then what ran out is forgiven, then other lots, then debt.

    `only_pending` takes nothing that is active; `within_balance` goes nowhere below zero; `unlimited` makes the rest
    a debt.
    """
    pending = min(points, own_pending)
    if policy == "only_pending":
        return Shares(pending, 0, 0, 0, points - pending, 0)
    active = min(points - pending, own_active)
    rest = points - pending - active
    gone = min(rest, ended)
    elsewhere = min(rest - gone, others)
    missing = rest - gone - elsewhere
    owed = missing if policy == "unlimited" else 0
    return Shares(pending, active, elsewhere, owed, gone + missing - owed, gone)
