"""Claims that nobody had to file: from what shoppers report of a delivery, and from parcels that a carrier lost.

They are put before a person with a proposal; the goods are held for them meanwhile, and nothing is sent or paid.
"""

from collections.abc import Mapping
from datetime import date, datetime

from thereafter.commerce.models import Fulfilment, FulfilmentLine, Order, OrderLine
from thereafter.events.parcels import DeliveryProblemReported, ParcelRanIntoTrouble, ParcelShipped
from thereafter.kit.clock import day_in
from thereafter.returns import order_snapshots, store_policies
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish, open_cases
from thereafter.returns.models import Case
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer
from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.timeline.models import Entry

# What a report says, as a reason; an address or a mere question is no claim.
REPORTED = {
    "damaged": "damaged_on_arrival",
    "wrong": "wrong_item",
    "missing": "missing_item",
    "not_received": "not_here",
}
LOST = "carrier_lost"
# What is proposed, before all else that is offered.
PROPOSED = "replacement"


def open_reported(event: DeliveryProblemReported, now: datetime) -> list[Case]:
    """A claim for what a shopper reported; none where nothing of it can be claimed any more."""
    reason = REPORTED.get(event.kind)
    order = _order(event.store_id, event.order_id) if reason else None
    if order is None or reason is None:
        return []
    named = _named(order, event)
    units = named or _packed(order, event.parcel_id)
    why = "The shopper reported a problem with the delivery."
    if not named:
        why += " They did not say which items: check what it is about."
    asking = Asking(source=f"report:{event.report_id}", channel="watch", review=why)
    return _open(order, units, reason, asking, note=event.text, now=now)


def open_lost(event: ParcelRanIntoTrouble, now: datetime) -> list[Case]:
    """A claim for a parcel that its carrier calls lost, before the shopper has to ask."""
    order = _order(event.store_id, event.order_id) if event.reason == LOST and not event.old else None
    if order is None:
        return []
    why = "The carrier lost the parcel. Send it again, or pay it back, and claim it from the carrier."
    asking = Asking(source=f"lost:{event.parcel_id}", channel="watch", review=why)
    return _open(order, _packed(order, event.parcel_id), "lost", asking, note="", now=now)


def _order(store_id: int, order_id: int | None) -> Order | None:
    found: Order | None = Order.objects.of(store_id).select_related("store").filter(pk=order_id or 0).first()
    return found


def _named(order: Order, event: DeliveryProblemReported) -> dict[str, int]:
    """Units by line, of those lines that the shopper chose."""
    wanted = {(one.get("title", ""), one.get("variant", "")): one.get("quantity", 1) for one in event.items}
    rows = OrderLine.objects.of(order.store_id).filter(order=order).order_by("pk")
    found = {row.external_id: wanted.get((row.title, row.variant_title), 0) for row in rows}
    return {line: count for line, count in found.items() if count}


def _packed(order: Order, parcel_id: int) -> dict[str, int]:
    """What was in a parcel, by its number; everything of the order where nobody told."""
    number = _number(order, parcel_id)
    sent = Fulfilment.objects.of(order.store_id).filter(order=order, tracking_number=number or "-")
    rows = FulfilmentLine.objects.of(order.store_id).filter(fulfilment__in=sent).select_related("line")
    found: dict[str, int] = {}
    for row in rows:
        found[row.line.external_id] = found.get(row.line.external_id, 0) + row.quantity
    return found or {line.external_id: line.quantity for line in order.lines.order_by("pk")}


def _number(order: Order, parcel_id: int) -> str:
    rows = Entry.objects.of(order.store_id).filter(order_id=order.pk, name=ParcelShipped.name).order_by("id")
    told = {row["parcel_id"]: row["tracking_number"] for row in rows.values_list("payload", flat=True)}
    return str(told.get(parcel_id, ""))


def _open(
    order: Order, units: Mapping[str, int], reason: str, asking: Asking, *, note: str, now: datetime
) -> list[Case]:
    wishes = _wishes(order, units, reason, note, day_in(now, order.store.time_zone))
    try:
        return open_cases(order, wishes, asking, now=now) if wishes else []
    except CannotOpen:
        # Somebody asked for the same goods a moment ago: that case says it.
        return []


def _wishes(order: Order, units: Mapping[str, int], reason: str, note: str, today: date) -> list[Wish]:
    """One for each line of which something can still be claimed."""
    plain = order_snapshots.snapshot(order, channel="watch")
    left = {line.id: min(line.left, units.get(line.id, 0)) for line in plain.lines}
    asked = [Asked(line=line, quantity=count, reason=reason) for line, count in left.items() if count > 0]
    if not asked:
        return []
    _version, policy = store_policies.current(order.store)
    wanted = order_snapshots.snapshot(order, asked=asked, channel="watch")
    offers = decide(policy, wanted, law.current(), today)
    return [
        Wish(line=one.line, quantity=one.quantity, reason=reason, outcome=_proposed(one), note=note)
        for one in offers.lines
        if one.allowed
    ]


def _proposed(offer: LineOffer) -> str:
    """The same again where it can be had; else the first thing that needs no choice of other goods."""
    plain = [one for one in (PROPOSED, "refund", "store_credit") if one in offer.outcomes]
    return plain[0] if plain else offer.outcomes[0]
