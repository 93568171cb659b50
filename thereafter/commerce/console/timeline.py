"""The log as people read it: one line per entry, told by the rooms, grouped by day, newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from thereafter.commerce.panels import tellers
from thereafter.events.base import Event
from thereafter.kit.pages import day, humanise, moment, url
from thereafter.stores.models import Membership, Store, StoreQuerySet
from thereafter.timeline.models import Entry

PAGE = 40
# The first word of an event's name says which tab it is under.
KINDS = {
    "orders": ("Orders", ("order", "refund")),
    "parcels": ("Parcels", ("parcel",)),
    "returns": ("Returns", ("return", "exchange", "claim", "withdrawal", "refund", "credit")),
    "messages": ("Messages", ("message",)),
    "answers": ("Answers", ("survey", "review")),
    "points": ("Points", ("points", "tier", "reward", "coupon", "credit")),
    "journeys": ("Journeys", ("journey",)),
    "profile": ("Profile", ("customer",)),
}
_TONES = {"check": "good", "heart": "good", "gift": "brand", "star": "brand", "warning": "warn", "close": "bad"}
_TONES |= {"truck": "info", "parcel": "info", "bag": "good", "card": "good", "return": "warn"}
_ACTORS = {"api": "API", "shop": "the shop", "carrier": "the carrier", "shopper": "the shopper", "journey": "a journey"}


@dataclass(frozen=True)
class Page:
    """Lines for `ui.timeline`, and the cursor of what is older ("" when this is all)."""

    lines: list[dict[str, Any]]
    older: str = ""


def of_order(store: Store, order_id: int) -> Page:
    """Everything that happened to an order."""
    entries = Entry.objects.of(store).filter(order_id=order_id).order_by("-occurred_at", "-pk")
    return Page(_lines(store, list(entries[: PAGE * 2]), link_orders=False))


def of_customer(store: Store, customer_id: int, *, kind: str = "", cursor: str = "") -> Page:
    """A page of everything that happened to a person, of one kind if one is given."""
    entries = Entry.objects.of(store).filter(customer_id=customer_id).order_by("-occurred_at", "-pk")
    if kind in KINDS:
        entries = entries.filter(name__in=_names(KINDS[kind][1]))
    page = list(_after(entries, cursor)[: PAGE + 1])
    older = _cursor(page[PAGE - 1]) if len(page) > PAGE else ""
    return Page(_lines(store, page[:PAGE], link_orders=True), older)


def _names(words: Sequence[str]) -> list[str]:
    return [name for name in Event.names if name.split(".")[0] in words]


def _cursor(entry: Entry) -> str:
    return f"{entry.occurred_at.isoformat()}~{entry.pk}"


def _after(entries: StoreQuerySet[Entry], cursor: str) -> StoreQuerySet[Entry]:
    """What comes after the cursor; one that was tampered with begins at the beginning."""
    at, _, entry_id = cursor.partition("~")
    try:
        moment_then, last_id = datetime.fromisoformat(at), int(entry_id)
    except ValueError:
        return entries
    if timezone.is_naive(moment_then):
        return entries
    return entries.filter(Q(occurred_at__lt=moment_then) | Q(occurred_at=moment_then, pk__lt=last_id))


def _lines(store: Store, entries: Sequence[Entry], *, link_orders: bool) -> list[dict[str, Any]]:
    names = _people(store, entries)
    lines, day_before = [], ""
    for entry in entries:
        today = day(entry.occurred_at)
        lines.append(_line(store, entry, link_orders) | {"actor": _actor(entry.actor, names)})
        if today != day_before:
            lines[-1]["day"] = day_before = today
    return lines


def _line(store: Store, entry: Entry, link_orders: bool) -> dict[str, Any]:
    icon, title, body = tell(entry)
    return {
        "icon": icon,
        "tone": _TONES.get(icon, "neutral"),
        "title": title,
        "body": body,
        "at": entry.occurred_at,
        "when": moment(entry.occurred_at).rpartition(", ")[2],
        "url": url("commerce_console:order", store.slug, entry.order_id) if link_orders and entry.order_id else "",
    }


def tell(entry: Entry) -> tuple[str, str, str]:
    """(icon, title, body) in the words of the room that knows the event; an unknown one is told by its name."""
    teller = tellers.get(entry.name)
    return teller(entry.payload) if teller else ("info", humanise(entry.name), "")


def _people(store: Store, entries: Iterable[Entry]) -> dict[str, str]:
    """Names of the staff who did something, in one query when somebody did."""
    wanted = {entry.actor for entry in entries if entry.actor.startswith("staff:")}
    ids = [int(actor.removeprefix("staff:")) for actor in wanted if actor.removeprefix("staff:").isdigit()]
    if not ids:
        return {}
    colleagues = Membership.objects.of(store).filter(staff__in=ids).values_list("staff_id", "staff__name")
    return {f"staff:{staff_id}": name for staff_id, name in colleagues}


def _actor(actor: str, names: dict[str, str]) -> str:
    """Who did it; nobody is named for what the house did by itself."""
    if actor.startswith("staff:"):
        return names.get(actor, "a former colleague")
    word = actor.partition(":")[0]
    return _ACTORS.get(word, humanise(word).lower())
