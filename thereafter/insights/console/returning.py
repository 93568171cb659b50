"""Customers by what happened after their first order, and how many of each came back."""

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.outcomes import Cut, OutcomeGroup, Outcomes, outcomes
from thereafter.kit.charts.kinds import Bar, Colour, Effect, Forest, Ranked
from thereafter.kit.charts.units import FINE_SHARE, POINTS, money
from thereafter.kit.pages import number
from thereafter.kit.shares import Share

WITHIN = Choice("within", "Came back", {str(days): f"Within {days} days" for days in (90, 30, 60, 180)})
SEEN = {
    "delivery": "Whether the parcel of their first order came by the promised day",
    "returned": "Whether they sent something back",
    "claimed": "Whether something was broken, wrong or lost",
    "score": "What they answered when they were asked how it was",
    "contacted": "Whether they needed somebody to help",
}

# Groups of whom nothing is known.
UNKNOWN = ("unknown", "none")
TOO_FEW = (
    "Too few customers yet to compare: it takes twenty of each kind, such as twenty whose first parcel came late. "
    "Choose a longer period or fewer days to come back in."
)


def build(filters: Filters) -> Page:
    within = int(filters.own[WITHIN.name])
    found = outcomes(filters.view, within)
    return page(SPEC, filters, [_differences(found, within), *(_cut(filters, cut) for cut in found.cuts)])


def _differences(found: Outcomes, within: int) -> Card:
    effects = [_effect(cut) for cut in found.cuts]
    is_known = any(one.value is not None for one in effects)
    return Card(
        "differences",
        "What goes with coming back",
        f"How much more or less often new customers ordered again within {within} days, by what happened before",
        definition=found.definition,
        chart=Forest("Difference of repeat rates", effects, POINTS, by="What happened", value="Difference")
        if is_known
        else None,
        facts=[
            Fact(
                f"All came back within {within} days",
                said.rate(found.again),
                hint=said.of(found.again, "new customers"),
            )
        ]
        if found.again
        else [],
        basis=said.many(found.customers, "new customer"),
        thin=found.thin or ("" if is_known else TOO_FEW),
        note=found.caution,
        wide=True,
    )


def _effect(cut: Cut) -> Effect:
    one, two = cut.groups[:2]
    label = f"{one.name} beside {two.name.lower()}"
    if cut.difference is None:
        return Effect(label, None, note=cut.difference_words)
    return Effect(label, cut.difference.value, cut.difference.low, cut.difference.high, note=cut.difference_words)


def _cut(filters: Filters, cut: Cut) -> Card:
    groups = [group for group in cut.groups if group.customers]
    bars = [_bar(filters, group, group.again) for group in groups if group.again]
    few = [group for group in groups if not group.again]
    return Card(
        cut.key,
        cut.name,
        SEEN.get(cut.key, ""),
        chart=Ranked(f"Came back, by: {cut.name}", bars, FINE_SHARE, by="Group", value="Came back") if bars else None,
        basis=said.many(sum(group.customers for group in groups), "new customer"),
        thin="" if len(groups) > 1 and bars else _nothing(cut, groups),
        note=_few(few) if few else cut.difference_words if len(groups) > 1 else "",
    )


def _nothing(cut: Cut, groups: list[OutcomeGroup]) -> str:
    if len(groups) > 1:
        return TOO_FEW
    is_all = bool(groups) and groups[0].key == cut.groups[0].key
    return f"It happened to {'all' if is_all else 'none'} of these customers, so there is nothing to compare."


def _few(groups: list[OutcomeGroup]) -> str:
    named = ", ".join(f"{group.name.lower()} ({number(group.customers)})" for group in groups)
    return f"Too few to say: {named}."


def _bar(filters: Filters, group: OutcomeGroup, again: Share) -> Bar:
    spent = said.whole_money(group.net_each_minor, money(filters.view.store.currency))
    text = f"{said.rate(again)} of {number(group.customers)}, then spent {spent} each"
    colour: Colour = "neutral" if group.key in UNKNOWN else "brand"
    return Bar(group.name, again.value, text, again.low, again.high, colour=colour)


SPEC = Spec(
    "returning",
    "What brings them back",
    "New customers by what happened after their first order, and how many of each came back.",
    build,
    (WITHIN,),
)
