"""A programme in plain words, what changed in words, and what an owner should know before."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from thereafter.loyalty.rules import ready_programmes, wording, wording_advice
from thereafter.loyalty.rules.programme import DEFAULT, Programme, as_document, read
from thereafter.loyalty.rules.wording_figures import Shop, money_words, plain

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
SHOP = Shop("EUR", products={"77": "Trail Fox"})


def programme(**said: Any) -> Programme:
    return read({**DEFAULT, **said})


def sentences(key: str, **said: Any) -> tuple[str, ...]:
    return next(part.sentences for part in wording.parts(programme(**said), SHOP) if part.key == key)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("1", "1 point for every €1"),
        ("2", "2 points for every €1"),
        ("1.5", "1.5 points for every €1"),
        ("0.1", "1 point for every €10"),
        ("0.3", "0.3 points for every €1"),
        ("0", "No points for what is"),
    ],
)
def test_a_rate_is_said_as_an_owner_would(rate: str, words: str) -> None:
    assert sentences("orders", rate=rate)[0].startswith(words)


def test_points_are_called_what_the_shop_calls_them() -> None:
    said = sentences("orders", points_name={"en": ["acorn", "acorns"]}, max_per_order=500)
    assert said[0].startswith("1 acorn for every €1")
    assert "One order never earns more than 500 acorns." in said


def test_a_rule_is_one_sentence_in_the_programme_s_zone() -> None:
    rule = {
        "kind": "multiplier", "x": "2", "name": "Fox week",
        "from": "2026-04-30T22:00:00Z", "to": "2026-05-08T10:30:00Z",
        "products": ["77"], "weekdays": [5, 6], "tiers": ["gold"], "min_amount": "49.90", "first_order": True,
    }  # fmt: skip
    said = sentences("bonuses", tz="Europe/Berlin", rules=[rule], tiers=[{"name": "Gold", "key": "gold", "min": "1"}])
    assert said[0] == (
        "Fox week: Double points on Trail Fox, from 1 May 2026 until 8 May 2026, 12:30, on Saturdays and Sundays, "
        "on a first order, on orders from €49.90, for Gold."
    )


def test_goods_that_earn_nothing_and_what_came_with_a_piece_are_said() -> None:
    rules = [
        {"kind": "excluded", "categories": ["Gift cards"]},
        {"kind": "product", "points": 50, "skus": ["FOX-42"], "segments": ["Runners"]},
        {"kind": "fixed", "points": 1, "exclusive": True},
    ]
    said = sentences("bonuses", rules=rules)
    assert said[0] == "Nothing is earned on “Gift cards”."
    assert said[1] == "50 points more for each piece of SKU FOX-42, for customers in “Runners”."
    assert said[2] == "1 point more for the order, and then no other bonus."


def test_ways_to_earn_tell_their_limits() -> None:
    actions = {
        "joined": {"points": 50, "total": 1},
        "survey": {"points": 25, "per_day": 1, "per_month": 4, "pending_days": 3},
        "newsletter": {"points": 5, "is_on": False},
        "app_opened": {"points": 2, "label": "Opened the app", "currency": "miles"},
    }
    assert sentences("ways", actions=actions) == (
        "Joining the programme: 50 points, once.",
        "Answered survey: 25 points, at most once a day and 4 times a month, after 3 days.",
        "Newsletter sign-up: switched off.",
        "Opened the app: 2 miles.",
    )


def test_the_life_of_points_and_refunds_are_said() -> None:
    life = sentences("lifetime", pending_days=14, expiry={"mode": "inactivity", "months": 12})
    assert life == (
        "Points can be used 14 days after the order.",
        "All points end after 12 months without earning or using any.",
        "Members are told 30 days and 7 days before.",
    )
    assert sentences("refunds", restore="grace_30")[-1].endswith("with 30 days to use those that ended.")


def test_tiers_say_what_they_take_and_give() -> None:
    tier = {
        "name": "Gold", "min": "1000", "multiplier": "1.5", "entry_points": 100,
        "benefits": {"free_returns": True, "warranty_extra_months": 12, "workshop_seats": 1, "others": ["a card"]},
    }  # fmt: skip
    said = sentences("tiers", tiers=[tier], tier={"window": "rolling_365", "term": "days_365", "downgrade": "one_down"})
    assert said == (
        "Gold, from €1,000: 1.5 times the points, 100 points on entry, free returns, 12 months more warranty, "
        "1 free workshop seat and a card.",
        "Tiers count what was spent in the last 365 days.",
        "A tier is kept for 365 days at least.",
        "Members who no longer reach theirs fall one tier at a time, and are told 30 days before.",
        "A refund that takes a member below the entry counts at once.",
    )


def test_what_changed_is_said_with_what_stood_there() -> None:
    before = programme(rules=[{"kind": "fixed", "points": 5, "name": "Thanks"}], pending_days=14)
    after = programme(rate="2", pending_days=14, actions={"survey": {"points": 30}, "qr": {"points": 5}})
    told = {(one.kind, one.text): one.before for one in wording.changes(before, after, SHOP)}
    assert told == {
        ("now", "2 points for every €1 spent on goods, after discounts and without shipping."): (
            "1 point for every €1 spent on goods, after discounts and without shipping."
        ),
        ("gone", "Thanks: 5 points more for the order."): "",
        ("gone", "Multipliers that meet are multiplied."): "",
        ("now", "Answered survey: 30 points."): "Answered survey: 25 points.",
        ("added", "Scanned QR code: 5 points."): "",
    }


def test_a_new_name_for_points_is_one_change() -> None:
    after = programme(points_name={"en": ["acorn", "acorns"]})
    told = wording.changes(programme(), after, SHOP)
    assert [(change.kind, change.text) for change in told] == [("added", "In English: 1 acorn, 2 acorns.")]


def test_two_rules_without_a_name_are_two() -> None:
    one = {"kind": "fixed", "points": 5}
    told = wording.changes(programme(rules=[one]), programme(rules=[one, one]), SHOP)
    assert [(change.kind, change.text) for change in told] == [("added", "5 points more for the order.")]


def test_a_programme_is_not_different_from_itself() -> None:
    for key in ready_programmes.READY:
        said = read(ready_programmes.document(key, "EUR"))
        assert wording.changes(said, read(as_document(said)), SHOP) == []


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.parametrize("key", sorted(ready_programmes.READY))
def test_ready_programmes_are_sound_and_need_no_second_look(key: str, currency: str) -> None:
    said = read(ready_programmes.document(key, currency))
    assert all(part.sentences for part in wording.parts(said, Shop(currency)))
    assert wording_advice.advice(said, Shop(currency), NOW) == []


def test_a_currency_without_cents_earns_as_much() -> None:
    assert ready_programmes.document("points", "JPY")["rate"] == "0.01"
    assert ready_programmes.document("tiers", "JPY")["tiers"][1]["min"] == "25000"


def test_stacking_is_shown_in_figures() -> None:
    figures = {key: points for key, _, points in wording_advice.stackings(programme(), SHOP, NOW)}
    assert figures == {"multiplicative": 300, "additive": 250, "max": 200}


def test_refund_policies_are_shown_in_figures() -> None:
    earned, spent, cases = wording_advice.refunds(programme(), SHOP, NOW)
    assert (earned, spent) == (100, 80)
    assert [(one.key, one.taken, one.owed, one.left) for one in cases] == [
        ("unlimited", 20, 30, 0),
        ("within_balance", 20, 0, 0),
        ("only_pending", 0, 0, 20),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"pending_days": 14, "expiry": {"mode": "days", "n": 40}}, "only 26 days"),
        ({"pending_days": 14, "expiry": {"mode": "days", "n": 40}}, "before the points can be used"),
        ({"pending_days": 0}, "before the order may come back"),
        ({"point_value": "0.5"}, "50% goes back"),
        ({"gift_cards_earn": True}, "Gift cards earn"),
        ({"holdout_percent": 30}, "30 of 100"),
        ({"rules": [{"kind": "fixed", "points": 1, "name": "May", "to": "2026-05-01T00:00:00Z"}]}, "“May” is over"),
        ({"referral": {"points": 5, "hold_days": 0}}, "paid at once"),
    ],
)
def test_what_is_likely_to_be_regretted_is_said(said: dict[str, Any], words: str) -> None:
    assert any(words in one for one in wording_advice.advice(programme(**said), SHOP, NOW))


def test_money_has_cents_only_where_there_are_some() -> None:
    assert money_words(Decimal(1000), "EUR") == "€1,000"
    assert money_words(Decimal("49.9"), "EUR") == "€49.90"
    assert money_words(Decimal("0.005"), "EUR") == "€0.005"
    assert money_words(Decimal(500), "JPY") == "¥500"
    assert plain(Decimal("1E+3")) == "1,000"
