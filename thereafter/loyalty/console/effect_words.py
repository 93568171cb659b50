"""The comparison of members with and without rewards, in words."""

from typing import Any

from thereafter.kit.pages import day, number, percent
from thereafter.loyalty.console.numbers_words import shown
from thereafter.loyalty.queries.effects import Trial
from thereafter.loyalty.rules import effect as effects
from thereafter.loyalty.rules.effect import WINDOW_DAYS, WORTH_SEEING, Effect, needed

Row = dict[str, Any]
_VERDICTS = {
    effects.NO_HOLDOUT: (
        "neutral",
        "Nobody is held out",
        "Members buy more than others in every shop, because those who like a shop become members. What the programme "
        "adds can only be seen beside people who would be members and get no rewards. Let the programme hold out some "
        "of a hundred new members, and this page will tell.",
    ),
    effects.TOO_FEW: (
        "info",
        "Not yet enough to say",
        f"Each side needs {effects.ENOUGH} members whose {WINDOW_DAYS} days are over, of whom at least "
        f"{effects.LEAST_CASES} bought again and {effects.LEAST_CASES} did not.",
    ),
    effects.UNCLEAR: (
        "info",
        "No effect is shown",
        "The difference is within what chance alone makes. That is no proof that there is none: see below how many "
        "members it takes to see one.",
    ),
    effects.MORE: ("good", "Members with rewards buy again more often", "More than chance alone would make."),
    effects.LESS: ("warn", "Members with rewards buy again less often", "More than chance alone would make."),
}


def told(found: Effect, trial: Trial, currency: str) -> Row:
    tone, title, text = _VERDICTS[found.verdict]
    return {
        "tone": tone,
        "title": title,
        "text": text,
        "is_on": bool(trial.percent),
        "since": day(trial.since) if trial.since and trial.since.year > 1 else "",
        "percent": trial.percent,
        "waiting": number(trial.waiting),
        "days": WINDOW_DAYS,
        "arms": [_arm("With rewards", found, found.rewarded, currency), _arm("Held out", found, found.held, currency)],
        "shares": _points(found.shares),
        "money": _sum(found.money, currency),
        "needed": _needed(found, trial),
    }


def _arm(label: str, found: Effect, arm: effects.Arm, currency: str) -> Row:
    """Counts always; shares and amounts only when there are enough to mean something."""
    is_told = found.shares is not None
    return {
        "label": label,
        "people": number(arm.people),
        "again": number(arm.again),
        "rate": percent(arm.rate, 1) if is_told else "–",
        "mean": shown(arm.mean, currency) if is_told else "–",
    }


def _points(found: effects.Difference | None) -> str:
    """Differences of shares are percentage points."""
    if found is None:
        return ""
    low, value, high = (number(100 * part, 1) for part in (found.low, found.value, found.high))
    return f"{value} points ({low} to {high})"


def _sum(found: effects.Difference | None, currency: str) -> str:
    if found is None:
        return ""
    return f"{shown(found.value, currency)} ({shown(found.low, currency)} to {shown(found.high, currency)})"


def _needed(found: Effect, trial: Trial) -> list[Row]:
    """How many must be followed to see a difference, from how often people buy again now."""
    base = found.held.rate if found.held.people >= effects.ENOUGH else found.rewarded.rate
    wanted = [needed(base, size, held_share=trial.percent / 100) for size in WORTH_SEEING]
    return [
        {
            "size": f"{number(100 * one.difference)} points",
            "rewarded": number(one.rewarded),
            "held": number(one.held),
            "left": number(max(0, one.held - found.held.people)),
        }
        for one in wanted
        if one
    ]
