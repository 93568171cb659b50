"""Whether a message asks for good stars: unlawful in the United States and the European Union. Plain Python."""

from collections.abc import Iterator, Mapping
from typing import Any

from thereafter.kit.wording import HAPPY, asks_for_stars
from thereafter.messaging.rules import documents
from thereafter.messaging.rules.findings import ERROR, WARNING, Finding

_TABS = {"sms": "sms", "whatsapp": "whatsapp", "push_title": "push", "push_body": "push"}


def of_stars(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Every text in every language, so that a mistake is shown where it was made."""
    blocks = {str(block["id"]) for block in documents.blocks_of(document)}
    for language, words in document["words"].items():
        for key, text in words.items():
            where = key.partition(".")[0]
            for level, said in _in_text(text):
                yield Finding(level, said, where if where in blocks else "", language, _TABS.get(key, "mail"))
    for block in documents.blocks_of(document):
        for level, said in _in_text(str(block.get("code", ""))):
            yield Finding(level, said, str(block["id"]))
    for level, said in _in_text(str(document.get("source") or "")):
        yield Finding(level, said, tab="source")


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    for asked in asks_for_stars(text):
        yield WARNING if asked.kind == HAPPY else ERROR, str(asked)
