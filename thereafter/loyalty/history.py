"""A member's history in plain words: every kind of entry but those that only change the state of points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Order
from thereafter.loyalty import words
from thereafter.loyalty.models import Account, Entry, Redemption
from thereafter.loyalty.rules.programme import Programme

Kind, State = Entry.Kind, Redemption.State
HIDDEN = (Kind.ACTIVATE, Kind.CAPTURE)
CAME = (Kind.EARN, Kind.RESTORE, Kind.RELEASE)
WENT = (Kind.REDEEM, Kind.RESERVE)
ENDED = (Kind.EXPIRE, Kind.CLAWBACK, Kind.DEBT_REPAY)
FILTERS: dict[str, Q] = {
    "": Q(),
    "came": Q(kind__in=CAME) | Q(kind=Kind.ADJUST, points__gt=0),
    "went": Q(kind__in=WENT),
    "ended": Q(kind__in=ENDED) | Q(kind=Kind.ADJUST, points__lt=0),
}
EARNED = {
    "referral": gettext_noop("A friend you invited bought something"),
    "friend": gettext_noop("Welcome present, because a friend invited you"),
    "birthday": gettext_noop("Your birthday"),
    "anniversary": gettext_noop("Another year with us"),
    "milestone": gettext_noop("For your loyalty"),
    "tier": gettext_noop("Welcome to your new tier"),
    "backfill": gettext_noop("Points for orders of the past"),
    "journey": gettext_noop("A present from us"),
    "import": gettext_noop("Brought along from the programme before"),
    "survey": gettext_noop("Thank you for your answer"),
    "gift": gettext_noop("A present from us"),
    "till": gettext_noop("Bought in the shop"),
    "joined": gettext_noop("Welcome to the programme"),
}

UNDONE = {
    "referral": gettext_noop("Your friend's order came back"),
    "referral_refused": gettext_noop("The invitation did not count"),
    "milestone_undone": gettext_noop("An order came back, and with it the present for it"),
    "undone": gettext_noop("Undone at the till"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line; `order` is the order it speaks of, for a link to its page."""

    text: str
    points: int
    at: datetime
    order: Order | None = None
    icon: str = "star"
    note: str = ""


@dataclass(frozen=True)
class Seen:
    """What else is needed to say why: redemptions by the entry they began with, and what orders earned at first."""

    redemptions: Mapping[int, Redemption] = field(default_factory=dict)
    earned: Mapping[int, int] = field(default_factory=dict)


def page(account: Account, show: str, start: int, length: int) -> Sequence[Entry]:
    """`length` lines from `start` on, the newest first."""
    rows = account.entries.exclude(kind__in=HIDDEN).filter(FILTERS.get(show, Q())).select_related("order", "reverses")
    return list(rows.order_by("-at", "-id")[start : start + length])


def told(programme: Programme, entries: Sequence[Entry]) -> list[Line]:
    """The lines of entries of one account; two queries for all."""
    seen = look_up(entries)
    return [line(programme, entry, seen) for entry in entries]


def look_up(entries: Sequence[Entry]) -> Seen:
    begun = {entry.pk for entry in entries} | {entry.reverses_id for entry in entries if entry.reverses_id}
    found = Redemption.objects.filter(entry__in=begun).select_related("order") if begun else ()
    orders = {entry.order_id for entry in entries if entry.kind == Kind.CLAWBACK and entry.order_id}
    earned = Entry.objects.filter(order__in=orders, kind=Kind.EARN, reason="order") if orders else None
    sums = earned.values("order_id").annotate(sum=Sum("points")).values_list("order_id", "sum") if earned else ()
    return Seen({one.entry_id: one for one in found}, {pk: total for pk, total in sums if pk})


def line(programme: Programme, entry: Entry, seen: Seen) -> Line:
    text, icon = _WORDS[Kind(entry.kind)](programme, entry, seen)
    redemption = _redemption(entry, seen)
    order = entry.order or (redemption.order if redemption else None)
    return Line(text=text, icon=icon, points=entry.points, at=entry.at, order=order, note=_note(programme, entry))


def _note(programme: Programme, entry: Entry) -> str:
    if entry.forgiven:
        return _("%(points)s of it we let you keep") % {"points": words.points(programme, entry.forgiven)}
    return ""


def _redemption(entry: Entry, seen: Seen) -> Redemption | None:
    return seen.redemptions.get(entry.pk) or seen.redemptions.get(entry.reverses_id or 0)


def _earned(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    if entry.reason == "order":
        return _order(entry, _("Order %(number)s"), _("An order")), "bag"
    if entry.reason == "exchange" and entry.order:
        return _("Exchange of order %(number)s") % {"number": entry.order.number}, "refresh"
    if entry.reason == "milestone":
        return _milestone(entry), "star"
    action = programme.actions.get(entry.reason)
    if action is not None or entry.reason in words.WAYS:
        own = _(EARNED[entry.reason]) if entry.reason in EARNED else words.way_name(entry.reason, action)
        return own, words.way_icon(entry.reason)
    return _reason(entry), "gift"


def _milestone(entry: Entry) -> str:
    number = entry.snapshot.get("orders")
    own = str(entry.snapshot.get("name") or "")
    return own or (_("Your order number %(number)s with us") % {"number": number} if number else _("A present from us"))


def _order(entry: Entry, known: str, unknown: str) -> str:
    return known % {"number": entry.order.number} if entry.order else unknown


def _reason(entry: Entry) -> str:
    """A word of ours in the member's language, or the merchant's own words as they stand."""
    if entry.reason == "milestone" and entry.snapshot.get("name"):
        return str(entry.snapshot["name"])
    return _(EARNED[entry.reason]) if entry.reason in EARNED else entry.reason


def _taken(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    redemption = _redemption(entry, seen)
    name = _said(redemption)
    if name:
        return _("Taken: %(reward)s") % {"reward": name}, "gift"
    if redemption and redemption.order:
        return _("Paid a part of order %(number)s") % {"number": redemption.order.number}, "card"
    return _("Paid with points"), "card"


def _said(redemption: Redemption | None) -> str:
    """The name of the reward in the reader's language, as it was when it was taken."""
    if redemption is None:
        return ""
    own = (redemption.said.get("words") or {}).get(words.language()) or {}
    return str(own.get("name") or redemption.said.get("name") or "")


def _held(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    redemption = _redemption(entry, seen)
    if redemption is None or redemption.state == State.TAKEN:
        return _taken(programme, entry, seen)
    if redemption.state == State.HELD and redemption.held_until:
        until = localtime(redemption.held_until)
        return _("Held at the checkout until %(time)s") % {"time": until.strftime("%H:%M")}, "clock"
    return _("Held at a checkout"), "clock"


def _released(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    redemption = _redemption(entry, seen)
    if redemption and redemption.state == State.LAPSED:
        return _("Back, because the checkout was not finished in time"), "undo"
    return _("Back from a checkout that was not finished"), "undo"


def _restored(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    redemption = _redemption(entry, seen)
    name, order = _said(redemption), entry.order or (redemption.order if redemption else None)
    if redemption and redemption.state == State.CANCELLED and name:
        return _("Back, because this was cancelled: %(reward)s") % {"reward": name}, "undo"
    if order:
        return _("Back, because order %(number)s came back") % {"number": order.number}, "undo"
    return _("Points you had spent are back"), "undo"


def _ran_out(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    if entry.source.startswith("left:"):
        return _("You left the programme"), "logout"
    return _("Ran out unused"), "clock"


def _clawed_back(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    if entry.order is None:
        return _undone(programme, entry), "return"
    number = {"number": entry.order.number}
    if entry.reason == "cancellation":
        return _("Order %(number)s was cancelled") % number, "return"
    if entry.reason != "refund":
        return _undone(programme, entry), "return"
    earned = seen.earned.get(entry.order_id or 0, 0)
    taken = -entry.points + entry.forgiven
    if earned and taken >= earned:
        return _("Order %(number)s: you got all your money back") % number, "return"
    if earned and abs(2 * taken - earned) <= 1:
        return _("Order %(number)s: you got half of your money back") % number, "return"
    return _("Order %(number)s: you got a part of your money back") % number, "return"


def _undone(programme: Programme, entry: Entry) -> str:
    """What earned the points was undone."""
    action = programme.actions.get(entry.reason)
    if entry.reason in UNDONE:
        return _(UNDONE[entry.reason])
    if action is not None or entry.reason in words.WAYS:
        return _("Taken back: %(reason)s") % {"reason": words.way_name(entry.reason, action)}
    own = entry.reverses.reason if entry.reverses else entry.reason
    if own in EARNED:
        return _("Taken back: %(reason)s") % {"reason": _(EARNED[own])}
    return entry.reason if entry.reason and " " in entry.reason else _("Taken back")


def _adjusted(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    return _reason(entry), "edit" if entry.points < 0 else "gift"


def _settled(programme: Programme, entry: Entry, seen: Seen) -> tuple[str, str]:
    return _("Settled with points that were taken back"), "refresh"


_WORDS: dict[Entry.Kind, Any] = {
    Kind.EARN: _earned,
    Kind.REDEEM: _taken,
    Kind.RESERVE: _held,
    Kind.RELEASE: _released,
    Kind.RESTORE: _restored,
    Kind.EXPIRE: _ran_out,
    Kind.CLAWBACK: _clawed_back,
    Kind.ADJUST: _adjusted,
    Kind.DEBT_REPAY: _settled,
}
