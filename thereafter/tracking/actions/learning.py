"""What a carrier's news say of a parcel beside its scans: dates, hand-over, where it waits, who signed."""

from collections.abc import Sequence
from datetime import date

import msgspec

from thereafter.tracking.actions.corrections import name_carrier
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import number_key, plain

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def learn(parcel: Parcel, doc: ParcelDoc, scans: Sequence[Scan]) -> None:
    """Takes over what the document knows, in place. Older news only fill in what is not known yet; an empty word
    takes nothing away."""
    last = max((scan.occurred_at for scan in scans), default=None)
    is_newer = parcel.last_scan_at is None or last is None or last >= parcel.last_scan_at
    for field, value in _said(doc).items():
        if value and (is_newer or not getattr(parcel, field)):
            setattr(parcel, field, value)
    if doc.carrier and not parcel.carrier and number_key(doc.tracking_number) in {"", parcel.number_key}:
        name_carrier(parcel, doc.carrier, "")
    if doc.unknown_number and parcel.status in {states.UNKNOWN, states.LABEL_CREATED}:
        parcel.unknown_number = True
    elif scans:
        parcel.unknown_number = False


def _said(doc: ParcelDoc) -> dict[str, object]:
    first, last = _day(doc.expected_from), _day(doc.expected_to)
    return {
        "service": plain(doc.service, 80),
        "carrier_from": first or last,
        "carrier_to": max(last, first) if last and first else last or first,
        "next_carrier": plain(doc.next_carrier, 60),
        "next_number": plain(doc.next_number, 80),
        "next_key": number_key(doc.next_number),
        "pickup": _pickup(doc),
        "proof": _plain_facts(doc.proof),
    }


def _day(text: str) -> date | None:
    """The day as it stands there: no time zone ever shifts it."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if EARLIEST < day < LATEST else None


def _pickup(doc: ParcelDoc) -> dict[str, str]:
    """`until` is a day, or is not kept: mails and pages put it in words."""
    facts = _plain_facts(doc.pickup)
    until = _day(facts.pop("until", ""))
    return facts | {"until": until.isoformat()} if until else facts


def _plain_facts(told: msgspec.Struct | None) -> dict[str, str]:
    facts: dict[str, str] = msgspec.to_builtins(told) if told is not None else {}
    return {name: plain(value, 500) for name, value in facts.items() if value}
