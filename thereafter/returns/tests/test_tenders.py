from hypothesis import given
from hypothesis import strategies as st

from thereafter.returns.rules.money.ledger import Payment, balance, cover
from thereafter.returns.rules.money.refunds import after, quote
from thereafter.returns.rules.money.tenders import Share, Tender, in_default_order, pour
from thereafter.returns.tests.makers import back, bought, card, goodwill, line


def test_gift_cards_and_credit_take_money_back_before_cards() -> None:
    paid = [card(1), card(1, "gift_card"), card(1, "check"), card(1, "store_credit"), card(1, "gift_card")]
    assert [one.kind for one in in_default_order(paid)] == ["gift_card", "gift_card", "store_credit", "card", "check"]


def test_the_given_order_is_kept_and_empty_shares_are_left_out() -> None:
    paid = (card(500, "card"), card(0, "voucher"), card(300, "gift"))
    assert pour(600, paid, None) == ((Share("card", 500), Share("gift", 100)), 0)


def test_what_no_tender_takes_goes_to_the_fallback_or_is_said() -> None:
    paid = (card(500, settled=100, pending=150),)
    assert pour(300, paid, "store_credit") == ((Share("card", 250), Share("store_credit", 50)), 0)
    assert pour(300, paid, None) == ((Share("card", 250),), 50)


def test_a_fallback_that_is_a_tender_of_the_order_gets_one_share() -> None:
    assert pour(300, (card(200, "store_credit"),), "store_credit") == ((Share("store_credit", 300),), 0)


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=4),
    st.booleans(),
)
def test_nothing_is_lost_and_no_tender_gives_more_than_it_has(
    amount: int, rows: list[tuple[int, int, int]], has_fallback: bool
) -> None:
    paid = [
        Tender(id=str(place), kind="card", captured=captured, settled=settled, pending=pending)
        for place, (captured, settled, pending) in enumerate(rows)
    ]
    shares, rest = pour(amount, paid, "credit" if has_fallback else None)
    assert sum(share.amount for share in shares) + rest == amount
    assert not (has_fallback and rest)
    rooms = {one.id: one.room for one in paid}
    assert all(share.amount <= rooms[share.tender] for share in shares if share.tender != "credit")


def test_a_refund_under_way_may_not_be_promised_again() -> None:
    order = bought(line(price=1000, quantity=2), tenders=(card(2000),))
    under_way = after(order, quote(order, back()), settled=False)
    assert (under_way.room, under_way.refunded) == (1000, 0)
    assert quote(under_way, back()).remaining_refundable == 0


def test_credit_that_was_given_instead_counts_against_the_payments_too() -> None:
    order = bought(line(price=1000, quantity=2), tenders=(card(2000),))
    order = after(order, quote(order, back(destination="store_credit")))
    assert (order.elsewhere, order.room) == (1000, 1000)
    assert quote(order, goodwill(1000)).remaining_refundable == 0


def test_only_settled_payments_cover_and_failed_refunds_took_nothing() -> None:
    first = Payment(captured=500, is_settled=True, refunds=(("settled", 100), ("pending", 200), ("settled", 100)))
    second = Payment(captured=500, is_settled=True, refunds=(("settled", 100), ("failed", 200), ("pending", 200)))
    found = cover([first, second, Payment(captured=900, is_settled=False)])
    assert (found.covered, found.may_still_be_refunded) == (700, 300)


def test_the_balance_is_what_the_shop_owes() -> None:
    def said(**more: int) -> tuple[int, str]:
        found = balance(order_total=10000, **more)
        return found.balance, found.charge_status

    assert said(charged=10000, granted=1000) == (1000, "overcharged")
    assert said(charged=10000, granted=1000, refunded=1000) == (0, "full")
    assert said(charged=0, granted=0) == (-10000, "none")
    assert said(charged=4000, granted=0) == (-6000, "partial")
