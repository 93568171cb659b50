"""What a choice of outcomes comes to: the quote that a shopper is shown, kept with the case and carried out later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from thereafter.returns.rules import reasons
from thereafter.returns.rules.money import refunds
from thereafter.returns.rules.money.allocation import half_up
from thereafter.returns.rules.money.bought import Bought, Value
from thereafter.returns.rules.money.exchanges import Exchange, Settlement, settle
from thereafter.returns.rules.money.fees import Fee, Terms
from thereafter.returns.rules.money.quotes import Quote, Request, Wanted
from thereafter.returns.rules.policy.offers import OfferedFee, Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES

WHOLE = 10_000
CREDIT = "store_credit"
NO_MONEY = ("replacement", "repair")
_PURPOSES = {"postage": "return_postage", "restocking": "restocking"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Units of a line, why they come back, and what was chosen for them."""

    line: str
    quantity: int
    reason: str
    option: Option


@dataclass(frozen=True, kw_only=True)
class Goods:
    """What goes out instead: the price of all of it today, with tax. `same`: another variant of what came back."""

    gross: int = 0
    same: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """All of one case: same ground, same outcome, same way. `shipping`: what the policy gives back of delivery
    (none, standard, all). `deductions` for wear by line and `charged_before` in flat fees, minor units."""

    chosen: Sequence[Chosen]
    method: str = "none"
    shipping: str = "none"
    goods: Goods = field(default_factory=Goods)
    deductions: Mapping[str, int] = field(default_factory=dict)
    charged_before: int = 0
    # Of units of the same case that came earlier: what they brought in credit, and the bonus on it.
    credit_before: int = 0
    bonus_before: int = 0
    informed: bool = True
    told_of_postage: bool = True


@dataclass(frozen=True, kw_only=True)
class Price:
    """`request` is what the ledger will be asked; amounts in minor units with tax. `charge`: what the shopper pays."""

    request: Request
    quote: Quote
    items: int
    fees: int
    shipping: int
    refund: int
    credit: int = 0
    bonus: int = 0
    charge: int = 0
    new_goods: int = 0

    def told(self) -> dict[str, Any]:
        """As plain JSON, to be kept with the case."""
        return {
            "items": self.items,
            "tax": self.quote.items_tax,
            "shipping": self.shipping,
            "fees": [{"purpose": one.fee.reason, "amount": one.amount, "why": one.why} for one in self.quote.fees],
            "fees_minor": self.fees,
            "refund": self.refund,
            "credit": self.credit,
            "bonus": self.bonus,
            "charge": self.charge,
            "new_goods": self.new_goods,
            "trace": list(self.quote.trace),
        }


def price(bought: Bought, wish: Wish) -> Price:
    """What a wish comes to. Raises a `Refused` of the money rules."""
    outcome = wish.chosen[0].option.outcome
    if outcome in NO_MONEY:
        return _without_money(bought, wish)
    if outcome in EXCHANGES:
        return _exchange(bought, wish)
    return _money(bought, wish, to_credit=outcome == CREDIT)


def paid_for_goods(told: Mapping[str, Any]) -> int:
    """Of what the shopper pays on top, what the new goods cost more: neither fees nor wear."""
    charge, new, old = (int(told.get(name) or 0) for name in ("charge", "new_goods", "items"))
    return max(0, min(charge, new - old))


def _money(bought: Bought, wish: Wish, *, to_credit: bool) -> Price:
    request = Request(
        items=tuple(_wanted(bought, wish)),
        shipping=_shipping(bought, wish),
        fees=tuple(_fees(bought, wish)),
        terms=_terms(wish),
        destination=CREDIT if to_credit else None,
        agreed=to_credit,
        shipping_beyond_law=True,
    )
    quoted = refunds.quote(bought, request)
    bonus = _bonus_on(wish, quoted.refund_total) if to_credit else 0
    return Price(
        request=request,
        quote=quoted,
        items=quoted.items_value.gross,
        fees=quoted.fees_total,
        shipping=quoted.shipping.gross,
        refund=0 if to_credit else quoted.refund_total,
        credit=quoted.refund_total + bonus if to_credit else 0,
        bonus=bonus,
    )


def _exchange(bought: Bought, wish: Wish) -> Price:
    """What is worth less than the new goods brings nothing back; the units have come back all the same."""
    whole = refunds.quote(bought, Request(items=tuple(_units(wish)), terms=_terms(wish)))
    settled = _settled(bought, wish, whole)
    request = Request(items=tuple(_part(whole, settled.refund)), terms=_terms(wish), shipping_beyond_law=True)
    quoted = refunds.quote(bought, request)
    return Price(
        request=request,
        quote=quoted,
        items=whole.items_value.gross,
        fees=settled.fees,
        shipping=0,
        refund=quoted.refund_total,
        bonus=settled.credit_used,
        charge=settled.charge,
        new_goods=whole.items_value.gross if wish.goods.same else wish.goods.gross,
    )


def _settled(bought: Bought, wish: Wish, whole: Quote) -> Settlement:
    worn = sum(wish.deductions.values())
    worth = Value(max(0, whole.items_value.net - worn), whole.items_value.tax)
    return settle(
        Exchange(
            returned=worth,
            new=Value(wish.goods.gross, 0),
            fees=tuple(_fees(bought, wish)),
            terms=_terms(wish),
            units=sum(one.quantity for one in wish.chosen),
            only_credit=_bonus(wish, worth.gross),
            locked=wish.goods.same,
        )
    )


def _without_money(bought: Bought, wish: Wish) -> Price:
    """The same again, or mended: nothing is paid, and the units can still be paid back later should it come to that."""
    whole = refunds.quote(bought, Request(items=tuple(_units(wish)), terms=_terms(wish)))
    nothing = Request(terms=_terms(wish))
    return Price(request=nothing, quote=whole, items=whole.items_value.gross, fees=0, shipping=0, refund=0)


def _units(wish: Wish) -> list[Wanted]:
    counted: dict[str, int] = {}
    for one in wish.chosen:
        counted[one.line] = counted.get(one.line, 0) + one.quantity
    return [Wanted(line=line, quantity=quantity) for line, quantity in counted.items()]


def _wanted(bought: Bought, wish: Wish) -> list[Wanted]:
    """What is kept for a part of its value counts as returned: it cannot come back for the rest. So does wear."""
    share = wish.chosen[0].option.share
    if share >= WHOLE and not wish.deductions:
        return _units(wish)
    whole = refunds.quote(bought, Request(items=tuple(_units(wish)), terms=_terms(wish)))
    parts = {one.line: _kept_part(one.value.gross, share, wish, one.line) for one in whole.items}
    return [
        Wanted(line=line, quantity=one.quantity, amount=parts[line] or None, exchanged=not parts[line])
        for one in _units(wish)
        if (line := one.line)
    ]


def _kept_part(gross: int, share: int, wish: Wish, line: str) -> int:
    return max(0, half_up(Fraction(gross * share, WHOLE)) - wish.deductions.get(line, 0))


def _part(whole: Quote, amount: int) -> list[Wanted]:
    """All units, and of their value only `amount`, from the first on."""
    wanted = []
    for one in whole.items:
        part = min(amount, one.value.gross)
        amount -= part
        wanted.append(Wanted(line=one.line, quantity=one.units, amount=part or None, exchanged=not part))
    return wanted


def _shipping(bought: Bought, wish: Wish) -> int | None:
    left = bought.shipping.left.gross
    if wish.shipping == "none":
        return None
    most = left if wish.shipping == "all" else bought.shipping.standard - bought.shipping.given.gross
    return max(0, min(most, left)) or None


def _terms(wish: Wish) -> Terms:
    first = wish.chosen[0]
    faults = {reasons.reason(one.reason).fault for one in wish.chosen}
    return Terms(
        basis=first.option.basis,
        fault=next(iter(faults)) if len(faults) == 1 else "shopper",
        reason=first.reason,
        informed=wish.informed,
        told_postage=wish.told_of_postage,
        charged_before=wish.charged_before,
    )


def _fees(bought: Bought, wish: Wish) -> list[Fee]:
    """Each fee once; one that is only on some of the items becomes its amount on those."""
    asked: dict[OfferedFee, list[Chosen]] = {}
    for one in wish.chosen:
        for fee in one.option.fees:
            if not fee.methods or wish.method in fee.methods:
                asked.setdefault(fee, []).append(one)
    return [_fee(bought, fee, on, is_on_all=len(on) == len(wish.chosen)) for fee, on in asked.items()]


def _fee(bought: Bought, offered: OfferedFee, on: Sequence[Chosen], *, is_on_all: bool) -> Fee:
    reason = _PURPOSES[offered.purpose]
    if offered.minor:
        return Fee(kind="flat_per_return", amount=offered.minor, reason=reason)
    percent = Decimal(offered.basis_points) / 100
    if is_on_all:
        return Fee(kind=offered.kind, percent=percent, reason=reason)
    values = refunds.quote(bought, Request(items=tuple(_units(Wish(chosen=on))))).items_value
    base = values.net if offered.kind == "percent_of_items_net" else values.gross
    return Fee(kind="flat_per_return", amount=half_up(Fraction(base * offered.basis_points, WHOLE)), reason=reason)


def _bonus_on(wish: Wish, credit: int) -> int:
    """What comes on top of credit now: of one case all together what it would have brought at once."""
    if not credit:
        return 0
    return max(0, _bonus(wish, wish.credit_before + credit) - wish.bonus_before)


def _bonus(wish: Wish, worth: int) -> int:
    """The best that any of the items brings, once."""
    found = [one.option.bonus for one in wish.chosen if one.option.bonus]
    amounts = []
    for bonus in found:
        amount = bonus.minor + half_up(Fraction(worth * bonus.basis_points, WHOLE))
        amounts.append(min(amount, bonus.most_minor) if bonus.most_minor else amount)
    return max(amounts, default=0)
