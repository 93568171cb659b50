"""Policies as documents: what is refused, and in which words."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thereafter.returns.rules.policy import policy_words, ready_policies
from thereafter.returns.rules.policy.policies import BadPolicy, check, compile_policy, fingerprint
from thereafter.returns.rules.policy.policy_actions import KINDS
from thereafter.returns.rules.policy.vocabulary import SCHEMA
from thereafter.returns.rules.policy.windows import Window
from thereafter.returns.tests.wishes import a_policy, a_wish, offered, rule

GOOD = {"name": "Ours", "window": {"days": 30}}


def problems(**parts):
    return [(one.where, one.setting, one.text) for one in check({**GOOD, **parts})]


def of_rule(*actions, **parts):
    return problems(rules=[{"name": "One", "then": list(actions), **parts}])


def test_a_name_and_a_window_are_enough():
    policy = compile_policy(GOOD)
    assert policy.window == Window(days=30)
    assert policy.fixed["outcome", "refund"] is True
    assert policy.fixed["method", "own_carrier"] is True


@pytest.mark.parametrize("key", ready_policies.KEYS)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_ready_policies_are_in_order_in_every_currency(key, currency):
    assert check(ready_policies.document(key, currency)) == []


def test_ready_amounts_fit_a_currency_without_cents():
    fee = next(
        claim.value
        for one in compile_policy(ready_policies.document("classic_30", "JPY")).rules
        for claim in one.claims
        if claim.slot[0] == "fee"
    )
    assert fee.amount.flat == (("JPY", 495),)


def test_the_ready_windows_are_30_45_60_and_90_days():
    days = {key: compile_policy(ready_policies.document(key)).window.days for key in ready_policies.KEYS}
    assert days == {"classic_30": 30, "exchange_first_45": 45, "generous_60": 60, "holiday_90": 90}


def test_ready_policies_never_hide_money_back():
    for key in ready_policies.KEYS:
        assert compile_policy(ready_policies.document(key)).fixed["outcome", "refund"]


def test_what_is_no_policy_is_said():
    assert [one.text for one in check([])] == ["A policy is an object with a name, a window and rules."]
    with pytest.raises(BadPolicy, match="Give the policy a name"):
        compile_policy({"window": {"days": 30}})


@pytest.mark.parametrize(
    ("parts", "where", "words"),
    [
        ({"windw": 1}, "", "no part `windw`"),
        ({"format": 2}, "", "does not know"),
        ({"name": ""}, "", "Give the policy a name"),
        ({"currency": "EURO"}, "", "three letters"),
        ({"window": 30}, "window", "A window is an object"),
        ({"window": {}}, "window", "needs `days`"),
        ({"window": {"days": -1}}, "window", "from 0 to 3,650"),
        ({"window": {"days": 30, "from": "payment"}}, "window", "There is no 'payment' here"),
        ({"window": {"days": 30, "until": "Christmas"}}, "window", "A day is written"),
        ({"claims": {"days": True}}, "claims", "whole number"),
        ({"holidays": {}}, "holidays", "Holidays are a list"),
        ({"holidays": [{"from": "2026-11-01"}]}, "holidays.0", "Say {"),
        ({"holidays": [{"from": "2026-12-01", "to": "2026-11-01", "until": "2027-01-01"}]}, "holidays.0", "follow"),
        ({"holidays": [{"from": "x", "to": "2026-11-01", "until": "2027-01-01"}]}, "holidays.0", "A day is written"),
        ({"outcomes": ["money"]}, "outcomes", "There is no 'money' here"),
        ({"outcomes": []}, "outcomes", "This is a list"),
        ({"methods": 3}, "methods", "This is a list"),
        ({"refund_shipping": "some"}, "refund_shipping", "There is no 'some'"),
        ({"reasons": "cars"}, "reasons", "There is no 'cars'"),
        ({"release": {"refund": "soon"}}, "release", "There is no 'soon'"),
        ({"release": []}, "release", "Say when"),
        ({"returnless": {"label": "-1"}}, "returnless", "An amount is a decimal"),
        ({"returnless": {"labels": "1"}}, "returnless", "Known are"),
        ({"returnless": {"most_per_customer": 1.5}}, "returnless", "whole number"),
        ({"rules": {}}, "rules", "Rules are a list"),
        ({"rules": [3]}, "rules.0", "A rule is an object"),
    ],
)
def test_each_mistake_is_a_sentence_with_its_place(parts, where, words):
    found = problems(**parts)
    assert any(where == place and words in text for place, _, text in found), found


@pytest.mark.parametrize(
    ("action", "setting", "words"),
    [
        ("review", "do", "An action says what it does"),
        ({"do": "explode"}, "do", "There is no action 'explode'; use one of window, outcomes"),
        ({"do": "window", "dayz": 3}, "days", "`window` needs `days`"),
        ({"do": "window", "days": 3, "dayz": 3}, "dayz", "does not know `dayz`; it takes days, from"),
        ({"do": "outcomes"}, "add", "Say which to `add`"),
        ({"do": "outcomes", "remove": ["cash"]}, "remove", "There is no 'cash' here"),
        ({"do": "fee"}, "flat", "Say how much the fee is"),
        ({"do": "fee", "flat": "4,95"}, "flat", "An amount is a decimal"),
        ({"do": "fee", "flat": {"EUX": "4.95"}}, "flat", "'EUX' is no currency"),
        ({"do": "fee", "percent": 101}, "percent", "from 0 to 100"),
        ({"do": "fee", "percent": "NaN"}, "percent", "from 0 to 100"),
        ({"do": "fee", "percent": 10, "for": "fun"}, "for", "There is no 'fun'"),
        ({"do": "bonus"}, "flat", "Say how much is added"),
        ({"do": "release", "on": "tuesday"}, "on", "There is no 'tuesday'"),
        ({"do": "reject"}, "why", "`reject` needs `why`"),
        ({"do": "reject", "why": {"de": 3}}, "why", "texts by language"),
        ({"do": "review", "why": " "}, "why", "a text"),
        ({"do": "goodwill", "days": 0}, "days", "from 1"),
        ({"do": "refund_shipping", "share": "half"}, "share", "There is no 'half'"),
    ],
)
def test_each_mistake_in_an_action_is_said(action, setting, words):
    found = of_rule(action)
    assert any(place == f"then.0.{setting}" and words in text for _, place, text in found), found


def test_a_condition_that_cannot_be_read_is_said_in_words():
    found = of_rule({"do": "hide"}, **{"if": "order.totl > 3"})
    assert found == [("rules.0", "if", "There is no field order.totl. Did you mean order.total?")]


def test_a_rule_needs_a_name_of_its_own_and_something_to_do():
    one = {"name": "One", "then": [{"do": "hide"}]}
    assert "Two rules have this name" in problems(rules=[one, one])[0][2]
    assert "one to 20 actions" in of_rule()[0][2]
    assert problems(rules=[{"then": [{"do": "hide"}]}])[0][1] == "name"


def test_a_rule_that_is_off_is_checked_and_does_nothing():
    off = {"name": "One", "off": True, "then": [{"do": "hide"}]}
    assert compile_policy({**GOOD, "rules": [off]}).rules == ()
    assert of_rule({"do": "nothing"}, off=True) != []


def test_the_fingerprint_names_the_content_not_the_order_of_parts():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(GOOD) != fingerprint({**GOOD, "name": "Other"})


def test_a_policy_reads_as_a_text():
    text = policy_words.text(
        a_policy(
            rule("Sale", {"do": "fee", "percent": 15}, when="line.discount_percent >= 50", priority=30),
            rule("Regulars", {"do": "credit", "percent": 10, "most": "20.00"}),
            holidays=[{"name": "Holidays", "from": "2026-11-01", "to": "2026-12-24", "until": "2027-01-31"}],
        )
    )
    assert "Goods may come back within 30 days from delivery" in text
    assert "Sale (30): if line.discount_percent >= 50: handling fee for “Money back”: 15%." in text
    assert "adds 10%, at most €20.00 for “Store credit”" in text
    assert "until 31 January 2027" in text


@pytest.mark.parametrize("key", ready_policies.KEYS)
def test_every_action_of_the_ready_policies_has_words(key):
    assert len(policy_words.text(compile_policy(ready_policies.document(key))).splitlines()) > 12


def test_every_action_can_be_written_and_read():
    settings: dict[str, dict[str, object]] = {
        "window": {"days": 10},
        "outcomes": {"only": ["refund"]},
        "methods": {"add": ["pickup"]},
        "reasons": {"group": "shoes"},
        "reject": {"why": "No."},
        "review": {"why": "Look."},
        "destination": {"to": "Outlet"},
        "release": {"on": "at_once"},
        "fee": {"flat": {"EUR": "4.95", "USD": "5.95"}, "percent": "12.5", "of": "gross", "for": "restocking"},
        "bonus": {"flat": "10.00"},
        "credit": {"percent": 5},
        "refund_shipping": {"share": "standard"},
        "goodwill": {"days": 5},
        "tier": {"name": "gold", "note": "Thank you."},
    }
    for name in KINDS:
        policy = a_policy(rule("One", {"do": name, **settings.get(name, {})}))
        assert policy_words.rule_in_words(policy.rules[0]).startswith("One (0): always: ")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9999) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def _places(value, path=()):
    """Every place in a document, as a path of keys."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*path, key))


def _replaced(value, path, new):
    if not path:
        return new
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = _replaced(value[path[0]], path[1:], new)
    return made


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(key=st.sampled_from(ready_policies.KEYS), data=st.data(), new=_JSON)
def test_whatever_stands_in_a_document_is_refused_in_words_or_can_be_used(key, data, new):
    document = ready_policies.document(key)
    spoilt = _replaced(document, data.draw(st.sampled_from(list(_places(document)))), new)
    found = check(spoilt)
    assert all(one.text for one in found)
    if not found:
        offered(compile_policy(spoilt), a_wish())


def test_the_policy_of_the_documentation_is_in_order_and_names_every_action_and_field():
    page = (Path(__file__).parents[3] / "docs" / "return-policies.md").read_text()
    assert check(json.loads(page.split("```json")[1].split("```")[0])) == []
    assert [name for name in KINDS if f"`{name}`" not in page] == []
    ends = {name.rpartition(".")[2] for name in SCHEMA.fields}
    assert [end for end in ends if f"`.{end}`" not in page and f".{end}`" not in page and f"`{end}`" not in page] == []
