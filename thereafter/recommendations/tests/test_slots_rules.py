"""What is shown is decided by plain rules; these hold whatever the ranking says."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thereafter.recommendations.actions import rules_of_shop
from thereafter.recommendations.console.rule_forms import RuleForm
from thereafter.recommendations.rules import showing
from thereafter.recommendations.rules.showing import (
    BASKET,
    CUSTOMER,
    MESSAGE,
    ORDER,
    PRODUCT,
    SLOTS,
    Asked,
    Decision,
    Ranked,
    Rule,
    Terms,
    Thing,
    decide,
)
from thereafter.recommendations.rules.sides import is_held_out
from thereafter.recommendations.tests.slot_makers import NOW, make_shop

# Whichever test draws first waits for Hypothesis to read our code for numbers worth trying.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NUMBERS = st.integers(1, 12)
CATEGORIES = st.sampled_from(["", "Kettles", "Tea", "Cups"])
SETS = st.frozensets(NUMBERS, max_size=4)

things = st.dictionaries(
    NUMBERS,
    st.builds(
        Thing,
        product_id=st.just(0),
        title=st.sampled_from(["Kettle", "kettle ", "Green Tea", "Cup", "Big Cup", "Whisk"]),
        category=CATEGORIES,
        is_sold=st.booleans(),
        in_stock=st.booleans(),
        is_used_up=st.booleans(),
    ),
    min_size=4,
).map(lambda made: {number: replace(thing, product_id=number) for number, thing in made.items()})
rankings = st.lists(st.builds(Ranked, NUMBERS, st.integers(1, 90), st.sampled_from(list(showing.TIERS))), max_size=20)
asks = st.builds(
    Asked,
    slot=st.sampled_from(SLOTS),
    beside=st.dictionaries(NUMBERS, CATEGORIES, max_size=2),
    owned=SETS,
    returned=SETS,
    coming=SETS,
    categories=st.frozensets(CATEGORIES, max_size=2),
    most=st.integers(1, 5),
)
rule_lists = st.lists(
    st.builds(
        Rule,
        key=st.sampled_from(["1", "2", "3"]),
        kind=st.sampled_from(showing.KINDS),
        slots=st.lists(st.sampled_from(SLOTS), max_size=2).map(tuple),
        product_id=st.one_of(st.just(0), NUMBERS),
        category=CATEGORIES,
        place=st.integers(1, 6),
        weight=st.sampled_from([0.1, 0.5, 1.0, 2.0, 10.0]),
    ),
    max_size=4,
)
terms = st.builds(
    lambda rules, durables: Terms(rules=tuple(rules), durables=durables),
    rule_lists,
    st.frozensets(st.sampled_from(["Kettles", "Cups"])),
)


@unhurried
@given(asks, rankings, things, terms)
def test_nothing_is_shown_that_must_not_be(
    asked: Asked, ranking: list[Ranked], known: Mapping[int, Thing], wanted: Terms
) -> None:
    for one in decide(asked, ranking, known, wanted).shown:
        thing = known[one.product_id]
        assert thing.is_sold
        assert thing.in_stock
        assert one.product_id not in {*asked.beside, *asked.returned, *asked.coming}
        assert thing.is_used_up or one.product_id not in asked.owned
        banned = [rule for rule in wanted.rules if rule.kind == "never" and showing.holds(rule, asked)]
        assert not any(rule.speaks_of(thing) for rule in banned)


@unhurried
@given(asks, rankings, things, terms)
def test_every_candidate_is_shown_or_left_out_for_one_reason(
    asked: Asked, ranking: list[Ranked], known: Mapping[int, Thing], wanted: Terms
) -> None:
    decision = decide(asked, ranking, known, wanted)
    shown, left = [one.product_id for one in decision.shown], [one.product_id for one in decision.left]
    assert len(shown) <= asked.most
    assert len({*shown, *left}) == len(shown) + len(left)
    assert {one.product_id for one in ranking} <= {*shown, *left}


@unhurried
@given(asks, rankings, things, terms)
def test_an_empty_place_means_that_nothing_else_may_be_shown(
    asked: Asked, ranking: list[Ranked], known: Mapping[int, Thing], wanted: Terms
) -> None:
    decision = decide(asked, ranking, known, wanted)
    if len(decision.shown) < asked.most:
        assert all(one.why != "full" for one in decision.left)


@unhurried
@given(asks, rankings, things, terms, NUMBERS)
def test_a_pin_is_shown_unless_it_must_not_be(
    asked: Asked, ranking: list[Ranked], known: dict[int, Thing], wanted: Terms, number: int
) -> None:
    known = known | {number: known.get(number, Thing(number, "New"))}
    pin = Rule("9", "pin", product_id=number, place=1, beside_product_id=0)
    others = tuple(rule for rule in wanted.rules if rule.kind != "pin")
    decision = decide(asked, ranking, known, replace(wanted, rules=(*others, pin)))
    applied = [rule for rule in others if showing.holds(rule, asked)]
    if showing.why_not(known[number], asked, applied, wanted):
        assert number not in [one.product_id for one in decision.shown]
    else:
        assert decision.shown[0].product_id == number
        assert decision.shown[0].pinned_by == "9"


@unhurried
@given(asks, rankings, things, terms, NUMBERS)
def test_never_only_takes_away(
    asked: Asked, ranking: list[Ranked], known: Mapping[int, Thing], wanted: Terms, number: int
) -> None:
    never = Rule("8", "never", product_id=number)
    banned = decide(asked, ranking, known, replace(wanted, rules=(*wanted.rules, never)))
    assert number not in [one.product_id for one in banned.shown]


def titles(decision: Decision) -> list[int]:
    return [one.product_id for one in decision.shown]


def why(decision: Decision) -> dict[int, str]:
    return {one.product_id: one.why for one in decision.left}


RANKING = [
    Ranked(2, 0.9, "together", 1),
    Ranked(3, 0.5, "together", 1),
    Ranked(4, 7, "popular"),
    Ranked(5, 6, "popular"),
]
SHOP = {
    1: Thing(1, "Kettle", "Kettles"),
    2: Thing(2, "Copper Kettle", "Kettles"),
    3: Thing(3, "Green Tea", "Tea", is_used_up=True),
    4: Thing(4, "Cup", "Cups"),
    5: Thing(5, "Big Cup", "Cups"),
}


def test_nobody_is_shown_a_second_kettle_but_who_looks_at_one_may_see_others() -> None:
    wanted = Terms(durables=frozenset({"Kettles"}))
    beside = {1: "Kettles"}
    for slot in (BASKET, ORDER, MESSAGE, CUSTOMER):
        bought = Asked(slot, beside, owned=frozenset({1}), categories=frozenset({"Kettles"}))
        assert why(decide(bought, RANKING, SHOP, wanted))[2] == "second"
    assert titles(decide(Asked(PRODUCT, beside), RANKING, SHOP, wanted)) == [2, 3, 4]


def test_of_durables_one_is_shown() -> None:
    wanted = Terms(durables=frozenset({"Cups"}))
    decision = decide(Asked(PRODUCT, {1: "Kettles"}, most=4), RANKING, SHOP, wanted)
    assert titles(decision) == [2, 3, 4]
    assert why(decision)[5] == "second_shown"


def test_what_is_used_up_is_shown_again_and_the_rest_is_not() -> None:
    decision = decide(Asked(CUSTOMER, owned=frozenset({3, 4})), RANKING, SHOP, Terms())
    assert titles(decision) == [2, 3, 5]
    assert why(decision)[4] == "owned"


def test_the_same_title_is_the_same_thing() -> None:
    shop = SHOP | {4: Thing(4, " green  TEA", "Tea")}
    assert why(decide(Asked(PRODUCT, {1: "Kettles"}), RANKING, shop, Terms()))[4] == "same_title"


def test_a_boost_moves_within_its_reason_and_margin_of_the_product_stands_first() -> None:
    asked = Asked(PRODUCT, {1: "Kettles"})
    boosted = Terms(rules=(Rule("1", "boost", category="Tea", weight=3),))
    assert titles(decide(asked, RANKING, SHOP, boosted)) == [3, 2, 4]
    margins = [Rule("1", "margin", category="Cups", weight=80), Rule("2", "margin", product_id=4, weight=10)]
    assert showing.weight_of(SHOP[4], margins) == 0.6
    assert titles(decide(asked, RANKING, SHOP, Terms(rules=tuple(margins)))) == [2, 3, 5]


def test_only_this_category_beside_kettles_and_pins_stand_in_their_place() -> None:
    only = Rule("1", "only", category="Cups", beside_category="Kettles")
    pin = Rule("2", "pin", product_id=3, place=2)
    wanted = Terms(rules=(only, pin))
    decision = decide(Asked(PRODUCT, {1: "Kettles"}), RANKING, SHOP, wanted)
    assert titles(decision) == [4, 3, 5]
    assert why(decision)[2] == "not_only"
    assert titles(decide(Asked(PRODUCT, {9: "Books"}), RANKING, SHOP, wanted)) == [2, 3, 4]


@unhurried
@given(st.integers(1, 10**9), st.integers(0, 50), st.integers(0, 50))
def test_a_larger_holdout_holds_the_same_people_and_more(customer: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    if is_held_out("s", customer, less):
        assert is_held_out("s", customer, more)


def test_the_holdout_holds_as_many_as_it_says_and_other_ones_in_another_shop() -> None:
    held = [customer for customer in range(20_000) if is_held_out("1", customer, 10)]
    others = [customer for customer in range(20_000) if is_held_out("2", customer, 10)]
    assert abs(len(held) - 2_000) < 150
    assert abs(len({*held} & {*others}) - 200) < 60


def test_categories_of_durables_are_learnt_and_the_merchant_s_word_stands_above() -> None:
    habits = {"Kettles": (100, 4), "Tea": (100, 60), "Rare": (5, 0), "Cups": (100, 3), "": (100, 0)}
    assert showing.durables(habits) == {"Kettles", "Cups"}
    told = [Rule("1", "repeats", category="Cups"), Rule("2", "one_each", category="Rare")]
    assert showing.durables(habits, told) == {"Kettles", "Rare"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["one_each", "repeats"])
def test_a_word_on_a_whole_category_has_no_place(kind: str) -> None:
    store = make_shop()
    keep = partial(rules_of_shop.keep_rule, store, by=None, now=NOW)
    with pytest.raises(rules_of_shop.BadRule, match="everywhere"):
        keep(Rule("", kind, category="Clothes", slots=("message",)))
    with pytest.raises(rules_of_shop.BadRule, match="everywhere"):
        keep(Rule("", kind, category="Clothes", beside_category="Clothes"))
    assert keep(Rule("", kind, category="Clothes"))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["boost", "margin"])
def test_how_much_is_never_guessed(kind: str) -> None:
    form = RuleForm(make_shop(), None, {"kind": kind, "what": "category:Clothes"})
    assert form.errors["weight"] == ["Say how much."]
