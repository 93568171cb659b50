"""Taking in scans, thousands at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import msgspec
from django.db import transaction

from thereafter.kit.clock import zone
from thereafter.stores.models import Store
from thereafter.tracking.actions.codes import Key, mapped_codes, note_unmapped, translate
from thereafter.tracking.actions.finding import Waits, find_parcels
from thereafter.tracking.actions.learning import learn
from thereafter.tracking.actions.telling import kept, move_on
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import scans as scan_rules
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import BadScan, Clocks


@dataclass(slots=True)
class Taken:
    """What became of one document: `new` scans; why it was refused; what it waits for; its scans that were refused."""

    new: int = 0
    reason: str = ""
    waits_for: str = ""
    rejects: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Call:
    source: str
    zone: tzinfo
    now: datetime
    mapped: Mapping[Key, tuple[str, str]]


@transaction.atomic
def add_scans(store: Store, news: Sequence[ParcelDoc], *, source: str, now: datetime) -> list[Taken]:
    """Keeps the scans that are new, computes each parcel's state again and tells of what it came to for the first
    time. Answers for each document in turn; what is known already changes nothing."""
    found = find_parcels(store, news, source=source, now=now)
    parcels = _lock(store, {one.pk for one in found if isinstance(one, Parcel)})
    before = kept(parcels.values())
    call = _Call(source, zone(store.time_zone), now, mapped_codes(store))
    answers = [_refusal(one) for one in found]
    read: list[tuple[Scan, Taken]] = []
    for doc, one, answer in zip(news, found, answers, strict=True):
        if isinstance(one, Parcel):
            scans = list(_read(doc, parcels[one.pk], answer, call))
            learn(parcels[one.pk], doc, scans)
            read += [(scan, answer) for scan in scans]
    scans_of = _keep(store, read, parcels, now)
    move_on(store, [(parcel, scans_of[pk]) for pk, parcel in parcels.items()], now, before)
    return answers


def _refusal(found: Parcel | Waits | BadScan) -> Taken:
    if isinstance(found, Waits):
        return Taken(waits_for=found.on, reason="unknown_parcel: kept until it is known")
    return Taken(reason=str(found)) if isinstance(found, BadScan) else Taken()


def _lock(store: Store, ids: set[int]) -> dict[int, Parcel]:
    """Two workers with scans of one parcel take turns, so that each sees the other's."""
    rows = Parcel.all_ways.of(store).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    return {parcel.pk: parcel for parcel in rows.select_related("order")}


def _read(doc: ParcelDoc, parcel: Parcel, answer: Taken, call: _Call) -> Iterable[Scan]:
    """The document's scans as rows; those that cannot be read are refused one by one."""
    if len(doc.scans) > scan_rules.MOST_SCANS:
        answer.reason = f"too_many: {len(doc.scans)} scans of one parcel; at most {scan_rules.MOST_SCANS}"
        return
    for raw in doc.scans:
        try:
            yield _row(msgspec.json.decode(raw, type=ScanDoc, strict=False), doc, parcel, call)
        except (BadScan, msgspec.MsgspecError) as wrong:
            answer.rejects.append((bytes(raw).decode(errors="replace"), _why(wrong)))


def _why(wrong: Exception) -> str:
    return str(wrong) if isinstance(wrong, BadScan) else f"bad_scan: {wrong}"


def _row(doc: ScanDoc, news: ParcelDoc, parcel: Parcel, call: _Call) -> Scan:
    told = scan_rules.local_time(doc.occurred_at, Clocks(call.zone, doc.country, doc.zone))
    at = scan_rules.within_reach(told.at, call.now)
    status, code = states.understood(doc.status, doc.code)
    scan = Scan(
        store_id=parcel.store_id,
        parcel=parcel,
        occurred_at=at.astimezone(UTC),
        offset_minutes=scan_rules.offset_minutes(told.at),
        zone=told.zone if at == told.at else "clamped",
        precision=told.precision,
        status=status,
        reason=states.reason(status, doc.reason, delayed=bool(doc.delayed)),
        code=scan_rules.plain(code, scan_rules.LONGEST_CODE),
        text=scan_rules.plain(doc.text, scan_rules.LONGEST_TEXT),
        place=scan_rules.plain(doc.place, scan_rules.LONGEST_PLACE),
        detail=states.detail(status, doc.detail),
        delayed=doc.delayed,
        carrier_key=scan_rules.carrier_key(news.carrier) or parcel.carrier_key,
        source=call.source,
        payload=news.payload,
        ignored="" if scan_rules.belongs(at, parcel.ordered_at) else "too_old",
        received_at=call.now,
    )
    # Named before the store's own reading of its code, so that a code mapped later does not make it another scan.
    scan.key = scan_rules.key(source=call.source, scan_id=doc.id, status=status, code=code, at=told.at)
    translate([scan], call.mapped)
    return scan


def _keep(
    store: Store, read: Sequence[tuple[Scan, Taken]], parcels: dict[int, Parcel], now: datetime
) -> dict[int, list[Scan]]:
    """Stores what is new and fills in what a repeated scan adds; returns all scans of each parcel."""
    scans = {(scan.parcel_id, scan.key): scan for scan in Scan.objects.of(store).filter(parcel_id__in=parcels)}
    fresh, richer = [], {}
    for scan, answer in read:
        before = scans.setdefault((scan.parcel_id, scan.key), scan)
        if before is scan:
            fresh.append(scan)
            answer.new += 1
        elif _enrich(before, scan):
            richer[before.parcel_id, before.key] = before
    Scan.objects.bulk_create(fresh)
    note_unmapped(store, fresh, now)
    Scan.objects.bulk_update([scan for scan in richer.values() if scan not in fresh], _ENRICHED)
    scans_of: dict[int, list[Scan]] = defaultdict(list)
    for scan in scans.values():
        scans_of[scan.parcel_id].append(scan)
    return scans_of


_ENRICHED = ["text", "place", "detail", "delayed"]


def _enrich(before: Scan, again: Scan) -> bool:
    """Carriers send a scan again with a city added; what was there stays."""
    changed = False
    for name in _ENRICHED:
        if getattr(before, name) in {"", None} and getattr(again, name) not in {"", None}:
            setattr(before, name, getattr(again, name))
            changed = True
    return changed
