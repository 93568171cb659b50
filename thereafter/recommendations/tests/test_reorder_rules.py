"""When people come back: the windows against plain Python, and what they must never do."""

from collections import defaultdict
from datetime import date
from itertools import pairwise, product
from math import exp, log
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.recommendations.rules import intervals, reorders
from thereafter.recommendations.rules.intervals import OWN, PACE, PRODUCT, Bought, Gaps
from thereafter.recommendations.rules.reorder_carts import Wanted, cart_link
from thereafter.recommendations.rules.reorder_packs import Content, content, pack_units
from thereafter.recommendations.rules.reorders import Held, Taken

PURCHASES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 400), st.integers(1, 4)), min_size=1, max_size=60
)
CATEGORIES, TOLD = np.array([0, 0, 1, 1, 2]), np.array([np.nan, 30, np.nan, np.nan, 90])


def arrays(rows: list[tuple[int, int, int, int]]) -> Bought:
    people, items, days, units = np.array(rows, np.int64).T
    return intervals.merge_days(Bought(people, items, days, units.astype(float)))


def plain_gaps(rows: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int, int]]:
    """(person, item, days, units, end), in order."""
    by_day: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for person, item, day, units in rows:
        by_day[person, item, day] += units
    ordered = sorted(by_day)
    return [
        (one[0], one[1], other[2] - one[2], by_day[one], other[2])
        for one, other in pairwise(ordered)
        if one[:2] == other[:2]
    ]


@given(PURCHASES)
@settings(max_examples=80, deadline=None)
def test_windows_are_what_plain_python_says(rows: list[tuple[int, int, int, int]]) -> None:
    gaps = intervals.gaps_of(arrays(rows))
    plain = plain_gaps(rows)
    assert [(p, i, int(d), int(u), e) for p, i, d, u, e in zip(*(part.tolist() for part in gaps), strict=True)] == plain
    learnt = intervals.learn(gaps, CATEGORIES, TOLD)
    z = [log(days) - learnt.elasticity * log(units) for _, _, days, units, _ in plain]
    shop = median(z) if z else log(30)
    middles = []
    for item in range(5):
        alike = [one for one, gap in zip(z, plain, strict=True) if CATEGORIES[gap[1]] == CATEGORIES[item]]
        base = (len(alike) * (median(alike) if alike else 0) + PRODUCT * shop) / (len(alike) + PRODUCT)
        base = base if np.isnan(TOLD[item]) else log(TOLD[item])
        own = [one for one, gap in zip(z, plain, strict=True) if gap[1] == item]
        middles.append((len(own) * (median(own) if own else 0) + PRODUCT * base) / (len(own) + PRODUCT))
    assert learnt.middle.tolist() == pytest.approx(middles)
    people, items = np.repeat(np.arange(4), 5), np.tile(np.arange(5), 4)
    known = intervals.know(gaps, learnt, people, items)
    window = intervals.window(learnt, items, known, np.ones(20))
    for at, (person, item) in enumerate(zip(people.tolist(), items.tolist(), strict=True)):
        own = [one for one, gap in zip(z, plain, strict=True) if gap[:2] == (person, item)]
        aside = [
            one - middles[gap[1]] for one, gap in zip(z, plain, strict=True) if gap[0] == person and gap[1] != item
        ]
        usual = middles[item] + sum(aside) / (len(aside) + PACE)
        assert known.gaps[at] == len(own)
        assert window.middle[at] == pytest.approx(exp((sum(own) + OWN * usual) / (len(own) + OWN)))
        assert window.low[at] <= window.middle[at] <= window.high[at]


@given(PURCHASES)
@settings(max_examples=60, deadline=None)
def test_a_forecast_never_knows_what_came_later(rows: list[tuple[int, int, int, int]]) -> None:
    """What is said of a gap is the same whether or not anything happened after it began."""
    gaps = intervals.gaps_of(arrays(rows))
    learnt = intervals.learn(gaps, CATEGORIES, TOLD)
    said = intervals.forecast(gaps, learnt)
    for at in range(len(gaps.days)):
        begun = gaps.ends[at] - gaps.days[at]
        known = gaps.ends <= begun
        known[at] = True
        alone = intervals.forecast(Gaps(*(part[known] for part in gaps)), learnt)
        assert alone[np.flatnonzero(np.flatnonzero(known) == at)[0]] == pytest.approx(said[at])


@given(st.lists(st.integers(2, 200), min_size=1, max_size=8), st.integers(1, 60))
def test_who_comes_back_sooner_is_due_sooner(gaps: list[int], sooner: int) -> None:
    learnt = intervals.Learnt(1.0, np.array([3.0]), np.array([-0.5]), np.array([0.5]), np.array([9]))

    def due(days: list[int]) -> float:
        ends = np.cumsum(days)
        nobody = np.zeros(len(days), np.int64)
        own = Gaps(nobody, nobody, np.array(days, float), np.ones(len(days)), ends)
        known = intervals.know(own, learnt, np.array([0]), np.array([0]))
        return float(intervals.window(learnt, np.array([0]), known, np.array([1.0])).middle[0])

    assert due([max(1, day - sooner) for day in gaps]) < due(gaps)


def test_a_household_that_does_everything_slowly_is_slow_with_a_new_product_too() -> None:
    rows = [(person, 0, 30 * at * (1 + person), 1) for person in range(2) for at in range(6)]
    gaps = intervals.gaps_of(arrays(rows))
    learnt = intervals.learn(gaps, np.array([0, 0]), np.full(2, np.nan))
    known = intervals.know(gaps, learnt, np.array([0, 1]), np.array([1, 1]))
    assert known.gaps.tolist() == [0, 0]
    assert known.pace[0] < 0 < known.pace[1]


def test_more_lasts_longer_where_peoples_own_purchases_say_so() -> None:
    def learnt(power: float) -> float:
        rows, day = [], 0
        for at in range(200):
            units = 1 + at % 3
            rows.append((0, 0, day, units))
            day += round(20 * units**power)
        return intervals.learn_elasticity(intervals.gaps_of(arrays(rows)))

    assert learnt(0.0) < 0.35
    assert learnt(1.0) > 0.95
    assert intervals.learn_elasticity(intervals.gaps_of(arrays([(0, 0, 0, 1)]))) == 1.0


def test_looking_back_tells_the_error_on_purchases_it_had_not_seen() -> None:
    rows = [(person, 0, 20 * at + person % 5, 1) for person in range(40) for at in range(6)]
    accuracy, tests = intervals.look_back(intervals.gaps_of(arrays(rows)), np.array([0]), np.array([np.nan]))
    assert accuracy.tested == len(tests.errors) > 0
    assert accuracy.median_error < 1
    assert accuracy.inside > 0.9
    nothing, _ = intervals.look_back(intervals.gaps_of(arrays(rows[:1])), np.array([0]), np.array([np.nan]))
    assert nothing.tested == 0


def shop(seed: int, *, paces: float, noise: tuple[float, float]) -> Gaps:
    """600 days of 200 people and four products; how much people vary goes from one noise to the other."""
    chance = np.random.default_rng(seed)
    rows, pace = [], np.exp(chance.normal(0, paces, 200))
    for person, item in product(range(200), range(4)):
        day = chance.uniform(0, 100)
        while day < 600:
            rows.append((person, item, int(day), 1))
            wide = noise[0] + (noise[1] - noise[0]) * day / 600
            day += max(1.0, (20 + 10 * item) * pace[person] * np.exp(chance.normal(0, wide)))
    return intervals.gaps_of(arrays(rows))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("paces", "noise"), [(0.8, (0.15, 0.15)), (0.3, (0.3, 0.3)), (0.3, (0.15, 0.8))])
def test_half_of_what_comes_falls_inside_the_window(seed: int, paces: float, noise: tuple[float, float]) -> None:
    gaps, nothing_said, alike = shop(seed, paces=paces, noise=noise), np.full(4, np.nan), np.zeros(4, np.int64)
    accuracy, tests = intervals.look_back(gaps, alike, nothing_said)
    assert 0.45 <= accuracy.inside == tests.inside.mean() <= 0.55
    past = intervals.some(gaps, gaps.ends <= 500)
    spread = intervals.look_back(past, alike, nothing_said)[0].spread
    learnt = intervals.learn(past, alike, nothing_said)
    off = np.log(gaps.days) - intervals.forecast(gaps, learnt) - learnt.elasticity * np.log(gaps.units)

    def inside(learnt: intervals.Learnt) -> float:
        held = (learnt.low[gaps.items] <= off) & (off <= learnt.high[gaps.items])
        return float(held[gaps.ends > 500].mean())

    assert 0.45 <= inside(learnt.spread_by(spread)) <= 0.55
    assert abs(inside(learnt.spread_by(spread)) - 0.5) <= abs(inside(learnt) - 0.5) + 0.02


def test_few_repeats_leave_the_window_nearly_as_it_is() -> None:
    assert intervals.spread_of(np.array([])) == 1.0
    assert 1.0 < intervals.spread_of(np.array([2.0])) < 1.05
    assert intervals.spread_of(np.full(5_000, 2.0)) == pytest.approx(2, abs=0.02)
    assert intervals.spread_of(np.full(5_000, 99.0)) < intervals.WIDEST_SPREAD


def test_a_product_is_bought_again_when_enough_came_back_at_a_regular_time() -> None:
    regular = [(person, 0, 30 * at, 1) for person in range(6) for at in range(4)]
    once = [(person, 1, 0, 1) for person in range(6)]
    rare = [(person, 2, 0, 1) for person in range(60)] + [(person, 2, 40, 1) for person in range(6)]
    bought = arrays(regular + once + rare)
    gaps = intervals.gaps_of(bought)
    learnt = intervals.learn(gaps, np.zeros(3, np.int64), np.full(3, np.nan))
    assert intervals.bought_again(bought, gaps, learnt, today=400).tolist() == [True, False, False]


def test_the_window_comes_earlier_by_the_delivery_but_never_by_more_than_a_third() -> None:
    bought = date(2026, 3, 1)
    assert reorders.due(bought, low=20.4, middle=30.0, high=45.2, lead_days=3) == (
        date(2026, 3, 18),
        date(2026, 3, 28),
        date(2026, 4, 13),
    )
    assert reorders.due(bought, low=6, middle=9, high=12, lead_days=30).on == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("held", "now", "becomes"),
    [
        (None, 1, ("waiting", "")),
        (Held(date(2026, 3, 1), 1, "told"), 1, ("told", "")),
        (Held(date(2026, 3, 1), 1, "told"), 5, ("ordered", "")),
        (Held(date(2026, 3, 1), 1, "waiting"), 5, ("waiting", "")),
        (Held(date(2026, 3, 1), 1, "snoozed"), 5, ("waiting", "")),
        (Held(date(2026, 3, 5), 5, "ordered"), 1, ("told", "")),
        (Held(date(2026, 3, 1), 1, "stopped", "shopper"), 5, ("stopped", "shopper")),
        (Held(date(2026, 3, 1), 1, "stopped", "substitute"), 1, ("waiting", "")),
        (Held(date(2026, 3, 1), 1, "waiting", "late"), 1, ("waiting", "")),
        (Held(date(2026, 3, 1), 1, "waiting", "late"), 5, ("waiting", "")),
    ],
)
def test_what_becomes_of_a_reminder(held: Held | None, now: int, becomes: tuple[str, str]) -> None:
    found = reorders.following(held, bought_on=date(2026, 3, now), order_id=now, is_replaced=False)
    assert found == becomes


@pytest.mark.parametrize(
    ("held", "becomes"),
    [
        (None, ("waiting", "late")),
        (Held(date(2026, 3, 1), 1, "told"), ("ordered", "late")),
        (Held(date(2026, 3, 9), 9, "waiting"), ("waiting", "")),
        (Held(date(2026, 3, 9), 9, "told"), ("told", "")),
        (Held(date(2026, 3, 9), 9, "waiting", "late"), ("waiting", "late")),
    ],
)
def test_a_purchase_that_is_heard_of_late_is_no_news_and_a_known_one_stays_news(
    held: Held | None, becomes: tuple[str, str]
) -> None:
    found = reorders.following(held, bought_on=date(2026, 3, 9), order_id=9, is_replaced=False, is_backlog=True)
    assert found == becomes


def test_a_substitute_is_of_the_category_lasts_as_long_and_was_never_bought_beside_it() -> None:
    def taken(product: int, day: int, order: int, category: str = "Coffee", days: float = 30) -> Taken:
        return Taken(product, category, log(days), date(2026, 3, day), frozenset({order}))

    assert reorders.replaced([taken(1, 1, 1), taken(2, 9, 2)]) == {1: 2}
    assert reorders.replaced([taken(1, 1, 1), taken(2, 9, 2, "Tea")]) == {}
    assert reorders.replaced([taken(1, 1, 1), taken(2, 9, 2, days=90)]) == {}
    assert reorders.replaced([taken(1, 1, 1, ""), taken(2, 9, 2, "")]) == {}
    together = taken(2, 9, 2)._replace(orders=frozenset({1, 2}))
    assert reorders.replaced([taken(1, 1, 1), together]) == {}


@pytest.mark.parametrize(
    ("title", "holds"),
    [
        ("500 g", Content("g", 500)),
        ("1,5 kg", Content("g", 1500)),
        ("6 x 0,33 l", Content("ml", 1980)),
        ("12-pack", Content("pieces", 12)),
        ("Box of 24", Content("pieces", 24)),
        ("Lemon", None),
        ("Large", None),
        ("42", None),
    ],
)
def test_packs_are_read_from_their_names(title: str, holds: Content | None) -> None:
    found = content(title)
    assert (found is None and holds is None) or (
        found is not None
        and holds is not None
        and found.kind == holds.kind
        and found.amount == pytest.approx(holds.amount)
    )


def test_packs_count_only_where_all_of_them_can_be_compared() -> None:
    assert pack_units({1: "250 g", 2: "1 kg"}) == {1: 1.0, 2: 4.0}
    assert pack_units({1: "250 g", 2: "Sample"}) == {1: 1.0, 2: 1.0}
    assert pack_units({1: "250 g", 2: "1 l"}) == {1: 1.0, 2: 1.0}


def test_each_shop_system_has_its_own_way_into_the_cart() -> None:
    shop = "https://stride.example/"
    assert cart_link(shop, Wanted("shopify", "7", "99", 2)) == "https://stride.example/cart/99:2"
    assert cart_link(shop, Wanted("woocommerce", "7", "99", 2)) == "https://stride.example/?add-to-cart=99&quantity=2"
    assert cart_link(shop, Wanted("woocommerce", "7", "", 1)) == "https://stride.example/?add-to-cart=7&quantity=1"
    assert cart_link(shop, Wanted("shopify", "7", "sku:AB", 1)) == ""
    assert cart_link(shop, Wanted("api", "7", "99", 1)) == ""
    assert cart_link("javascript:alert(1)", Wanted("shopify", "7", "99", 1)) == ""
