"""Conditions as rows: what they say, and that the text says them back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.reading_rows import rows_of
from thereafter.journeys.rules.rows import Group, Incomplete, Row, Rows, text_of

JOURNEY = vocabulary.journey("survey.answered")


@pytest.mark.parametrize(
    "text",
    [
        "order.total >= 100",
        "order.total >= 49.9 && customer.country == 'DE'",
        "fact.has_comment",
        "!fact.has_comment",
        "fact.score >= 9 || order.is_first",
        "!(has(trait.tier) && trait.tier == 'gold')",
        "'vip' in customer.tags && (customer.country in ['DE', 'AT'] || !('x' in customer.tags))",
        "happened['parcel.delivered'] >= now - days(3)",
        "!('parcel.delivered' in happened && happened['parcel.delivered'] >= now - days(3))",
        "'delivered' in sent",
        "!('delivered' in sent)",
        "times['order.placed in 30 days'] >= 2",
        "times['order.placed'] < 2",
        "has(customer.last_order_at)",
        "!has(customer.last_order_at)",
        "customer.last_order_at < now - days(90)",
        "!(has(customer.last_order_at) && customer.last_order_at >= now - days(90))",
        "date(trait.birthday) >= date('1990-01-01')",
        "customer.email.endsWith('@x.de')",
        "!customer.email.contains('a')",
        "trait['loyalty.points'] >= 100",
        "trait.x == '5'",
        "trait.x == 5",
        "customer.country != 'DE'",
        "customer.name == 'O\\'Neil \"x\" \\\\'",
    ],
)
def test_rows_say_the_same_text_again(text: str) -> None:
    rows = rows_of(text, JOURNEY)
    assert rows is not None
    assert text_of(rows, JOURNEY) == text


@pytest.mark.parametrize(
    "text",
    [
        "order.total * 2 > 3",
        "!(order.total == 3)",
        "!(trait.tier == 'gold')",
        "true",
        "order.items.exists(one, one == 'a')",
        "order.is_first ? true : false",
        "(order.total > 1 && (order.is_first || (fact.score > 3 && order.total > 2)))",
    ],
)
def test_what_rows_cannot_say_stays_a_text(text: str) -> None:
    assert rows_of(text, JOURNEY) is None


VALUES = st.text(alphabet="abcÄ'\"\\ %9", min_size=1, max_size=6).filter(lambda value: value.strip() == value)
ROWS = st.one_of(
    st.builds(
        Row,
        st.just("order.total"),
        st.sampled_from(["ge", "le", "eq", "ne", "gt", "lt"]),
        st.sampled_from(["1", "49.9", "-3"]),
        st.just("number"),
    ),
    st.builds(
        Row,
        st.just("customer.country"),
        st.sampled_from(["eq", "ne", "contains", "lacks", "starts", "ends", "in", "not_in"]),
        VALUES,
        st.just("text"),
    ),
    st.builds(Row, st.just("customer.tags"), st.sampled_from(["has", "has_not"]), VALUES, st.just("list")),
    st.builds(
        Row,
        st.just("customer.last_order_at"),
        st.sampled_from(["within", "not_within", "older"]),
        st.sampled_from(["0", "30"]),
        st.just("moment"),
    ),
    st.builds(
        Row,
        st.just("customer.last_order_at"),
        st.sampled_from(["since", "before"]),
        st.just("2026-05-01"),
        st.just("moment"),
    ),
    st.builds(
        Row,
        st.just("trait"),
        st.sampled_from(["eq", "ne", "in", "not_in", "lacks"]),
        VALUES,
        st.just("text"),
        st.sampled_from(["tier", "loyalty.tier"]),
    ),
    st.builds(
        Row,
        st.sampled_from(["happened", "sent"]),
        st.sampled_from(["known", "unknown"]),
        st.just(""),
        st.just("moment"),
        st.just("x.y"),
    ),
)


def joined(join: str) -> st.SearchStrategy[Rows]:
    groups = st.builds(
        Group, st.just("any" if join == "all" else "all"), st.lists(ROWS, min_size=2, max_size=3).map(tuple)
    )
    items = st.lists(st.one_of(ROWS, groups), min_size=2, max_size=4).map(tuple)
    return st.builds(Rows, st.just(join), items)


@settings(max_examples=200, deadline=None)
@given(st.one_of(joined("all"), joined("any")))
def test_whatever_rows_say_is_read_back_as_rows(rows: Rows) -> None:
    text = text_of(rows, JOURNEY)
    again = rows_of(text, JOURNEY)
    assert again is not None, text
    assert text_of(again, JOURNEY) == text
    assert len(again.items) == len(rows.items)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Row(), "Choose what this is about."),
        (Row("order.total", "ge", "much"), "Give a number"),
        (Row("order.total", "contains", "1"), "Choose how to compare."),
        (Row("customer.country", "eq", ""), "Give a value."),
        (Row("customer.country", "in", " , "), "Give the values"),
        (Row("customer.last_order_at", "within", "soon"), "Give a number of days"),
        (Row("customer.last_order_at", "since", "yesterday"), "Give a day"),
        (Row("happened", "known"), "Choose which one."),
    ],
)
def test_a_row_says_what_it_lacks(row: Row, sentence: str) -> None:
    with pytest.raises(Incomplete, match=sentence) as wrong:
        text_of(Rows(items=(Row("order.is_first", "yes"), row)), JOURNEY)
    assert wrong.value.where == (1,)
