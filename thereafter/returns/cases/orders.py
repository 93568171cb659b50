"""Orders and requests of a case, as the snapshot and the wish that the product's own rules take."""

from dataclasses import replace

from thereafter.returns.cases.fields import Fields, Malformed, whole
from thereafter.returns.rules import reasons
from thereafter.returns.rules.money.allocation import half_up, spread
from thereafter.returns.rules.money.bought import Bought, Line, Shipping
from thereafter.returns.rules.money.fees import FEE_KINDS, Fee, Terms
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.money.tenders import Tender
from thereafter.returns.rules.money.valuation import take_amount
from thereafter.returns.rules.reasons import BASES, Basis

# Other names of our bases and reasons.
_BASES: dict[str, Basis] = {
    "eu_withdrawal": "withdrawal",
    "uk_cancellation": "withdrawal",
    "uk_withdrawal": "withdrawal",
    "policy": "voluntary",
    **{basis: basis for basis in BASES},
}
_MOST_UNITS = 1_000_000
_REASONS = {
    "arrived_damaged": "damaged_on_arrival",
    "damaged": "damaged_on_arrival",
    "defective": "faulty_on_arrival",
    "faulty": "faulty_on_arrival",
    "missing": "missing_item",
}
_ORIGINAL = {"", "original_payment", "original", "refund"}


def bought(case: Fields) -> Bought:
    """The order of a case, with the units that came back before (`prior_quantities`)."""
    order = case.part("order").counting_in_its_own()
    prior = case.part("prior_quantities").values if "prior_quantities" in case else {}
    lines = _lines(order)
    unknown = set(prior) - {line.id for line in lines}
    if unknown:
        raise Malformed(f"prior_quantities names {sorted(unknown)[0]!r}, which is no line of the order.")
    returned = {name: whole(count, f"prior_quantities.{name}") for name, count in prior.items()}
    return Bought(
        currency=order.text("currency", ""),
        exponent=order.exponent,
        lines=tuple(replace(line, returned=returned.get(line.id, 0)) for line in lines),
        shipping=_shipping(order),
        tenders=tuple(_tender(row) for row in order.rows("tenders")),
        fallback=order.text("fallback_tender") if "fallback_tender" in order else None,
        cap=order.maybe_money("remaining_refundable"),
    )


def _lines(order: Fields) -> list[Line]:
    rows = list(order.rows("lines"))
    if any(row.whole("quantity", 1) > _MOST_UNITS for row in rows):
        raise Malformed(f"{order.where} has a line of more than {_MOST_UNITS:,} units.")
    prices = [half_up(row.number("unit_price") * row.whole("quantity", 1) * 10**order.exponent) for row in rows]
    discounts = _stored_or_spread(order, rows, "discount_total", prices)
    paid = [price - discount for price, discount in zip(prices, discounts, strict=True)]
    taxes = _stored_or_spread(order, rows, "tax_total", paid)
    included = order.truth("prices_include_tax", default=False)
    return [
        Line(
            id=row.text("id"),
            quantity=row.whole("quantity", 1),
            price=price,
            discount=discount,
            tax=tax,
            tax_included=included,
            rate=str(row.values.get("tax_rate") or ""),
        )
        for row, price, discount, tax in zip(rows, prices, discounts, taxes, strict=True)
    ]


def _stored_or_spread(order: Fields, rows: list[Fields], name: str, weights: list[int]) -> list[int]:
    """What the lines store wins; an amount that only the order knows is spread by largest remainder."""
    if rows and name in order and not any(name in row for row in rows):
        return spread(order.money(name), [max(0, weight) for weight in weights])
    return [row.money(name, "0") for row in rows]


def _shipping(order: Fields) -> Shipping:
    shipping = Shipping(
        gross=order.money("shipping_paid_gross", "0"),
        tax=order.money("shipping_tax", "0"),
        cheapest=order.maybe_money("cheapest_standard_shipping"),
    )
    given = min(order.money("shipping_refunded", "0"), shipping.gross)
    return replace(shipping, given=shipping.part(given))


def _tender(row: Fields) -> Tender:
    refunds = [_refund(one, row) for one in row.listed("refunds")]
    return Tender(
        id=row.text("id"),
        kind=row.text("kind", ""),
        captured=row.money("captured"),
        settled=row.money("refunded", "0") + sum(amount for state, amount in refunds if state == "settled"),
        pending=row.money("pending", "0") + sum(amount for state, amount in refunds if state == "pending"),
    )


def _refund(given: object, row: Fields) -> tuple[str, int]:
    match given:
        case [str(state), amount]:
            return state, Fields({"amount": amount}, f"{row.where}.refunds", row.exponent).money("amount")
    raise Malformed(f"{row.where}.refunds should be pairs of a state and an amount.")


def request(fields: Fields) -> Request:
    """A step of a sequence, or the request of a case."""
    resolution = fields.text("policy_resolution", "")
    return Request(
        items=tuple(_wanted(row) for row in fields.rows("items")),
        shipping=fields.maybe_money("shipping"),
        fees=(*(_fee(row) for row in fields.rows("fees")), *_policy_fee(fields)),
        terms=terms(fields),
        destination=None if resolution in _ORIGINAL else resolution,
        agreed=fields.truth("agreed_to_credit", default=False),
    )


def terms(fields: Fields) -> Terms:
    basis = fields.text("basis", "voluntary")
    if basis not in _BASES:
        raise Malformed(f"{fields.where}.basis is {basis!r}; we know {', '.join(_BASES)}.")
    reason = fields.text("reason", "")
    return Terms(
        basis=_BASES[basis],
        fault=reasons.reason(_REASONS.get(reason, reason)).fault,
        reason=reason,
        informed=fields.truth("informed_of_withdrawal", default=True),
        told_postage=fields.maybe_truth("informed_of_return_costs"),
    )


def fees(fields: Fields) -> tuple[Fee, ...]:
    return tuple(_fee(row) for row in fields.rows("fees"))


def _wanted(row: Fields) -> Wanted:
    return Wanted(
        line=row.text("line"),
        quantity=row.whole("quantity", 0 if "amount" in row else 1),
        amount=row.maybe_money("amount"),
    )


def _fee(row: Fields) -> Fee:
    kind = next((one for one in FEE_KINDS if one == row.text("kind")), None)
    if kind is None:
        raise Malformed(f"{row.where}.kind is {row.text('kind')!r}; we know {', '.join(FEE_KINDS)}.")
    flat = kind.startswith("flat")
    amount = row.money("amount") if flat else 0
    percent = row.decimal("percent", "0" if flat else None)
    if amount < 0 or percent < 0:
        raise Malformed(f"{row.where} is negative; a fee is zero or more.")
    waived_for = frozenset(str(reason) for reason in row.listed("waived_for"))
    return Fee(
        kind=kind,
        amount=amount,
        percent=percent,
        reason=row.text("reason", ""),
        waived=row.truth("waived", default=False),
        waived_for=waived_for,
    )


def _policy_fee(fields: Fields) -> tuple[Fee, ...]:
    """What the policy would charge for taking goods back, were it free to."""
    if "policy_would_charge_percent" not in fields:
        return ()
    percent = fields.decimal("policy_would_charge_percent")
    return (Fee(kind="percent_of_items_net", percent=percent, reason="restocking"),)


def with_earlier_amounts(order: Bought, fields: Fields, wanted: Request) -> Bought:
    """The order after `already_refunded_on_items`: an amount given before on the items of this request.

    It lies on the wanted lines first, each up to what its wanted units are worth, then on whatever line has room.
    """
    rest = fields.money("already_refunded_on_items", "0")
    lines = {line.id: line for line in order.lines}
    for name, most in [*_worths(order, wanted), *((line.id, line.left.gross) for line in order.lines)]:
        part = min(rest, most, lines[name].left.gross) if name in lines else 0
        if part > 0:
            lines[name] = take_amount(lines[name], part)[1]
            rest -= part
    earlier = order.shipping.part(min(fields.money("already_refunded_on_shipping", "0"), order.shipping.left.gross))
    shipping = replace(order.shipping, given=order.shipping.given + earlier)
    return replace(order, lines=tuple(lines.values()), shipping=shipping)


def _worths(order: Bought, wanted: Request) -> list[tuple[str, int]]:
    lines = {line.id: line for line in order.lines}
    found = []
    for one in wanted.items:
        if line := lines.get(one.line):
            until = min(line.quantity, line.returned + max(0, one.quantity))
            found.append((one.line, line.upto(until).gross - line.given.gross))
    return found
