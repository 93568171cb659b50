"""What a programme's perks change of an offer: more days, and nothing to pay for the way back. Plain Python.

Perks only give: where the shop takes nothing back they open no window, and the law stays the floor under all of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from thereafter.returns.rules.policy.items import Item
from thereafter.returns.rules.policy.offers import LineOffer, Step
from thereafter.returns.rules.policy.snapshots import Perks
from thereafter.returns.rules.policy.windows import Window
from thereafter.returns.rules.sentences import Said, say


def by_perk(perks: Perks) -> str:
    """Who speaks, for the trace."""
    return f"Perk of {perks.tier_name}" if perks.tier_name else "Perk of members"


def longer(window: Window, perks: Perks) -> Window:
    """The same window with the member's days on top."""
    return replace(window, days=window.days + perks.extra_days) if window.days > 0 and perks.extra_days else window


def told_of_days(item: Item, window: Window) -> Iterator[Step]:
    """That the window of this item is longer by a perk, for the trace. `window` is the one before it."""
    perks = item.snapshot.perks
    if longer(window, perks) is not window and not item.is_claim:
        yield Step(("window",), longer(window, perks), by_perk(perks), "perk", why=f"{perks.extra_days} days more.")


def notes(item: Item, basis: str, trace: Iterable[Step]) -> Iterator[Said]:
    """What the member is told: only what makes a difference to them today."""
    perks = item.snapshot.perks
    if any(step.source == "perk" and step.slot[0] == "fee" for step in trace):
        yield _said("perk_free", perks)
    until, extra = item.span.until, timedelta(days=perks.extra_days)
    is_late = until is not None and not item.span.holiday and item.today > until - extra
    if perks.extra_days and is_late and basis == "voluntary":
        yield _said("perk_days", perks)


def of_all(lines: Iterable[LineOffer]) -> tuple[Said, ...]:
    """The perks of a whole return, each once."""
    said = (note for line in lines for note in line.notes if note.key.startswith("perk_"))
    return tuple(dict.fromkeys(said))


def _said(key: str, perks: Perks) -> Said:
    return say(f"{key}_of", tier=perks.tier_name) if perks.tier_name else say(key)
