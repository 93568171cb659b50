"""The shape in which scans reach us by the signed webhook and the API; carriers' own formats are turned into it.

A document tells of one parcel. It is named by tracking number (and carrier), by the order's number, or both; when
only the order is known yet, the parcel is made. Times are ISO 8601 with the offset of the place where it happened.
"""

from typing import Annotated

import msgspec

# Names of things; no database takes the zero character.
Name = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00]*$")]


class ScanDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One scan. `status` is one of our twelve; anything else is kept as said and moves nothing.

    `occurred_at` is what the carrier's clock showed: with its offset when the carrier told it, else without, else a
    mere day. `country` (ISO 3166) and `zone` (an IANA name that the carrier always means) say where such a clock hangs.
    """

    occurred_at: str
    id: str = ""
    status: str = ""
    reason: str = ""
    code: str = ""
    text: str = ""
    place: str = ""
    # How it was delivered, one of `rules.states.DETAILS`.
    detail: str = ""
    country: str = ""
    zone: str = ""
    # The carrier says that it will be later than planned, or (False) that it is on time again.
    delayed: bool | None = None


class Pickup(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where a parcel waits, and the last day (ISO date)."""

    name: str = ""
    address: str = ""
    until: str = ""
    code: str = ""


class Proof(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What shows that it was delivered. Personal: only for who has shown to be the buyer."""

    signed_by: str = ""
    photo_url: str = ""
    document_url: str = ""
    place: str = ""


class ParcelDoc(msgspec.Struct, kw_only=True, omit_defaults=True):
    """News of one parcel. `scans` are read one by one, so that a bad one does not spoil the rest."""

    scans: list[msgspec.Raw]
    tracking_number: Name = ""
    carrier: Name = ""
    order: Name = ""
    # The shop system's id of the fulfilment, for news that come through the shop.
    fulfilment: Name = ""
    service: Name = ""
    # The carrier's own estimate, ISO dates or times; a day is never shifted by a time zone.
    expected_from: str = ""
    expected_to: str = ""
    # Who brings it the last mile, under which number.
    next_carrier: Name = ""
    next_number: Name = ""
    pickup: Pickup | None = None
    proof: Proof | None = None
    # The carrier's answer that it does not know this number.
    unknown_number: bool = False
    # A hash of the call that brought it; ours, whatever the sender says.
    payload: Annotated[str, msgspec.Meta(max_length=32)] = ""


class News(msgspec.Struct, kw_only=True):
    """What a call may hold: news of several parcels. Read row by row as well."""

    parcels: list[msgspec.Raw]
