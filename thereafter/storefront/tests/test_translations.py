"""Shoppers' words in every language: the catalogues hold all that templates and code say.

When one of these fails: `sh tools/translate.sh`, then translate what is empty in `thereafter/storefront/locale`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit import clock, pages
from thereafter.storefront.links import order_token
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
# A `%` that stands for itself is written twice.
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|(?!%)(?<!%%))")


@lru_cache(maxsize=1)
def texts() -> frozenset[Any]:
    """All that shoppers may read, in English: a text, or its singular and plural."""
    with (settings.ROOT / "tools" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | {"gettext_noop": None, "gettext_lazy": None}
    found = extract_from_dir(settings.ROOT / "thereafter", methods, options, keywords)
    return frozenset(message for _, _, message, _, _ in found)


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalog:
    with (settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each translation beside the English it stands for."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield from zip(message.id, message.string or (), strict=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    def lacks(text: Any) -> bool:
        message = catalogue(language).get(text if isinstance(text, str) else text[0])
        return message is None or message.fuzzy or not all(theirs for _, theirs in pairs(message))

    assert len(texts()) > 150
    assert not [text for text in texts() if lacks(text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_placeholders(language: str) -> None:
    every = [pair for message in catalogue(language) if message.id for pair in pairs(message)]
    assert not [theirs for ours, theirs in every if set(PLACEHOLDER.findall(ours)) != set(PLACEHOLDER.findall(theirs))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    assert {message.id for message in catalogue(language) if message.id} == texts()


def order_page(language: str) -> str:
    with clock.at(PLACED):
        order = make_order(make_store(), number="1001")
        run_until_idle()
        return Client().get(f"/s/stride/o/{order_token(order)}?lang={language}").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["Bestellung 1001", "bestellt am", "Artikel", "Gesamt", "Lieferung nach Berlin"]),
        ("fr", ["Commande 1001", "passée le", "Articles", "Livraison à Berlin"]),
        ("es", ["Pedido 1001", "realizado el", "Artículos", "Entrega en Berlin"]),
        ("pt", ["Pedido 1001", "feito em", "Itens", "Entrega em Berlin"]),
    ],
)
def test_the_order_page_speaks_the_shoppers_language(language: str, words: list[str]) -> None:
    page = order_page(language)
    assert not [word for word in words if word not in page]
    told = {str(message.string) for message in catalogue(language)}
    sentences = [text for text in texts() if isinstance(text, str) and " " in text and text not in told]
    assert not [text for text in sentences if f">{text}<" in page]


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Tuesday 3 March 2020"),
        ("de", "Dienstag, 3. März 2020"),
        ("fr", "mardi 3 mars 2020"),
        ("es", "martes, 3 de marzo de 2020"),
        ("pt", "terça-feira, 3 de março de 2020"),
    ],
)
def test_days_are_written_as_the_language_writes_them(language: str, day: str) -> None:
    with translation.override(language), clock.at(PLACED):
        assert pages.day("2020-03-03") == day
