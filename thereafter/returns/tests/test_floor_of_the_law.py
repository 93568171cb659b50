"""Whatever a merchant writes, nobody gets less than the law gives."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES, RANK, RELEASES
from thereafter.returns.rules.policy.snapshots import Customer
from thereafter.returns.tests.wishes import CAME, a_line, a_policy, a_wish, an_order, decided

_OUTCOMES = st.lists(st.sampled_from(list(OUTCOMES)), min_size=1, max_size=4)
_METHODS = st.lists(st.sampled_from(list(METHODS)), min_size=1, max_size=3)
_ACTIONS = st.one_of(
    st.builds(lambda names: {"do": "outcomes", "only": names}, _OUTCOMES),
    st.builds(lambda names: {"do": "outcomes", "remove": names}, _OUTCOMES),
    st.builds(lambda names: {"do": "methods", "only": names}, _METHODS),
    st.builds(lambda days: {"do": "window", "days": days}, st.integers(0, 90)),
    st.builds(
        lambda percent, names, of: {"do": "fee", "percent": percent, "outcomes": names, "for": of},
        st.integers(1, 100),
        _OUTCOMES,
        st.sampled_from(["postage", "restocking"]),
    ),
    st.builds(lambda event: {"do": "release", "on": event}, st.sampled_from(list(RELEASES))),
    st.sampled_from(
        [
            {"do": "reject", "why": "No."},
            {"do": "hide"},
            {"do": "review", "why": "Yes."},
            {"do": "require_shipping"},
            {"do": "keep", "percent": 10},
            {"do": "refund_shipping", "share": "none"},
        ]
    ),
)
_RULES = st.lists(st.tuples(st.lists(_ACTIONS, min_size=1, max_size=3), st.integers(-5, 5)), max_size=6)


def _policy(rules):
    said = [
        {"name": str(place), "priority": priority, "then": actions} for place, (actions, priority) in enumerate(rules)
    ]
    return a_policy(*said, window={"days": 0}, claims={"days": 0})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rules=_RULES,
    country=st.sampled_from(["DE", "FR", "PT", "GB", "NO"]),
    reason=st.sampled_from(["", *reasons.BY_KEY]),
    days=st.integers(0, 14),
    final=st.booleans(),
    risk=st.sampled_from(["low", "high"]),
)
def test_money_back_within_fourteen_days(rules, country, reason, days, final, risk):
    snapshot = a_wish(reason, a_line(final_sale=final), country=country, customer=Customer(risk=risk, returns=99))
    offers = decided(_policy(rules), snapshot, CAME + timedelta(days=days))
    line = offers.lines[0]
    refund = line.option("refund")
    assert line.allowed
    assert not line.is_hidden
    assert refund is not None
    if refund.basis == "withdrawal":
        assert not refund.needs_review
        assert refund.due_days == 14
        assert RANK[refund.release] <= RANK["received"]
        assert line.methods == ("none",) or "own_carrier" in line.methods
    if refund.article:
        assert not [fee for fee in refund.fees if fee.purpose == "restocking"]
    assert offers.refund_shipping in {"standard", "all"}
    assert line.until is None or line.until >= CAME + timedelta(days=14)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rules=_RULES,
    country=st.sampled_from(["DE", "ES", "GB"]),
    reason=st.sampled_from([key for key, one in reasons.BY_KEY.items() if one.conformity]),
    days=st.integers(15, 729),
    stocked=st.booleans(),
)
def test_a_free_remedy_during_the_guarantee(rules, country, reason, days, stocked):
    line = a_line(in_stock=stocked, repairable=not stocked and days % 2 == 0)
    offer = decided(_policy(rules), a_wish(reason, line, country=country), CAME + timedelta(days=days)).lines[0]
    remedies = [one for one in offer.options if one.outcome in {"repair", "replacement", "refund"} and one.article]
    assert remedies
    assert all(one.is_free for one in remedies)
    assert set(offer.methods) & {"label", "qr", "counter", "pickup"}
    assert not offer.may_deduct


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules=_RULES)
def test_postage_is_free_for_who_was_not_told_of_it(rules):
    snapshot = a_wish(order=an_order(told_of_postage=False))
    refund = decided(_policy(rules), snapshot, CAME).lines[0].option("refund")
    assert refund is not None
    assert refund.basis != "withdrawal" or refund.is_free
