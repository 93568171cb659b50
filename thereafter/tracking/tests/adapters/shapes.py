"""Recorded shapes, read."""

import json
from pathlib import Path
from typing import Any

import msgspec

from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc, ScanDoc

PAYLOADS = Path(__file__).parents[1] / "payloads"


def body(code: str, name: str) -> str:
    (path,) = (PAYLOADS / code).glob(f"{name}.*")
    return path.read_text()


def document(code: str, name: str) -> Any:
    return json.loads(body(code, name))


def parsed(code: str, name: str) -> ParcelDoc:
    """The only (or first) parcel of a recorded shape."""
    return read(code, body(code, name), name.partition("_")[0])


def read(code: str, said: str, topic: str = "push") -> ParcelDoc:
    doc = ADAPTERS[code].parse(topic, said)[0]
    assert isinstance(doc, ParcelDoc)
    return doc


def scans(doc: ParcelDoc) -> list[ScanDoc]:
    """Oldest first."""
    rows = [msgspec.json.decode(raw, type=ScanDoc) for raw in doc.scans]
    return sorted(rows, key=lambda scan: scan.occurred_at)


def statuses(doc: ParcelDoc) -> list[str]:
    return [scan.status for scan in scans(doc)]
