"""Making parcels from what the shop handed over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from thereafter.commerce.models import Fulfilment, Order
from thereafter.events.parcels import ParcelShipped
from thereafter.kit.clock import zone
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.log import record
from thereafter.tracking.actions.corrections import BY_STAFF, CARRIER_FIELDS, recognise
from thereafter.tracking.actions.estimates import ESTIMATE_FIELDS, SCAN, reestimate
from thereafter.tracking.actions.flags import plan_check
from thereafter.tracking.actions.promises import promise
from thereafter.tracking.actions.telling import SHIPPED, kept, move_on
from thereafter.tracking.models import Parcel, ParcelItem, Promise, Scan
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import scans as scan_rules
from thereafter.tracking.rules import states
from thereafter.tracking.rules.settings import Settings


@transaction.atomic
def open_parcels(store: Store, fulfilment_ids: Collection[int], now: datetime) -> list[Parcel]:
    """Makes a parcel of each fulfilment that has none yet; returns the new ones."""
    told = Fulfilment.objects.of(store).filter(pk__in=fulfilment_ids)
    lock_orders(Order.objects.of(store).filter(pk__in=told.values("order_id")))
    known = Parcel.objects.of(store).filter(fulfilment_id__in=fulfilment_ids).values_list("fulfilment_id", flat=True)
    wanted = set(fulfilment_ids) - set(known)
    rows = Fulfilment.objects.of(store).filter(pk__in=wanted).exclude(status="cancelled").order_by("shipped_at", "id")
    fulfilments = _without_adopted(store, list(rows.select_related("order").prefetch_related("lines")), now)
    if not fulfilments:
        return []
    promised = promise(store, {fulfilment.order_id for fulfilment in fulfilments}, now)
    parcels = [_from_shop(one, promised[one.order_id]) for one in fulfilments]
    send_off(store, parcels, now)
    _pack(store, zip(parcels, fulfilments, strict=True))
    return parcels


def send_off(store: Store, parcels: Sequence[Parcel], now: datetime) -> None:
    """Keeps new parcels that the shop says have left, and tells of it; in the caller's transaction."""
    recognise(store, parcels)
    settings = settings_of(store)
    for parcel in parcels:
        plan_check(parcel, store, settings)
    Parcel.objects.bulk_create(parcels)
    Scan.objects.bulk_create(
        [_of_shop(parcel, store, states.LABEL_CREATED, parcel.status_at or now, now) for parcel in parcels]
    )
    events = reestimate(store, parcels, settings, now, SCAN)
    Parcel.objects.bulk_create(parcels, update_conflicts=True, unique_fields=["id"], update_fields=ESTIMATE_FIELDS)
    drop_documents(store.pk, {parcel.order_id for parcel in parcels})
    wake(store, parcels, now)
    record(*(_shipped(parcel, settings, now) for parcel in parcels), *events)


def lock_orders(orders: QuerySet[Order]) -> None:
    """Shop and carrier may tell of one parcel at the same moment: whoever makes parcels of an order takes turns."""
    list(orders.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _without_adopted(store: Store, fulfilments: list[Fulfilment], now: datetime) -> list[Fulfilment]:
    """A carrier may have told us of a parcel before the shop did: then the fulfilment is that parcel's."""
    numbers = {key: one for one in fulfilments if (key := scan_rules.number_key(one.tracking_number))}
    if not numbers:
        return fulfilments
    adopted: dict[int, Parcel] = {}
    unclaimed = Parcel.objects.of(store).filter(fulfilment__isnull=True, number_key__in=numbers)
    for parcel in unclaimed.order_by("pk").select_related("order").select_for_update(of=("self",)):
        fulfilment = numbers[parcel.number_key]
        if fulfilment.order_id == parcel.order_id and fulfilment.pk not in adopted:
            parcel.fulfilment = fulfilment
            _take_over(parcel)
            parcel.save(update_fields=["fulfilment", *_TAKEN_OVER])
            _pack(store, [(parcel, fulfilment)])
            adopted[fulfilment.pk] = parcel
    wake(store, list(adopted.values()), now)
    return [one for one in fulfilments if one.pk not in adopted]


def _from_shop(fulfilment: Fulfilment, promised: Promise) -> Parcel:
    parcel = new_parcel(fulfilment.order, promised, carrier=fulfilment.carrier, number=fulfilment.tracking_number)
    parcel.fulfilment = fulfilment
    parcel.tracking_url = fulfilment.tracking_url
    hand_over(parcel, fulfilment.shipped_at)
    return parcel


def hand_over(parcel: Parcel, at: datetime) -> None:
    """The shop says that it has left; not saved."""
    parcel.status, parcel.status_at = states.LABEL_CREATED, at
    parcel.shipped_at = parcel.last_scan_at = at
    parcel.told = [states.LABEL_CREATED, SHIPPED]


def new_parcel(order: Order, promised: Promise, *, carrier: str, number: str) -> Parcel:
    """An unsaved parcel of an order of which nothing is known yet."""
    return Parcel(
        store_id=order.store_id,
        order=order,
        carrier=scan_rules.plain(carrier, 60),
        tracking_number=scan_rules.plain(number, 80),
        carrier_key=scan_rules.carrier_key(carrier),
        number_key=scan_rules.number_key(number),
        destination=order.destination[:64],
        ordered_at=order.placed_at,
        promised_on=promised.promised_on,
        expected_from=promised.expected_from,
        expected_to=promised.expected_to,
    )


def _pack(store: Store, packed: Iterable[tuple[Parcel, Fulfilment]]) -> None:
    items = [
        ParcelItem(store=store, parcel=parcel, line_id=line.line_id, quantity=line.quantity)
        for parcel, fulfilment in packed
        for line in fulfilment.lines.all()
    ]
    ParcelItem.objects.bulk_create(items, ignore_conflicts=True)


def _of_shop(parcel: Parcel, store: Store, status: str, at: datetime, now: datetime) -> Scan:
    """The shop's word on a parcel, as one of its scans, on the shop's clock."""
    local = at.astimezone(zone(store.time_zone))
    return Scan(
        store_id=parcel.store_id,
        parcel=parcel,
        key=scan_rules.key(source="shop", scan_id=status, status=status, code="", at=local),
        occurred_at=at,
        offset_minutes=scan_rules.offset_minutes(local),
        zone="shop",
        status=status,
        source="shop",
        received_at=now,
    )


def _shipped(parcel: Parcel, settings: Settings, now: datetime) -> ParcelShipped:
    at = parcel.status_at or parcel.ordered_at
    return ParcelShipped(
        **parcel.shopper_ids(),
        occurred_at=at,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        old=now - at > timedelta(hours=settings.notify_within_hours),
    )


@transaction.atomic
def follow_fulfilments(store: Store, fulfilment_ids: Collection[int], now: datetime) -> int:
    """Takes over the carrier, number or cancellation that the shop told after the hand-over; returns how many parcels
    there are of these fulfilments."""
    rows = Parcel.objects.of(store).filter(fulfilment_id__in=fulfilment_ids).order_by("pk")
    parcels = list(rows.select_for_update(of=("self",)).select_related("fulfilment", "order"))
    before = {parcel.pk: parcel.number_key for parcel in parcels}
    for parcel in parcels:
        _take_over(parcel)
    recognise(store, parcels)
    Parcel.objects.bulk_update(parcels, _TAKEN_OVER)
    _renumber(store, [parcel for parcel in parcels if parcel.number_key != before[parcel.pk]], now)
    _cancel(store, [parcel for parcel in parcels if _is_void(parcel)], now)
    drop_documents(store.pk, {parcel.order_id for parcel in parcels})
    wake(store, parcels, now)
    return len(parcels)


_TAKEN_OVER = [*CARRIER_FIELDS, "tracking_number", "number_key", "tracking_url"]


def _take_over(parcel: Parcel) -> None:
    """An empty word of the shop never takes away what a carrier told us, and no word what a person of ours said."""
    if parcel.fulfilment is not None:
        if parcel.carrier_by != BY_STAFF:
            parcel.carrier = scan_rules.plain(parcel.fulfilment.carrier, 60) or parcel.carrier
        parcel.tracking_number = scan_rules.plain(parcel.fulfilment.tracking_number, 80) or parcel.tracking_number
        parcel.tracking_url = parcel.fulfilment.tracking_url or parcel.tracking_url
        parcel.carrier_key = scan_rules.carrier_key(parcel.carrier)
        parcel.number_key = scan_rules.number_key(parcel.tracking_number)


def _is_void(parcel: Parcel) -> bool:
    """The shop took its hand-over back, and no carrier has said otherwise."""
    taken_back = parcel.fulfilment is not None and parcel.fulfilment.status == states.CANCELLED
    return taken_back and parcel.status == states.LABEL_CREATED


def _cancel(store: Store, parcels: Sequence[Parcel], now: datetime) -> None:
    Scan.objects.bulk_create([_of_shop(parcel, store, states.CANCELLED, now, now) for parcel in parcels])
    _move_on(store, parcels, now)


def _renumber(store: Store, parcels: Sequence[Parcel], now: datetime) -> None:
    """That the carrier does not know the old number says nothing of the new one."""
    before = kept(parcels)
    for parcel in parcels:
        parcel.unknown_number = False
    _move_on(store, parcels, now, before)


def _move_on(
    store: Store, parcels: Sequence[Parcel], now: datetime, before: Mapping[int, list[object]] | None = None
) -> None:
    scans = defaultdict(list)
    for scan in Scan.objects.of(store).filter(parcel__in=parcels):
        scans[scan.parcel_id].append(scan)
    move_on(store, [(parcel, scans[parcel.pk]) for parcel in parcels], now, before)


def wake(store: Store, parcels: Sequence[Parcel], now: datetime) -> None:
    """Lets scans go on that came before their parcel."""
    waited = defaultdict(list)
    for parcel in parcels:
        if parcel.number_key:
            waited["parcel"].append(parcel.number_key)
        if parcel.fulfilment is not None:
            waited["fulfilment"].append(f"{parcel.order.source}:{parcel.fulfilment.external_id}")
    names = [f"{kind}:{name}" for kind, ids in waited.items() for name in ids]
    if names:
        inbox.wake(store, names, now)
