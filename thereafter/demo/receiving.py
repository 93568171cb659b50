"""Turning what a play tells into the verified calls that the intake keeps: the same rooms, sources and topics."""

import json

from thereafter.commerce import webhooks
from thereafter.commerce.webhooks import SOURCES, Call
from thereafter.demo.player import Happening
from thereafter.kit import clock
from thereafter.stores.models import Connection, Store
from thereafter.timeline.inbox import Received

_TOPICS = {"order": "orders", "fulfilment": "fulfilments", "refund": "refunds", "products": "products"}


class Receiver:
    """Receives for one store. Scans are signed and checked as a carrier's webhook is, the rest comes as by the API."""

    def __init__(self, store: Store, source: str) -> None:
        self._store, self._source = store, source
        self._secrets = Connection.objects.of(store).get(source="carrier").secrets()

    def __call__(self, happening: Happening) -> Received:
        document = {"answers": [happening.document]} if happening.kind == "answer" else happening.document
        body = json.dumps(document, ensure_ascii=False)
        if happening.kind == "scan":
            return self._signed(happening.key, body)
        if happening.kind == "answer":
            return self._received("feedback", self._source, "answers", happening.key, body)
        return self._received("commerce", self._source, _TOPICS[happening.kind], happening.key, body)

    def _received(self, room: str, source: str, topic: str, key: str, body: str) -> Received:
        return Received(self._store.pk, room, source, topic, f"{topic}:{key}", body)

    def _signed(self, key: str, body: str) -> Received:
        now, raw = clock.now(), body.encode()
        timestamp = str(int(now.timestamp()))
        headers = {
            "x-thereafter-timestamp": timestamp,
            "x-thereafter-signature": webhooks.thereafter_signature(self._secrets[0], timestamp, raw),
            "x-thereafter-id": key,
        }
        envelope = SOURCES["carrier"](self._secrets, Call(headers, raw, now))
        if envelope is None:
            raise RuntimeError("our own signature was not accepted")
        return Received(self._store.pk, envelope.room, "carrier", envelope.topic, envelope.key, body)
