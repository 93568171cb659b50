"""What returns say."""

import re
from datetime import date

import pytest

from thereafter.returns.rules.sentences import EXCEPTIONS, SENTENCES, say


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_can_be_said_with_its_values(key):
    values = dict.fromkeys(re.findall(r"%\((\w+)\)s", SENTENCES[key]), date(2026, 3, 4))
    said = str(say(key, **values))
    assert "%(" not in said
    assert not values or "4 March 2026" in said


def test_a_sentence_that_is_not_there_is_a_mistake():
    with pytest.raises(KeyError):
        say("no_such_sentence")


def test_exceptions_are_said_within_a_sentence():
    assert all(text[0].islower() and not text.endswith(".") for text in EXCEPTIONS.values())
