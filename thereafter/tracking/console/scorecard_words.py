"""The scorecard's figures, ready to read. Where there are too few parcels, counts stand instead of shares."""

from dataclasses import dataclass

from thereafter.console.tiles import Tile
from thereafter.kit.pages import number, percent
from thereafter.tracking.rules.scorecard import (
    Share,
    Spread,
    Tally,
    days_change,
    share,
    share_change,
    spread,
)
from thereafter.tracking.scorecard import Row, Window

TOO_FEW, SAME = "too few to say", "→ as before"


@dataclass(frozen=True)
class Cell:
    """A figure, what to know of it, and how it moved; `good` says whether the move is welcome."""

    label: str
    text: str
    sub: str = ""
    change: str = ""
    good: bool | None = None


def promise(row: Row) -> list[Cell]:
    now, before = row.now, row.before
    return [
        _on_time(now, before),
        _part("Early", now.early, now, sub=TOO_FEW),
        _days("Order to door", spread(now.door_days), spread(before.door_days)),
        _days("Hand-over to door", spread(now.carried_days), None),
        Cell("On the way now", number(row.under_way), f"{number(row.overdue)} overdue" if row.overdue else ""),
    ]


def trouble(row: Row) -> list[Cell]:
    now = row.now
    return [
        _part("Lost", now.lost, now, digits=1),
        _part("Damaged", now.damaged, now, digits=1),
        _part("Exceptions", now.exceptions, now, digits=1),
        _part("Failed attempts", now.attempts, now, digits=1),
        _part("Sent back", now.returned, now, digits=1),
        Cell("Scans a parcel", number(now.scans / now.parcels, 1) if now.parcels else "–"),
        _first_scan(now),
    ]


def tiles(row: Row, window: Window) -> list[Tile]:
    now, before = row.now, row.before
    on_time = _on_time(now, before)
    door = _days("", spread(now.door_days), spread(before.door_days))
    gone = _part("", now.lost + now.damaged, now, digits=1)
    compared = f"than the {len(window)} days before"
    return [
        Tile("On time", on_time.text, on_time.change, on_time.good, _after(on_time, compared, on_time.sub)),
        Tile("Order to door", door.text, door.change, door.good, _after(door, compared, door.sub)),
        Tile("Lost or damaged", gone.text, hint=gone.sub or f"none of {number(now.parcels)}"),
        Tile("On the way now", number(row.under_way), hint=f"{number(row.overdue)} past the promised day"),
    ]


def _after(cell: Cell, compared: str, else_said: str) -> str:
    return compared if cell.good is not None else else_said


def of_so_many(found: Share) -> str:
    return f"{percent(found.value)} of {number(found.whole)}, {_interval(found)}"


def _interval(found: Share) -> str:
    return f"{percent(found.low)} – {percent(found.high)}"


def _on_time(now: Tally, before: Tally) -> Cell:
    found = share(now.on_time, now.parcels)
    if found is None:
        return _part("On time", now.on_time, now, sub=TOO_FEW)
    moved = share_change(found, share(before.on_time, before.parcels))
    return Cell("On time", percent(found.value), _interval(found), _points(moved), _is_good(moved))


def _points(moved: float | None) -> str:
    if not moved:
        return "" if moved is None else SAME
    points = max(1, round(abs(moved) * 100))
    size = f"{points} point" if points == 1 else f"{points} points"
    return f"↑ {size} better" if moved > 0 else f"↓ {size} worse"


def _is_good(moved: float | None) -> bool | None:
    """None when it did not move, or nobody knows."""
    return moved > 0 if moved else None


def _part(label: str, part: int, now: Tally, *, digits: int = 0, sub: str = "") -> Cell:
    """A share, or with too few parcels a count and what to say of that."""
    found = share(part, now.parcels)
    if found is None:
        return Cell(label, f"{part} of {now.parcels}", sub) if now.parcels else Cell(label, "–")
    return Cell(label, percent(found.value, digits), f"{number(part)} of {number(now.parcels)}" if part else "")


def _days(label: str, now: Spread | None, before: Spread | None) -> Cell:
    if now is None:
        return Cell(label, "–", TOO_FEW)
    moved = days_change(now, before)
    sub = f"9 of 10 within {number(now.p90, 1)}"
    return Cell(label, f"{number(now.median, 1)} days", sub, _longer(moved), _is_good(-moved if moved else None))


def _longer(moved: float | None) -> str:
    if not moved:
        return "" if moved is None else SAME
    size = number(abs(moved), 1)
    return f"↑ {size} slower" if moved > 0 else f"↓ {size} faster"


def _first_scan(now: Tally) -> Cell:
    found = spread(now.silent_hours)
    if found is None:
        return Cell("First scan", "–")
    if found.p90 < 1:
        return Cell("First scan", "within an hour")
    return Cell("First scan", f"{number(found.median, 1)} hours", f"9 of 10 within {number(found.p90)}")
