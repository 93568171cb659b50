"""Themes, figures and comments, ready to read."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from thereafter.feedback import score_words as words
from thereafter.feedback.console.results_asked import Stretch
from thereafter.feedback.models import Answer, Review, Said, TextModel, Theme
from thereafter.feedback.queries.surveys import title_of
from thereafter.feedback.queries.themes import SOUNDS_PLEASED, SOUNDS_UNHAPPY, Overview, Spoken, State, Tally
from thereafter.feedback.rules.words.changes import LESS, MORE, SAME, TOO_FEW
from thereafter.kit.pages import number, percent, short_day
from thereafter.kit.scores import ENOUGH_FOR_A_TREND, SCALES

CHANGES = {MORE: "↑ more often", LESS: "↓ less often", SAME: "→ no significant change", TOO_FEW: "too few to say"}
# A theme is bad news where most are unhappy, or so many times more than of all comments; good news the other way.
_MOSTLY, _MUCH = 0.5, 1.5


def row(one: Spoken, everything: Tally) -> dict[str, Any]:
    """A line of the table of themes."""
    return {
        "theme": one.theme,
        "words": telling(one.theme),
        "n": one.tally.n,
        "share": one.share,
        "unhappy": percent(one.tally.unhappy_share) if one.tally.unhappy_share is not None else "–",
        "tone": tone(one.tally, everything),
        "mean": mean(one.tally),
        "change": CHANGES[one.verdict],
        "moved": one.verdict in {MORE, LESS},
    }


def telling(theme: Theme) -> str:
    """Its words beyond those that name it."""
    named = theme.name.casefold().split(", ")
    return ", ".join(word for word in theme.words if word.casefold() not in named)


def tone(tally: Tally, everything: Tally) -> str:
    share, usual = tally.unhappy_share, everything.unhappy_share
    if share is None or usual is None:
        return "neutral"
    if share >= max(_MOSTLY, usual) or share > _MUCH * usual:
        return "bad"
    return "good" if share * _MUCH < usual else "brand"


def mean(tally: Tally) -> str:
    if tally.mean is None:
        return "–"
    scale, value = tally.mean
    return f"{number(value, 2)} of {SCALES[scale].high}"


def comments(n: int) -> str:
    return "1 comment" if n == 1 else f"{number(n)} comments"


def of_score(tally: Tally) -> str:
    scored = sum(times for _, times in tally.scores.values())
    return f"{number(tally.unhappy)} of {number(scored)} with a score"


def moved(found: Overview, stretch: Stretch) -> str:
    """What moved, in a sentence."""
    if stretch.window.before is None:
        return ""
    more = [one.theme.name for one in found.themes if one.verdict == MORE]
    less = [one.theme.name for one in found.themes if one.verdict == LESS]
    if not more and not less:
        return "Nothing is spoken of significantly more or less often than in the same length of time before."
    parts = [
        f"{what} often than before: {'; '.join(names)}." for what, names in (("More", more), ("Less", less)) if names
    ]
    return " ".join(parts)


def quote(said: Said, given: Answer | Review) -> dict[str, Any]:
    """One comment with its score, order, person, and what its words sound like where the score says otherwise."""
    shown = {"said": said, "given": given, "order": given.order, "customer": given.customer, "odd": odd(said)}
    if isinstance(given, Review):
        title, text = given.title, given.body
        return shown | {"stars": given.rating, "title": title, "text": text, "about": str(given.product)}
    return shown | {"told": words.told(given), "title": "", "text": given.comment, "about": title_of(given.survey)}


def odd(said: Said) -> str:
    if said.pleased is None:
        return ""
    if said.band == "high" and said.pleased <= SOUNDS_UNHAPPY:
        return "Sounds unhappy"
    return "Sounds pleased" if said.band == "low" and said.pleased >= SOUNDS_PLEASED else ""


def learnt(model: TextModel) -> list[str]:
    """How good the model is, and how that was measured."""
    lines = [f"Themes and tone were learnt from the newest {comments(model.trained_on)} here."]
    if model.accuracy is None or model.auc is None:
        return [*lines, f"How pleased words sound cannot be told yet: {model.problem}"]
    chance = number(100 * model.auc, 0)
    return [
        *lines,
        f"Whether words sound pleased is told rightly for {percent(model.accuracy, 1)} of comments it had not seen "
        f"({number(model.positive)} with a high and {number(model.negative)} with a low score, five-fold "
        f"cross-validation); given one of each, it picks the unhappy one {chance} times of 100.",
    ]


def missing(state: State) -> tuple[str, str]:
    """Why there are no themes."""
    if state.model is not None:
        return (
            "No themes found",
            "The words of these comments are too different to be grouped. More comments may change that.",
        )
    if state.is_enough:
        return (
            "The words are learnt within a day",
            f"There are {comments(state.written)}. Once a day they are looked through for what they have in common.",
        )
    return (
        f"Not enough comments yet: {number(state.written)} of {number(state.enough)}",
        f"Themes are found in your own customers' comments, from {number(state.enough)} of them on. Until then you can "
        "read them one by one.",
    )


def points(steps: Iterable[tuple[date, int, int]], step: str) -> list[dict[str, Any]]:
    """The share of comments that are of a theme, for a line; a week or month with few comments says nothing."""
    return [
        {
            "label": f"Week of {short_day(day)}" if step == "week" else f"{day:%b %Y}",
            "value": part / whole,
            "text": f"{percent(part / whole)} ({number(part)} of {number(whole)})",
        }
        for day, part, whole in steps
        if whole >= ENOUGH_FOR_A_TREND
    ]


def quotes(found: Iterable[tuple[Said, Answer | Review]]) -> list[dict[str, Any]]:
    return [quote(said, given) for said, given in found]
