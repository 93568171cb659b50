"""A merchant's table: a row per scan, or a row per parcel with its status. A bad row spoils no other."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Adapter, Meaning, Parsed
from thereafter.tracking.carriers.names import carrier_code, country_of
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import BadScan

MOST_ROWS, MONTHS = 100_000, 12
DELIMITERS = ",;\t|"
# What a column may be called, in small letters and digits only; the first name is ours.
COLUMNS: Mapping[str, str] = {
    "tracking_number": (
        "trackingnumber tracking trackingno trackingcode trackingid trackingref awb awbnumber waybill barcode "
        "parcelnumber parcel parcelid consignment consignmentnumber shipmentnumber number"
    ),
    "carrier": "carrier courier carriername couriername carriercode shippingcarrier shippingcompany provider",
    "order": "order ordernumber orderno ordername orderid orderref orderreference reference",
    "status": "status trackingstatus deliverystatus shipmentstatus state tag scan scantype eventtype",
    "code": "code statuscode eventcode scancode",
    "occurred_at": (
        "occurredat datetime timestamp eventtime eventdate eventdatetime scantime scandate scannedat "
        "checkpointtime statusdate lastupdate lastupdated updatedat date day when"
    ),
    "time": "time hour clock",
    "text": "text message description event details detailtext comment note checkpoint activity",
    "place": "place location city facility depot",
    "country": "country countrycode countryiso countryiso2 countryiso3",
    "reason": "reason exceptionreason failurereason",
    "detail": "detail deliverydetail howdelivered",
    "service": "service servicelevel servicename shippingmethod",
    "expected": "expected expecteddelivery expecteddeliverydate estimateddelivery estimateddeliverydate eta edd",
    "shipped_at": "shippedat shipped shippeddate dateshipped shipdate shippingdate dispatchedat dispatchdate",
    "delivered_at": "deliveredat delivered delivereddate datedelivered deliverydate actualdelivery actualdeliverydate",
}
# Words of merchants and exports for the twelve statuses.
WORDS: Mapping[str, Meaning] = {
    **{
        status.upper(): Meaning(status, reason="other" if status == states.EXCEPTION else "")
        for status in states.RANKS
        if status != states.UNKNOWN
    },
    "UNKNOWN": Meaning(""),
    "PENDING": Meaning(""),
    "INFO_RECEIVED": Meaning(states.LABEL_CREATED),
    "INFORECEIVED": Meaning(states.LABEL_CREATED),
    "PRE_TRANSIT": Meaning(states.LABEL_CREATED),
    "LABEL_PRINTED": Meaning(states.LABEL_CREATED),
    "SHIPPED": Meaning(states.PICKED_UP),
    "DISPATCHED": Meaning(states.PICKED_UP),
    "COLLECTED": Meaning(states.PICKED_UP),
    "TRANSIT": Meaning(states.IN_TRANSIT),
    "INTRANSIT": Meaning(states.IN_TRANSIT),
    "ON_THE_WAY": Meaning(states.IN_TRANSIT),
    "OUTFORDELIVERY": Meaning(states.OUT_FOR_DELIVERY),
    "READY_FOR_PICKUP": Meaning(states.AVAILABLE_FOR_PICKUP),
    "READY_FOR_COLLECTION": Meaning(states.AVAILABLE_FOR_PICKUP),
    "AVAILABLEFORPICKUP": Meaning(states.AVAILABLE_FOR_PICKUP),
    "FAILED_ATTEMPT": Meaning(states.ATTEMPTED),
    "ATTEMPTED_DELIVERY": Meaning(states.ATTEMPTED),
    "DELIVERY_ATTEMPTED": Meaning(states.ATTEMPTED),
    "ATTEMPTFAIL": Meaning(states.ATTEMPTED),
    "FAILURE": Meaning(states.EXCEPTION, reason="other"),
    "FAILED": Meaning(states.EXCEPTION, reason="other"),
    "LOST": Meaning(states.EXCEPTION, reason="carrier_lost"),
    "DAMAGED": Meaning(states.EXCEPTION, reason="carrier_damaged"),
    "REFUSED": Meaning(states.EXCEPTION, reason="consignee_refused"),
    "DELAYED": Meaning("", delayed=True),
    "RETURN_TO_SENDER": Meaning(states.RETURNING),
    "RETURNED_TO_SENDER": Meaning(states.RETURNED),
    "CANCELED": Meaning(states.CANCELLED),
    "VOIDED": Meaning(states.CANCELLED),
}
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")
Cells = dict[str, str]


class Row(NamedTuple):
    """A row of the table: its line in the file (the header is 1), what it says, and what was read of it."""

    line: int
    said: str
    read: ParcelDoc | BadScan


def text_of(raw: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else what old spreadsheets write."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def parse(topic: str, body: str) -> Parsed:
    return [row.read for row in read(body)]


def read(body: str) -> Iterator[Row]:
    """Every row that is not empty; raises `BadScan` when the table as a whole cannot be read."""
    lines = _lines(body)
    columns = _columns(next(lines, (1, []))[1])
    filled = [(line, values) for line, values in lines if any(value.strip() for value in values)]
    if len(filled) > MOST_ROWS:
        raise BadScan(f"too_many: {len(filled)} rows; at most {MOST_ROWS}: cut the file in parts")
    tables = [(line, values, _cells(columns, values)) for line, values in filled]
    dates = [cells.get(part, "") for _, _, cells in tables for part in ("occurred_at", "shipped_at", "delivered_at")]
    month_first = _is_month_first(dates)
    for line, values, cells in tables:
        yield Row(line, ", ".join(values)[:300], _row(cells, month_first))


def _lines(body: str) -> Iterator[tuple[int, list[str]]]:
    body = body.replace("\x00", "").encode("utf-8", "replace").decode().removeprefix("\ufeff")
    header = "".join(body.lstrip().partition("\n")[0].split('"')[::2])
    lines = csv.reader(io.StringIO(body.lstrip()), delimiter=max(DELIMITERS, key=header.count))
    try:
        for values in lines:
            yield lines.line_num, values
    except csv.Error as wrong:
        raise BadScan(f"bad_document: line {lines.line_num}: {wrong}") from None


def _columns(header: Sequence[str]) -> list[str]:
    """Our name of each column, "" for those that we do not read."""
    names = {spelling: ours for ours, spellings in COLUMNS.items() for spelling in spellings.split()}
    columns = [names.get(re.sub(r"[^a-z0-9]", "", said.lower()), "") for said in header]
    if "occurred_at" not in columns and "time" in columns:
        columns[columns.index("time")] = "occurred_at"
    missing = _missing(columns)
    if missing:
        raise BadScan(f"missing_column: the table needs {missing}; it has {', '.join(header)[:150] or 'no header'}")
    return columns


def _missing(columns: Sequence[str]) -> str:
    if "tracking_number" not in columns and "order" not in columns:
        return 'a column "tracking_number" or "order"'
    if "delivered_at" in columns or "shipped_at" in columns:
        return ""
    if "status" not in columns and "text" not in columns and "code" not in columns:
        return 'a column "status"'
    return "" if "occurred_at" in columns else 'a column "occurred_at" with the date and time'


def _cells(columns: Sequence[str], values: Sequence[str]) -> Cells:
    """Of two columns for one thing the first that says something; spreadsheets mark digits as text with a '."""
    cells: Cells = {}
    for column, value in zip(columns, values, strict=False):
        if column and value.strip():
            cells.setdefault(column, value.strip().removeprefix("'"))
    return cells


def _is_month_first(dates: Sequence[str]) -> bool | None:
    """Whether 3/4/2026 is in March, as the other dates of the table show; None when none does."""
    found = [match for said in dates if (match := _SLASHED.match(said))]
    days = [int(match[1]) > MONTHS for match in found], [int(match[2]) > MONTHS for match in found]
    return None if any(days[0]) == any(days[1]) else any(days[1])


def _row(cells: Cells, month_first: bool | None) -> ParcelDoc | BadScan:
    if not (cells.get("tracking_number") or cells.get("order")):
        return BadScan("no_parcel: the row names neither a tracking number nor an order")
    try:
        scans = _scans(cells, month_first)
        arrives = reading.expected(_date(cells.get("expected", ""), "", month_first)) if cells.get("expected") else ""
    except BadScan as wrong:
        return wrong
    if not scans:
        return BadScan("bad_scan: the row says neither what happened nor when")
    return ParcelDoc(
        carrier=carrier_code(cells.get("carrier", "")),
        tracking_number=cells.get("tracking_number", "")[: reading.LONGEST_NAME],
        order=cells.get("order", "")[: reading.LONGEST_NAME],
        service=cells.get("service", "")[: reading.LONGEST_NAME],
        expected_from=arrives,
        expected_to=arrives,
        scans=[reading.raw(scan) for scan in scans],
    )


def _scans(cells: Cells, month_first: bool | None) -> list[ScanDoc]:
    """What the row says happened; its columns of dates are scans of their own."""
    ends = {"shipped_at": states.PICKED_UP, "delivered_at": states.DELIVERED}
    scans = [
        ScanDoc(occurred_at=_date(cells[column], "", month_first), status=status)
        for column, status in ends.items()
        if column in cells
    ]
    if any(cells.get(part) for part in ("status", "code", "text")) and ("occurred_at" in cells or not scans):
        scans.append(_scan(cells, month_first))
    return scans


def _scan(cells: Cells, month_first: bool | None) -> ScanDoc:
    said, words = cells.get("status", ""), cells.get("text", "")
    code = cells.get("code", "") or said
    known = reading.meaning(WORDS, re.sub(r"[^A-Z]+", "_", said.upper()).strip("_"), words=said)
    meaning = known if known != Meaning("") or said else reading.meaning({}, words=words)
    told = {name: cells[name].lower() for name in ("reason", "detail") if name in cells}
    return ScanDoc(
        occurred_at=_date(cells.get("occurred_at", ""), cells.get("time", ""), month_first),
        code=code,
        text=words,
        place=cells.get("place", ""),
        country=country_of(cells.get("country", "")),
        **(meaning._asdict() | told),
    )


def _date(day: str, hour: str, month_first: bool | None) -> str:
    """As ISO 8601; raises `BadScan` for what is no date, and for one of which nobody can tell the month."""
    if not day:
        raise BadScan("bad_time: the row has no date")
    if found := _SLASHED.match(day):
        first, second = int(found[1]), int(found[2])
        if month_first is None and max(first, second) <= MONTHS and first != second:
            raise BadScan(f"bad_time: {day[:40]} may be either month: write it as 2026-04-03")
    date, _, clock = day.partition(" ")
    told = (
        reading.when(day)
        if "T" in day or "-" in date[:5]
        else reading.when(date, clock or hour, month_first=bool(month_first))
    )
    if hour and len(told) == len("2026-03-03"):
        told = reading.when(told, hour)
    if not reading.expected(told):
        raise BadScan(f"bad_time: {day[:40]!r} is no date; write it as 2026-04-03 14:05")
    return told


ADAPTER = Adapter(code="csv", name="CSV file", kind="shop", parse=parse, codes=WORDS)
