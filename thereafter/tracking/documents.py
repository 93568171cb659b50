"""The shape in which scans reach us by the signed webhook and the API; carriers' own formats are turned into it.

A document tells of one parcel. It is named by tracking number (and carrier), by the order's number, or both; when
only the order is known yet, the parcel is made. Times are ISO 8601 with the offset of the place where it happened.
"""

from typing import Annotated

import msgspec

# Names of things; no database takes the zero character.
Name = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00]*$")]


class ScanDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One scan. `status` is one of our twelve; anything else is kept as said and moves nothing."""

    occurred_at: str
    id: str = ""
    status: str = ""
    reason: str = ""
    code: str = ""
    text: str = ""
    place: str = ""


class ParcelDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """News of one parcel. `scans` are read one by one, so that a bad one does not spoil the rest."""

    scans: list[msgspec.Raw]
    tracking_number: Name = ""
    carrier: Name = ""
    order: Name = ""
    # The shop system's id of the fulfilment, for news that come through the shop.
    fulfilment: Name = ""


class News(msgspec.Struct, kw_only=True):
    """What a call may hold: news of several parcels. Read row by row as well."""

    parcels: list[msgspec.Raw]
