"""Promised money: never more than was paid, whoever asks at once, and nothing of it is lost."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from msgspec.structs import replace

from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import Line, Payment, RefundDoc, RefundLine, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.returns.actions import granting
from thereafter.returns.models import Grant, GrantShare
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.money.refusals import ExceedsReturnableQuantity, Refused
from thereafter.returns.snapshots import bought
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
SHOES = Line(external_id="shoes", title="Trail Runner 2", quantity=1, unit_price="89.90", tax="14.35")
SOCKS = Line(external_id="socks", title="Merino Socks", quantity=3, unit_price="10.00", discount="5.00", tax="3.99")
GIFT = Payment(external_id="gift", kind="gift_card", amount="25.00")
CARD = Payment(external_id="card", kind="card", amount="94.80")


def an_order() -> Order:
    """€119.80: shoes, three pairs of socks for 25.00 and 4.90 of shipping; 25.00 by gift card, the rest by card."""
    return make_order(
        make_store(),
        lines=[SHOES, SOCKS],
        shipping="4.90",
        discount="0",
        tax="19.12",
        total="119.80",
        payments=[CARD, GIFT],
    )


def grant(order: Order, *wanted: Wanted, source: str = "case:1", shipping: int | None = None) -> Grant:
    return granting.grant(order, Request(items=wanted, shipping=shipping), source=source, by=None, now=NOW)


def shares(granted: Grant) -> list[tuple[str, int, str]]:
    rows = GrantShare.objects.filter(grant=granted).order_by("pk")
    return list(rows.values_list("tender", "amount_minor", "state"))


def settle_all(granted: Grant) -> None:
    for share in GrantShare.objects.filter(grant=granted, state="granted"):
        granting.settle(granting.send(share, now=NOW), provider_ref=f"re_{share.pk}", now=NOW)


def told(name: str) -> int:
    return Entry.objects.filter(name=name).count()


def test_an_order_is_read_as_the_shop_stored_it() -> None:
    seen = bought(an_order())
    assert [(line.id, line.whole.gross, line.whole.tax) for line in seen.lines] == [
        ("shoes", 8990, 1435),
        ("socks", 2500, 399),
    ]
    assert (seen.shipping.gross, seen.shipping.tax) == (490, 78)
    assert [(tender.id, tender.captured) for tender in seen.tenders] == [("gift", 2500), ("card", 9480)]
    assert seen.room == 11980


def test_a_discount_that_is_on_no_line_is_spread_by_price() -> None:
    order = make_order(
        make_store(), lines=[replace(SHOES, tax="0"), replace(SOCKS, discount="0", tax="0")], discount="11.99"
    )
    assert [line.whole.gross for line in bought(order).lines] == [8990 - 899, 3000 - 300]


def test_the_gift_card_takes_first_and_what_was_promised_is_gone() -> None:
    order = an_order()
    granted = grant(order, Wanted(line="shoes", quantity=1))
    assert shares(granted) == [("gift", 2500, "granted"), ("card", 6490, "granted")]
    assert bought(order).room == 11980 - 8990
    with pytest.raises(ExceedsReturnableQuantity):
        grant(order, Wanted(line="shoes", quantity=1), source="case:2")
    assert Grant.objects.count() == 1


def test_asked_twice_it_is_granted_once() -> None:
    order = an_order()
    first = grant(order, Wanted(line="socks", quantity=1))
    assert grant(order, Wanted(line="socks", quantity=2)).pk == first.pk
    assert (Grant.objects.count(), told("refund.granted")) == (1, 1)


def test_a_name_of_another_order_is_refused() -> None:
    order = an_order()
    grant(order, Wanted(line="socks", quantity=1))
    other = make_order(order.store, number="2002")
    with pytest.raises(ValueError, match="another order"):
        grant(other, Wanted(line="1", quantity=1))
    assert Grant.objects.count() == 1


def test_it_is_settled_when_its_last_part_is_and_only_once() -> None:
    order = an_order()
    granted = grant(order, Wanted(line="shoes", quantity=1))
    gift, card = GrantShare.objects.filter(grant=granted).order_by("pk")
    granting.settle(granting.send(gift, now=NOW), provider_ref="re_1", now=NOW)
    assert told("refund.settled") == 0
    sent = granting.send(card, now=NOW)
    granting.settle(sent, provider_ref="re_2", now=NOW)
    granting.settle(sent, provider_ref="re_2", now=NOW)
    assert told("refund.settled") == 1
    assert [(one.id, one.settled, one.pending) for one in bought(order).tenders] == [
        ("gift", 2500, 0),
        ("card", 6490, 0),
    ]


def test_what_a_card_refuses_is_still_owed_and_goes_to_credit() -> None:
    order = an_order()
    granted = grant(order, Wanted(line="shoes", quantity=1))
    gift, card = GrantShare.objects.filter(grant=granted).order_by("pk")
    granting.settle(granting.send(gift, now=NOW), provider_ref="re_1", now=NOW)
    granting.fail(granting.send(card, now=NOW), why="The card was closed.", now=NOW)
    assert bought(order).room == 11980 - 8990
    owner = make_staff(order.store)
    credit = granting.reroute(card, to="store_credit", by=owner, now=NOW)
    granting.settle(granting.send(credit, now=NOW), provider_ref="", now=NOW)
    assert shares(granted) == [("gift", 2500, "settled"), ("card", 6490, "rerouted"), ("store_credit", 6490, "settled")]
    assert (told("refund.failed"), told("refund.settled"), bought(order).room) == (1, 1, 11980 - 8990)


def test_a_promise_is_withdrawn_only_before_money_moves() -> None:
    order = an_order()
    first = grant(order, Wanted(line="shoes", quantity=1))
    granting.withdraw(first, by=None, now=NOW)
    assert bought(order).room == 11980
    second = grant(order, Wanted(line="shoes", quantity=1), source="case:2")
    granting.send(GrantShare.objects.filter(grant=second).order_by("-pk")[0], now=NOW)
    with pytest.raises(CannotGo):
        granting.withdraw(second, by=None, now=NOW)
    assert {state for _, _, state in shares(second)} == {"granted", "sent"}
    assert told("refund.withdrawn") == 1


def test_what_the_shop_gave_back_itself_counts_and_what_it_tells_of_ours_does_not_count_twice() -> None:
    order = an_order()
    settle_all(grant(order, Wanted(line="socks", quantity=1)))
    left = bought(order).room
    ref = GrantShare.objects.get().provider_ref
    told_of = [RefundDoc(external_id=ref, amount="8.34", at=NOW), own_refund()]
    take_refunds(
        order.store, [RefundOfOrder(order=order.external_id, refund=doc) for doc in told_of], source="api", now=NOW
    )
    assert bought(order).room == left - 8990
    with pytest.raises(ExceedsReturnableQuantity):
        grant(order, Wanted(line="shoes", quantity=1), source="case:2")


def own_refund() -> RefundDoc:
    line = RefundLine(line="shoes", quantity=1, amount="89.90")
    return RefundDoc(external_id="shop-1", amount="89.90", at=NOW, lines=[line])


def test_an_order_whose_payments_we_do_not_know_goes_back_to_where_it_came_from() -> None:
    order = make_order(make_store())
    assert shares(grant(order, Wanted(line="1", quantity=1))) == [("original", 8990, "granted")]


def test_what_no_known_payment_takes_becomes_credit() -> None:
    order = make_order(make_store(), payments=[replace(CARD, amount="60.00")])
    granted = grant(order, Wanted(line="1", quantity=1))
    assert shares(granted) == [("card", 6000, "granted"), ("store_credit", 2990, "granted")]
    assert bought(order).room == 0


@pytest.mark.parametrize("seed", range(12))
def test_however_it_comes_back_it_closes_to_the_cent(seed: int) -> None:
    chance, order = random.Random(seed), an_order()
    for turn in range(60):
        settle_all(one_more(chance, order, turn))
        seen = bought(order)
        assert all(tender.settled + tender.pending <= tender.captured for tender in seen.tenders)
        if not seen.room:
            break
    granted = sum(Grant.objects.values_list("amount_minor", flat=True))
    assert (bought(order).room, granted) == (0, 11980)


def one_more(chance: random.Random, order: Order, turn: int) -> Grant:
    """A unit, an amount or the shipping, whichever is still there."""
    seen = bought(order)
    open_lines = [line for line in seen.lines if line.refundable]
    ways: list[tuple[Wanted, ...]] = [
        (Wanted(line=line.id, amount=chance.randint(1, line.refundable)),) for line in open_lines
    ]
    ways += [(Wanted(line=line.id, quantity=1),) for line in open_lines if line.returned < line.quantity]
    shipping = seen.shipping.left.gross
    if shipping and (not ways or chance.random() < 0.2):
        return grant(order, source=f"turn:{turn}", shipping=chance.randint(1, shipping))
    return grant(order, *chance.choice(ways), source=f"turn:{turn}")


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_the_last_cent() -> None:
    """At once on PostgreSQL; SQLite has one writer, so there they come one after the other."""
    order = an_order()
    grant(order, Wanted(line="shoes", quantity=1), Wanted(line="socks", amount=2499), source="before", shipping=490)
    many = 50 if connection.vendor == "postgresql" else 1

    def ask(at: int) -> bool:
        try:
            grant(order, Wanted(line="socks", amount=1), source=f"asked:{at}")
        except Refused:
            return False
        finally:
            if many > 1:
                connection.close()
        return True

    if many > 1:
        with ThreadPoolExecutor(many) as pool:
            won = list(pool.map(ask, range(50)))
    else:
        won = [ask(at) for at in range(50)]
    assert (sum(won), bought(order).room) == (1, 0)
