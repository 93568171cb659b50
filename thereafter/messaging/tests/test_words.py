"""The words of mails and of their blocks, in every language that the shop's pages speak."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from thereafter.messaging import library
from thereafter.messaging.channels import sms

LANGUAGES = [code for code, _ in settings.LANGUAGES]
EVERY = sorted(
    path.with_suffix("").with_suffix("")
    for folder in library._folders()
    for path in folder.glob("*/*/*.en.json")
    if path.is_relative_to(settings.ROOT / "thereafter")
)
LIQUID = re.compile(r"{[{%].*?[%}]}")


def words(path: Path, language: str) -> dict[str, str]:
    return dict(json.loads(Path(f"{path}.{language}.json").read_text(encoding="utf-8")))


def test_all_mails_are_looked_at() -> None:
    assert {*library.templates, "_common", "points", "delivery"} <= {path.name for path in EVERY}


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_every_word_is_there_in_every_language(path: Path) -> None:
    english = words(path, "en")
    for language in LANGUAGES:
        theirs = words(path, language)
        assert set(theirs) == set(english), language
        assert all(theirs.values()), language


@pytest.mark.parametrize("path", [path for path in EVERY if "sms" in words(path, "en")], ids=lambda path: path.name)
def test_our_text_messages_are_in_the_alphabet_that_every_phone_has(path: Path) -> None:
    """One sign outside of it and a text costs half as much again."""
    for language in LANGUAGES:
        text = sms.plainer(LIQUID.sub("", words(path, language)["sms"]))
        assert sms.as_gsm(text) == text, language


def facts_in(text: str) -> list[str]:
    """Its Liquid, without the words that it may hold: `default: "there"`."""
    return sorted(re.sub(r'"[^"]*"', '""', found) for found in LIQUID.findall(text))


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_no_language_leaves_out_a_fact(path: Path) -> None:
    english = words(path, "en")
    for language in LANGUAGES:
        for key, text in words(path, language).items():
            assert facts_in(text) == facts_in(english[key]), (language, key)
