"""Changes of a template's document, each as a new document. Plain Python."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from thereafter.messaging.rules import documents, kinds
from thereafter.messaging.rules.documents import Document
from thereafter.messaging.rules.kinds import kind_of

Block = dict[str, Any]
MOST_LANGUAGES = 12


class CannotEdit(ValueError):
    """The change makes no sense; the text says why."""


class Place(NamedTuple):
    """Where a block goes: before another, or with "" at the end; of the mail, or of a column of a block."""

    before: str = ""
    within: str = ""
    column: int = 0


END = Place()


def add(document: Document, kind_name: str, place: Place = END) -> tuple[Document, str]:
    """A new block with its first words; the document and the block's id."""
    kind = kind_of(kind_name)
    if kind is None:
        raise CannotEdit(f"There is no kind of block named {kind_name}.")
    changed = copy.deepcopy(document)
    block, words = documents.new_block(changed, kind)
    _list_of(changed, place, kind.fits_column).insert(_index(changed, place), block)
    changed["words"].setdefault(documents.main_language(changed), {}).update(words)
    return changed, block["id"]


def move(document: Document, block_id: str, place: Place) -> Document:
    changed = copy.deepcopy(document)
    block = find(changed, block_id)
    if block_id in (place.before, place.within):
        return document
    kind = kind_of(str(block["kind"]))
    target = _list_of(changed, place, kind is not None and kind.fits_column)
    _siblings(changed, block_id).remove(block)
    target.insert(_index(changed, place), block)
    return changed


def shift(document: Document, block_id: str, steps: int) -> Document:
    """One up (-1) or down (1) among its neighbours; at the end it stays."""
    changed = copy.deepcopy(document)
    around = _siblings(changed, block_id)
    at = next(index for index, one in enumerate(around) if one["id"] == block_id)
    around.insert(min(max(at + steps, 0), len(around) - 1), around.pop(at))
    return changed


def duplicate(document: Document, block_id: str) -> tuple[Document, str]:
    changed = copy.deepcopy(document)
    original = find(changed, block_id)
    around = _siblings(changed, block_id)
    twin = copy.deepcopy(original)
    around.insert(around.index(original) + 1, twin)
    for one in (twin, *(inner for column in twin.get("columns", []) for inner in column)):
        _rename(changed, one)
    return changed, str(twin["id"])


def _rename(document: Document, block: Block) -> None:
    """A name and words of its own for a block that was copied."""
    old = str(block["id"])
    block["id"] = documents.new_id(document, str(block["kind"]))
    for words in document["words"].values():
        words |= {
            text_key.replace(old, block["id"], 1): words[text_key]
            for text_key in list(words)
            if text_key == old or text_key.startswith(f"{old}.")
        }


def remove(document: Document, block_id: str) -> Document:
    """Without the block, what stands in it, and all their words."""
    changed = copy.deepcopy(document)
    block = find(changed, block_id)
    _siblings(changed, block_id).remove(block)
    gone = documents.keys_of_words([block, *(inner for column in block.get("columns", []) for inner in column)])
    changed["words"] = {
        language: {key: text for key, text in words.items() if key not in gone}
        for language, words in changed["words"].items()
    }
    return changed


def set_block(document: Document, block_id: str, settings: Mapping[str, Any]) -> Document:
    """Settings of a block; what is as it would be anyway is not kept."""
    changed = copy.deepcopy(document)
    block = find(changed, block_id)
    kind = kind_of(str(block["kind"]))
    plain = {one.name: one.default for one in kinds.settings_of(kind)} if kind else {}
    for name, value in settings.items():
        if value == plain.get(name, ""):
            block.pop(name, None)
        else:
            block[name] = value
    return changed


def set_words(document: Document, language: str, words: Mapping[str, str]) -> Document:
    """Texts of a language; an empty one is taken out, so that another language's may stand in."""
    changed = copy.deepcopy(document)
    spoken = changed["words"].setdefault(language, {})
    for key, text in words.items():
        if text.strip():
            spoken[key] = text
        else:
            spoken.pop(key, None)
    return changed


def set_head(document: Document, **fields: Any) -> Document:
    return {**document, **fields}


def add_language(document: Document, language: str) -> Document:
    if language in document["words"]:
        return document
    if len(document["words"]) >= MOST_LANGUAGES:
        raise CannotEdit(f"A template has at most {MOST_LANGUAGES} languages.")
    return {**document, "words": {**document["words"], language: {}}}


def remove_language(document: Document, language: str) -> Document:
    if language == documents.main_language(document):
        raise CannotEdit("The first language stays: the others fall back on it.")
    return {**document, "words": {one: words for one, words in document["words"].items() if one != language}}


def find(document: Mapping[str, Any], block_id: str) -> Block:
    """Raises `CannotEdit`."""
    found = next((one for one in documents.blocks_of(document) if one["id"] == block_id), None)
    if found is None:
        raise CannotEdit("This block is not there any more; somebody may have deleted it.")
    return found


def _lists(document: Document) -> Iterator[list[Block]]:
    yield document["blocks"]
    for block in document["blocks"]:
        yield from block.get("columns", [])


def _siblings(document: Document, block_id: str) -> list[Block]:
    """The list that a block stands in."""
    return next(around for around in _lists(document) if any(one["id"] == block_id for one in around))


def _list_of(document: Document, place: Place, fits_column: bool) -> list[Block]:
    if place.before:
        around = _siblings(document, find(document, place.before)["id"])
    elif place.within:
        around = _column(find(document, place.within), place.column)
    else:
        around = document["blocks"]
    if around is not document["blocks"] and not fits_column:
        raise CannotEdit("This block is as wide as the mail, so it cannot stand in a column.")
    return around


def _column(block: Block, number: int) -> list[Block]:
    if block.get("kind") != "columns":
        raise CannotEdit("Only columns hold other blocks.")
    columns: list[list[Block]] = block.setdefault("columns", [])
    while len(columns) <= min(number, 2):
        columns.append([])
    return columns[min(number, 2)]


def _index(document: Document, place: Place) -> int:
    if not place.before:
        return len(document["blocks"]) if not place.within else 99
    around: Sequence[Block] = _siblings(document, place.before)
    return next(at for at, one in enumerate(around) if one["id"] == place.before)


Change = Callable[[Document], Document]
