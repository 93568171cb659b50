"""What a template's document must be like. Plain Python.

A document is JSON: `{"name", "when", "class", "required", "language", "blocks": [{"id", "kind", …}], "source",
"channels": {"push": {"url": …}}, "words": {"en": {"subject": …, "<id of a block>": …}}}`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from thereafter.messaging.rules import kinds
from thereafter.messaging.rules.classes import MARKETING, SERVICE, TRANSACTIONAL
from thereafter.messaging.rules.kinds import Kind, Setting, kind_of

Document = dict[str, Any]
Words = Mapping[str, str]
MOST_BLOCKS = 80
LONGEST_WORD = 20_000
LARGEST = 400_000
CHANNELS = ("email", "sms", "whatsapp", "push")
# The words that make a template available on a channel.
SPOKEN = {"sms": "sms", "whatsapp": "whatsapp", "push": "push_title"}
# Words that belong to no block.
OWN_WORDS = ("subject", "preheader", "sender_name", "sms", "whatsapp", "push_title", "push_body")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Problem(NamedTuple):
    """`where` is the id of a block, or "" for the whole; `line` counts from 1 in the source."""

    text: str
    where: str = ""
    line: int = 0


def empty(name: str, message_class: str, language: str) -> Document:
    return {
        "name": name,
        "when": "",
        "class": message_class,
        "required": "",
        "language": language,
        "blocks": [],
        "source": None,
        "channels": {},
        "words": {language: {"subject": name, "preheader": ""}},
    }


def blocks_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every block, those in columns after the columns that hold them."""
    for block in document.get("blocks") or []:
        yield block
        for column in block.get("columns") or []:
            yield from column


def languages_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The language that was written first, then the others."""
    spoken = document.get("words") or {}
    first = main_language(document)
    return tuple(sorted(spoken, key=lambda language: (language != first, language)))


def main_language(document: Mapping[str, Any]) -> str:
    spoken = document.get("words") or {}
    said = str(document.get("language") or "en")
    return said if said in spoken or not spoken else next(iter(spoken))


def has_mail(document: Mapping[str, Any]) -> bool:
    return bool(document.get("blocks")) or bool(document.get("source"))


def channels_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The channels that the document has something for."""
    words = words_in(document, main_language(document))
    spoken = {channel for channel, word in SPOKEN.items() if words.get(word, "").strip()}
    return tuple(one for one in CHANNELS if one in spoken or (one == "email" and has_mail(document)))


def words_in(document: Mapping[str, Any], language: str) -> dict[str, str]:
    """The words of a language; text by text those of the first language, or English, where one is missing."""
    spoken = document.get("words") or {}
    found: dict[str, str] = {}
    for fallback in ("en", main_language(document), language):
        found |= {key: text for key, text in spoken.get(fallback, {}).items() if text}
    return found


def missing_words(document: Mapping[str, Any], language: str) -> list[str]:
    """Keys that the first language has a text for and this one does not."""
    spoken = document.get("words") or {}
    theirs = spoken.get(language, {})
    return [key for key, text in spoken.get(main_language(document), {}).items() if text and not theirs.get(key)]


def check(document: Any) -> list[Problem]:
    """What is wrong with the shape of a document, in words; nothing when it can be kept."""
    if not isinstance(document, dict):
        return [Problem("A template is a JSON object.")]
    if len(json.dumps(document)) > LARGEST:
        return [Problem("This template is too large; leave something out.")]
    return [*_check_head(document), *_check_words(document.get("words")), *_check_blocks(document)]


def _check_head(document: Document) -> Iterator[Problem]:
    if not str(document.get("name") or "").strip():
        yield Problem("Give the template a name.")
    if document.get("class") not in (TRANSACTIONAL, SERVICE, MARKETING):
        yield Problem("Say what kind of message it is: transactional, service or marketing.")
    if not isinstance(document.get("source"), str | None):
        yield Problem("The source is text, or nothing when the template is made of blocks.")
    if not isinstance(document.get("channels", {}), dict):
        yield Problem("The settings of channels are an object.")


def _check_words(spoken: Any) -> Iterator[Problem]:
    if not isinstance(spoken, dict) or not spoken:
        yield Problem("A template has words in at least one language.")
        return
    for language, words in spoken.items():
        if not _LANGUAGE.fullmatch(str(language)):
            yield Problem(f"{language} is not a language; use two letters such as de.")
        if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
            yield Problem(f"The words in {language} must be texts.")
        elif any(len(text) > LONGEST_WORD for text in words.values()):
            yield Problem(f"A text in {language} is longer than {LONGEST_WORD:,} characters.")


def _check_blocks(document: Document) -> Iterator[Problem]:
    blocks = document.get("blocks")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        yield Problem("Blocks are a list of objects.")
        return
    try:
        every = list(blocks_of(document))
        ids = [block.get("id") for block in every]
    except (AttributeError, TypeError):
        yield Problem("Columns are lists of blocks.")
        return
    yield from (
        Problem(f"Two blocks are called {one}.") for one in sorted({i for i in ids if ids.count(i) > 1}, key=str)
    )
    if len(every) > MOST_BLOCKS:
        yield Problem(f"A template has at most {MOST_BLOCKS} blocks.")
    for block in every:
        yield from _check_block(block, inside=not any(block is one for one in blocks))


def _check_block(block: Any, *, inside: bool) -> Iterator[Problem]:
    if not isinstance(block, dict) or not _ID.fullmatch(str(block.get("id"))):
        yield Problem("Every block has an id of small letters, digits and underscores.")
        return
    where = str(block["id"])
    kind = kind_of(str(block.get("kind")))
    if kind is None:
        yield Problem(f"There is no kind of block named {block.get('kind')}.", where)
        return
    if inside and not kind.fits_column:
        yield Problem(f"{kind.label} cannot stand in a column.", where)
    if not isinstance(block.get("show_if", ""), str):
        yield Problem("The condition of a block is text.", where)
    for setting in kinds.settings_of(kind):
        if setting.name in block and not _is_allowed(setting, block[setting.name]):
            yield Problem(f"{setting.label}: {_expected(setting)}.", where)


def _is_allowed(setting: Setting, given: Any) -> bool:
    return _CHECKS.get(setting.kind, _is_text)(setting, given)


def _is_text(setting: Setting, given: Any) -> bool:
    return isinstance(given, str)


def _is_choice(setting: Setting, given: Any) -> bool:
    return given in {key for key, _ in setting.options}


def _is_number(setting: Setting, given: Any) -> bool:
    return isinstance(given, int) and setting.low <= given <= setting.high


_CHECKS: dict[str, Callable[[Setting, Any], bool]] = {
    "choice": _is_choice,
    "colour": lambda setting, given: _is_choice(setting, given) or bool(_COLOUR.fullmatch(str(given))),
    "toggle": lambda setting, given: isinstance(given, bool),
    "number": _is_number,
    "products": lambda setting, given: (
        isinstance(given, list) and all(isinstance(one, dict) and one.get("title") for one in given)
    ),
    "links": lambda setting, given: isinstance(given, dict) and all(isinstance(one, str) for one in given.values()),
}


def _expected(setting: Setting) -> str:
    if setting.kind == "choice":
        return f"choose one of {', '.join(label for _, label in setting.options)}"
    if setting.kind == "number":
        return f"a whole number from {setting.low} to {setting.high}"
    return {"colour": "a colour such as #1d4f91", "toggle": "yes or no"}.get(setting.kind, "this cannot be read")


def new_id(document: Mapping[str, Any], kind: str) -> str:
    """An id that no block has yet: text, text_2 …"""
    stem = kind.removeprefix(kinds.ROOM).lower()
    taken = {block["id"] for block in blocks_of(document)} | set(OWN_WORDS)
    numbered = (stem if number == 1 else f"{stem}_{number}" for number in range(1, MOST_BLOCKS + 20))
    return next(one for one in numbered if one not in taken)


def new_block(document: Mapping[str, Any], kind: Kind) -> tuple[dict[str, Any], dict[str, str]]:
    """A block of this kind, and its first words in the first language."""
    block: dict[str, Any] = {"id": new_id(document, kind.name), "kind": kind.name}
    if kind.name == "columns":
        block["columns"] = [[], []]
    words = {word.key(block["id"]): word.default for word in kind.words if word.default}
    return block, words


def digest_text(document: Mapping[str, Any]) -> str:
    """The same text for the same document."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


def keys_of_words(blocks: Iterable[Mapping[str, Any]]) -> set[str]:
    """All keys that these blocks have words under."""
    return {
        word.key(str(block["id"])) for block in blocks if (kind := kind_of(str(block["kind"]))) for word in kind.words
    }


def key_of(name: str) -> str:
    """A name as a key: "Zurück ist's da!" as "zuruck_ist_s_da"."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")[:34] or "template"
