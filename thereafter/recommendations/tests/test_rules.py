from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.recommendations import rules
from thereafter.recommendations.rules import Basket, Built, Choice, Shelf

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHOES, SOCKS, LACES, BELT = 1, 2, 3, 4


def test_what_is_bought_together_more_often_is_nearer() -> None:
    baskets = [Basket(NOW, [SHOES, SOCKS])] * 8 + [Basket(NOW, [SHOES, BELT])] * 2 + [Basket(NOW, [BELT])] * 9
    near = rules.neighbours(baskets)
    assert [neighbour.other for neighbour in near[SHOES]] == [SOCKS, BELT]
    assert near[SHOES][0].score == pytest.approx(8 / sqrt(10 * 8) * 8 / 18)
    assert near[SHOES][0].support == 8


def test_an_order_of_four_months_ago_counts_half() -> None:
    old = Basket(NOW - timedelta(days=120), [SHOES, SOCKS])
    near = rules.neighbours([old, Basket(NOW, [SHOES, LACES])])
    scores = {neighbour.other: neighbour.score for neighbour in near[SHOES]}
    assert scores[SOCKS] / scores[LACES] == pytest.approx(0.5 / sqrt(0.5))


def test_one_lucky_order_is_no_pattern() -> None:
    baskets = [Basket(NOW, [LACES, BELT])] + [Basket(NOW, [SHOES, SOCKS])] * 10 + [Basket(NOW, [SHOES])] * 10
    near = rules.neighbours(baskets)
    assert near[SHOES][0].score > near[LACES][0].score


def test_a_wholesale_order_is_cut() -> None:
    near = rules.neighbours([Basket(NOW, list(range(5_000)))])
    assert len(near) == rules.LARGEST_BASKET
    assert all(len(found) == rules.TOP for found in near.values())


@given(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5), max_size=20))
def test_a_score_is_a_shrunk_cosine(products: list[list[int]]) -> None:
    near = rules.neighbours([Basket(NOW, basket) for basket in products])
    assert all(0 < one.score < 1 and one.other != product for product, found in near.items() for one in found)


def test_bestsellers_are_kept_by_category_and_for_the_shop() -> None:
    baskets = [Basket(NOW, [SHOES])] * 3 + [Basket(NOW, [SOCKS])] * 2 + [Basket(NOW - timedelta(days=600), [BELT])] * 9
    sellers = rules.popular(baskets, {SHOES: "Shoes", SOCKS: "Clothes", BELT: "Clothes"})
    assert [product for product, _ in sellers[""]] == [SHOES, SOCKS, BELT]
    assert [product for product, _ in sellers["Clothes"]] == [SOCKS, BELT]


def test_pairs_come_before_bestsellers_and_nothing_owned_or_twice() -> None:
    shelf = Shelf(
        together={SHOES: [(SOCKS, 0.3), (LACES, 0.2)], BELT: [(LACES, 0.2)]},
        popular={"Shoes": [(7, 5.0), (SHOES, 4.0)], "": [(7, 9.0), (8, 8.0), (LACES, 7.0)]},
    )
    chosen = rules.choose(shelf, bought={SHOES: "Shoes", BELT: ""}, owned={SHOES, BELT}, most=5)
    assert chosen == [
        Choice(LACES, "together", BELT),
        Choice(SOCKS, "together", SHOES),
        Choice(7, "category"),
        Choice(8, "popular"),
    ]


@pytest.mark.parametrize(
    ("built", "orders", "due"),
    [
        (None, 0, False),
        (None, 1, True),
        (Built(NOW - timedelta(days=30), 1000), 1000, False),
        (Built(NOW - timedelta(days=1), 1000), 1009, False),
        (Built(NOW - timedelta(days=1), 1000), 1010, True),
        (Built(NOW - timedelta(days=7), 1000), 1001, True),
    ],
)
def test_tables_are_built_when_orders_grew_or_after_a_week(built: Built | None, orders: int, due: bool) -> None:
    assert rules.is_due(built, orders, NOW) is due
