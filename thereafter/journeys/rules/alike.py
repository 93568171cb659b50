"""Steps that everybody comes to alike: who is asked for a public review must not be chosen by what they said of us.

16 CFR 465.7 and Directive (EU) 2019/2161 forbid asking the pleased alone. So before such a step nothing may look at
scores, at how somebody sounds, or at whether they had trouble. Plain Python.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from thereafter.journeys.rules.plans import conditions_of, following, stops_on
from thereafter.journeys.rules.problems import Problem

Document = Mapping[str, Any]
# As parts of names, with what stands around them: fact.score, trait['nps_band'], 'promoters' in customer.segments.
_SAID = re.compile(
    r"score|rating|\bstars?\b|nps|csat|\bces\b|sentiment|promoter|detractor|satisf|unhappy|happy\b|\bband\b|"
    r"complain|follow_up|\blate\b|parcel\.exception|ticket|refund",
    re.IGNORECASE,
)
# What tells of trouble or of a bad answer: a journey that starts with it, or ends at it, chooses by it.
_TROUBLE = re.compile(r"follow_up\.|survey\.answer|review\.|return\.|parcel\.(late|exception)|ticket|claim")


def check(document: Document, steps: Sequence[Mapping[str, Any]], *, alike: Mapping[str, bool]) -> Iterator[Problem]:
    """`alike` says of each step's id whether everybody must come to it the same way."""
    chosen_before = _before_all(document)
    written = {place: str(one.text) for place, one in conditions_of(document).items()}
    for step in steps:
        if not alike.get(step["id"]):
            continue
        ahead = _ahead(steps, step["id"])
        asked = [text for (where, _), text in written.items() if where in ahead]
        why = chosen_before or next((found for text in asked if (found := _found(text))), "")
        why = why or next((str(one["event"]) for one in steps if one["id"] in ahead and _waits_for_trouble(one)), "")
        if why:
            yield Problem(step["id"], sentence(why))


def sentence(why: str) -> str:
    return (
        f"Everybody is asked for a review the same way, by law: nothing before this step may look at “{why}”. "
        "Take the condition away, or put this step into a journey of its own."
    )


def _before_all(document: Document) -> str:
    """What decides about the whole journey: how it begins, and what ends it half-way."""
    conditions = conditions_of(document)
    texts = [str(one.text) for (where, _), one in conditions.items() if where in ("trigger", "entry", "")]
    events = [str(document["trigger"].get("event") or ""), *map(str, stops_on(document))]
    segment = str(document["trigger"].get("segment") or "")
    by_words = next((found for text in [*texts, segment] if (found := _found(text))), "")
    return by_words or next((event for event in events if _TROUBLE.search(event)), "")


def _found(text: str) -> str:
    found = _SAID.search(text)
    return found[0] if found else ""


def _waits_for_trouble(step: Mapping[str, Any]) -> bool:
    return step["kind"] == "wait_for" and bool(_TROUBLE.search(str(step.get("event") or "")))


def _ahead(steps: Sequence[Mapping[str, Any]], target: str) -> set[str]:
    """Steps from which one can come to `target`. They only ever lead forward, so one look from behind is enough."""
    after = following(steps)
    found = {target}
    for step in reversed(steps):
        if found & _leads_to(step, after[step["id"]]):
            found.add(step["id"])
    return found - {target}


def _leads_to(step: Mapping[str, Any], after: str) -> set[str]:
    ways = [way.get("to") for way in step.get("ways") or ()]
    return {after, *(str(to) for to in (step.get("then"), step.get("else"), *ways) if to)}
