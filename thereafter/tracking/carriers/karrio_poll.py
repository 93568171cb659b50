"""Carriers without an adapter of ours, asked through Karrio where that package and its connectors are installed (the
extra `karrio`). It goes over the network by itself and its connectors' answers are its own; we keep what it says of
each event and map its statuses.

Tried against karrio 2026.1.32 by hand; our tests replace the package, for it is not among those we test with.
"""

import importlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll
from thereafter.tracking.carriers.names import CODES, carrier_code
from thereafter.tracking.carriers.wire import NoAnswer
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import carrier_key

BEFORE = "karrio_"
# Its unified statuses; what its connectors do not know they leave out, and so do we.
STATUSES: Mapping[str, Meaning] = {
    "PENDING": Meaning(states.LABEL_CREATED),
    "PICKED_UP": Meaning(states.PICKED_UP),
    "IN_TRANSIT": Meaning(states.IN_TRANSIT),
    "OUT_FOR_DELIVERY": Meaning(states.OUT_FOR_DELIVERY),
    "READY_FOR_PICKUP": Meaning(states.AVAILABLE_FOR_PICKUP),
    "DELIVERY_FAILED": Meaning(states.ATTEMPTED),
    "DELIVERY_DELAYED": Meaning("", delayed=True),
    "ON_HOLD": Meaning(states.EXCEPTION, reason="other"),
    "RETURN_TO_SENDER": Meaning(states.RETURNING),
    "DELIVERED": Meaning(states.DELIVERED),
    "CANCELLED": Meaning(states.CANCELLED),
    "UNKNOWN": Meaning(""),
}


def adapters() -> list[Adapter]:
    """One for each connector that is installed and has no adapter of ours. Looks at their names only: Karrio itself
    takes seconds to start, so it is started when it is first asked."""
    found = {entry.name for entry in importlib.metadata.entry_points(group="karrio.plugins")}
    return [_adapter(name) for name in sorted(found) if carrier_key(name) not in CODES]


def _adapter(name: str) -> Adapter:
    title = name.replace("_", " ").title()
    return Adapter(
        code=f"{BEFORE}{name}"[:40],
        name=f"{title} (Karrio)",
        kind="carrier",
        parse=parse,
        codes=STATUSES,
        poll=Poll(
            fields=(Field("settings", "Settings", 'As Karrio names them, in JSON: {"api_key": "…"}.'),),
            request=_no_request,
            ask=asker(name),
            batch=10,
            per_minute=30,
            about="Karrio's documentation says what its connector for this carrier wants.",
        ),
    )


def _no_request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Any:
    raise NoAnswer("Karrio makes its requests itself.")


def asker(name: str) -> Callable[[Credentials, Sequence[Ask]], bytes]:
    def ask(credentials: Credentials, asks: Sequence[Ask]) -> bytes:
        sdk, models = importlib.import_module("karrio.sdk"), importlib.import_module("karrio.core.models")
        wanted = models.TrackingRequest(tracking_numbers=[one.number for one in asks])
        gateway = sdk.gateway[name].create(_settings(credentials))
        details, messages = sdk.Tracking.fetch(wanted).from_(gateway).parse()
        if not details and messages:
            raise NoAnswer(f"Karrio says: {messages[0].message}"[:300])
        return json.dumps({"carrier": name, "details": [_plain(one) for one in details or ()]}).encode()

    return ask


def _settings(credentials: Credentials) -> dict[str, Any]:
    try:
        settings = json.loads(credentials.get("settings", ""))
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise NoAnswer('The settings are no JSON object such as {"api_key": "…"}.')
    return settings


def _plain(details: Any) -> dict[str, Any]:
    event = ("date", "time", "timestamp", "description", "code", "status", "reason", "location")
    return {
        "tracking_number": str(details.tracking_number),
        "estimated_delivery": details.estimated_delivery,
        "events": [{name: getattr(one, name, None) for name in event} for one in details.events or ()],
    }


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    carrier = carrier_code(reading.text(document, "carrier"))
    return reading.parcels(reading.rows(document, "details"), lambda details: _parcel(details, carrier))


def _parcel(details: Any, carrier: str) -> ParcelDoc:
    arrives = reading.expected(reading.text(details, "estimated_delivery"))
    return ParcelDoc(
        carrier=carrier,
        tracking_number=reading.name(details, "tracking_number"),
        expected_from=arrives,
        expected_to=arrives,
        scans=reading.scans(_with_own_statuses(reading.rows(details, "events")), _event),
    )


def _with_own_statuses(events: Sequence[Any]) -> Sequence[Any]:
    """Some connectors write the parcel's last status beside every event: then only the newest one has it."""
    said = {reading.text(event, "status") for event in events}
    if len(events) == 1 or len(said) > 1:
        return events
    newest = max((reading.text(event, "timestamp") for event in events), default="")
    return [
        {**event, "status": ""} if isinstance(event, dict) and reading.text(event, "timestamp") != newest else event
        for event in events
    ]


def _event(event: Any) -> ScanDoc:
    """Karrio writes the clock of the place as if it were UTC: what it shows is kept, without an offset."""
    shown = reading.text(event, "timestamp")[: len("2026-03-05T12:00:00")]
    said = reading.text(event, "status").upper()
    reason = reading.text(event, "reason").lower()
    meaning = reading.meaning(STATUSES, said, words=reading.text(event, "description"))
    if meaning.status == states.EXCEPTION and reason in states.REASONS:
        meaning = meaning._replace(reason=reason)
    return ScanDoc(
        occurred_at=shown or reading.text(event, "date"),
        code=reading.text(event, "code") or said,
        text=reading.text(event, "description"),
        place=reading.text(event, "location"),
        **meaning._asdict(),
    )
