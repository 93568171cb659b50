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
_one: dict[str, msgspec.json.Decoder[Any]] = {topic: msgspec.json.Decoder(kind) for topic, kind in KINDS.items()}
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


def read_one(topic: str, row: bytes) -> Document:
    """Raises `Unreadable`, also for a list."""
    document: Document = decode(row, _one[topic])
    return document


def split(body: bytes) -> list[bytes]:
    """The rows of a JSON list, unread; raises `Unreadable`."""
    return [bytes(row) for row in decode(body, _raw)]
