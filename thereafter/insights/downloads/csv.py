"""Figures for a spreadsheet: one table for a card, all of them one below the other for a page."""

from collections.abc import Iterator, Sequence

from thereafter.insights.cards import Card, Page
from thereafter.kit import tables
from thereafter.kit.charts.tables import Table

Row = Sequence[object]


def card_csv(card: Card) -> str:
    """The table of a card and nothing else, as programs like it; "" for a card without figures."""
    return _written(_table(card.figures)) if card.figures else ""


def page_csv(page: Page) -> str:
    """Title, filters and moment first; then each card under its title, with an empty line between."""
    return _written(_page(page))


def _written(rows: Iterator[Row]) -> str:
    return "".join(tables.written([tables.harmless(cell) for cell in row] for row in rows))


def _page(page: Page) -> Iterator[Row]:
    yield (page.title,)
    if page.filters:
        yield "Filters", page.filters
    if page.as_of:
        yield "As of", page.as_of.isoformat(timespec="minutes")
    if page.facts:
        yield ()
        yield from ((fact.label, fact.value, fact.delta, fact.hint) for fact in page.facts)
    for card in page.cards:
        yield ()
        yield from _card(card)


def _card(card: Card) -> Iterator[Row]:
    yield (card.title,)
    if card.basis:
        yield "Based on", card.basis
    if card.thin:
        yield (card.thin,)
        return
    yield from ((fact.label, fact.value, fact.delta, fact.hint) for fact in card.facts)
    if card.figures:
        yield from _table(card.figures)


def _table(table: Table) -> Iterator[Row]:
    yield [head for column in table.columns for head in column.heads()]
    for row in table.rows:
        yield [part for column, cell in zip(table.columns, row, strict=False) for part in column.raw(cell)]
