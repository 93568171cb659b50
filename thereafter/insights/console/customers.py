"""Customers by how recently, how often and for how much they bought, and how much hangs on the best of them."""

from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import urlencode

from django.urls import reverse

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.value import GridCell, Pareto, RfmMap, pareto, rfm_map
from thereafter.kit.charts.kinds import Box, Grid, lorenz
from thereafter.kit.charts.tables import Cell, Column, Table
from thereafter.kit.charts.units import DECIMAL, FINE_SHARE, NUMBER, money
from thereafter.kit.pages import number, percent

LEVELS = Choice("levels", "Steps of each score", {"5": "Scores 1 to 5", "3": "Scores 1 to 3"})
NOBODY = "–"
GROUP_TRAIT = "insights.rfm_group"
MOST_MOVES = 12


def build(filters: Filters) -> Page:
    rfm, share = rfm_map(filters.view, int(filters.own[LEVELS.name])), pareto(filters.view)
    cards = [_map(filters, rfm), _groups(filters, rfm), _pareto(filters, share), _moves(rfm)]
    return page(SPEC, filters, cards, _facts(filters, share))


def _facts(filters: Filters, share: Pareto) -> list[Fact]:
    unit = money(filters.view.store.currency)
    each = share.net_minor / share.customers if share.customers else None
    return [
        Fact("Customers", number(share.customers), how="Who ordered by the last day of the period."),
        Fact("Revenue per customer", said.whole_money(each, unit), how="All they ever spent, after refunds."),
        Fact("The best fifth brings", percent(share.top_fifth, 1), hint="of the revenue"),
        Fact("80% of the revenue comes from", percent(share.eighty, 1), hint="of the customers"),
    ]


def _map(filters: Filters, rfm: RfmMap) -> Card:
    recency, frequency = _stretches(0, rfm.cuts.recency, " days"), _stretches(1, rfm.cuts.frequency)
    levels = range(1, rfm.levels + 1)
    names = {group.key: group.name for group in rfm.groups}
    # Equal cut points leave levels that nobody can have.
    lines = [r for r in reversed(levels) if recency[-r] != NOBODY]
    bars = [f for f in levels if frequency[f - 1] != NOBODY]
    boxes = [[_box(filters, rfm.grid.get((r, f)), names) for f in bars] for r in lines]
    return Card(
        "rfm",
        "RFM map",
        "Customers by how recently and how often they bought; the best stand at the top right",
        definition=rfm.definition,
        chart=Grid(
            "Customers by recency and frequency",
            [one for one in recency if one != NOBODY],
            [one for one in frequency if one != NOBODY],
            boxes,
            y_title="Last order",
            x_title="Orders",
        )
        if rfm.grid
        else None,
        basis=said.many(rfm.n, "customer"),
        thin=rfm.thin,
        wide=True,
    )


def _box(filters: Filters, cell: GridCell | None, names: dict[str, str]) -> Box:
    if cell is None or not cell.customers:
        return Box(0)
    name = names.get(cell.group, "")
    return Box(cell.customers, name, segment_url(filters, cell.group, name))


def _stretches(first: int, cuts: Sequence[int], unit: str = "") -> list[str]:
    """ "0–29 days", "30–59 days", "60+ days"; a dash where equal cut points leave nothing between them."""
    starts = [first, *cuts]
    closed = [_stretch(start, after - 1) for start, after in pairwise(starts)]
    return [f"{one}{unit}" if one else NOBODY for one in (*closed, f"{starts[-1]}+")]


def _stretch(start: int, last: int) -> str:
    if last < start:
        return ""
    return str(start) if last == start else f"{start}–{last}"


def segment_url(filters: Filters, group: str, name: str) -> str:
    """The editor of a new segment of these people; "" for who may not make one."""
    if not group or not filters.may("journeys.edit"):
        return ""
    given = urlencode({"name": name, "condition": f"trait['{GROUP_TRAIT}'] == '{group}'"})
    return f"{reverse('journeys_console:new_segment', args=[filters.view.store.slug])}?{given}"


def _groups(filters: Filters, rfm: RfmMap) -> Card:
    unit = money(filters.view.store.currency)
    groups = [group for group in rfm.groups if group.customers]
    columns = [
        Column("Group"),
        Column("Customers", NUMBER),
        Column("Share", FINE_SHARE),
        Column("Revenue", unit),
        Column("Share of revenue", FINE_SHARE),
        Column("Orders each", DECIMAL),
        Column("Who they are"),
    ]
    rows: list[list[Cell]] = [
        [
            group.name,
            group.customers,
            group.share,
            group.net_minor,
            group.net_share,
            group.orders / group.customers,
            group.meaning,
        ]
        for group in groups
    ]
    urls = [segment_url(filters, group.key, group.name) for group in groups]
    return Card(
        "groups",
        "Groups",
        "Six groups that want different letters",
        definition=rfm.definition,
        table=Table(columns, rows, urls),
        basis=said.many(rfm.n, "customer"),
        thin=rfm.thin,
        note="Follow a group's name to make a segment of it, for a journey or a campaign. Segments know everybody by "
        "the scores of last night, whatever this page is narrowed to."
        if any(urls)
        else "",
        wide=True,
    )


def _pareto(filters: Filters, share: Pareto) -> Card:
    curve = sorted((1 - people, 1 - spent) for people, spent in share.curve)
    return Card(
        "pareto",
        "How much hangs on a few",
        "What share of the revenue each share of customers brings, the smallest spenders first",
        definition=share.definition,
        chart=lorenz("Share of revenue by share of customers", [one for one, _ in curve], [two for _, two in curve])
        if len(curve) > 1
        else None,
        facts=[
            Fact("The best fifth brings", percent(share.top_fifth, 1)),
            Fact("Who brings 80%", percent(share.eighty, 1), hint="of the customers"),
            Fact("Gini", f"{share.gini:.2f}" if share.gini is not None else "–", hint="0 all alike, 1 one alone"),
        ],
        basis=said.many(share.n, "customer"),
        thin=share.thin,
    )


def _moves(rfm: RfmMap) -> Card:
    names = {group.key: group.name for group in rfm.groups}
    moved = sorted((one for one in rfm.moves if one.before != one.now), key=lambda one: -one.customers)
    stayed = sum(one.customers for one in rfm.moves if one.before == one.now)
    known = sum(one.customers for one in rfm.moves)
    rows: list[list[Cell]] = [
        [names.get(one.before, "–"), names.get(one.now, "–"), one.customers] for one in moved[:MOST_MOVES]
    ]
    return Card(
        "moves",
        "Who moved",
        "From one group to another between the first day of the period and its last",
        definition="Both days are scored with the cut points of the last day. Only who had bought before the period "
        "can have moved.",
        table=Table([Column("Was"), Column("Is now"), Column("Customers", NUMBER)], rows),
        basis=f"{said.many(known, 'customer')}, {number(stayed)} stayed where they were" if known else "",
        thin=rfm.thin or ("" if known else "Nobody had bought before the period. Choose a shorter one."),
    )


SPEC = Spec(
    "customers",
    "Customer groups",
    "Who your best customers are, who is slipping away, and how much hangs on a few.",
    build,
    (LEVELS,),
)
