"""What was proved, as people say it."""

from babel.numbers import format_currency

from thereafter.journeys.proving import Result
from thereafter.journeys.rules import proof
from thereafter.journeys.rules.proof import Arm, Interval, Proof
from thereafter.journeys.words import event_in_words
from thereafter.kit.money import exponent
from thereafter.kit.pages import number, percent

TITLES = {
    proof.NO_HOLDOUT: "Nobody is held out",
    proof.TOO_FEW: "Too few to tell",
    proof.BROKEN: "The two groups are not alike",
    proof.EARLY: "Too early to say",
    proof.GAIN: "It works",
    proof.LOSS: "It does harm",
}
TONES = {proof.GAIN: "good", proof.LOSS: "bad", proof.EARLY: "info", proof.BROKEN: "bad"}
REPEAT = "bought again"


def did_in_words(goal: str) -> str:
    """What those who reached it did: "bought again", or the goal's own event."""
    return f"reached the goal ({event_in_words(goal)})" if goal else REPEAT


def sentence(proved: Proof, days: int, did: str = REPEAT, held: str = "who were held out") -> str:
    """Both rates, or the one there is."""
    if not proved.treated.people:
        return "Nobody's time is over yet."
    treated = f"Of {number(proved.treated.people)} who got it, {share(proved.treated)} {did} within {days} days"
    if not proved.held.people:
        return f"{treated}."
    return f"{treated}; of {number(proved.held.people)} {held}, {share(proved.held)}."


def verdict(proved: Proof) -> str:
    """What may be concluded, and what may not."""
    if proved.verdict == proof.TOO_FEW:
        return (
            f"Figures are compared from {proof.LEAST_PEOPLE} people in each group and {proof.LEAST_GOALS} goals on; "
            f"so far there are {number(min(proved.treated.people, proved.held.people))} people in the smaller group "
            f"and {number(proved.treated.reached + proved.held.reached)} goals in all."
        )
    if proved.verdict == proof.BROKEN:
        return (
            "Far more or fewer people were held out than the journey says. Something other than chance decided who got "
            "it, so the groups cannot be compared."
        )
    if proved.rate is None or proved.ratio is None:
        return ""
    if proved.rate.side:
        return f"{_cause(proved.ratio)}. {_points(proved.rate)}"
    return f"It is too early to say whether the journey is the reason. {_points(proved.rate)}"


def _cause(ratio: Interval) -> str:
    times = f"{ratio.value:.2g} times as many (between {ratio.low:.2f} and {ratio.high:.2f} times)"
    return f"The journey makes the difference: {times}"


def _points(rate: Interval) -> str:
    return f"The true difference lies between {points(rate.low)} and {points(rate.high)} percentage points."


def earned(proved: Proof, currency: str) -> str:
    """What it brought in, in money; where that cannot be told, why."""
    if proved.rate is None:
        return ""
    if proved.earned is None:
        return "Too few have bought to tell what it earned in money."
    low, high = money(proved.earned.low, currency), money(proved.earned.high, currency)
    about = money(proved.earned.value, currency)
    if proved.earned.side > 0:
        return f"It earned about {about} (between {low} and {high})."
    if proved.earned.side < 0:
        lost = money(-proved.earned.value, currency)
        return f"It cost about {lost} in sales that others made (between {low} and {high})."
    return f"In money it is too early to say: about {about}, but it may be anything between {low} and {high}."


def share(arm: Arm) -> str:
    return percent(arm.rate, 1)


def points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def money(minor: float, currency: str) -> str:
    """In whole units: nobody earns exact cents."""
    whole = round(minor / 10 ** exponent(currency))
    text = format_currency(abs(whole), currency, "¤#,##0", locale="en", currency_digits=False)
    return f"−{text}" if whole < 0 else text


def money_each(minor: float, currency: str) -> str:
    """Per person, to the cent."""
    text = format_currency(abs(minor) / 10 ** exponent(currency), currency, locale="en")
    return f"−{text}" if minor < 0 else text


def badge(result: Result) -> tuple[str, str]:
    """(text, tone)."""
    kind = result.main.verdict
    return TITLES[kind], TONES.get(kind, "neutral")
