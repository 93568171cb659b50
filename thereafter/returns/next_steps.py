"""What happens next in a case, in words, and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from thereafter.returns.case_words import counted
from thereafter.returns.models import Case
from thereafter.returns.standings import Standing

SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Next:
    """`act` is the part of the case's page where it is done, "" when it is not ours to do; `label` is its button."""

    text: str
    act: str = ""
    label: str = ""
    tone: str = "info"


def next_step(found: Standing) -> Next:
    """The first that applies: what needs a person goes before what we wait for."""
    case = found.case
    if case.state in _OVER:
        return Next(_OVER[case.state], tone="good" if case.state == "resolved" else "neutral")
    return next(step for step in (rule(found) for rule in _RULES) if step)


_OVER = {
    "resolved": "Nothing more: the shopper has everything that was promised.",
    "closed": "Nothing more: the case is closed.",
    "declined": "Nothing more: it was declined, and the shopper was told why.",
    "cancelled": "Nothing more: it was taken back before anything moved.",
    "expired": "Nothing more, unless the goods come all the same.",
}


def _decide(found: Standing) -> Next | None:
    case = found.case
    if case.state in ("submitted", "needs_review"):
        return Next(f"Say yes or no. {case.review}".strip(), "decide", "Decide", "warn")
    return Next(case.review, "review", "See to it", "warn") if case.review else None


def _failed_money(found: Standing) -> Next | None:
    failed = found.shares_in("failed")
    return (
        Next("A payment would not take its money back. Send it another way.", "money", "See the refund", "bad")
        if failed
        else None
    )


def _failed_label(found: Standing) -> Next | None:
    failed = [one for one in found.parcels if one.state == "failed"]
    why = f" {failed[0].error}" if failed and failed[0].error else ""
    return Next(f"No label could be made.{why}", "parcels", "See the parcel", "bad") if failed else None


def _arrived(found: Standing) -> Next | None:
    here = [one for one in found.parcels if one.state == "delivered" and one.opened_at is None]
    if not here or not found.units_in("expected"):
        return None
    return Next("The parcel is here: open it and say what is inside.", "units", "Receive", "warn")


def _inspect(found: Standing) -> Next | None:
    waiting = found.units_in("received", "manual")
    return Next(f"Look at {counted(len(waiting), 'item')} that came.", "units", "Inspect", "warn") if waiting else None


def _charge(found: Standing) -> Next | None:
    case = found.case
    if not case.quote.get("charge") or case.charged_at:
        return None
    amount = case.money(case.quote["charge"]).format("en")
    text = f"The shopper pays {amount} on the page of the return; the new goods leave after that."
    return Next(text, "money", "Send the link, or write down as paid")


def _send(found: Standing) -> Next | None:
    waiting = found.goods_in("released")
    count = sum(one.quantity for one in waiting)
    return Next(f"Send {counted(count, 'new item')} to the shopper.", "goods", "Send", "warn") if waiting else None


def _on_its_way(found: Standing) -> Next | None:
    if not found.units_in("expected") or found.case.handed_in_at is None:
        return None
    lost = [one for one in found.parcels if one.state in ("lost", "exception")]
    if lost:
        return Next(
            "The way back has a problem. Ask the carrier, or release it by hand.", "parcels", "See the parcel", "bad"
        )
    return Next("It is on its way back. Nothing to do until it arrives.", tone="neutral")


def _shopper_sends(found: Standing) -> Next | None:
    expected = found.units_in("expected")
    return Next(f"The shopper sends {counted(len(expected), 'item')} back.", tone="neutral") if expected else None


def _money_on_its_way(found: Standing) -> Next | None:
    waiting = found.shares_in("granted", "sent")
    if not waiting:
        return None
    amount = found.case.money(sum(one.amount_minor for one in waiting)).format("en")
    return Next(f"{amount} is on its way back to the shopper.", tone="neutral")


def _repair(found: Standing) -> Next | None:
    if found.case.outcome != "repair":
        return None
    return Next("Mend it and send it back; then say that it is done.", "repair", "Repair is done", "warn")


def _stuck(found: Standing) -> Next:
    out = all(unit.released_at or unit.verdict == "rejected" or unit.state == "cancelled" for unit in found.units)
    if out:
        return Next("The shopper has what was due. Close the case when nothing is left.", "close", "Close the case")
    return Next("Nothing was paid or sent yet. Release it when you are sure.", "release", "Release", "warn")


_RULES: tuple[Callable[[Standing], Next | None], ...] = (
    _decide,
    _failed_money,
    _failed_label,
    _arrived,
    _inspect,
    _charge,
    _send,
    _on_its_way,
    _shopper_sends,
    _money_on_its_way,
    _repair,
    _stuck,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A last day, and whether it is near (warn) or over (bad)."""

    what: str
    on: date
    tone: str


def due(case: Case, today: date) -> Due | None:
    """The last day that counts now: the law's for money before the shopper's for goods."""
    if case.is_over or case.state == "resolved":
        return None
    pays_by = case.pays_by
    if pays_by and (case.released_at is None or pays_by < today):
        return Due("Pay by", pays_by, _tone(pays_by, today))
    if case.send_by and case.handed_in_at is None and case.state == "open" and case.method != "none":
        return Due("Shopper sends by", case.send_by, _tone(case.send_by, today))
    return None


def _tone(on: date, today: date) -> str:
    if on < today:
        return "bad"
    return "warn" if on - today <= SOON else "neutral"
