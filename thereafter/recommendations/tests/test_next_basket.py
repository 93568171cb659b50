"""Next baskets: the rules against plain Python, the bench's form, and what a shop's pages get."""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import Line, ProductDoc
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.recommendations import reorder_bench
from thereafter.recommendations.actions.reorder_learning import learn
from thereafter.recommendations.queries.next_basket import next_basket
from thereafter.recommendations.rules import next_basket as rules
from thereafter.recommendations.rules.next_basket import Purchases, Tifu, Weights
from thereafter.stores.tests.makers import make_store

BASKETS = st.lists(st.lists(st.sets(st.integers(0, 8), min_size=1), min_size=1, max_size=9), min_size=2, max_size=8)


def told(people: list[list[set[int]]]) -> Purchases:
    """From each person's baskets, oldest first."""
    rows = [
        (person, item, len(baskets) - 1 - at)
        for person, baskets in enumerate(people)
        for at, basket in enumerate(baskets)
        for item in sorted(basket)
    ]
    person, item, age = np.array(rows, np.int64).T
    return Purchases(person, item, age, (len(people), 9))


@given(BASKETS)
@settings(max_examples=60, deadline=None)
def test_ours_is_decayed_own_baskets_plus_what_is_popular(people: list[list[set[int]]]) -> None:
    weights = Weights(keep=0.9, recent=0.5, prior=3.0)
    model = rules.ours(told(people), weights)
    ages = [(basket, len(baskets) - 1 - at) for baskets in people for at, basket in enumerate(baskets)]
    whole = sum(0.5**age for _, age in ages)
    scores = model.own.toarray() + model.common
    for person, baskets in enumerate(people):
        for item in range(9):
            own = sum(0.9 ** (len(baskets) - 1 - at) for at, basket in enumerate(baskets) if item in basket)
            popular = sum(0.5**age for basket, age in ages if item in basket) / whole
            assert scores[person, item] == pytest.approx(own + 3.0 * popular, rel=1e-4)


@given(BASKETS)
@settings(max_examples=60, deadline=None)
def test_the_methods_to_beat_count_as_published(people: list[list[set[int]]]) -> None:
    bought = told(people)
    counts = [Counter(item for basket in baskets for item in basket) for baskets in people]
    personal, group = rules.personal_frequency(bought), rules.group_personal_frequency(bought)
    lists, _ = rules.best(group, np.arange(len(people)), 9)
    popular = Counter(item for baskets in people for basket in baskets for item in basket)
    for person, of_person in enumerate(counts):
        assert set(personal.own[[person]].indices.tolist()) == set(of_person)
        assert lists[person].tolist() == sorted(range(9), key=lambda item: (-of_person[item], -popular[item], item))
    vectors = rules.tifu_vectors(bought, Tifu(group=3, within=0.9, between=0.7))
    for person, baskets in enumerate(people):
        groups = [baskets[::-1][at : at + 3] for at in range(0, len(baskets), 3)]
        expected: defaultdict[int, float] = defaultdict(float)
        for back, group_of in enumerate(groups):
            for place, basket in enumerate(group_of):
                for item in basket:
                    expected[item] += 0.7**back * 0.9**place / len(group_of) / len(groups)
        assert vectors[[person]].toarray()[0].tolist() == pytest.approx([expected[item] for item in range(9)], rel=1e-4)


def test_neighbours_pull_towards_what_people_alike_buy() -> None:
    alike, other = [{0, 1}] * 3, [{7}] * 3
    bought = told([[{0}] * 3, alike, alike, other])
    model = rules.tifu_knn(bought, np.array([0]), Tifu(neighbours=2, own=0.7))
    scores = model.own[[0]].toarray()[0]
    assert scores[0] > scores[1] > 0 == scores[7]


def test_baskets_are_counted_back_from_each_persons_newest() -> None:
    lines = [(7, 1, 100), (7, 2, 100), (9, 1, 50), (7, 1, 101), (9, 3, 60), (9, 3, 40)]
    found = rules.purchases(lines)
    rows = {
        (found.people[person], found.items[item], int(age))
        for person, item, age in zip(*found.purchases[:3], strict=True)
    }
    assert rows == {(7, 1, 0), (7, 1, 1), (7, 2, 1), (9, 1, 2), (9, 3, 1), (9, 3, 0)}


def write(folder: Path, people: int) -> None:
    """Everybody buys their own item again, and item 0 now and then."""
    history = {str(at): [[-1], [1 + at % 40, 0], [1 + at % 40], [1 + at % 40], [-1]] for at in range(people)}
    future = {str(at): [[-1], [1 + at % 40, 41], [-1]] for at in range(people)}
    for name, held in zip(reorder_bench.FILES, (history, future), strict=True):
        (folder / name).write_text(json.dumps(held))


def test_the_bench_measures_four_models_by_the_same_rules(tmp_path: Path) -> None:
    write(tmp_path, 200)
    report = reorder_bench.measure_files(tmp_path, None)
    assert set(report) == {"models"}
    assert set(report["models"]) == {"ours", "personal_frequency", "group_personal_frequency", "tifu_knn"}
    for figures in report["models"].values():
        assert set(figures) == {"recall_10", "recall_20", "ndcg_10", "ndcg_20"}
        # One of the two items was bought before and stands first; nobody can know the other.
        assert figures["recall_10"] == pytest.approx(0.5)
        assert figures["ndcg_10"] == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert "tifu knn" in reorder_bench.in_words(report)


@pytest.mark.parametrize("broken", ["nothing", "no json", "a list", "few"])
def test_what_the_bench_cannot_read_is_told_in_a_sentence(tmp_path: Path, broken: str) -> None:
    if broken != "nothing":
        write(tmp_path, 3)
    if broken in ("no json", "a list"):
        (tmp_path / reorder_bench.FILES[0]).write_text("{" if broken == "no json" else "[]")
    with pytest.raises(ValueError, match=r"\.$"):
        reorder_bench.measure_files(tmp_path, None)


def test_test_customers_are_never_among_those_who_choose_the_weights() -> None:
    train, validation, test = reorder_bench.parts(1000)
    assert (len(train), len(validation), len(test)) == (720, 80, 200)
    assert len({*train.tolist(), *validation.tolist(), *test.tolist()}) == 1000
    assert [part.tolist() for part in reorder_bench.parts(1000)] == [
        part.tolist() for part in (train, validation, test)
    ]


@pytest.mark.django_db
def test_a_grocers_customers_are_foretold_and_a_shoe_shops_are_not(django_assert_max_num_queries: object) -> None:
    store, now = make_store(), PLACED + timedelta(days=60)
    for number in range(60):
        for at in range(4):
            names = (f"own{number % 30}", "bread") if at % 2 else (f"own{number % 30}",)
            lines = [Line(external_id=n, title=n, quantity=1, unit_price="2", product_id=n) for n in names]
            email = f"p{number}@example.com"
            make_order(
                store, number=f"{number}-{at}", email=email, lines=lines, placed_at=PLACED + timedelta(days=7 * at)
            )
    learn(store, now=now)
    first = Customer.objects.of(store).get(email="p0@example.com")
    with django_assert_max_num_queries(7):  # type: ignore[operator]  # the fixture is a context manager
        found = next_basket(store.pk, [first.pk], 3)[first.pk]
    assert [(one.title, one.times) for one in found][:2] == [("own0", 4), ("bread", 2)]
    take_products(store, [ProductDoc(external_id="own0", title="own0", is_active=False)], source="api", now=now)
    assert next_basket(store.pk, [first.pk], 3)[first.pk][0].title == "bread"
    shoes = make_store(slug="shoes")
    make_order(shoes)
    learn(shoes, now=now)
    buyer = Customer.objects.of(shoes).get()
    assert next_basket(shoes.pk, [buyer.pk], 3) == {buyer.pk: []}
