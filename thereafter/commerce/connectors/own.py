"""Our own documents as JSON, one or a list: what the API and file imports put into the inbox."""

from collections.abc import Sequence
from typing import Any

import msgspec

from thereafter.commerce.connectors.reading import Document, Unreadable, decode
from thereafter.commerce.documents import CustomerDoc, FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder

KINDS: dict[str, type[Document]] = {
    "orders": OrderDoc,
    "fulfilments": FulfilmentDoc,
    "refunds": RefundOfOrder,
    "customers": CustomerDoc,
    "products": ProductDoc,
}
_topics = {kind: topic for topic, kind in KINDS.items()}
_one_or_many: dict[str, msgspec.json.Decoder[Any]] = {
    topic: msgspec.json.Decoder(kind | list[kind])  # type: ignore[valid-type]  # known when it runs
    for topic, kind in KINDS.items()
}
_raw = msgspec.json.Decoder(list[msgspec.Raw])


def read(topic: str, body: str | bytes) -> list[Document]:
    """Raises `Unreadable`."""
    if topic not in KINDS:
        raise Unreadable(f'unknown_topic: "{topic}" is none of {", ".join(KINDS)}')
    found = decode(body, _one_or_many[topic])
    return found if isinstance(found, list) else [found]


def topic_of(document: Document) -> str:
    return _topics[type(document)]


def write(documents: Sequence[Document]) -> str:
    return msgspec.json.encode(documents).decode()


def write_one(document: Document) -> str:
    return msgspec.json.encode(document).decode()


def sort_rows(topic: str, body: bytes) -> tuple[list[bytes], list[tuple[int, bytes, str]]]:
    """Splits a JSON list into rows of the right shape and (index, row, reason) of the others; raises `Unreadable`."""
    decoder = msgspec.json.Decoder(KINDS[topic])
    good: list[bytes] = []
    bad: list[tuple[int, bytes, str]] = []
    for index, row in enumerate(decode(body, _raw)):
        try:
            decode(bytes(row), decoder)
        except Unreadable as wrong:
            bad.append((index, bytes(row), str(wrong)))
        else:
            good.append(bytes(row))
    return good, bad
