"""What is refused, under which code, how much would be allowed instead, and the sentence for it.

A refusal changes nothing: it is raised before anything is counted.
"""

from collections.abc import Collection, Sequence
from typing import ClassVar


def decimal_text(minor: int, exponent: int) -> str:
    """1234 with two decimals is "12.34"."""
    sign, digits = "-" * (minor < 0), str(abs(minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else sign + digits


class Refused(ValueError):
    """`most` is what would be allowed: minor units of money, or a number of units where `counts_units`."""

    code: ClassVar[str]
    words: ClassVar[str]
    counts_units: ClassVar[bool] = False

    def __init__(self, most: int | None = None) -> None:
        super().__init__(self.code)
        self.most = most

    def sentence(self, currency: str = "", exponent: int = 2) -> str:
        most = self.most or 0
        shown = str(most) if self.counts_units else f"{decimal_text(most, exponent)} {currency}".strip()
        return self.words.format(most=shown)


class AmountMustBePositive(Refused):
    code = "amount_must_be_positive"
    words = "A refund is more than zero. At most {most} can be refunded here."


class NothingSelected(Refused):
    code = "nothing_selected"
    words = "Nothing was chosen. Choose at least one item, an amount or the shipping."


class ExceedsRefundableAmount(Refused):
    code = "exceeds_refundable_amount"
    words = "That is more than is left: at most {most} can still be refunded here."


class ExceedsRefundableShipping(ExceedsRefundableAmount):
    words = "That is more shipping than is left: at most {most} of it can still be refunded."


class QuantityMustBePositive(Refused):
    code = "quantity_must_be_positive"
    words = "At least one unit must be returned; at most {most} can be."
    counts_units = True


class ExceedsReturnableQuantity(Refused):
    code = "exceeds_returnable_quantity"
    words = "That is more than can come back: at most {most} of this item were delivered and not returned yet."
    counts_units = True


class ExceedsRequestedQuantity(Refused):
    code = "exceeds_requested_quantity"
    words = "That is more than was announced: at most {most} more can be received. Take the rest in as extra goods."
    counts_units = True


class AlreadyProcessed(Refused):
    code = "already_processed"
    words = "This refund was booked before; it is not booked again."


class UnknownLine(Refused):
    code = "unknown_line"
    words = "The order has no such line."


def check_positive(asked: int, left: int = 0) -> None:
    if asked <= 0:
        raise AmountMustBePositive(max(0, left))


def check_amount(asked: int, left: int) -> None:
    check_positive(asked, left)
    if asked > left:
        raise ExceedsRefundableAmount(max(0, left))


def check_shipping(asked: int, left: int) -> None:
    check_positive(asked, left)
    if asked > left:
        raise ExceedsRefundableShipping(max(0, left))


def check_selection(chosen: Sequence[object], amount: int) -> None:
    if not chosen and not amount:
        raise NothingSelected


def check_returnable(asked: int, *, fulfilled: int, requested: int) -> None:
    """Only what was delivered and is not on its way back already; `requested` counts finished returns too."""
    most = max(0, fulfilled - requested)
    if asked <= 0:
        raise QuantityMustBePositive(most)
    if asked > most:
        raise ExceedsReturnableQuantity(most)


def check_received(good: int, damaged: int, *, requested: int, received: int = 0) -> None:
    """A parcel holds what was announced; more is extra goods, never a second refund."""
    most = max(0, requested - received)
    if good + damaged <= 0 or min(good, damaged) < 0:
        raise QuantityMustBePositive(most)
    if good + damaged > most:
        raise ExceedsRequestedQuantity(most)


def check_first_time(event_id: str, booked: Collection[str]) -> None:
    """A provider tells the same refund twice: the second time is answered with thanks and books nothing."""
    if event_id in booked:
        raise AlreadyProcessed
