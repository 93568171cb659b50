"""Our own documents, as any carrier's bridge may post them: `{"parcels": [...]}` or one parcel by itself."""

from collections.abc import Sequence

import msgspec

from thereafter.commerce.webhooks import Call, is_signed_by_us
from thereafter.tracking.carriers.adapter import Adapter, Meaning
from thereafter.tracking.documents import News, ParcelDoc
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import BadScan

MOST_PARCELS = 1_000


def parse(topic: str, body: str) -> list[ParcelDoc | BadScan]:
    """One answer per parcel: its document, or why it cannot be read. Raises `BadScan` when nothing can be read."""
    try:
        whole = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        rows = msgspec.json.decode(body, type=News).parcels if "parcels" in whole else [msgspec.Raw(body.encode())]
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
        raise BadScan(f"bad_document: not a scan document: {wrong}") from None
    if len(rows) > MOST_PARCELS:
        raise BadScan(f"too_many: {len(rows)} parcels in one call; at most {MOST_PARCELS}")
    return [_parcel(row) for row in rows]


def _parcel(row: msgspec.Raw) -> ParcelDoc | BadScan:
    try:
        return msgspec.json.decode(row, type=ParcelDoc, strict=False)
    except (msgspec.MsgspecError, RecursionError) as wrong:
        return BadScan(f"bad_document: not a scan document: {wrong}")


def verify(secrets: Sequence[str], call: Call) -> bool:
    return is_signed_by_us(secrets, call)


def delivery_id(call: Call) -> str:
    return call.headers.get("x-thereafter-id", "")


# Its codes are the twelve statuses themselves; what a bridge's own codes mean, it says beside them.
CODES = {
    status.upper(): Meaning(status, reason="other" if status == states.EXCEPTION else "") for status in states.RANKS
}
ADAPTER = Adapter(
    code="carrier",
    name="Carrier bridge",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    delivery_id=delivery_id,
    steps=("Let your bridge post scan documents to the address shown here, signed with the secret shown here.",),
)
