"""What a merchant made by rows is told to them in words, never as its source."""

import pytest

from thereafter.journeys.rules.conditions_in_words import as_line, in_words
from thereafter.journeys.rules.ready_segments import READY, Ready


@pytest.mark.parametrize("ready", READY, ids=lambda ready: ready.key)
def test_every_ready_segment_has_words(ready: Ready) -> None:
    words = in_words(ready.condition.replace("{big}", "500"))
    assert not any(mark in words for mark in ("customer.", "now", "&&", "==", "_", ":", ">", "<")), words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("customer.first_order_at >= now - days(30)", "First order is in the last 30 days"),
        ("customer.last_order_at < now - hours(1)", "Last order is more than 1 hour ago"),
        ("!('survey.answered' in happened)", "“survey answered” has never happened"),
        ("'email:marketing' in customer.consents", "Marketing by e-mail is allowed"),
        ("!('sms:marketing' in customer.consents)", "Marketing by SMS is not allowed"),
        ("!(customer.country in ['DE', 'AT'])", "Country is neither “DE” nor “AT”"),
        ("now < order.placed_at + hours(3)", "now < order.placed_at + hours(3)"),
    ],
)
def test_a_condition_is_a_line_of_words_or_as_it_was_written(condition: str, words: str) -> None:
    assert as_line(condition) == words
