"""What another policy would change."""

from datetime import date

from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.simulating import KINDS, simulate
from thereafter.returns.tests.wishes import AFTER_WITHDRAWAL, LONG_AFTER, SOON, a_line, a_policy, a_wish, an_order, rule


def simulated(old, new, *cases):
    return simulate(old, new, cases, law.current())


def test_the_same_policy_changes_nothing():
    found = simulated(a_policy(), a_policy(), (a_wish(), SOON), (a_wish(), LONG_AFTER))
    assert (found.cases, found.changed, found.share) == (2, 0, 0.0)
    assert found.sentences() == ["Nothing changes in 2 returns."]


def test_a_longer_window_lets_more_come_back():
    new = a_policy(window={"days": 120})
    found = simulated(a_policy(), new, (a_wish(), LONG_AFTER), (a_wish(), AFTER_WITHDRAWAL))
    assert dict(found.kinds) == {"allowed": 1, "longer": 1}
    assert found.sums["EUR"].value_minor == 8000
    assert found.examples["allowed"] == ["1001"]
    assert found.sentences()[0] == "2 of 2 returns would be decided differently (100.0%)."


def test_a_fee_is_counted_once_per_return_and_never_more_than_the_goods():
    fee = a_policy(rule("Fee", {"do": "fee", "flat": "5.00"}))
    two = a_wish("changed_mind", a_line("A"), a_line("B"))
    tiny = a_wish("changed_mind", a_line(paid_minor=300))
    found = simulated(a_policy(), fee, (two, AFTER_WITHDRAWAL), (tiny, AFTER_WITHDRAWAL))
    assert (found.kinds["dearer"], found.sums["EUR"].fees_minor) == (2, 800)


def test_the_law_takes_the_fee_away_in_both():
    fee = a_policy(rule("Fee", {"do": "fee", "flat": "5.00"}))
    assert simulated(a_policy(), fee, (a_wish(), SOON)).changed == 0


def test_outcomes_bonus_release_and_review_are_told_apart():
    new = a_policy(
        rule("A", {"do": "outcomes", "remove": ["refund"]}, {"do": "credit", "percent": 10, "most": "5.00"}),
        rule("B", {"do": "release", "on": "inspected", "outcomes": ["store_credit"]}, {"do": "review", "why": "x"}),
        rule("C", {"do": "methods", "add": ["pickup"]}, {"do": "destination", "to": "Outlet"}),
        rule("D", {"do": "refund_shipping", "share": "all"}),
    )
    found = simulated(a_policy(), new, (a_wish(), AFTER_WITHDRAWAL))
    assert set(found.kinds) == {
        "fewer_outcomes", "more_bonus", "later", "more_review", "more_methods", "elsewhere", "shipping",
    }  # fmt: skip
    assert found.outcomes["lost"]["refund"] == 1
    assert found.sums["EUR"].bonus_minor == 500
    back = simulated(new, a_policy(), (a_wish(), AFTER_WITHDRAWAL))
    assert {"more_outcomes", "less_bonus", "earlier", "less_review", "fewer_methods"} <= set(back.kinds)
    assert set(found.kinds) | set(back.kinds) <= set(KINDS)


def test_currencies_are_kept_apart():
    fee = a_policy(rule("Fee", {"do": "fee", "flat": {"EUR": "5.00", "USD": "6.00"}}))
    found = simulated(a_policy(), fee, (a_wish(), AFTER_WITHDRAWAL), (a_wish(order=an_order("US")), date(2026, 9, 28)))
    assert {code: sums.fees_minor for code, sums in found.sums.items()} == {"EUR": 500, "USD": 600}
