"""The document of a template: what it must be like, and how it is changed. No database."""

from typing import Any

import pytest

from thereafter.messaging import library
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.rules.editing import CannotEdit, Place

LETTER = documents.empty("Letter", "service", "de")


def letter(*kinds: str) -> documents.Document:
    made = LETTER
    for kind in kinds:
        made, _ = editing.add(made, kind)
    return made


def ids(document: documents.Document) -> list[str]:
    return [block["id"] for block in document["blocks"]]


def said(document: Any) -> str:
    return " ".join(problem.text for problem in documents.check(document))


@pytest.mark.parametrize("key", library.templates)
def test_every_template_that_comes_along_is_a_good_document(key: str) -> None:
    assert documents.check(library.document(key)) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "a name"),
        ({"class": "spam"}, "transactional, service or marketing"),
        ({"words": {}}, "at least one language"),
        ({"words": {"klingon!": {}}}, "not a language"),
        ({"words": {"en": {"subject": 5}}}, "must be texts"),
        ({"blocks": "none"}, "a list of objects"),
        ({"blocks": [{"id": "a", "kind": "sandwich"}]}, "no kind of block named sandwich"),
        ({"blocks": [{"id": "A b", "kind": "text"}]}, "small letters"),
        ({"blocks": [{"id": "a", "kind": "text"}, {"id": "a", "kind": "text"}]}, "called a"),
        ({"blocks": [{"id": "a", "kind": "text", "align": "diagonal"}]}, "Left, Centre, Right"),
        ({"blocks": [{"id": "a", "kind": "spacer", "height": 4000}]}, "from 4 to 160"),
        ({"blocks": [{"id": "a", "kind": "text", "colour": "red;x"}]}, "#1d4f91"),
        ({"blocks": [{"id": "a", "kind": "columns", "columns": [[{"id": "b", "kind": "order"}]]}]}, "in a column"),
        ({"blocks": [{"id": "a", "kind": "columns", "columns": [3]}]}, "lists of blocks"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], why: str) -> None:
    assert why in said({**LETTER, **wrong})


def test_a_new_block_has_words_in_the_first_language() -> None:
    made, name = editing.add(LETTER, "text")
    assert made["words"]["de"][name]
    assert "en" not in made["words"]


def test_blocks_move_and_never_get_lost() -> None:
    made = letter("heading", "text", "button")
    assert ids(editing.shift(made, "button", -1)) == ["heading", "button", "text"]
    assert ids(editing.shift(made, "heading", -1)) == ["heading", "text", "button"]
    assert ids(editing.move(made, "button", Place(before="heading"))) == ["button", "heading", "text"]
    assert ids(editing.move(made, "heading", editing.END)) == ["text", "button", "heading"]
    assert ids(editing.move(made, "text", Place(before="text"))) == ids(made)


def test_a_block_moves_into_a_column_and_out() -> None:
    made = letter("columns", "text")
    inside = editing.move(made, "text", Place(within="columns", column=1))
    assert ids(inside) == ["columns"]
    assert inside["blocks"][0]["columns"][1][0]["id"] == "text"
    assert ids(editing.move(inside, "text", Place(before="columns"))) == ["text", "columns"]
    with pytest.raises(CannotEdit, match="as wide as the mail"):
        editing.add(made, "order", Place(within="columns"))


def test_deleting_takes_the_words_along_in_every_language() -> None:
    made = editing.set_words(letter("columns"), "en", {"heading": "Hello"})
    made, inner = editing.add(made, "heading", Place(within="columns"))
    gone = editing.remove(made, "columns")
    assert inner not in gone["words"]["de"]
    assert inner not in gone["words"]["en"]
    assert gone["blocks"] == []


def test_a_duplicate_has_words_of_its_own() -> None:
    made, twin = editing.duplicate(letter("image", "text"), "text")
    assert twin == "text_2"
    changed = editing.set_words(made, "de", {"text_2": "Anders"})
    assert changed["words"]["de"]["text"] != "Anders"


def test_what_is_as_usual_is_not_kept() -> None:
    made = editing.set_block(letter("text"), "text", {"align": "center", "style": ""})
    assert made["blocks"][0] == {"id": "text", "kind": "text", "align": "center"}
    assert editing.set_block(made, "text", {"align": "left"})["blocks"][0] == {"id": "text", "kind": "text"}


def test_a_missing_text_falls_back_on_the_first_language_text_by_text() -> None:
    made = editing.set_words(editing.add_language(letter("heading", "text"), "fr"), "fr", {"heading": "Bonjour"})
    words = documents.words_in(made, "fr")
    assert words["heading"] == "Bonjour"
    assert words["text"] == made["words"]["de"]["text"]
    assert documents.missing_words(made, "fr") == ["subject", "text"]


def test_the_first_language_cannot_be_taken_out() -> None:
    with pytest.raises(CannotEdit, match="fall back"):
        editing.remove_language(LETTER, "de")


def test_words_make_a_channel() -> None:
    assert documents.channels_of(LETTER) == ()
    with_text = editing.set_words(letter("text"), "de", {"sms": "Hallo", "push_title": "Hallo"})
    assert documents.channels_of(with_text) == ("email", "sms", "push")
    assert documents.channels_of(editing.set_words(LETTER, "de", {"whatsapp": "Hallo"})) == ("whatsapp",)


def test_a_name_becomes_a_key() -> None:
    assert documents.key_of("Zurück ist’s, endlich!") == "zuruck_ists_endlich"
    assert documents.key_of("日本") == "template"
