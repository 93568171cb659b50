from collections.abc import Callable
from datetime import timedelta
from math import sqrt
from typing import Any

import pytest

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import Line, ProductDoc
from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.recommendations.actions import building, catching_up
from thereafter.recommendations.models import BackTest, Bestsellers, Build, Neighbours, Pair
from thereafter.recommendations.queries import sales
from thereafter.recommendations.queries.candidates import BASKET, Seeds, candidates, for_many, popular
from thereafter.recommendations.rules import building as rules
from thereafter.recommendations.rules import choosing, documents
from thereafter.recommendations.rules.building import Built
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=30)


def buy(store: Store, *names: str, email: str = "", **fields: Any) -> Order:
    email = email or f"p{Order.objects.count()}@example.com"
    lines = [
        Line(external_id=str(at), title=name.title(), quantity=1, unit_price="10", product_id=name)
        for at, name in enumerate(names)
    ]
    return make_order(store, email=email, lines=lines, **fields)


def number(store: Store, name: str) -> int:
    return Product.objects.of(store).get(external_id=name).pk


def names(found: list[Any]) -> list[tuple[str, str]]:
    title = dict(Product.objects.values_list("pk", "external_id"))
    return [(title[one.product_id], one.reason) for one in found]


@pytest.fixture
def store() -> Store:
    """Socks go with shoes five times, laces once; caps sell best; scarf is clothing like the socks and never sold."""
    store = make_store()
    for name, category in (("socks", "Clothes"), ("scarf", "Clothes"), ("cap", "Clothes"), ("shoe", "Shoes")):
        make_product(store, name, title=name.title(), category=category)
    for _ in range(5):
        buy(store, "shoe", "socks")
    buy(store, "shoe", "laces")
    for _ in range(9):
        buy(store, "cap")
    building.rebuild(store, now=NOW)
    return store


def test_a_seed_s_neighbours_come_first_then_its_category_then_the_shop(store: Store) -> None:
    found = candidates(store.pk, {number(store, "shoe"): 1.0}, most=9)
    assert names(found) == [("socks", "together"), ("laces", "together"), ("cap", "popular")]
    assert [one.because for one in found] == [number(store, "shoe")] * 2 + [0]
    new = candidates(store.pk, {number(store, "scarf"): 1.0}, most=9)
    assert names(new)[:2] == [("cap", "category"), ("socks", "category")]
    assert new[0].because == number(store, "scarf")
    assert names(new)[2:] == [("shoe", "popular"), ("laces", "popular")]


def test_seeds_and_what_is_owned_are_never_offered(store: Store) -> None:
    seeds = {number(store, "shoe"): 1.0, number(store, "cap"): 1.0}
    found = candidates(store.pk, seeds, most=9, without={number(store, "socks")})
    assert [name for name, _ in names(found)] == ["laces"]


def test_a_heavier_seed_speaks_louder(store: Store) -> None:
    buy(store, "belt", "braces")
    building.rebuild(store, now=NOW + timedelta(days=1))
    belt, shoe = number(store, "belt"), number(store, "shoe")
    assert names(candidates(store.pk, {belt: 1.0, shoe: 1.0}, most=1))[0][0] == "socks"
    assert names(candidates(store.pk, {belt: 100.0, shoe: 1.0}, most=1))[0][0] == "braces"


def test_a_shop_without_orders_offers_its_newest(store: Store) -> None:
    empty = make_store("empty")
    for name in ("old", "gone", "new"):
        make_product(empty, name, title=name)
    take_products(
        empty, [ProductDoc(external_id="gone", title="gone", is_active=False, changed_at=NOW)], source="api", now=NOW
    )
    assert not building.rebuild(empty, now=NOW)
    assert names(candidates(empty.pk, {}, most=5)) == [("new", "new"), ("old", "new")]
    assert names(popular(empty.pk, most=1, without={number(empty, "new")})) == [("old", "new")]
    assert popular(empty.pk, "Clothes", most=3) == []


def test_two_stores_do_not_mix(store: Store) -> None:
    other = make_store("other")
    for _ in range(3):
        buy(other, "shoe", "glue")
    building.rebuild(other, now=NOW)
    assert names(candidates(other.pk, {number(other, "shoe"): 1.0}, most=9)) == [("glue", "together")]
    # Another store's product is no seed here.
    assert names(candidates(other.pk, {number(store, "shoe"): 1.0}, most=9)) == [
        ("glue", "popular"),
        ("shoe", "popular"),
    ]
    for table in (Neighbours, Bestsellers, Pair):
        assert table.objects.of(store).exists()
    building.rebuild(store, now=NOW + timedelta(days=60))
    assert Pair.objects.of(other).count() == 2


def test_one_statement_serves_any_number_of_contexts(
    store: Store, django_assert_num_queries: Callable[[int], Any]
) -> None:
    shoe, cap = number(store, "shoe"), number(store, "cap")
    asked = [Seeds({shoe: 1.0}, {shoe: "Shoes"}), Seeds({cap: 1.0}, {cap: "Clothes"}, BASKET), Seeds({})] * 5
    with django_assert_num_queries(1):
        found = for_many(store.pk, asked, most=2)
    assert [names(one) for one in found[:3]] == [
        [("socks", "together"), ("laces", "together")],
        [("socks", "category"), ("shoe", "popular")],
        [("cap", "popular"), ("shoe", "popular")],
    ]


def test_pairs_tell_support_and_lift(store: Store) -> None:
    pair = Pair.objects.of(store).get(product__external_id="shoe", other__external_id="socks")
    # 5 of 15 orders hold both, 6 the shoe, 5 the socks.
    assert pair.support == 5
    assert pair.lift == pytest.approx(5 * 15 / (6 * 5))
    assert pair.score == pytest.approx(5 / sqrt(6 * 5) * 5 / 15, rel=1e-5)
    assert Pair.objects.of(store).get(product=pair.other, other=pair.product).lift == pair.lift
    near = documents.unpack(bytes(Neighbours.objects.of(store).get(product=pair.product).next))
    assert near["orders"].tolist() == [5, 1]


def test_what_is_off_sale_takes_nobody_s_place(store: Store) -> None:
    gone = ProductDoc(external_id="socks", title="Socks", category="Clothes", is_active=False, changed_at=NOW)
    take_products(store, [gone], source="api", now=NOW)
    buy(store, "shoe", "laces")
    building.rebuild(store, now=NOW + timedelta(days=8))
    assert names(candidates(store.pk, {number(store, "shoe"): 1.0}, most=9)) == [
        ("laces", "together"),
        ("cap", "popular"),
    ]


def test_only_the_newest_lines_and_the_first_of_a_large_order_are_learnt(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sales, "MOST_LINES", 4)
    monkeypatch.setattr(sales, "LARGEST_BASKET", 3)
    last = buy(store, "shoe", "socks", "laces", "cap", "belt")
    found = sales.newest(store.pk)
    assert set(found.bought.order.tolist()) == {last.pk}
    assert len(found.bought) == 3
    assert found.newest_order == last.pk


def sold(store: Store) -> dict[str, float]:
    rows = Neighbours.objects.of(store).values_list("product__external_id", "sold")
    return {name: weight for name, weight in rows if weight}


def test_catching_up_counts_as_a_new_build_would(store: Store) -> None:
    later = NOW + timedelta(days=3)
    for days in (1, 2, 3):
        buy(store, "scarf", "socks", placed_at=NOW + timedelta(days=days))
    buy(store, "shoe", "laces", placed_at=later, cancelled_at=later)
    build = Build.objects.of(store).get()
    assert catching_up.catch_up(build, now=later)
    brought_on, told = sold(store), names(popular(store.pk, most=9))
    near = documents.unpack(bytes(Neighbours.objects.of(store).get(product__external_id="scarf").next))
    Build.objects.of(store).delete()
    building.rebuild(store, now=NOW)
    assert brought_on == pytest.approx(sold(store))
    assert told == names(popular(store.pk, most=9))
    # The new product's cosine, with the half-life of bestsellers: three orders with the socks, all it was ever in.
    weight = sum(2 ** (days / 60) for days in (1, 2, 3))
    assert near["product"].tolist() == [number(store, "socks")]
    assert near["score"].tolist() == pytest.approx([weight / sqrt(weight * brought_on["socks"]) * 3 / 13])
    assert near["orders"].tolist() == [3]


def test_catching_up_twice_changes_nothing_more(store: Store) -> None:
    assert catching_up.catch_up_all(NOW) == 0
    buy(store, "cap")
    stale = Build.objects.of(store).get()
    assert catching_up.catch_up_all(NOW) == 1
    before = sold(store)
    assert catching_up.catch_up_all(NOW) == 0
    # Another worker that had read the same build stands back.
    assert not catching_up.catch_up(stale, now=NOW)
    assert sold(store) == before


def test_too_little_for_a_trial_is_said_and_the_cosine_serves(store: Store) -> None:
    test = BackTest.objects.of(store).get()
    assert not test.is_telling
    assert test.figures == []
    assert Build.objects.of(store).get().models_used == {"basket": "cosine", "next": "cosine"}
    buy(store, "cap")
    building.rebuild(store, now=NOW + timedelta(days=7))
    assert BackTest.objects.of(store).count() == 1
    buy(store, "cap")
    building.rebuild(store, now=NOW + timedelta(days=31))
    assert BackTest.objects.of(store).count() == 2


def test_a_shop_with_enough_is_told_how_good_its_recommendations_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "ENOUGH_ORDERS", 5)
    monkeypatch.setattr(choosing, "ENOUGH_CASES", 5)
    monkeypatch.setattr(choosing, "ENOUGH_PRODUCTS", 4)
    monkeypatch.setattr(choosing, "STEPS", {"half_life": (60.0,)})
    for _ in range(6):
        buy(store, "shoe", "socks", placed_at=PLACED + timedelta(days=40))
        buy(store, "belt", "braces", placed_at=PLACED - timedelta(days=9))
        buy(store, "belt", "braces", placed_at=PLACED + timedelta(days=40))
    assert building.rebuild(store, now=PLACED + timedelta(days=50))
    test = BackTest.objects.of(store).latest("at")
    (figures,) = [row for row in test.figures if row["purpose"] == "basket"]
    assert figures["question"] == "basket"
    assert figures["cases"] == 12
    assert figures["recall"] == 1.0
    assert test.first_day == (PLACED + timedelta(days=21)).date()
    used = {purpose: kept["model"] for purpose, kept in test.settings.items()}
    assert Build.objects.of(store).get().models_used == used


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
