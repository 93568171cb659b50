from collections import Counter, defaultdict
from itertools import combinations
from math import log2, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as patience
from hypothesis import strategies as st
from scipy import sparse

from thereafter.recommendations.rules import choosing, documents, ease, models, trials
from thereafter.recommendations.rules.choosing import DEFAULT, choose
from thereafter.recommendations.rules.models import Settings
from thereafter.recommendations.rules.purchases import Purchases, purchases

TODAY = 1_000
ITEMS = 8
# Orders of a few products, each some days old, by one of four people.
shops = st.lists(
    st.tuples(st.sets(st.integers(0, ITEMS - 1), min_size=1, max_size=5), st.integers(1, 300), st.integers(0, 3)),
    min_size=1,
    max_size=15,
)
Shop = list[tuple[set[int], int, int]]


def sold(shop: Shop, items: int = ITEMS) -> Purchases:
    rows = [(at, who, item, TODAY - age) for at, (basket, age, who) in enumerate(shop) for item in basket]
    order, customer, item, day = np.array(rows).T
    return purchases(order, customer, item, day, items)


def counted(shop: Shop, half_life: float) -> tuple[dict[tuple[int, int], float], Counter[tuple[int, int]]]:
    """Weights and numbers of orders of each two products, and of each with itself, by plain counting."""
    weights: dict[tuple[int, int], float] = defaultdict(float)
    orders: Counter[tuple[int, int]] = Counter()
    for basket, age, _ in shop:
        for pair in [*combinations(sorted(basket), 2), *((one, one) for one in basket)]:
            weights[pair] += 0.5 ** (age / half_life)
            orders[pair] += 1
    return weights, orders


@patience(deadline=None)
@given(shops)
def test_a_cosine_is_what_plain_counting_says(shop: Shop) -> None:
    weights, orders = counted(shop, 120)
    found = models.cosine(sold(shop), TODAY, 120).toarray()
    for one, other in combinations(range(ITEMS), 2):
        pair = (one, other)
        alone = sqrt(weights[one, one] * weights[other, other])
        expected = weights[pair] / alone * orders[pair] / (orders[pair] + 10) if weights[pair] else 0
        assert found[one, other] == pytest.approx(expected, rel=1e-4)
        assert found[other, one] == found[one, other]


@patience(deadline=None)
@given(shops)
def test_support_counts_orders_with_both(shop: Shop) -> None:
    _, orders = counted(shop, 120)
    found = models.support(sold(shop)).toarray()
    assert {(a, b): int(found[a, b]) for a in range(ITEMS) for b in range(a, ITEMS) if found[a, b]} == dict(orders)


@patience(deadline=None)
@given(shops)
def test_what_sells_is_the_sum_of_decayed_orders(shop: Shop) -> None:
    weights, _ = counted(shop, 60)
    assert models.popularity(sold(shop), TODAY) == pytest.approx([weights[item, item] for item in range(ITEMS)])


@patience(deadline=None)
@given(shops, st.sampled_from([0.5, 10.0]))
def test_ease_is_its_closed_form(shop: Shop, strength: float) -> None:
    """Against the formula in float64: B = I - P diag(P)^-1."""
    gram = models.ease_gram(sold(shop), TODAY, Settings(model="ease"))
    whole = gram.toarray().astype(np.float64)
    inverse = np.linalg.inv(whole + np.diag(strength + ease.DROPOUT * whole.diagonal()))
    expected = np.eye(ITEMS) - inverse / inverse.diagonal()
    assert ease.weights(gram, strength) == pytest.approx(expected, abs=1e-3)


def test_ease_is_taught_by_orders_and_by_people() -> None:
    """One person's two orders, of different products: only what people ever bought joins them."""
    shop: Shop = [({0, 1}, 0, 0), ({2, 3}, 0, 0), ({4}, 0, 1)]
    alone = models.ease_gram(sold(shop), TODAY, Settings(customers=0)).toarray()
    joined = models.ease_gram(sold(shop), TODAY, Settings(customers=1)).toarray()
    assert alone[0, 2] == 0 < joined[0, 2]
    # Orders of 2, 2 and 1 products: the mean is 5/3, and a larger one counts less.
    assert alone[0, 1] == pytest.approx(sqrt(5 / 3 / 2))
    assert alone[4, 4] == pytest.approx(sqrt(5 / 3))


def test_large_inverses_are_whole_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The half that the solver leaves out is filled in blocks."""
    monkeypatch.setattr(ease, "BLOCK", 7)
    chance = np.random.default_rng(1)
    rows = (chance.random((200, 20)) < 0.2).astype(np.float32)
    gram = rows.T @ rows
    expected = np.linalg.inv(gram + np.diag(5 + ease.DROPOUT * gram.diagonal()))
    assert ease.inverse(sparse.csr_matrix(gram), 5) == pytest.approx(expected, abs=1e-5)


def test_only_what_speaks_for_a_product_is_kept_best_first_and_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "TOP", 2)
    shop: Shop = [({0, 1}, 1, 0)] * 9 + [({0, 2}, 1, 1)] * 5 + [({0, 3}, 1, 2)] * 3 + [({4}, 1, 3)] * 9
    for model in ("cosine", "ease"):
        settings = Settings(model=model, strength=1, customers=0)
        near = models.fit(sold(shop), TODAY, settings).near.toarray()
        assert set(near[0].nonzero()[0]) == {1, 2}
        assert not near[4].any()
        offered = np.array([True, False] + [True] * (ITEMS - 2))
        assert set(models.fit(sold(shop), TODAY, settings, offered).near.toarray()[0].nonzero()[0]) == {2, 3}


def test_what_sells_now_is_favoured() -> None:
    shop: Shop = [({0, 1}, 200, 0)] * 20 + [({0, 2}, 5, 1)] * 6
    steady = models.fit(sold(shop), TODAY, Settings(half_life=10_000, trend=0)).near.toarray()
    seasonal = models.fit(sold(shop), TODAY, Settings(half_life=10_000, trend=1)).near.toarray()
    assert steady[0, 1] > steady[0, 2]
    assert seasonal[0, 1] < seasonal[0, 2]


def trial(told: list[list[int]], wanted: list[list[int]]) -> trials.Trial:
    return trials.Trial(*(sparse.csr_matrix(np.array(rows, np.float32)) for rows in (told, wanted)))


def test_recall_and_ndcg_are_what_they_are_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two places; the seed does not take one. Of three wanted, the second place holds one; of one wanted, the first."""
    monkeypatch.setattr(trials, "PLACES", 2)
    scores = np.array([[9, 5, 4, 1, 0], [1, 9, 4, 2, 3]], np.float32)
    asked = trial([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]], [[0, 0, 1, 1, 1], [0, 0, 1, 0, 0]])
    found = trials.judge(asked, lambda told: scores.copy())
    assert found.recall == pytest.approx((1 / 3 + 1) / 2)
    assert found.ndcg == pytest.approx((1 / log2(3) / (1 + 1 / log2(3)) + 1) / 2)
    assert found.cases == 2


def test_the_three_questions_tell_what_they_say() -> None:
    past: Shop = [({0, 1}, 90, 0), ({2}, 50, 0), ({3, 4, 5}, 50, 1)]
    coming: Shop = [({0, 2, 3}, 40, 0), ({3}, 40, 1), ({6, 7}, 40, 1), ({4}, 1, 1)]
    whole = sold([*past, *coming])
    asked = trials.trials(whole.between(None, TODAY - 45), whole.between(TODAY - 45, None), TODAY - 45)
    # Nobody could know 6 and 7; the other person bought nothing new, and 4 after the 30 days.
    assert asked["history"].told.toarray()[:, :4].tolist() == [[1, 1, 1, 0]]
    assert asked["history"].wanted.toarray().nonzero()[1].tolist() == [3]
    assert asked["last_order"].told.toarray().nonzero()[1].tolist() == [2]
    assert asked["last_order"].wanted.toarray().nonzero()[1].tolist() == [0, 3]
    (told,), (wanted,) = asked["basket"].told.toarray(), asked["basket"].wanted.toarray()
    assert (told.sum(), wanted.sum()) == (2, 1)
    assert (told + wanted).nonzero()[0].tolist() == [0, 2, 3]


def market(*, orders: int = 600, seed: int = 5) -> Purchases:
    """A shop where what belongs together is of one family; bestsellers say little."""
    chance = np.random.default_rng(seed)
    rows = []
    for order in range(orders):
        family = int(chance.integers(0, 10))
        basket = chance.choice(6, 3, replace=False) + 6 * family
        day = 700 + order * 300 // orders
        rows += [(order, family * 10 + order % 7, int(item), day) for item in basket]
    order, customer, item, day = np.array(rows).T
    return purchases(order, customer, item, day, 60)


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "STEPS", {"half_life": (60.0,)})


@pytest.mark.usefixtures("few_steps")
def test_the_model_that_served_the_last_month_best_is_chosen() -> None:
    choice = choose(market(), TODAY)
    for purpose, models_tried in choice.scores.items():
        recall = {name: np.mean([one.recall for one in found.values()]) for name, found in models_tried.items()}
        assert recall[choice.settings[purpose].model] == max(recall.values()) > 3 * recall["popular"]
    assert choice.told["basket"]["popular"]["basket"]["cases"] > choosing.ENOUGH_CASES


@pytest.mark.usefixtures("few_steps")
def test_the_choice_never_looks_past_its_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are taught only by what was bought before the trial, and what comes after the cut changes nothing."""
    taught = []

    def fit(bought: Purchases, today: int, settings: Settings) -> models.Table:
        taught.append((int(bought.day.max()), today))
        return models.fit(bought, today, settings)

    monkeypatch.setattr(choosing, "fit", fit)
    until, whole = 960, market()
    choice = choose(whole, until)
    assert taught
    assert all(newest < today == until - choosing.WINDOW for newest, today in taught)
    chance = np.random.default_rng(2)
    other = Purchases(whole.order, whole.customer, chance.permutation(whole.item), whole.day, whole.items)
    after = whole.day >= until
    mixed = np.where(after, other.item, whole.item)
    assert choose(purchases(whole.order, whole.customer, mixed, whole.day, whole.items), until) == choice
    before = np.where(after, whole.item, other.item)
    assert choose(purchases(whole.order, whole.customer, before, whole.day, whole.items), until) != choice


@pytest.mark.usefixtures("few_steps")
def test_too_little_is_not_judged() -> None:
    choice = choose(market(orders=200), TODAY)
    assert set(choice.settings.values()) == {DEFAULT}
    assert choice.scores == {}
    # Of thirty products any twenty hold most of what comes.
    assert choose(market(), TODAY).scores
    assert choose(market().where(market().item < 30), TODAY).scores == {}
    nothing = np.empty(0, np.int64)
    assert choose(purchases(nothing, nothing, nothing, nothing, 0), TODAY).scores == {}


@pytest.mark.usefixtures("few_steps")
def test_a_purpose_is_not_judged_by_the_questions_of_another() -> None:
    # Hardly anybody comes twice to this market: how to complete baskets can be judged, what comes next cannot.
    choice = choose(market(), TODAY)
    assert set(choice.scores) == {"basket"}
    assert choice.settings["next"] == DEFAULT


@pytest.mark.usefixtures("few_steps")
def test_ease_is_left_out_where_there_are_too_many_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_FOR_EASE", 59)
    assert set(choose(market(orders=1_200), TODAY).scores["basket"]) == {"popular", "cosine"}
    # The trial is then on the best-selling ones only; what else was bought is no case.
    monkeypatch.setattr(choosing, "MOST_TRIED", 30)
    fewer = choose(market(orders=1_200), TODAY).scores["basket"]["cosine"]["basket"].cases
    monkeypatch.setattr(choosing, "MOST_TRIED", 60)
    assert fewer < choose(market(orders=1_200), TODAY).scores["basket"]["cosine"]["basket"].cases


neighbours = st.dictionaries(
    st.integers(1, 30), st.tuples(st.floats(2**-6, 1, width=32), st.integers(0, 9)), max_size=6
)


@patience(deadline=None)
@given(
    st.dictionaries(st.integers(1, 30), neighbours, min_size=1, max_size=5), st.sets(st.integers(1, 30)), st.booleans()
)
def test_offers_are_the_weighted_sums_of_what_the_seeds_say(
    near: dict[int, dict[int, tuple[float, int]]], without: set[int], far: bool
) -> None:
    # Far from each other, numbers are sorted; near, they are counted: one answer.
    stretch = 10**9 if far else 1
    kept = {
        seed: documents.pack(
            np.array([other * stretch for other in found], np.int64),
            np.array([score for score, _ in found.values()], np.float32),
            np.array([orders for _, orders in found.values()], np.int64),
        )
        for seed, found in near.items()
    }
    weights = {seed: 1 + seed % 3 for seed in near}
    sums: dict[int, float] = defaultdict(float)
    for seed, found in near.items():
        for other, (score, _) in found.items():
            sums[other] += weights[seed] * score
    offered = documents.offers(kept, weights, most=4, without={one * stretch for one in without})
    assert {one.product // stretch: one.score for one in offered} == pytest.approx(
        {one.product // stretch: sums[one.product // stretch] for one in offered}
    )
    scores = [one.score for one in offered]
    assert scores == sorted(scores, reverse=True)
    left = sorted((value for one, value in sums.items() if one not in without), reverse=True)
    assert scores == pytest.approx(left[:4])
    for one in offered:
        score, orders = near[one.because][one.product // stretch]
        assert one.orders == orders
        # An order that held both speaks before people who bought both.
        assert orders or not any(other.get(one.product // stretch, (0, 0))[1] for other in near.values())
        assert score > 0
