"""Codes that no adapter knows: counted as they come, and what a person of the store says that they mean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction

from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store, StoreQuerySet
from thereafter.tracking.actions.telling import move_on
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import CarrierCode, Parcel, Scan
from thereafter.tracking.models.parcels import MAPPABLE
from thereafter.tracking.rules import states

# What tells a code from another: who sent it, whose it is, and the code as it was said.
Key = tuple[str, str, str]
AT_ONCE = 500
_COLUMNS = "store_id, source, carrier_key, code, text, seen, first_seen_at, last_seen_at, status, reason, pending"


def key_of(scan: Scan) -> Key:
    return scan.source, scan.carrier_key, scan.code


def code_key(code: CarrierCode) -> Key:
    return code.source, code.carrier_key, code.code


def mapped_codes(store: Store) -> Mapping[Key, tuple[str, str]]:
    """What people of the store said: the status and reason of each code they mapped. A code that means nothing is
    `unknown`, and moves no parcel."""
    rows = CarrierCode.objects.of(store).filter(mapped_at__isnull=False)
    found = rows.values_list("source", "carrier_key", "code", "status", "reason")
    return {
        (source, carrier, code): (status or states.UNKNOWN, reason) for source, carrier, code, status, reason in found
    }


def translate(scans: Iterable[Scan], mapped: Mapping[Key, tuple[str, str]]) -> None:
    """Gives scans that no adapter understood the status that a person of the store said; they are not saved."""
    for scan in scans if mapped else ():
        if scan.status == states.UNKNOWN and key_of(scan) in mapped:
            _say(scan, *mapped[key_of(scan)])


def _say(scan: Scan, status: str, reason: str) -> None:
    scan.status, scan.reason = status, states.reason(status, reason)
    scan.mapped = status != states.UNKNOWN


def note_unmapped(store: Store, scans: Iterable[Scan], now: datetime) -> int:
    """Puts the codes of these new scans on the mapping list where neither an adapter nor the store knows them, and
    counts them; returns how many codes there were. In the caller's transaction."""
    unknown = [scan for scan in scans if scan.code and scan.status == states.UNKNOWN and not _is_listed(scan)]
    if not unknown:
        return 0
    seen = Counter(key_of(scan) for scan in unknown)
    texts = {key_of(scan): scan.text for scan in unknown}
    # Always in one order, so that two workers do not wait for each other.
    _count(store, [(*key, texts[key], seen[key]) for key in sorted(seen)], now)
    return len(seen)


def _is_listed(scan: Scan) -> bool:
    """The carrier's documentation lists it, and it says nothing of where the parcel is."""
    adapter = ADAPTERS.get(scan.source)
    return adapter is not None and scan.code.upper() in adapter.codes


def _count(store: Store, rows: list[tuple[str, str, str, str, int]], now: datetime) -> None:
    at = connection.ops.adapt_datetimefield_value(now)
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        values = [value for row in part for value in (store.pk, *row, at, at)]
        places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, '', '', false)"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO tracking_carriercode ({_COLUMNS}) VALUES {places} "  # noqa: S608 only constants
                "ON CONFLICT (store_id, source, carrier_key, code) DO UPDATE SET "
                "seen = tracking_carriercode.seen + excluded.seen, last_seen_at = excluded.last_seen_at, "
                "text = CASE WHEN excluded.text = '' THEN tracking_carriercode.text ELSE excluded.text END",
                values,
            )


@transaction.atomic
def map_code(code: CarrierCode, *, status: str, reason: str = "", by: Staff, now: datetime) -> None:
    """Says what a code means, "" that it means nothing. The scans that have it follow, see `apply_mapped`."""
    if status and (status not in states.RANKS or status == states.UNKNOWN):
        raise ValueError(f"{status!r} is no status that a code can mean")
    _decide(code, by=by, now=now, mapped_at=now, status=status, reason=states.reason(status, reason))


@transaction.atomic
def unmap_code(code: CarrierCode, *, by: Staff, now: datetime) -> None:
    """Puts a code back on the list; its scans say again what they said before."""
    _decide(code, by=by, now=now, mapped_at=None, status="", reason="")


def _decide(code: CarrierCode, *, by: Staff, now: datetime, **said: object) -> None:
    before = code.status
    for name, value in (said | {"mapped_by": by, "pending": True}).items():
        setattr(code, name, value)
    code.save(update_fields=[*said, "mapped_by", "pending"])
    detail = {"carrier": code.carrier_key, "was": before, "status": code.status, "reason": code.reason}
    verb = "tracking.map_code" if code.mapped_at else "tracking.unmap_code"
    audit(code.store, by=by, verb=verb, now=now, subject=f"{code.source} {code.code}"[:200], detail=detail)


def apply_mapped(now: datetime) -> int:
    """Lets the stored scans of the codes that were decided upon follow, some hundred parcels of each at a time; returns
    how many parcels there were."""
    waiting = CarrierCode.objects.filter(pending=True).select_related("store").order_by("pk")[:20]
    return sum(follow(code, now) for code in waiting)


@transaction.atomic
def follow(code: CarrierCode, now: datetime) -> int:
    """The next parcels with scans that do not say yet what the code means; none are left when it is below `AT_ONCE`."""
    stale = scans_with(code).exclude(status=code.status or states.UNKNOWN, reason=code.reason)
    ids = set(stale.order_by("parcel_id").values_list("parcel_id", flat=True).distinct()[:AT_ONCE])
    if ids:
        _follow(code, ids, now)
    if len(ids) < AT_ONCE:
        # Unless somebody has decided otherwise since the code was read: then that is still to do.
        same = CarrierCode.objects.of(code.store_id).filter(pk=code.pk, status=code.status, reason=code.reason)
        same.filter(mapped_at=code.mapped_at).update(pending=False)
    return len(ids)


def scans_with(code: CarrierCode) -> StoreQuerySet[Scan]:
    """The scans that a mapping of the code decides: those that say nothing else, or say what was decided before."""
    ours = Scan.objects.of(code.store_id).filter(source=code.source, carrier_key=code.carrier_key, code=code.code)
    return ours.filter(MAPPABLE)


def _follow(code: CarrierCode, ids: set[int], now: datetime) -> None:
    locked = Parcel.all_ways.of(code.store_id).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    parcels = {parcel.pk: parcel for parcel in locked.select_related("order")}
    scans: dict[int, list[Scan]] = {pk: [] for pk in parcels}
    changed = []
    for scan in Scan.objects.of(code.store_id).filter(parcel_id__in=parcels).order_by("pk"):
        scans[scan.parcel_id].append(scan)
        if key_of(scan) == code_key(code) and (scan.mapped or scan.status == states.UNKNOWN):
            _say(scan, code.status or states.UNKNOWN, code.reason)
            changed.append(scan)
    Scan.objects.bulk_update(changed, ["status", "reason", "mapped"], batch_size=AT_ONCE)
    move_on(code.store, [(parcel, scans[pk]) for pk, parcel in parcels.items()], now)
