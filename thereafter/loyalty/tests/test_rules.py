from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.loyalty.rules import lots, postings, reversals
from thereafter.loyalty.rules.earning import Line, Purchase, decide, still_due
from thereafter.loyalty.rules.programme import BadProgramme, Programme, as_document, read
from thereafter.loyalty.rules.refunds import Back, points_of_refund

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOUGHT: dict[str, Any] = {"currency": "EUR", "exponent": 2, "at": NOON}


def bought(*values: int, total: int | None = None, **given: Any) -> Purchase:
    lines = tuple(Line(name=str(place), sku=f"sku-{place}", value_minor=value) for place, value in enumerate(values))
    return Purchase(lines=lines, total_minor=sum(values) if total is None else total, **{**BOUGHT, **given})


def points(programme: Programme, purchase: Purchase) -> int:
    return decide(programme, 1, purchase).points


def back(minor: int) -> Back:
    return Back(f"refund:{minor}", NOON, minor)


@pytest.mark.parametrize(
    ("minor", "exponent", "rate", "expected"),
    [
        (8990, 2, "1", 89),
        (99, 2, "1", 0),
        (29, 2, "100", 29),  # 0.29 x 100 is 28.999... in floats
        (8990, 0, "1", 8990),  # yen have no cents
        (8990, 3, "1", 8),  # dinars have a thousand
        (4000, 2, "1.75", 70),
        (-500, 2, "1", 0),
    ],
)
def test_points_are_the_whole_units_of_currency(minor: int, exponent: int, rate: str, expected: int) -> None:
    assert points(read({"rate": rate}), bought(minor, exponent=exponent)) == expected


def test_an_exclusive_rule_stands_alone_by_its_priority() -> None:
    rules = [
        {"kind": "fixed", "points": 50, "exclusive": True, "priority": 5},
        {"kind": "fixed", "points": 200, "exclusive": True, "priority": 20},
        {"kind": "fixed", "points": 7},
    ]
    assert points(read({"rules": rules}), bought(1999)) == 219


def test_an_exclusive_rule_for_some_products_leaves_the_others_alone() -> None:
    rules = [
        {"kind": "multiplier", "x": "3", "sku": "sku-0", "exclusive": True},
        {"kind": "multiplier", "x": "2"},
    ]
    assert points(read({"rules": rules}), bought(1000, 1000)) == 30 + 20


def test_what_is_excluded_neither_earns_nor_counts_for_a_tier() -> None:
    programme = read({"rules": [{"kind": "excluded", "skus": ["sku-1"]}]})
    decided = decide(programme, 1, bought(6000, 4000, off_minor=1000))
    assert (decided.points, decided.spend_minor) == (54, 5400)


def test_a_gift_card_earns_only_where_the_programme_says_so() -> None:
    purchase = bought(10000, gift_minor=3000)
    assert points(read({}), purchase) == 70
    assert points(read({"gift_cards_earn": True}), purchase) == 100


def test_a_rule_asks_for_its_day_its_channel_its_segment_and_its_minimum() -> None:
    purchase = bought(5000, channel="pos", segments=frozenset({"Runners"}))
    for asked, holds in (
        ({"weekdays": [0]}, True),
        ({"weekdays": [1]}, False),
        ({"channels": ["pos"]}, True),
        ({"channels": ["web"]}, False),
        ({"segments": ["Runners"]}, True),
        ({"segments": ["Swimmers"]}, False),
        ({"min_amount": "50.00"}, True),
        ({"min_amount": "50.01"}, False),
        ({"first_order": True}, False),
    ):
        programme = read({"rules": [{"kind": "multiplier", "x": "2", **asked}]})
        assert points(programme, purchase) == (100 if holds else 50), asked


def test_half_of_the_money_back_takes_half_of_the_points() -> None:
    snapshot = decide(read({"rate": "1.75"}), 1, bought(4000)).snapshot
    assert snapshot["points"] == 70
    assert still_due(snapshot, [back(2000)]) == 35


def test_many_partial_refunds_leak_no_point() -> None:
    snapshot = decide(read({}), 1, bought(1000)).snapshot
    assert [still_due(snapshot, [back(minor)]) for minor in (0, 333, 666, 1000)] == [10, 6, 3, 0]


def test_shipping_that_is_refunded_with_everything_takes_all_points_and_no_more() -> None:
    snapshot = decide(read({}), 1, bought(9990, total=12755)).snapshot
    assert still_due(snapshot, [back(12755)]) == 0
    assert still_due(snapshot, [back(99999)]) == 0


def test_a_decision_of_before_there_were_programmes_still_holds() -> None:
    old = {"programme": 1, "rate": "7/4", "items_minor": 4000, "total_minor": 4000, "exponent": 2, "points": 70}
    assert [still_due(old, [back(minor)]) for minor in (0, 2000, 4000)] == [70, 35, 0]


def test_points_follow_the_money_of_a_refund_and_many_refunds_leak_none() -> None:
    def parts(refunded: int, total: int = 10000) -> tuple[int, int]:
        return points_of_refund(100, 500, refunded_minor=refunded, total_minor=total)

    assert parts(4000) == (40, 200)
    assert [parts(refunded) for refunded in (3333, 6666, 10000, 99999)] == [
        (33, 167),
        (67, 333),
        (100, 500),
        (100, 500),
    ]
    assert parts(-1) == parts(5, total=0) == (0, 0)


@given(st.integers(0, 10**7), st.integers(0, 10**5), st.lists(st.integers(0, 10**7), max_size=5))
def test_what_is_still_due_never_grows(items: int, shipping: int, refunds: list[int]) -> None:
    snapshot = decide(read({}), 1, bought(items, total=items + shipping)).snapshot
    due = [still_due(snapshot, [back(sum(refunds[:number]))]) for number in range(len(refunds) + 1)]
    assert due[0] == snapshot["points"]
    assert due == sorted(due, reverse=True)
    assert min(due) >= 0


@given(st.integers(0, 500), st.lists(st.integers(0, 100), max_size=8))
def test_an_allocation_takes_all_there_is_before_it_owes(wanted: int, remaining: list[int]) -> None:
    parts, owed = lots.allocate(wanted, remaining)
    assert sum(parts) + owed == wanted
    assert all(0 <= part <= left for part, left in zip(parts, remaining, strict=True))
    assert owed == max(0, wanted - sum(remaining))


@pytest.mark.parametrize(
    "amounts",
    [
        postings.earned(7, is_active=True),
        postings.earned(7, is_active=False),
        postings.activated(7),
        postings.redeemed(7),
        postings.reserved(7),
        postings.captured(7),
        postings.released(7),
        postings.restored(7),
        postings.expired(pending=2, available=5),
        postings.reversed_(pending=1, available=2, owed=4),
        postings.repaid(7),
    ],
)
def test_postings_sum_to_zero(amounts: dict[str, int]) -> None:
    assert sum(amounts.values()) == 0


@given(
    st.integers(1, 500),
    st.tuples(*[st.integers(0, 200)] * 4),
    st.sampled_from(["only_pending", "within_balance", "unlimited"]),
)
def test_a_clawback_is_taken_owed_or_forgiven_and_nothing_else(
    wanted: int, there: tuple[int, int, int, int], policy: str
) -> None:
    own_pending, own_active, ended, others = there
    parts = reversals.shares(
        wanted, own_pending=own_pending, own_active=own_active, ended=ended, others=others, policy=policy
    )
    assert parts.pending + parts.active + parts.others + parts.owed + parts.forgiven == wanted
    assert parts.owed == 0 or (policy == "unlimited" and parts.others == others)
    assert parts.active == 0 or policy != "only_pending"


def test_a_programme_comes_back_from_its_document_as_it_was() -> None:
    programme = read(
        {
            "rate": "1.5",
            "rules": [{"kind": "multiplier", "x": "2", "from": "2026-03-01T00:00:00Z"}, {"kind": "fixed", "points": 5}],
            "tiers": [{"name": "Silver", "min": "500", "benefits": {"free_returns": True}}],
            "expiry": {"mode": "days", "n": 365},
        },
        tz="Europe/Berlin",
    )
    assert read(as_document(programme)) == programme


@pytest.mark.parametrize(
    ("document", "where", "words"),
    [
        ({"rate": "-1"}, "rate", "greater"),
        ({"expiry": {"mode": "days"}}, "expiry", "after how many days"),
        ({"tiers": [{"name": "a", "min": "2"}, {"name": "b", "min": "1"}]}, "", "lowest to the highest"),
        ({"pending_days": 40, "expiry": {"mode": "days", "n": 30}}, "", "before they can be used"),
        ({"rules": [{"kind": "fixed", "points": 1, "tiers": ["Gold"]}]}, "", "Gold"),
        ({"surprise": 1}, "surprise", "not permitted"),
    ],
)
def test_a_programme_that_cannot_be_says_where_and_why(document: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(BadProgramme) as refused:
        read(document)
    assert any(place == where and words in text for place, text in refused.value.problems), refused.value.problems


def test_stacking_multiplies_adds_or_takes_the_best() -> None:
    for stacking, expected in (("multiplicative", 150), ("additive", 125), ("max", 100)):
        programme = read(
            {
                "stacking": stacking,
                "tiers": [{"name": "gold", "min": "1000", "multiplier": "1.5"}],
                "rules": [{"kind": "multiplier", "x": "2"}],
            }
        )
        assert points(programme, bought(5000, tier="gold")) == expected
    assert Fraction(decide(read({}), 1, bought(5000)).snapshot["lines"][0]["value"]) == 50
