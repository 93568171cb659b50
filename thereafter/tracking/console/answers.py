"""What a carrier's answer says, for a person to look at; nothing of it is kept."""

from typing import Any

import msgspec

from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.words import STATUS, TONES

SHOWN = 8


def answer_facts(code: str, body: str) -> dict[str, Any]:
    try:
        docs = ADAPTERS[code].parse("poll", body)
    except BadScan as wrong:
        return {"problem": str(wrong), "parcels": []}
    wrongs = [str(doc) for doc in docs if isinstance(doc, BadScan)]
    parcels = [parcel_facts(doc) for doc in docs if isinstance(doc, ParcelDoc)]
    return {"problem": "" if parcels else "; ".join(wrongs) or "The answer holds no parcel.", "parcels": parcels}


def parcel_facts(doc: ParcelDoc) -> dict[str, Any]:
    scans = [scan for raw in doc.scans if (scan := _scan(raw))]
    scans.sort(key=lambda scan: scan.occurred_at, reverse=True)
    return {
        "number": doc.tracking_number,
        "unknown": doc.unknown_number,
        "expected": doc.expected_to or doc.expected_from,
        "count": len(scans),
        "scans": [scan_facts(scan) for scan in scans[:SHOWN]],
    }


def _scan(raw: msgspec.Raw) -> ScanDoc | None:
    try:
        return msgspec.json.decode(raw, type=ScanDoc, strict=False)
    except msgspec.MsgspecError:
        return None


def scan_facts(scan: ScanDoc) -> dict[str, Any]:
    status = scan.status if scan.status in STATUS else "unknown"
    said = [scan.place, scan.text, f"code {scan.code}" if scan.code and status == "unknown" else ""]
    return {
        "title": STATUS[status] if status != "unknown" else "Not understood",
        "tone": TONES.get(status, "info"),
        "icon": "truck",
        "when": scan.occurred_at.replace("T", " "),
        "body": " · ".join(part for part in said if part),
    }
