"""The language of conditions: what it takes, what it refuses in which words, and what it makes of the unknown."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.journeys.rules import trees, vocabulary
from thereafter.journeys.rules.conditions import LONGEST, BadCondition, Condition, compile_condition
from thereafter.journeys.rules.old_conditions import as_text

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
JOURNEY = vocabulary.journey("survey.answered")
ANY_EVENT = vocabulary.journey()
SEGMENT = vocabulary.segment()
KNOWN: dict[str, Any] = {
    "order.total": 100.0,
    "order.item_count": 3.0,
    "order.items": ["Socks", "Bottle"],
    "order.is_first": True,
    "order.placed_at": datetime(2026, 5, 20, tzinfo=UTC),
    "customer.country": "DE",
    "customer.orders": 2.0,
    "trait": {"tier": "gold", "loyalty.points": 120.0, "birthday": "1990-03-01", "tags": ["vip"], "nothing": None},
    "fact": {"score": 9.0, "late": True, "reason": "lost"},
    "happened": {"order.placed": datetime(2026, 5, 20, tzinfo=UTC)},
    "times": {"order.placed in 30 days": 2.0},
    "sent": {},
    "now": NOW,
}


def holds(text: str) -> bool:
    return compile_condition(text, ANY_EVENT).holds(KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "order.total >= 100",
        "order.total == 100",
        "order.total + 1 > 100",
        "1 + order.total / 2 == 51",
        "order.total in [1, 99.5, 100]",
        "order.total > order.item_count",
        "order.item_count % 2 == 1",
        "size(order.items) < 2.5",
        "trait['loyalty.points'] + 1 == 121",
        "trait['loyalty.points'] in [120]",
        "fact.score / 2 == 4.5",
        "order.items.exists(item, item.startsWith('S'))",
        "'Socks' in order.items && !('Hat' in order.items)",
        "customer.country in ['DE', 'AT']",
        "customer.country.lower() == 'de'",
        "order.placed_at >= now - days(20)",
        "now - order.placed_at > days(10)",
        "date(trait.birthday) < date('2000-01-01')",
        "happened['order.placed'] < now",
        "times['order.placed in 30 days'] >= 2",
        "has(order.total) && has(fact.score) && has(trait.tier)",
        "!has(customer.last_order_at)",
        "!('delivered' in sent)",
        "fact.late",
        "order.is_first ? order.total >= 50 : order.total >= 500",
        "trait.nothing == null",
        "customer.country == 'DE'  // Germany only\n && order.total > 1",
        "trait.tier.matches('^g.*d$')",
        "duration('36h') > days(1)",
    ],
)
def test_what_is_so(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "trait.shoe_size > 40",
        "trait.shoe_size != 40",
        "!(trait.shoe_size == 40)",
        "customer.last_order_at < now",
        "sent['delivered'] < now",
        "trait.tier > 3",
        "trait.tier && true",
        "date(trait.tier) < now",
        "days(99999999) > days(1)",
        "1 / size(order.items.filter(one, one == 'Hat')) > 0",
        "order.items[9] == 'x'",
        "customer.country.matches('(')",
    ],
)
def test_what_is_asked_of_the_unknown_is_not_so(text: str) -> None:
    assert not holds(text)


def test_an_unknown_side_is_no_obstacle_when_the_other_decides() -> None:
    assert holds("trait.shoe_size > 40 || order.total > 1")
    assert not holds("trait.shoe_size > 40 && order.total > 1")


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("order.totl > 3", "There is no field order.totl. Did you mean order.total?", (1, 1)),
        ("total > 3", "There is no field total. Did you mean order.total?", (1, 1)),
        ("true &&\n  order.totl > 3", "Did you mean order.total?", (2, 3)),
        ("order > 3", "Say what of the order, such as order.total.", (1, 1)),
        ("fact.scor > 3", "The event survey.answered tells no scor. Did you mean fact.score?", (1, 5)),
        ("order.total == 'x'", "order.total is a number, and 'x' is text", (1, 13)),
        ("customer.country > 3", "customer.country is text, and 3 is a number", (1, 18)),
        ("order.placed_at > '2026-01-01'", "Write a day as date('2026-05-01').", (1, 17)),
        ("order.placed_at > now - 3", "Write a span as days(30).", (1, 23)),
        ("order.total", "This is a number, not yes or no.", (1, 1)),
        ("order.total > 1 and true", "Write && instead of and.", (1, 17)),
        ("not order.is_first", "Write ! instead of not.", (1, 5)),
        ("order.total = 3", "Write == instead of =.", (1, 13)),
        ("order.total <> 3", "Write != instead of <>.", (1, 14)),
        ("order.total >= 1,5", "Write decimals with a point", (1, 17)),
        ("customer.country == 'DE", "This text has no closing quote.", (1, 21)),
        ("customer.country == “DE”", "Use straight quotes", (1, 21)),
        ("order.total >", "Something is missing at the end.", (1, 14)),
        ("(order.total > 1", "A ) is missing at the end.", (1, 17)),
        ("", "Say what has to be so", (1, 1)),
        ("lover('a') == 'a'", "There is no function lover(). Did you mean lower()?", (1, 1)),
        ("trait.loyalty.points > 3", "Write trait['loyalty.points']", (1, 14)),
        ("customer.last_order_at == null", "is asked with has(…)", (1, 24)),
        ("duration('7d') > days(1)", "Write days(7) for seven days", (1, 9)),
        ("times['often'] > 1 && times['x y'] > 2", "Write times['order.placed']", (1, 28)),
        ("has(customer.shoe)", "There is no field customer.shoe.", (1, 4)),
        ("happened[customer.country] < now", "Say which, in quotes: happened['parcel.delivered'].", (1, 9)),
        ("order.items.all(x, order.items.all(y, x == y))", "cannot stand in another", (1, 16)),
        ("order.total / 0 > 1", "Nothing can be divided by 0.", (1, 13)),
        ("_rder.total > 1", "There is no _rder", (1, 1)),
        ("(" * 60 + "true" + ")" * 60, "nested too deeply", (1, 1)),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str, place: tuple[int, int]) -> None:
    with pytest.raises(BadCondition) as wrong:
        compile_condition(text, JOURNEY)
    assert sentence in wrong.value.sentence
    assert (wrong.value.line, wrong.value.column) == place


def test_a_segment_knows_no_single_order() -> None:
    with pytest.raises(BadCondition, match="A segment is about customers"):
        compile_condition("order.total > 3", SEGMENT)


def test_a_condition_has_a_longest_length() -> None:
    assert compile_condition("true" + " " * (LONGEST - 4), ANY_EVENT).holds({})
    with pytest.raises(BadCondition, match="at most"):
        compile_condition("true" + " " * LONGEST, ANY_EVENT)


def test_only_what_is_named_is_needed() -> None:
    text = "order.total > 1 && trait.tier == 'a' && happened['x'] < now && 'y' in sent && has(customer.last_order_at)"
    names = {"order.total", "trait", "happened:x", "now", "sent:y", "customer.last_order_at"}
    assert compile_condition(text, ANY_EVENT).names == names


def answer_to(text: str) -> Condition | BadCondition:
    try:
        return compile_condition(text, ANY_EVENT)
    except BadCondition as wrong:
        return wrong


PIECES = [
    *"()[]{}<>=!&|?:.,'\"\\/+-*%0129 \n\tabfnrx_",
    "order.total",
    "trait",
    "has(",
    "ü",
    "\0",
    "\ud800",
    "exists(",
    "in ",
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=500, deadline=None)
@given(st.one_of(HOSTILE, st.text(max_size=80)))
def test_no_text_does_worse_than_a_bad_condition(text: str) -> None:
    told = answer_to(text)
    if isinstance(told, BadCondition):
        assert told.sentence
        assert min(told.line, told.column) >= 1
        return
    assert told.holds(KNOWN) in {True, False}
    assert told.holds({}) in {True, False}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(
    JSON,
    st.sampled_from(
        ["fact.x > 3", "fact.x == 'a'", "!fact.x", "'a' in fact.x", "fact.x + 1 > 2", "date(fact.x) < now"]
    ),
)
def test_no_fact_makes_a_condition_raise(value: Any, text: str) -> None:
    assert compile_condition(text, ANY_EVENT).holds({"fact": {"x": value}, "now": NOW}) in {True, False}


def test_a_loop_over_much_ends() -> None:
    condition = compile_condition("order.items.all(item, item == 'x') && order.items.all(item, item == 'y')", ANY_EVENT)
    assert not condition.holds({"order.items": ["x"] * 100_000})


def test_the_tree_says_what_stands_where() -> None:
    tree = trees.read(compile_condition("order.total >= -2.5 && !has(fact.late)", ANY_EVENT).expression.serialize())
    assert (tree.kind, tree.what, tree.type) == ("call", "_&&_", "flag")
    compared, negated = tree.parts
    assert [(part.kind, part.what) for part in compared.parts] == [("name", "order.total"), ("value", -2.5)]
    assert compared.at == 12
    assert (negated.parts[0].kind, negated.parts[0].what) == ("has", "late")


@pytest.mark.parametrize(
    ("old", "text"),
    [
        ({"fact": "late", "is": True}, "fact.late == true"),
        ({"fact": "late", "is_not": True}, "!(has(fact.late) && fact.late == true)"),
        ({"trait": "loyalty.points", "at_least": 100}, "trait['loyalty.points'] >= 100"),
        ({"trait": "a.b", "exists": False}, "!('a.b' in trait && trait['a.b'] != null)"),
        ({"order": "total_minor", "at_least": 10000}, "order.total >= 100.0"),
        ({"customer": "country", "in": ["DE", "A'T"]}, "customer.country in ['DE', 'A\\'T']"),
        ({"all": [{"fact": "a", "is": "x"}, {"fact": "b", "in": ["y"]}]}, "fact.a == 'x' && fact.b in ['y']"),
        (
            {"any": [{"fact": "a", "is": 1}, {"all": [{"fact": "b", "is": 2}, {"fact": "c", "is": 3}]}]},
            "fact.a == 1 || (fact.b == 2 && fact.c == 3)",
        ),
        ({"order": "note", "is": "x"}, "false"),
        ({}, "true"),
        ("fact.late", "fact.late"),
    ],
)  # fmt: skip
def test_old_conditions_become_text(old: Any, text: str) -> None:
    assert as_text(old) == text
    compile_condition(text, ANY_EVENT)


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ({"fact": "late", "is": True}, True),
        ({"fact": "late", "is_not": True}, False),
        ({"fact": "score", "at_least": 4}, True),
        ({"fact": "score", "at_most": 4}, False),
        ({"fact": "missing", "at_least": 1}, False),
        ({"fact": "missing", "exists": False}, True),
        ({"fact": "late", "at_least": "four"}, False),
        ({"trait": "loyalty.tier", "in": ["gold", "silver"]}, True),
        ({"all": [{"fact": "late", "is": True}, {"fact": "score", "is": 5}]}, True),
        ({"any": [{"fact": "late", "is": False}, {"fact": "score", "is": 1}]}, False),
    ],
)
def test_old_conditions_mean_what_they_meant(condition: Any, is_true: bool) -> None:
    facts: dict[str, dict[str, Any]] = {"fact": {"late": True, "score": 5}, "trait": {"loyalty.tier": "gold"}}
    assert compile_condition(as_text(condition), ANY_EVENT).holds(facts) is is_true
