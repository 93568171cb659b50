"""Any order, any sequence of units, amounts and shipping."""

import random

from hypothesis import given
from hypothesis import strategies as st

from thereafter.returns.rules.money.bought import Bought, Line, Shipping, Value, total
from thereafter.returns.rules.money.quotes import Quote, Request, Wanted
from thereafter.returns.rules.money.refunds import after, quote
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.money.tenders import Tender
from thereafter.returns.rules.money.valuation import spare_cents
from thereafter.returns.tests.makers import back, goodwill


@st.composite
def lines(draw: st.DrawFn, name: str, *, tax_included: bool) -> Line:
    quantity = draw(st.integers(1, 20))
    price = draw(st.integers(0, 5000)) * quantity
    discount = draw(st.integers(0, price))
    tax = draw(st.integers(0, (price - discount) // 2))
    return Line(id=name, quantity=quantity, price=price, discount=discount, tax=tax, tax_included=tax_included)


@st.composite
def orders(draw: st.DrawFn) -> Bought:
    """1 to 8 lines, paid for exactly with 1 to 3 tenders, or with less than that and credit for the rest."""
    included = draw(st.booleans())
    some = tuple(draw(lines(f"L{place}", tax_included=included)) for place in range(draw(st.integers(1, 8))))
    gross = draw(st.integers(0, 3000))
    shipping = Shipping(gross=gross, tax=draw(st.integers(0, gross)))
    rest = Bought(currency="EUR", exponent=2, lines=some, shipping=shipping).value
    tenders = []
    for place in range(draw(st.integers(0, 2))):
        tenders.append(Tender(id=f"T{place}", kind="gift_card", captured=draw(st.integers(0, rest))))
        rest -= tenders[-1].captured
    fallback = draw(st.sampled_from([None, "store_credit"]))
    tenders.append(Tender(id="card", kind="card", captured=draw(st.integers(0, rest)) if fallback else rest))
    currency, exponent = draw(st.sampled_from([("JPY", 0), ("EUR", 2), ("KWD", 3)]))
    return Bought(
        currency=currency,
        exponent=exponent,
        lines=some,
        shipping=shipping,
        tenders=tuple(tenders),
        fallback=fallback,
    )


def a_move(order: Bought, dice: random.Random) -> Request:
    """Units, an amount or shipping; now and then more than there is."""
    one = dice.choice(order.lines)
    match dice.randrange(4):
        case 0:
            return goodwill(dice.randint(0, one.left.gross + 2), one.id)
        case 1:
            return Request(shipping=dice.randint(0, order.shipping.left.gross + 2))
        case _:
            return back(one.id, dice.randint(0, one.quantity - one.returned + 1))


def everything_left(order: Bought) -> Request:
    units = tuple(
        Wanted(line=one.id, quantity=one.quantity - one.returned) for one in order.lines if one.returned < one.quantity
    )
    return Request(items=units, shipping=order.shipping.left.gross or None)


def check_one(order: Bought, found: Quote) -> None:
    assert sum(share.amount for share in found.shares) == found.refund_total
    assert found.refund_total == found.items_value.gross + found.shipping.gross
    assert found.unplaced == 0
    rooms = {tender.id: tender.room for tender in order.tenders}
    assert all(0 < share.amount <= rooms.get(share.tender, share.amount) for share in found.shares)
    for one in found.items:
        assert min(one.value.net, one.value.tax) >= 0


@given(orders(), st.integers(0, 10**9), st.booleans())
def test_any_sequence_stays_within_each_tender_and_closes_to_zero(order: Bought, seed: int, settled: bool) -> None:
    dice = random.Random(seed)
    value, quotes = order.value, []
    for _ in range(12):
        try:
            found = quote(order, a_move(order, dice))
        except Refused:
            continue
        check_one(order, found)
        quotes.append(found)
        order = after(order, found, settled=settled)
    if (rest := everything_left(order)) != Request():
        found = quote(order, rest)
        check_one(order, found)
        quotes.append(found)
        order = after(order, found, settled=settled)
    assert sum(one.refund_total for one in quotes) == value
    assert order.room == 0
    assert all(tender.settled + tender.pending == tender.captured for tender in order.tenders)
    assert order.elsewhere == value - sum(tender.captured for tender in order.tenders)
    assert {one.left for one in order.lines} == {Value()}
    assert order.shipping.left == Value()
    items = total([one.items_value for one in quotes])
    assert items == total([one.whole for one in order.lines])


@given(orders(), st.integers(0, 10**9))
def test_another_sequence_moves_only_spare_cents_and_never_the_sum(order: Bought, seed: int) -> None:
    dice = random.Random(seed)
    moves = []
    for one in order.lines:
        left = one.quantity
        while left:
            moves.append((one.id, dice.randint(1, left)))
            left -= moves[-1][1]
    shuffled = sorted(range(len(moves)), key=lambda _: dice.random())
    here, there = totals(order, moves, list(range(len(moves)))), totals(order, moves, shuffled)
    assert sum(here) == sum(there)
    fresh = {one.id: one for one in order.lines}
    for (name, count), mine, other in zip(moves, here, there, strict=True):
        less, more = spare_cents(fresh[name], count)
        assert abs(mine - other) <= more - less


def totals(order: Bought, moves: list[tuple[str, int]], sequence: list[int]) -> list[int]:
    found = [0] * len(moves)
    for place in sequence:
        quoted = quote(order, back(*moves[place]))
        found[place] = quoted.refund_total
        order = after(order, quoted)
    return found
