"""What the payments of an order cover, what may still go back, and what the shop owes. Whole minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

RefundState = Literal["settled", "pending", "failed"]
ChargeStatus = Literal["none", "partial", "full", "overcharged"]


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment and its refunds as (state, amount); only one that `is_settled` brought money."""

    captured: int
    is_settled: bool
    refunds: tuple[tuple[RefundState, int], ...] = ()

    def refunded(self, *states: RefundState) -> int:
        return sum(amount for state, amount in self.refunds if state in states)


@dataclass(frozen=True, slots=True)
class Cover:
    covered: int
    may_still_be_refunded: int


def cover(payments: Iterable[Payment]) -> Cover:
    """A refund under way still covers the order, and may no longer be promised to anybody; a failed one never was."""
    settled = [payment for payment in payments if payment.is_settled]
    covered = sum(payment.captured - payment.refunded("settled") for payment in settled)
    free = sum(max(0, payment.captured - payment.refunded("settled", "pending")) for payment in settled)
    return Cover(covered, free)


@dataclass(frozen=True, slots=True)
class Balance:
    """`balance` above zero is owed to the shopper, below zero by the shopper."""

    balance: int
    charge_status: ChargeStatus


def balance(*, order_total: int, charged: int, granted: int, refunded: int = 0) -> Balance:
    """charged - (order total - granted refunds). `refunded` is what of the granted left us already."""
    due = max(0, order_total - granted)
    kept = charged - refunded
    return Balance(kept - due, _status(kept, due))


def _status(kept: int, due: int) -> ChargeStatus:
    if kept > due:
        return "overcharged"
    if kept == due:
        return "full"
    return "partial" if kept > 0 else "none"
