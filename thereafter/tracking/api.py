"""POST /api/v1/scans: news of parcels, up to 1,000 at a time, answered row by row."""

from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from thereafter.commerce.webhooks import body_key
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.tracking import before_purchase
from thereafter.tracking.actions.intake import keep_waiting
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.carriers import ours
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules.scans import BadScan

router = Router(tags=["tracking"])
router.add_router("", before_purchase.router)


class Row(Schema):
    """What became of one parcel's news. `new` counts scans that we did not have; `refused_scans` says why, by scan."""

    row: int
    outcome: Literal["taken", "waiting", "refused"]
    new: int = 0
    reason: str = ""
    refused_scans: list[str] = []


class Rows(Schema):
    rows: list[Row]


_SCAN = {
    "type": "object",
    "required": ["occurred_at"],
    "properties": {name: {"type": "string"} for name in ScanDoc.__struct_fields__},
}
_PARCEL = {
    "type": "object",
    "required": ["scans"],
    "properties": {
        "tracking_number": {"type": "string"},
        "carrier": {"type": "string"},
        "order": {"type": "string", "description": "the order's number"},
        "scans": {"type": "array", "items": _SCAN},
    },
}
_BODY = {
    "type": "object",
    "properties": {"parcels": {"type": "array", "maxItems": ours.MOST_PARCELS, "items": _PARCEL}},
}
_DOCS = {"requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}}}


@router.post("/scans", auth=Bearer("tracking:write"), response=Rows, summary="Add scans", openapi_extra=_DOCS)
def add(request: HttpRequest) -> Rows:
    """Takes `{"parcels": [...]}` or one parcel; sending the same again changes nothing.

    `occurred_at` is ISO 8601 with the offset of the place; `status` is one of our twelve, and anything else is kept as
    said and moves nothing. News of a parcel that is not known yet waits for it.
    """
    now = clock.now()
    store = request.auth.store  # type: ignore[attr-defined]  # set by Bearer
    try:
        docs = ours.parse("scans", request.body.decode())
    except (BadScan, UnicodeDecodeError) as wrong:
        raise HttpError(422, str(wrong)) from None
    taken = iter(add_scans(store, [doc for doc in docs if isinstance(doc, ParcelDoc)], source="api", now=now))
    answers = [next(taken) if isinstance(doc, ParcelDoc) else Taken(reason=str(doc)) for doc in docs]
    keep_waiting(store.pk, "api", body_key("scans", request.body), list(zip(docs, answers, strict=True)), now)
    return Rows(rows=[_row(at, one) for at, one in enumerate(answers)])


def _row(at: int, one: Taken) -> Row:
    outcome: Literal["taken", "waiting", "refused"] = "refused" if one.reason else "taken"
    if one.waits_for:
        outcome = "waiting"
    return Row(row=at, outcome=outcome, new=one.new, reason=one.reason, refused_scans=[why for _, why in one.rejects])
