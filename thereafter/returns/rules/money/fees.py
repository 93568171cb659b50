"""What a return costs the shopper, once per case: never more than the refund, and never against the law.

Amounts are whole minor units.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

from thereafter.returns.rules.money.allocation import half_up
from thereafter.returns.rules.money.bought import Value
from thereafter.returns.rules.reasons import Basis, Fault

FeeKind = Literal["flat_per_return", "flat_per_item", "percent_of_items_net", "percent_of_items_gross"]
FEE_KINDS: tuple[FeeKind, ...] = get_args(FeeKind)

# What lies with the shop or its carrier costs the shopper nothing.
_NOT_THE_SHOPPER: frozenset[Fault] = frozenset({"shop", "carrier"})
_FAULT_BASES: frozenset[Basis] = frozenset({"non_conformity", "carrier_claim"})
# Directive 2011/83/EU Art. 14(1): the cost of the way back, when told before that the shopper bears it.
RETURN_POSTAGE = frozenset({"postage", "return_label", "return_postage", "return_shipping"})
# Art. 14(2): handling beyond what is needed to try the goods, when informed of the right.
DIMINISHED_VALUE = "diminished_value"


@dataclass(frozen=True, kw_only=True)
class Fee:
    """`amount` in minor units for flat fees, `percent` for the others. `waived_for` are reasons that make it free."""

    kind: FeeKind
    amount: int = 0
    percent: Decimal = Decimal(0)
    reason: str = ""
    waived: bool = False
    waived_for: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what grounds something comes back, by the names of reasons.py.

    `informed` of the right of withdrawal; `told_postage`: that they bear the way back. `charged_before` are flat fees
    that this case paid already.
    """

    basis: Basis = "voluntary"
    fault: Fault = "shopper"
    reason: str = ""
    informed: bool = True
    told_postage: bool | None = None
    charged_before: int = 0

    @property
    def is_withdrawal(self) -> bool:
        return self.basis == "withdrawal"

    @property
    def is_shop_fault(self) -> bool:
        return self.fault in _NOT_THE_SHOPPER or self.basis in _FAULT_BASES

    @property
    def bears_postage(self) -> bool:
        """Told that return postage is theirs; who was not informed of the right was not told that either."""
        return self.informed if self.told_postage is None else self.told_postage


USUAL_TERMS = Terms()


@dataclass(frozen=True, kw_only=True)
class ChargedFee:
    """A fee and what of it was taken; `why` is said to people when it was less than the policy asks."""

    fee: Fee
    amount: int
    why: str = ""


def charge(fees: Iterable[Fee], terms: Terms, *, items: Value, units: int, due: int) -> list[ChargedFee]:
    """Each fee on the items of this return. Together they are at most `due`: a refund never becomes a debt."""
    charged = []
    paid_before = terms.charged_before
    for fee in fees:
        why = _waived_because(fee, terms)
        asked = 0 if why else _asked(fee, items, units)
        if fee.kind == "flat_per_return" and asked:
            before = min(paid_before, asked)
            paid_before -= before
            asked -= before
            why = "It was charged once in this case before." if before else why
        amount = min(asked, due)
        if amount < asked:
            why = "A fee is never more than the refund."
        due -= amount
        charged.append(ChargedFee(fee=fee, amount=amount, why=why))
    return charged


def _asked(fee: Fee, items: Value, units: int) -> int:
    match fee.kind:
        case "flat_per_return":
            return fee.amount
        case "flat_per_item":
            return fee.amount * units
        case "percent_of_items_net":
            return half_up(items.net * Fraction(fee.percent) / 100)
        case "percent_of_items_gross":
            return half_up(items.gross * Fraction(fee.percent) / 100)


def _waived_because(fee: Fee, terms: Terms) -> str:
    if fee.waived or terms.reason in fee.waived_for:
        return "The policy waives it."
    if terms.is_shop_fault:
        return "The shop answers for the reason of this return."
    return _barred_by_law(fee, terms) if terms.is_withdrawal else ""


def _barred_by_law(fee: Fee, terms: Terms) -> str:
    """Why a withdrawal does not allow this fee (Directive 2011/83/EU Art. 14; UK CCR 2013 reg. 34, 35)."""
    if fee.reason in RETURN_POSTAGE:
        return "" if terms.bears_postage else "The shopper was not told to bear the postage of the return."
    if fee.reason == DIMINISHED_VALUE:
        return "" if terms.informed else "The shopper was not informed of the right of withdrawal."
    return "The law of withdrawal knows no such fee."
