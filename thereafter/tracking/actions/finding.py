"""Which parcel a document of scans means; it is made when only its order is known yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from thereafter.commerce.models import Fulfilment, Order
from thereafter.stores.models import Store
from thereafter.tracking.actions.corrections import BY_STAFF, CARRIER_FIELDS, recognise
from thereafter.tracking.actions.parcels import lock_orders, new_parcel, wake
from thereafter.tracking.actions.promises import promise
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.scans import BadScan, carrier_key, number_key, plain


@dataclass(frozen=True, slots=True)
class Waits:
    """The parcel is not known yet; `on` names what would make it known."""

    on: str


Found = Parcel | Waits | BadScan


@dataclass
class _Known:
    """What the store has that the documents of one call may mean."""

    by_number: dict[str, list[Parcel]]
    by_fulfilment: Mapping[str, Parcel]
    by_order: Mapping[str, Order]
    parcels_of: dict[int, list[Parcel]]
    made: list[Parcel] = field(default_factory=list)
    numbered: list[Parcel] = field(default_factory=list)

    def has(self, parcel: Parcel) -> None:
        """Later documents of the call may mean it by its number."""
        if parcel.number_key:
            self.by_number.setdefault(parcel.number_key, []).append(parcel)


def find_parcels(store: Store, news: Sequence[ParcelDoc], *, source: str, now: datetime) -> list[Found]:
    """The parcel of each document, in their order; those known only by their order are made."""
    known = _known(store, news, source)
    orders = {known.by_order[doc.order].pk for doc in news if doc.order in known.by_order}
    promised = promise(store, orders, now) if orders else {}

    def make(order: Order, doc: ParcelDoc) -> Parcel:
        parcel = new_parcel(order, promised[order.pk], carrier=doc.carrier, number=doc.tracking_number)
        known.parcels_of.setdefault(order.pk, []).append(parcel)
        known.made.append(parcel)
        known.has(parcel)
        return parcel

    found: list[Found] = []
    for doc in news:
        one = _one(known, doc, source)
        found.append(make(one, doc) if isinstance(one, Order) else one)
    recognise(store, [*known.made, *known.numbered])
    Parcel.objects.bulk_create(known.made)
    for parcel in known.numbered:
        Parcel.objects.of(store).filter(pk=parcel.pk).update(**{name: getattr(parcel, name) for name in _NUMBERED})
    wake(store, [*known.made, *known.numbered], now)
    return found


def _known(store: Store, news: Sequence[ParcelDoc], source: str) -> _Known:
    by_order = _orders(store, {doc.order for doc in news if doc.order})
    numbers = {number_key(doc.tracking_number) for doc in news} - {""}
    shipped = {doc.fulfilment for doc in news if doc.fulfilment}
    of_store = Parcel.objects.of(store).select_related("order").order_by("ordered_at", "id")
    either_way = Parcel.all_ways.of(store).select_related("order").order_by("ordered_at", "id")
    by_number = defaultdict(list)
    for parcel in either_way.filter(Q(number_key__in=numbers) | Q(next_key__in=numbers)) if numbers else ():
        by_number[parcel.number_key].append(parcel)
        # After a hand-over the second carrier speaks of its own number.
        if parcel.next_key and parcel.next_key != parcel.number_key:
            by_number[parcel.next_key].append(parcel)
    parcels_of = defaultdict(list)
    order_ids = {order.pk for order in by_order.values()}
    for parcel in of_store.filter(order_id__in=order_ids) if order_ids else ():
        parcels_of[parcel.order_id].append(parcel)
    return _Known(by_number, _by_fulfilment(store, shipped, source), by_order, parcels_of)


def lock_numbered(store_id: int, numbers: Collection[str]) -> None:
    """In the caller's transaction."""
    keys = {number_key(number) for number in numbers} - {""}
    rows = Parcel.all_ways.of(store_id).filter(Q(number_key__in=keys) | Q(next_key__in=keys))
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def _orders(store: Store, numbers: set[str]) -> dict[str, Order]:
    """Orders by the number in the document, with or without the hash that shops put before it."""
    spelled = {spelling: number for number in numbers for spelling in _spellings(number)}
    if not spelled:
        return {}
    rows = Order.objects.of(store).filter(number__in=spelled)
    lock_orders(rows)
    return {spelled[order.number]: order for order in rows.order_by("placed_at")}


def _spellings(number: str) -> Iterable[str]:
    bare = number.strip().lstrip("#")
    return (bare, f"#{bare}", number)


def _by_fulfilment(store: Store, shipped: set[str], source: str) -> dict[str, Parcel]:
    if not shipped:
        return {}
    rows = Fulfilment.objects.of(store).filter(external_id__in=shipped, order__source=source)
    ids = dict(rows.values_list("pk", "external_id"))
    parcels = Parcel.objects.of(store).filter(fulfilment_id__in=ids).select_related("order")
    return {ids[parcel.fulfilment_id]: parcel for parcel in parcels if parcel.fulfilment_id}


def _one(known: _Known, doc: ParcelDoc, source: str) -> Found | Order:
    """The parcel, or the order of which one has to be made."""
    if doc.fulfilment:
        return known.by_fulfilment.get(doc.fulfilment) or Waits(f"fulfilment:{source}:{doc.fulfilment}")
    number = number_key(doc.tracking_number)
    named = [one for one in known.by_number.get(number, ()) if doc.order not in known.by_order or _is_of(one, doc)]
    if named:
        return _best(named, doc)
    if doc.order:
        return _of_order(known, doc, number)
    return Waits(f"parcel:{number}") if number else BadScan("no_parcel: names neither a tracking number nor an order")


def _is_of(parcel: Parcel, doc: ParcelDoc) -> bool:
    """The number may be one that a parcel of another order had before."""
    return parcel.order.number in _spellings(doc.order)


def _best(parcels: Sequence[Parcel], doc: ParcelDoc) -> Parcel:
    """Carriers use a number again after some months: then the newest of the named carrier is meant."""
    carrier = carrier_key(doc.carrier)
    return next((one for one in reversed(parcels) if one.carrier_key == carrier), parcels[-1])


def _of_order(known: _Known, doc: ParcelDoc, number: str) -> Found | Order:
    order = known.by_order.get(doc.order)
    if order is None:
        return Waits(f"order-number:{doc.order.strip().lstrip('#')}")
    parcels = known.parcels_of.get(order.pk, [])
    if not number:
        return _only(parcels, order, doc)
    for one in parcels:
        if one.number_key == number:
            return one
    unnumbered = next((one for one in parcels if not one.number_key), None)
    return _number(known, unnumbered, doc) if unnumbered else order


def _only(parcels: Sequence[Parcel], order: Order, doc: ParcelDoc) -> Found | Order:
    if len(parcels) > 1:
        return BadScan(f"which_parcel: order {doc.order} has {len(parcels)} parcels: name the tracking number")
    return parcels[0] if parcels else order


def _number(known: _Known, parcel: Parcel, doc: ParcelDoc) -> Parcel:
    """The shop handed over a parcel without telling its number: this is it."""
    parcel.tracking_number, parcel.number_key = plain(doc.tracking_number, 80), number_key(doc.tracking_number)
    if doc.carrier and parcel.carrier_by != BY_STAFF:
        parcel.carrier, parcel.carrier_key = plain(doc.carrier, 60), carrier_key(doc.carrier)
    known.numbered.append(parcel)
    known.has(parcel)
    return parcel


_NUMBERED = ["tracking_number", "number_key", *CARRIER_FIELDS]
