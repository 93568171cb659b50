"""A page of figures as data: once described, it is shown in the console and on a shared link, and written as CSV, PNG
and PDF. `pages/` fills it; see docs/insights-sharing.md."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from thereafter.kit.charts.kinds import Chart
from thereafter.kit.charts.reading import as_table
from thereafter.kit.charts.tables import Table
from thereafter.kit.charts.unlinking import chart_alone, table_alone


@dataclass(frozen=True)
class Fact:
    """A headline figure: finished texts. `delta` is the change beside the days before, `good` whether it is welcome,
    `how` its definition in one sentence."""

    label: str
    value: str
    delta: str = ""
    good: bool | None = None
    hint: str = ""
    how: str = ""
    spark: Sequence[float] = ()
    url: str = ""


@dataclass(frozen=True)
class Card:
    """One question with its answer.

    `what` says in one line what is seen, `definition` in a paragraph or more (blank lines between) how it is counted,
    `basis` on how many orders or customers it stands, `thin` why there is nothing to show (then neither chart nor
    table is). `table` is what the chart does not tell by itself; without one the chart's own figures are it.
    `named`: shows people's names, so it is left out of shared links.
    """

    key: str
    title: str
    what: str
    definition: str = ""
    chart: Chart | None = None
    table: Table | None = None
    facts: Sequence[Fact] = ()
    basis: str = ""
    thin: str = ""
    note: str = ""
    wide: bool = False
    named: bool = False
    links: Sequence[tuple[str, str]] = ()

    @property
    def figures(self) -> Table | None:
        """What a spreadsheet gets."""
        if self.table is not None:
            return self.table
        return as_table(self.chart) if self.chart is not None else None

    @property
    def is_empty(self) -> bool:
        return bool(self.thin) or (self.chart is None and self.table is None and not self.facts)


@dataclass(frozen=True)
class Page:
    """`filters` are what it is narrowed to, in words ("Last 365 days · France"); `orders` is how many fit them, none
    being nothing to show; `thin` says why else there is nothing."""

    key: str
    title: str
    what: str
    cards: Sequence[Card]
    as_of: datetime | None = None
    filters: str = ""
    facts: Sequence[Fact] = ()
    orders: int = 0
    thin: str = ""

    def card(self, key: str) -> Card | None:
        return next((card for card in self.cards if card.key == key), None)


def for_outsiders(page: Page) -> Page:
    """The page as people see it who have no place in the console: no names, and nothing that leads there."""
    cards = [_for_outsiders(card) for card in page.cards if not card.named]
    return replace(page, cards=cards, facts=[replace(fact, url="") for fact in page.facts])


def _for_outsiders(card: Card) -> Card:
    return replace(
        card,
        chart=chart_alone(card.chart) if card.chart else None,
        table=table_alone(card.table) if card.table else None,
        facts=[replace(fact, url="") for fact in card.facts],
        links=(),
    )
