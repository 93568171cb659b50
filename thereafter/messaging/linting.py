"""Looking a whole template over: what it is made of, every text in every language, and the mail that comes of it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from liquid.exceptions import LiquidError

from thereafter.messaging import library, publishing, rendering, vocabulary
from thereafter.messaging.blocks import blocks
from thereafter.messaging.looks import look
from thereafter.messaging.rules import documents, kinds, lint, sources
from thereafter.messaging.rules.findings import ERROR, WARNING, Finding
from thereafter.messaging.rules.lint_code import of_code
from thereafter.messaging.samples import Scene, preview
from thereafter.stores.models import Store

Document = Mapping[str, Any]


def findings(store: Store, key: str, document: Document, now: datetime) -> list[Finding]:
    """All that is wrong, errors first; every finding once, however many languages it is in."""
    seen = look(store)
    original = library.templates[key].message_class if key in library.templates else ""
    # What came along may have room for blocks that are not installed yet: that is nobody's mistake.
    along = _rooms(library.document(key)) if key in library.templates else set()
    about = lint.About(key, frozenset(blocks) | along, tint=seen.tint, page=seen.page)
    found = [*lint.of_document(document, about), *lint.of_class(document, original), *_of_liquid(document)]
    if document.get("source"):
        found += [*sources.check(str(document["source"])), *of_code(str(document["source"]))]
    if not any(one.level == ERROR for one in found):
        found += _of_mails(Scene(store, now), document)
    once = dict.fromkeys(found)
    return sorted(once, key=lambda one: one.level != ERROR)


def _rooms(document: Document) -> set[str]:
    """The rooms whose blocks a document shows."""
    found = (kinds.kind_of(str(block["kind"])) for block in documents.blocks_of(document))
    return {kind.room for kind in found if kind and kind.room}


def may_publish(found: list[Finding]) -> bool:
    return all(one.level != ERROR for one in found)


def _of_mails(scene: Scene, document: Document) -> Iterator[Finding]:
    """Each language on each channel, as somebody made up would get it."""
    for language in documents.languages_of(document):
        for channel in documents.channels_of(document):
            try:
                mail = preview(scene, document, language, channel)
            except (publishing.CannotPublish, rendering.CannotRender) as error:
                yield Finding(ERROR, str(error), "", language, "mail" if channel == "email" else channel)
                continue
            if channel == "email":
                yield from lint.of_mail(mail.html, mail.text, document["class"], language)


def _of_liquid(document: Document) -> Iterator[Finding]:
    """Each text by itself, so that a mistake is shown where it was made."""
    rooms = _rooms(document)
    of_blocks = {key: str(block["id"]) for block in documents.blocks_of(document) for key in _keys(block)}
    tabs = {"sms": "sms", "whatsapp": "whatsapp", "push_title": "push", "push_body": "push"}
    for language, words in document["words"].items():
        for key, text in words.items():
            where = of_blocks.get(key, "")
            for level, said in _in_text(text, rooms):
                yield Finding(level, said, where, language, tabs.get(key, "mail"))
    for block in documents.blocks_of(document):
        for text in _settings_with_liquid(block):
            yield from (Finding(level, said, str(block["id"])) for level, said in _in_text(text, rooms))
    if document.get("source"):
        yield from (Finding(level, said, tab="source") for level, said in _in_text(str(document["source"]), rooms))


def _keys(block: Mapping[str, Any]) -> list[str]:
    kind = kinds.kind_of(str(block["kind"]))
    return [word.key(str(block["id"])) for word in kind.words] if kind else []


def _settings_with_liquid(block: Mapping[str, Any]) -> Iterator[str]:
    if block.get("show_if"):
        yield f"{{% if {block['show_if']} %}}{{% endif %}}"
    yield from (str(block[name]) for name in ("link", "src", "code") if block.get(name))


def _in_text(text: str, rooms: Collection[str]) -> Iterator[tuple[str, str]]:
    if "{" not in text:
        return
    try:
        paths = rendering.paths_in(text)
    except LiquidError as error:
        yield ERROR, rendering.in_words(error)
        return
    for path, certain in vocabulary.unknown(paths, rooms):
        yield (
            (ERROR, f"{{{{ {path} }}}} is not known, so nothing would be shown.")
            if certain
            else (
                WARNING,
                f"{{{{ {path} }}}} is in no event that we know; it shows something only if the sender gives it.",
            )
        )
