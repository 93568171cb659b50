"""What has become of a parcel, as a pure function of the set of its scans.

The order in which scans reach us, repetitions and later enrichment change nothing: the scans are put in order here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

UNKNOWN, LABEL_CREATED, PICKED_UP, IN_TRANSIT = "unknown", "label_created", "picked_up", "in_transit"
OUT_FOR_DELIVERY, AVAILABLE_FOR_PICKUP, ATTEMPTED = "out_for_delivery", "available_for_pickup", "attempted"
EXCEPTION, DELIVERED = "exception", "delivered"
RETURNING, RETURNED, CANCELLED = "returning", "returned", "cancelled"

# How far a parcel has come; of scans at the same moment the higher one counts.
RANKS: Mapping[str, int] = {
    UNKNOWN: 0,
    LABEL_CREATED: 1,
    PICKED_UP: 2,
    IN_TRANSIT: 3,
    EXCEPTION: 3,
    OUT_FOR_DELIVERY: 4,
    ATTEMPTED: 4,
    AVAILABLE_FOR_PICKUP: 5,
    RETURNING: 6,
    DELIVERED: 9,
    RETURNED: 9,
    CANCELLED: 9,
}
# Nobody waits for these any more.
FINISHED = frozenset({DELIVERED, RETURNED, CANCELLED})
# The carrier has the parcel, or had it.
HANDED_OVER = frozenset(RANKS) - {UNKNOWN, LABEL_CREATED, CANCELLED}
REASONS = frozenset(
    (
        "carrier_damaged",
        "carrier_lost",
        "carrier_sorting",
        "carrier_vehicle",
        "carrier_capacity",
        "consignee_refused",
        "consignee_not_home",
        "consignee_bad_address",
        "consignee_business_closed",
        "consignee_unclaimed",
        "customs_hold",
        "customs_documents",
        "customs_duties_unpaid",
        "customs_prohibited",
        "merchant",
        "weather",
        "payment_due",
        "misdelivered",
        "other",
    )
)
# How a parcel was delivered.
DETAILS = frozenset(("signed", "left_safe", "neighbour", "locker", "picked_up_by_customer", "cod_paid"))
# An exception that takes a delivery back: it went to someone else.
MISDELIVERED = "misdelivered"


@dataclass(frozen=True, slots=True)
class Scan:
    """What counts of a scan. `at` is aware and keeps the offset of the place where it happened."""

    at: datetime
    status: str
    reason: str = ""
    detail: str = ""
    # The carrier says: later than planned (True), or on time again (False).
    delayed: bool | None = None


NOTHING = Scan(at=datetime.max.replace(tzinfo=UTC), status=UNKNOWN)


@dataclass(frozen=True, slots=True)
class Entry:
    """The first time a parcel came to a status."""

    status: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class State:
    status: str = UNKNOWN
    at: datetime | None = None
    reason: str = ""
    entries: tuple[Entry, ...] = ()
    delivered_at: datetime | None = None
    shipped_at: datetime | None = None
    # How it was delivered.
    detail: str = ""
    # The carrier's last word on the date was "later".
    delayed: bool = False
    # The last word of anyone, understood or not.
    last_at: datetime | None = None


def state(scans: Iterable[Scan]) -> State:
    """Where the parcel is. A scan without a known status never moves it; a delivered parcel moves only when it is
    returned or the carrier takes the delivery back."""
    ordered = sorted(scans, key=_order)
    current = NOTHING
    entries: dict[str, Entry] = {}
    delivered_at = shipped_at = None
    for scan in ordered:
        if scan.status == UNKNOWN or not _moves(current, scan):
            continue
        current = _read(current, scan)
        entries.setdefault(current.status, Entry(current.status, current.at, current.reason))
        delivered_at = current.at if current.status == DELIVERED else _kept(delivered_at, current)
        if current.status in HANDED_OVER:
            shipped_at = shipped_at or current.at
    last_at, delayed = ordered[-1].at if ordered else None, _delayed(ordered)
    if current.status == UNKNOWN:
        return State(delayed=delayed, last_at=last_at)
    return State(
        status=current.status,
        at=current.at,
        reason=current.reason,
        entries=tuple(entries.values()),
        delivered_at=delivered_at,
        shipped_at=shipped_at,
        detail=current.detail if current.status == DELIVERED else "",
        delayed=delayed and current.status not in FINISHED,
        last_at=last_at,
    )


def _delayed(ordered: Iterable[Scan]) -> bool:
    """The last word on the date counts; scans that say nothing of it change nothing."""
    words = [scan.delayed for scan in ordered if scan.delayed is not None]
    return words[-1] if words else False


def _order(scan: Scan) -> tuple[datetime, int, str, str, str, int, float]:
    """A total order of what counts, so that no other order of arrival can be told apart."""
    offset = scan.at.utcoffset()
    seconds = offset.total_seconds() if offset else 0.0
    # Of two words on the date at one moment the worse one counts.
    later = -1 if scan.delayed is None else int(scan.delayed)
    return (scan.at, RANKS[scan.status], scan.status, scan.reason, scan.detail, later, seconds)


def _moves(current: Scan, scan: Scan) -> bool:
    if current.status == UNKNOWN:
        return True
    if current.status in FINISHED:
        return current.status == DELIVERED and _undoes_delivery(scan)
    if current.status == RETURNING:
        return scan.status in FINISHED
    if RANKS[scan.status] <= RANKS[PICKED_UP]:
        return RANKS[scan.status] > RANKS[current.status]
    return RANKS[scan.status] >= RANKS[current.status] or _starts_anew(current, scan)


def _undoes_delivery(scan: Scan) -> bool:
    return scan.status in {RETURNING, RETURNED} or (scan.status == EXCEPTION and scan.reason == MISDELIVERED)


def _starts_anew(current: Scan, scan: Scan) -> bool:
    """Trouble ends with the next scan; a parcel that was on the van goes back to the depot on a later day."""
    return scan.status == EXCEPTION or current.status == ATTEMPTED or scan.at.date() > current.at.date()


def _read(current: Scan, scan: Scan) -> Scan:
    """On the way back, "delivered" means that the sender has it."""
    if current.status == RETURNING and scan.status == DELIVERED:
        return Scan(scan.at, RETURNED)
    return scan


def _kept(delivered_at: datetime | None, current: Scan) -> datetime | None:
    """A parcel that came and is sent back was delivered; one that went to someone else was not."""
    return None if current.reason == MISDELIVERED else delivered_at


def understood(status: str, code: str) -> tuple[str, str]:
    """A status as we know it and the raw code. A word that we do not know is kept as the code and moves nothing."""
    said = status.strip().lower()
    return (said, code) if said in RANKS else (UNKNOWN, code or status.strip())


def reason(status: str, said: str, *, delayed: bool = False) -> str:
    """Trouble always has a reason, a delay may have one; anything else has none."""
    word = said.strip().lower()
    if status == EXCEPTION:
        return word if word in REASONS else "other"
    return word if delayed and word in REASONS else ""


def detail(status: str, said: str) -> str:
    """Only a delivery has a manner, and only one that we know."""
    word = said.strip().lower()
    return word if status == DELIVERED and word in DETAILS else ""


def is_late(delivered_on: date, promised_on: date) -> bool:
    """A parcel is late when it comes after the promised day; both are days where the shop is."""
    return delivered_on > promised_on


def is_overdue(promised_on: date, today: date) -> bool:
    """The promised day is over."""
    return today > promised_on
