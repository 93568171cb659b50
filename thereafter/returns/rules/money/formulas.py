"""Sums that a law or a policy sets. Whole minor units; each is rounded half up once, at its end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from thereafter.returns.rules.money.allocation import half_up


def price_reduction(*, paid: int, worth_if_conforming: int, worth_as_received: int) -> int:
    """In proportion to the price that was paid (Directive (EU) 2019/771 Art. 15); between nothing and all of it.

    Raises ValueError when the goods would be worth nothing even without the defect.
    """
    if worth_if_conforming <= 0:
        raise ValueError("The value of the item without its defect must be more than zero.")
    missing = Fraction(worth_if_conforming - worth_as_received, worth_if_conforming)
    return half_up(paid * min(max(missing, Fraction(0)), Fraction(1)))


# UK Consumer Rights Act 2015 s.24(10).
UK_MONTHS_WITHOUT_DEDUCTION = 6


def final_rejection(*, price: int, months: int, is_motor_vehicle: bool, use_deduction: int) -> int:
    """UK final right to reject: nothing is taken off for use in the first six months, except for motor vehicles."""
    if months <= UK_MONTHS_WITHOUT_DEDUCTION and not is_motor_vehicle:
        return price
    return max(0, price - max(0, use_deduction))


def by_resolution(*, gross: int, fee: int, resolutions: Iterable[str], charged: Collection[str]) -> dict[str, int]:
    """What each way out is worth when only some of them bear the fee; floor 0."""
    return {one: max(0, gross - fee) if one in charged else gross for one in resolutions}


@dataclass(frozen=True, slots=True)
class Booked:
    """`loss` below zero is a gain."""

    at_sale: int
    at_refund: int
    loss: int


def in_shop_currency(minor: int, *, exponents: tuple[int, int], at_sale: Fraction, at_refund: Fraction) -> Booked:
    """A refund in the currency that was paid, in the shop's books at both days' rates (shop units per paid unit).

    `exponents` are those of the paid and of the shop's currency. The difference goes to an account of its own.
    """
    paid, shop = exponents
    units = Fraction(minor * 10**shop, 10**paid)
    sale, refund = half_up(units * at_sale), half_up(units * at_refund)
    return Booked(sale, refund, refund - sale)


def contract_rest(*, price: int, term: int, elapsed: int, claims_paid: int) -> int:
    """A protection plan given back: price x remaining / term, less claims paid; floor 0.

    Raises ValueError for a term that is not above zero.
    """
    if term <= 0:
        raise ValueError("The term of the contract must be more than zero.")
    remaining = min(max(0, term - elapsed), term)
    return max(0, half_up(Fraction(price * remaining, term) - claims_paid))


def trade_in_credit(values: Iterable[int], *, label_fee: int) -> int:
    """What graded items bring, less the label once; floor 0, so a rejected item costs the shopper nothing."""
    return max(0, sum(values) - label_fee)


@dataclass(frozen=True, slots=True)
class Empties:
    """`bundles` rewards at most and the credit beside them; `best` is the most that items and rewards are worth."""

    all_credit: int
    bundles: int
    with_one_bundle: int
    with_all_bundles: int
    best: int


def recycling(items: int, *, each: int, bundle: int, bundle_worth: int = 0) -> Empties:
    """Credit for each empty, or a reward for `bundle` of them; none counts twice. Raises ValueError for no bundle."""
    if bundle <= 0 or items < 0:
        raise ValueError("A bundle holds at least one item, and items are counted from zero.")
    bundles = items // bundle
    credit = [(items - taken * bundle) * each for taken in range(bundles + 1)]
    return Empties(
        all_credit=items * each,
        bundles=bundles,
        with_one_bundle=credit[min(1, bundles)],
        with_all_bundles=credit[-1],
        best=max(credit[taken] + taken * bundle_worth for taken in (0, bundles)),
    )
