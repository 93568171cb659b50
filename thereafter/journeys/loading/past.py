"""What happened to a customer, and which messages they got."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Value
from django.db.models.functions import Concat

from thereafter.journeys.loading.seats import Facts, Moments, Seat, customers_of, keys_of
from thereafter.journeys.rules.naming import window
from thereafter.messaging.models import Message, Receipt
from thereafter.timeline.models import Entry

RECEIPTS = {"opened": Receipt.Kind.OPENED, "clicked": Receipt.Kind.CLICKED}


def load(store_id: int, seats: Sequence[Seat], names: Collection[str], facts: Sequence[Facts]) -> None:
    """Fills in `happened`, `times`, `sent`, `opened` and `clicked`."""
    events, counted = keys_of(names, "happened"), keys_of(names, "times")
    if events or counted:
        _events(store_id, seats, (events, counted), facts)
    for root in ("sent", *RECEIPTS):
        templates = keys_of(names, root)
        if templates:
            _messages(store_id, seats, (root, templates), facts)


def _events(
    store_id: int, seats: Sequence[Seat], keys: tuple[Collection[str], Collection[str]], facts: Sequence[Facts]
) -> None:
    """On the seat's order, and of what belongs to no order; without an order, all of the customer."""
    happened, counted = keys
    windows = {key: found for key in counted if (found := window(key))}
    wanted = {*happened, *(name for name, _ in windows.values())}
    # By the index over customers; the one over names would be read from end to end.
    theirs = Entry.objects.of(store_id).filter(customer_id__in=customers_of(seats))
    rows = theirs.alias(said=Concat(F("name"), Value(""))).filter(said__in=wanted)
    columns = list(rows.values_list("customer_id", "order_id", "name", "occurred_at"))
    on_order = Moments(((customer or 0, order or 0, name), at) for customer, order, name, at in columns)
    of_all = Moments(((customer or 0, name), at) for customer, _, name, at in columns)
    for seat, known in zip(seats, facts, strict=True):
        if happened:
            known["happened"] = {
                name: last for name in happened if (last := _last(seat, name, on_order, of_all)) is not None
            }
        if windows:
            known["times"] = {key: _count(seat, *windows[key], of_all) for key in windows}


Theirs = Moments[tuple[int, int, str]]
All = Moments[tuple[int, str]]


def _last(seat: Seat, name: str, on_order: Theirs, of_all: All) -> datetime | None:
    if seat.order_id is None:
        return of_all.last((seat.customer_id, name), seat.at)
    found = [on_order.last((seat.customer_id, order, name), seat.at) for order in (seat.order_id, 0)]
    return max((moment for moment in found if moment), default=None)


def _count(seat: Seat, name: str, days: int, of_all: All) -> float:
    """How often it happened to the customer, whatever order it was on; in the last so many days, or ever (0)."""
    since = seat.at - timedelta(days=days) if days else None
    return float(of_all.count((seat.customer_id, name), seat.at, since))


def _messages(store_id: int, seats: Sequence[Seat], asked: tuple[str, Collection[str]], facts: Sequence[Facts]) -> None:
    root, templates = asked
    moments: Moments[tuple[int, str]] = Moments(_told(store_id, seats, root, templates))
    for seat, known in zip(seats, facts, strict=True):
        found = {name: moments.last((seat.customer_id, name), seat.at) for name in templates}
        known[root] = {name: last for name, last in found.items() if last is not None}


def _told(
    store_id: int, seats: Sequence[Seat], root: str, templates: Collection[str]
) -> Iterable[tuple[tuple[int, str], datetime]]:
    people = customers_of(seats)
    if root == "sent":
        sent = Message.objects.of(store_id).filter(customer_id__in=people, template__in=templates)
        for customer, template, at in sent.values_list("customer_id", "template", "sent_at"):
            if at is not None:
                yield (customer, template), at
        return
    # Programs that fetch pictures and follow links are not readers.
    receipts = Receipt.objects.of(store_id).filter(kind=RECEIPTS[root], machine=False)
    theirs = receipts.filter(message__customer_id__in=people, message__template__in=templates)
    for customer, template, at in theirs.values_list("message__customer_id", "message__template", "at"):
        yield (customer, template), at
