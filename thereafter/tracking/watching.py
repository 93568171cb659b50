"""The watch list: what is not as it should be, one row per parcel (or per order of which nothing has left)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Min, Q

from thereafter.commerce.models import Order
from thereafter.stores.models import Staff, Store
from thereafter.tracking.models import Flag, Parcel
from thereafter.tracking.models.flags import FlagQuerySet
from thereafter.tracking.rules import flags
from thereafter.tracking.rules.scans import number_key

PAGE = 50


@dataclass(frozen=True, slots=True)
class View:
    """A part of the list; empty `kinds` are all, an empty `cause` is any."""

    label: str
    kinds: tuple[str, ...] = ()
    cause: str = ""

    def holds(self, kind: str, cause: str) -> bool:
        return (not self.kinds or kind in self.kinds) and self.cause in {"", cause}

    def of(self, rows: FlagQuerySet) -> FlagQuerySet:
        rows = rows.filter(kind__in=self.kinds) if self.kinds else rows
        return rows.filter(cause=self.cause) if self.cause else rows


VIEWS: dict[str, View] = {
    "": View("All"),
    "reported": View("Reported", (flags.REPORTED,)),
    "exception": View("Exceptions", (flags.EXCEPTION,)),
    "overdue": View("Overdue", (flags.OVERDUE,)),
    "predicted": View("Predicted late", (flags.DELAYED,), flags.PREDICTED),
    "delayed": View("Delayed by carrier", (flags.DELAYED,), flags.CARRIER),
    "fulfilment": View("Not sent yet", (flags.STALLED,), flags.FULFILMENT),
    "forgotten": View("Forgotten labels", (flags.STALLED,), flags.PRE_TRANSIT),
    "stalled": View("Stalled", (flags.STALLED,), flags.TRANSIT),
    "attempted": View("Missed at the door", (flags.ATTEMPTED,)),
    "returning": View("Coming back", (flags.RETURNING,)),
    "number": View("Wrong numbers", (flags.INVALID_NUMBER, flags.POLLING_EXPIRED)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the list is wanted. `assigned` is "", "me", "nobody" or a colleague's id; `carrier` a carrier key."""

    view: str = ""
    q: str = ""
    carrier: str = ""
    assigned: str = ""
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """One row: its flags, worst first, and since when the oldest of them is up."""

    order: Order
    parcel: Parcel | None
    flags: Sequence[Flag]
    since: datetime

    @property
    def key(self) -> str:
        """Names the row in forms."""
        return f"{self.order.pk}-{self.parcel.pk if self.parcel else 0}"

    @property
    def assigned_to(self) -> Staff | None:
        return next((flag.assigned_to for flag in self.flags if flag.assigned_to), None)


def counts(store: Store) -> dict[str, int]:
    """How many rows each view has; one query."""
    seen: dict[str, set[tuple[int, int | None]]] = defaultdict(set)
    up = Flag.objects.of(store).to_do().values_list("order_id", "parcel_id", "kind", "cause")
    for order_id, parcel_id, kind, cause in up:
        for name, view in VIEWS.items():
            if view.holds(kind, cause):
                seen[name].add((order_id, parcel_id))
    return {name: len(seen[name]) for name in VIEWS}


def page(store: Store, asked: Asked, me: Staff, number: str | None) -> tuple[Page[Any], list[Watched]]:
    """A page of the list, longest waiting first, in four queries whatever its length."""
    found = _found(store, asked, me).values("order_id", "parcel_id").annotate(oldest=Min("since"))
    order = "-oldest" if asked.newest else "oldest"
    one = Paginator(found.order_by(order, "order_id", "parcel_id"), PAGE).get_page(number)
    return one, watched(store, [(row["order_id"], row["parcel_id"]) for row in one])


def watched(store: Store, keys: Sequence[tuple[int, int | None]]) -> list[Watched]:
    """The rows of these orders and parcels, in this order, with all that is up on them; those with nothing to do are
    left out."""
    up = Flag.objects.of(store).to_do().filter(order_id__in={order_id for order_id, _ in keys})
    of_row: dict[tuple[int, int | None], list[Flag]] = defaultdict(list)
    for flag in up.select_related("order__customer", "parcel", "assigned_to"):
        of_row[flag.order_id, flag.parcel_id].append(flag)
    return [_row(of_row[key]) for key in dict.fromkeys(keys) if key in of_row]


def _row(up: list[Flag]) -> Watched:
    worst_first = sorted(up, key=lambda flag: flags.KINDS.index(flag.kind))
    return Watched(up[0].order, up[0].parcel, worst_first, min(flag.since for flag in up))


def _found(store: Store, asked: Asked, me: Staff) -> FlagQuerySet:
    rows = VIEWS[asked.view].of(Flag.objects.of(store).to_do())
    if asked.carrier:
        rows = rows.filter(parcel__carrier_key=asked.carrier)
    if asked.assigned == "nobody":
        rows = rows.filter(assigned_to__isnull=True)
    elif asked.assigned:
        rows = rows.filter(assigned_to_id=me.pk if asked.assigned == "me" else int(asked.assigned))
    return rows.filter(_named(asked.q)) if asked.q else rows


def _named(q: str) -> Q:
    """By the order's number, the customer's name, or the beginning of a tracking number."""
    bare, key = q.lstrip("#"), number_key(q)
    named = Q(order__number__in=[bare, f"#{bare}"]) | Q(order__customer__name__icontains=q)
    return named | Q(parcel__number_key__startswith=key) if key else named


def carriers(store: Store) -> list[tuple[str, str]]:
    """The carriers that have something on the list, by key and name."""
    rows = Flag.objects.of(store).to_do().exclude(parcel__carrier_key="").exclude(parcel=None)
    names = dict(rows.order_by().values_list("parcel__carrier_key", "parcel__carrier").distinct())
    return sorted(names.items(), key=lambda pair: pair[1].lower())
