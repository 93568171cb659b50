"""What the console says of reorders: in how many days, why, and what became of it."""

from collections.abc import Mapping
from datetime import date
from math import exp
from typing import NamedTuple

from thereafter.kit.pages import short_day
from thereafter.recommendations.models import Reorder, ReorderBuild, ReorderProduct
from thereafter.recommendations.rules.reorders import TOO_LATE, basis

TABS = {"overdue": "Overdue", "week": "Due now", "next": "Next week", "later": "Later", "all": "All"}
TONES = {"waiting": "neutral", "told": "info", "ordered": "good", "snoozed": "warn", "stopped": "neutral"}
# Fewer tell nothing of a product.
ENOUGH = 5
SLIGHT = 5


class Usual(NamedTuple):
    """The days of one unit of a product: a quarter comes back before `low`, half before `middle`, a quarter later."""

    low: int
    middle: int
    high: int


def usual_days(row: ReorderProduct) -> Usual:
    return Usual(*(max(1, round(exp(row.middle + aside))) for aside in (row.low, 0.0, row.high)))


def why_then(reorder: Reorder, products: Mapping[int, ReorderProduct]) -> str:
    """The sentence behind a window."""
    row = products.get(reorder.product_id)
    if row is None:
        return ""
    said = row.product.replenish_days
    return basis(reorder.own_gaps, usual_days=usual_days(row).middle, gaps=row.gaps, replenish_days=said)


def state_of(reorder: Reorder, today: date) -> tuple[str, str, str]:
    """Label, tone, and what there is to add."""
    label = str(reorder.get_state_display())
    return label, TONES[reorder.state], _more(reorder, today)


def _more(reorder: Reorder, today: date) -> str:
    if reorder.state == Reorder.State.WAITING and reorder.due_to + TOO_LATE < today:
        return "too late to remind"
    if reorder.state in (Reorder.State.WAITING, Reorder.State.STOPPED):
        return str(reorder.get_why_display())
    if reorder.state == Reorder.State.SNOOZED and reorder.snoozed_until:
        return f"until {short_day(reorder.snoozed_until)}"
    if reorder.state == Reorder.State.TOLD and reorder.told_at:
        return f"on {short_day(reorder.told_at)}"
    if reorder.state == Reorder.State.ORDERED:
        return f"on {short_day(reorder.bought_on)}"
    return ""


def why_on(row: ReorderProduct) -> str:
    """Why reminders of a product are on or off."""
    if row.switch:
        return "You switched them on." if row.switch == "on" else "You switched them off."
    if row.product.replenish_days:
        return f"It is used up after {row.product.replenish_days} days, you say."
    if row.is_bought_again:
        return f"{row.came_back:,} of {row.buyers:,} buyers came back for it."
    return "Too few buyers come back for it, or at no regular time."


def accuracy(tested: int, error_days: float | None, inside: int) -> str:
    """How well its past was foretold; too few say nothing."""
    if tested < ENOUGH or error_days is None:
        return ""
    return f"Half within {_days(error_days)} of the day; {inside:,} of {tested:,} inside the window."


def shop_accuracy(build: ReorderBuild | None) -> str:
    if build is None or build.tested < ENOUGH or build.error_days is None:
        return "Too few repeats so far to say how well this foretells."
    usual = (
        f"; telling everybody the product's usual days: {_days(build.usual_error_days)}"
        if build.usual_error_days
        else ""
    )
    return (
        f"Tried on the newest {build.tested:,} repeats, foretold from those before: half came within "
        f"{_days(build.error_days)} of the day we would have said{usual}. {build.inside:,} fell inside the window "
        f"({build.inside / build.tested:.0%}), where half is right.{_spread(build.spread)}"
    )


def _spread(spread: float) -> str:
    """How windows are mended here; a twentieth is nothing."""
    by = round(abs(spread - 1) * 100)
    if by < SLIGHT:
        return ""
    return f" Windows are {by} % {'wider' if spread > 1 else 'narrower'} than past errors alone say, to hold half."


def _days(days: float) -> str:
    whole = round(days)
    return "a day" if whole == 1 else f"{whole:,} days"
