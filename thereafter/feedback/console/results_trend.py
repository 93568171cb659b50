"""The line of scores over weeks or months, with the band in which the true score lies."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from thereafter.feedback import score_words as words
from thereafter.kit.pages import number, short_day
from thereafter.kit.scores import ENOUGH_FOR_A_TREND, Reading, reading

# Of more steps than this the last ones are drawn.
MOST_STEPS = 60


def drawn(kind: str, steps: Mapping[date, Mapping[int, int]], step: str) -> dict[str, Any] | None:
    """What the macro `trend` draws: only points of at least thirty answers, and no line over a gap between them. None
    when that leaves fewer than two."""
    every = _every(sorted(steps), step)[-MOST_STEPS:]
    readings = [reading(kind, steps.get(first, {})) for first in every]
    enough = [read for read in readings if read.is_enough]
    if len(enough) < 2:  # noqa: PLR2004  a line has two ends
        return None
    axis = words.scale(kind, enough)
    points = [
        _point(place, len(every), _label(first, step), read, axis)
        for place, (first, read) in enumerate(zip(every, readings, strict=True))
    ]
    pieces = [_piece(piece) for piece in _pieces(points)]
    return {"axis": axis, "points": points, "pieces": pieces, "enough": ENOUGH_FOR_A_TREND, "step": step}


def _every(known: list[date], step: str) -> list[date]:
    """All weeks or months from the first to the last, also those in which nobody answered."""
    every = known[:1]
    while known and every[-1] < known[-1]:
        after = every[-1] + timedelta(days=7 if step == "week" else 32)
        every.append(after if step == "week" else after.replace(day=1))
    return every


def _label(first: date, step: str) -> str:
    return f"Week of {short_day(first)}" if step == "week" else f"{first:%b %Y}"


def _point(place: int, count: int, label: str, read: Reading, axis: Mapping[str, Any]) -> dict[str, Any]:
    slot = 100 / count

    def height(score: float | None) -> float:
        return 100 - 100 * ((score or 0.0) - float(axis["start"])) / float(axis["end"] - axis["start"])

    score = words.value(read.kind, read.value)
    text = f"{score}, {words.likely(read)}, {words.answers(read.n)}" if read.is_enough else _few(read)
    return {
        "label": label,
        "text": text,
        "n": number(read.n),
        "drawn": read.is_enough,
        "slot": slot,
        "left": slot * place,
        "x": slot * (place + 0.5),
        "y": height(read.value),
        "top": height(read.high),
        "bottom": height(read.low),
    }


def _few(read: Reading) -> str:
    return f"too few to draw: {words.answers(read.n)}" if read.n else "no answers"


def _pieces(points: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    pieces: list[list[dict[str, Any]]] = [[]]
    for point in points:
        if point["drawn"]:
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _piece(points: list[dict[str, Any]]) -> dict[str, str]:
    def line(edge: str, among: list[dict[str, Any]]) -> str:
        return " ".join(f"{point['x']:.2f},{point[edge]:.2f}" for point in among)

    return {"line": line("y", points), "band": f"{line('top', points)} {line('bottom', points[::-1])}"}
