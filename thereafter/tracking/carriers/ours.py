"""Our own documents, as any carrier's bridge may post them: `{"parcels": [...]}` or one parcel by itself."""

import msgspec

from thereafter.tracking.documents import News, ParcelDoc
from thereafter.tracking.rules.scans import BadScan

MOST_PARCELS = 1_000


def parse(topic: str, body: str) -> list[ParcelDoc | BadScan]:
    """One answer per parcel: its document, or why it cannot be read. Raises `BadScan` when nothing can be read."""
    try:
        whole = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        rows = msgspec.json.decode(body, type=News).parcels if "parcels" in whole else [msgspec.Raw(body.encode())]
    except msgspec.MsgspecError as wrong:
        raise BadScan(f"bad_document: not a scan document: {wrong}") from None
    if len(rows) > MOST_PARCELS:
        raise BadScan(f"too_many: {len(rows)} parcels in one call; at most {MOST_PARCELS}")
    return [_parcel(row) for row in rows]


def _parcel(row: msgspec.Raw) -> ParcelDoc | BadScan:
    try:
        return msgspec.json.decode(row, type=ParcelDoc, strict=False)
    except msgspec.MsgspecError as wrong:
        return BadScan(f"bad_document: not a scan document: {wrong}")
