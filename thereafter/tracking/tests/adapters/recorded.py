"""The carriers' answers and calls in `payloads/`, and what becomes of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from thereafter.commerce.webhooks import Call
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.carriers.adapter import Parsed
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.models import Parcel
from thereafter.tracking.tests.makers import make_parcel

PAYLOADS = Path(__file__).parent.parent / "payloads"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def body(code: str, file: str) -> str:
    return (PAYLOADS / code / file).read_text()


def changed(code: str, file: str, change: Callable[[Any], None]) -> str:
    """A JSON payload with something altered in place."""
    document = json.loads(body(code, file))
    change(document)
    return json.dumps(document)


def parsed(code: str, file: str, text: str = "") -> Parsed:
    return ADAPTERS[code].parse(file.partition("_")[0], text or body(code, file))


def parcel(code: str, file: str, text: str = "") -> ParcelDoc:
    """The only parcel that it tells of."""
    (doc,) = parsed(code, file, text)
    assert isinstance(doc, ParcelDoc), doc
    return doc


def scans(code: str, file: str, text: str = "") -> list[ScanDoc]:
    return [msgspec.json.decode(raw, type=ScanDoc) for raw in parcel(code, file, text).scans]


def scan(code: str, file: str, scan_code: str, text: str = "") -> ScanDoc:
    return next(one for one in scans(code, file, text) if one.code == scan_code)


def statuses(code: str, file: str) -> list[str]:
    return [one.status for one in scans(code, file)]


def taken(docs: Iterable[ParcelDoc], store: Store | None = None) -> tuple[Parcel, list[Taken]]:
    """What becomes of the parcel of an order that had it, after all of it was added."""
    docs = list(docs)
    store = store or make_store()
    one = make_parcel(store, tracking_number=docs[0].tracking_number, carrier=docs[0].carrier)
    with clock.at(NOW):
        answers = add_scans(store, docs, source=docs[0].carrier, now=NOW)
    one.refresh_from_db()
    return one, answers


def unread(documented: str, known: Iterable[str]) -> set[str]:
    """Documented codes that the adapter neither maps nor lists."""
    return set(documented.upper().split()) - set(known)


def call(text: str, now: datetime = NOW, **headers: str) -> Call:
    return Call({name.replace("_", "-"): value for name, value in headers.items()}, text.encode(), now)


def verifies(code: str, secrets: Sequence[str], one: Call) -> bool:
    verify = ADAPTERS[code].verify
    assert verify
    return verify(secrets, one)
