"""Scores, intervals and groups, ready to read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from math import ceil, floor
from typing import Any

from thereafter.feedback.models import Answer, Survey
from thereafter.feedback.queries.groups import UNKNOWN
from thereafter.feedback.queries.surveys import title_of
from thereafter.feedback.rules.answers import FORM, band
from thereafter.kit.comparing import Comparison
from thereafter.kit.pages import number, percent, territory, tongue
from thereafter.kit.scores import ENOUGH_FOR_A_TREND, SCALES, Reading

KINDS = {
    "csat": "Satisfaction (CSAT)",
    "nps": "Recommendation (NPS)",
    "ces": "Effort (CES 2.0)",
    FORM: "Form without a score",
}
UNITS = {"csat": "gave 4 or 5", "nps": "points from −100 to 100", "ces": "mean from 1 to 7"}
QUESTIONS = {
    "csat": "How satisfied were you?",
    "nps": "How likely are you to recommend us to a friend?",
    "ces": "The shop made it easy for me.",
}
BANDS = {
    "csat": {"high": "Satisfied (4–5)", "middle": "Neither (3)", "low": "Unhappy (1–2)"},
    "nps": {"high": "Promoters (9–10)", "middle": "Passives (7–8)", "low": "Detractors (0–6)"},
    "ces": {"high": "Easy (5–7)", "middle": "Neither (4)", "low": "Hard (1–3)"},
}
TONES = {"high": "good", "middle": "neutral", "low": "bad", "": "neutral"}
SCORES = {
    "csat": {5: "Great (5)", 4: "Good (4)", 3: "Okay (3)", 2: "Bad (2)", 1: "Very bad (1)"},
    "nps": {score: str(score) for score in range(11)},
    "ces": {7: "7, agree", 4: "4, neither", 1: "1, disagree"} | {score: str(score) for score in (2, 3, 5, 6)},
}
CHANNELS = {
    "mail": "Mail",
    "page": "Our page",
    "link": "Open link",
    "qr": "QR code",
    "api": "Sent by API",
    "order_page": "Order page",
    "return_page": "Return portal",
    "sms": "Text message",
}
GROUPS = {
    "late": {"late": "Late", "on_time": "On time"},
    "returning": {"first": "First order", "returning": "Returning customer"},
    "channel": CHANNELS,
}
FEW = f"With fewer than {ENOUGH_FOR_A_TREND} answers a score says little: the grey line is what it may be."
# A carrier's short name is its letters.
_LONGEST_LETTERS = 4
_ROUND = {"nps": 20, "csat": 10, "ces": 1}
_ENDS = {"nps": (-100, 100), "csat": (0, 100), "ces": (1, 7)}


def question(survey: Survey) -> str:
    return survey.question or QUESTIONS.get(survey.kind, "")


def value(kind: str, score: float | None) -> str:
    if score is None:
        return "–"
    if kind == "csat":
        return percent(score / 100)
    # "−0" is nobody's score; a mean keeps its two digits.
    return f"{score:.2f}" if kind == "ces" else number(round(score) + 0).replace("-", "−")


def chance(p: float | None) -> str:
    if p is None:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"  # noqa: PLR2004  as papers write it


def difference(kind: str, points: float) -> str:
    if kind == "ces":
        return f"{points:+.2f}".replace("-", "−")
    rounded = f"{points:+.0f}".replace("-", "−")
    return f"{rounded} {'point' if rounded[1:] == '1' else 'points'}"


def answers(n: int) -> str:
    return "1 answer" if n == 1 else f"{number(n)} answers"


def likely(read: Reading) -> str:
    """ "likely 14 to 44": where the true score lies in 95 of 100 cases."""
    if read.low is None:
        return "no answers yet"
    return f"likely {value(read.kind, read.low)} to {value(read.kind, read.high)}"


def change(compared: Comparison, kind: str, *readings: Reading) -> tuple[str, bool | None]:
    """How it moved, and whether that is welcome; nothing of fewer than thirty answers."""
    if not all(read.is_enough for read in readings) or compared.difference is None:
        return "", None
    if not compared.is_significant:
        return "→ no significant change", None
    up = compared.difference > 0
    size = difference(kind, abs(compared.difference)).lstrip("+")
    return f"{'↑' if up else '↓'} {size} {'better' if up else 'worse'}", up


def verdict(compared: Comparison, kind: str, names: tuple[str, str]) -> dict[str, Any]:
    """A comparison in plain words: a badge, a tone and sentences."""
    ours, theirs = names
    if compared.p is None or compared.difference is None:
        return {
            "title": "Too few answers to compare",
            "tone": "neutral",
            "lines": ["Both sides need at least two answers; thirty say something."],
        }
    moved = difference(kind, compared.difference)
    low, high = (difference(kind, end or 0.0).split()[0] for end in (compared.low, compared.high))
    seen = f"The difference is {moved}; in 95 of 100 cases the true one lies between {low} and {high}."
    chance = f"Chance alone gives a difference of this size in {_often(compared.p)} such comparisons."
    if not compared.is_significant:
        return {"title": "No significant change", "tone": "neutral", "lines": [seen, chance]}
    higher, lower = (ours, theirs) if compared.difference > 0 else (theirs, ours)
    title = f"Significant: {higher} is higher than {lower}"
    return {"title": title, "tone": "good" if compared.difference > 0 else "bad", "lines": [seen, chance]}


def _often(p: float) -> str:
    if p >= 0.01:  # noqa: PLR2004  a hundredth can be said of a hundred
        return f"{number(100 * p)} of 100"
    return f"{number(1000 * p)} of 1,000" if p >= 0.001 else "fewer than 1 of 1,000"  # noqa: PLR2004  likewise


def drawn(label: str, read: Reading, url: str = "") -> dict[str, Any]:
    """One line of the macro `intervals`; grey where there are few."""
    text = f"{value(read.kind, read.value)} ({likely(read)}), {answers(read.n)}"
    tone = "brand" if read.is_enough else "neutral"
    item = {"label": label, "text": text, "tone": tone, "url": url, "few": not read.is_enough}
    return item | {"low": read.low, "value": read.value, "high": read.high}


def scale(kind: str, readings: Iterable[Reading]) -> dict[str, Any]:
    """The axis under intervals: `start`, `end` and what stands at both and in the middle."""
    known = [read for read in readings if read.low is not None and read.high is not None]
    step, (least, most) = _ROUND[kind], _ENDS[kind]
    start = max(least, step * floor(min((read.low or 0.0 for read in known), default=least) / step))
    end = min(most, step * ceil(max((read.high or 0.0 for read in known), default=most) / step))
    # Shares are read from the best end; a scale without width cannot be drawn, and its middle is to be a round number.
    end = most if kind == "csat" or end <= start else end
    if (end - start) // step % 2:
        start, end = (start - step, end) if start > least else (start, end + step)
    labels = [_tick(kind, point) for point in (start, (start + end) / 2, end)]
    return {"start": start, "end": end, "labels": labels}


def _tick(kind: str, point: float) -> str:
    return number(point, 1) if kind == "ces" else value(kind, point)


def distribution(read: Reading) -> list[dict[str, Any]]:
    """Bars of each score, best first."""
    ends = SCALES[read.kind]
    return [
        {
            "label": SCORES[read.kind][score],
            "value": read.counts.get(score, 0),
            "text": f"{number(read.counts.get(score, 0))} · {percent(read.counts.get(score, 0) / read.n)}",
            "tone": TONES[band(read.kind, score)],
        }
        for score in range(ends.high, ends.low - 1, -1)
        if read.n
    ]


def bands(read: Reading) -> list[dict[str, Any]]:
    """The three groups that the score is made of."""
    sums: dict[str, int] = dict.fromkeys(BANDS[read.kind], 0)
    for score, times in read.counts.items():
        sums[band(read.kind, score)] += times
    return [
        {
            "label": BANDS[read.kind][key],
            "value": times,
            "text": f"{number(times)} · {percent(times / read.n)}",
            "tone": TONES[key],
        }
        for key, times in sums.items()
        if read.n
    ]


def group(dimension: str, part: str, products: Mapping[str, str]) -> str:
    """What a group is called."""
    if part == UNKNOWN:
        return "Not known"
    if dimension in GROUPS:
        return GROUPS[dimension].get(part) or part.replace("_", " ").capitalize()
    return _NAMES[dimension](part, products) if dimension in _NAMES else part


def _carrier(code: str, _: Mapping[str, str]) -> str:
    return code.upper() if len(code) <= _LONGEST_LETTERS else code.replace("_", " ").title()


def _lane(lane: str, _: Mapping[str, str]) -> str:
    origin, dash, target = lane.partition("-")
    if not dash:
        return f"To {territory(origin)}"
    return f"Within {territory(origin)}" if origin == target else f"{territory(origin)} to {territory(target)}"


def _region(region: str, _: Mapping[str, str]) -> str:
    country, _dash, part = region.partition("-")
    return f"{part}, {territory(country)}"


_NAMES: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "cohort": lambda month, _: f"{date.fromisoformat(f'{month}-01'):%b %Y}",
    "carrier": _carrier,
    "lane": _lane,
    "region": _region,
    "product": lambda part, products: products.get(part, "A product that is gone"),
    "language": lambda part, _: tongue(part),
}


def told(given: Answer) -> dict[str, Any]:
    """An answer and how its score is shown: stars, or a badge."""
    kind, score = given.survey.kind, given.score
    shown = {"given": given, "survey": title_of(given.survey), "text": "Form", "tone": "neutral", "stars": 0}
    if score is None or kind not in SCALES:
        return shown
    text = SCORES[kind][score] if kind == "csat" else f"{score} of {SCALES[kind].high}"
    return shown | {"text": text, "tone": TONES[band(kind, score)], "stars": score if kind == "csat" else 0}


def joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)
