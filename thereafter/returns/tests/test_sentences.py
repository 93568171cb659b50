"""What returns say."""

import re
from datetime import date

import pytest

from thereafter.returns.rules.sentences import EXCEPTIONS, SENTENCES, say, words


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_can_be_said_with_its_values(key):
    values = dict.fromkeys(re.findall(r"%\((\w+)\)s", SENTENCES[key]), date(2026, 3, 4))
    said = str(say(key, **values))
    assert "%(" not in said
    assert not values or "4 March 2026" in said


def test_a_sentence_is_told_in_another_language_with_the_merchants_own_words():
    german = {SENTENCES["window_over"]: "Die Frist endete am %(day)s.", SENTENCES["rejected"]: "%(why)s"}
    german |= {SENTENCES["withdrawal_excepted"]: "Kein Widerruf: %(what)s.", EXCEPTIONS["custom"]: "Maßarbeit"}

    def told(said):
        return said.told("de", lambda text: german.get(text, text), lambda day: f"{day:%d.%m.%Y}")

    assert told(say("window_over", day=date(2026, 3, 4))) == "Die Frist endete am 04.03.2026."
    assert told(say("rejected", why=words({"en": "No.", "de": "Nein."}))) == "Nein."
    assert told(say("withdrawal_excepted", what=EXCEPTIONS["custom"])) == "Kein Widerruf: Maßarbeit."


def test_words_that_a_language_lacks_are_english_or_the_first():
    assert words({"en": "No.", "de": "Nein."}).of("pt-BR") == "No."
    assert words({"fr": "Non.", "de": "Nein."}).of("pt") == "Non."
    assert words("No.").of("de") == str(words("No.")) == "No."


def test_a_sentence_that_is_not_there_is_a_mistake():
    with pytest.raises(KeyError):
        say("no_such_sentence")


def test_exceptions_are_said_within_a_sentence():
    assert all(text[0].islower() and not text.endswith(".") for text in EXCEPTIONS.values())
