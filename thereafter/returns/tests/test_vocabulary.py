"""What conditions of returns may name."""

from dataclasses import replace

from thereafter.journeys.rules.conditions import compile_condition
from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy import vocabulary
from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.returns.tests.wishes import SOON, a_line, a_wish, an_order

_SAMPLES = {"number": "{0} >= 0.0", "text": "{0} != '?'", "flag": "{0} || !{0}", "list": "!('?' in {0})"}


def facts():
    snapshot = a_wish("size_small")
    line, asked = snapshot.wanted()[0]
    known = vocabulary.order_facts(snapshot, SOON)
    return known | vocabulary.line_facts(line, asked, reasons.reason("size_small"), 100) | {"days_since": 4.0}


def test_every_field_is_known_of_a_return_that_has_arrived():
    assert set(facts()) == set(vocabulary.SCHEMA.fields)


def test_every_field_is_of_the_kind_that_it_says():
    known = facts()
    for name, field in vocabulary.SCHEMA.fields.items():
        asked = _SAMPLES.get(field.kind, "{0} <= now + days(1)").format(name)
        assert compile_condition(asked, vocabulary.SCHEMA).holds(known), asked


def test_money_is_in_whole_units_of_the_currency():
    yen = a_wish(order=an_order("JP", currency="JPY", total_minor=8000))
    assert vocabulary.order_facts(yen, SOON)["order.total"] == 8000
    assert facts()["order.total"] == 80.0


def test_a_return_is_whole_when_nothing_is_left_behind():
    both = a_line("A", quantity=2, returned=1), a_line("B", cancelled=1)
    assert vocabulary.is_whole(a_wish("size_small", *both))
    part = replace(a_wish("size_small", a_line("A"), a_line("B")), asked=(Asked(line="A"),))
    assert not vocabulary.is_whole(part)
