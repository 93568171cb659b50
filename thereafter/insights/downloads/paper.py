"""Pages of figures as PDF, cards as PNG: the drawings of the screen, set by typst. Texts are data, never markup."""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from thereafter.insights.cards import Card, Fact, Page
from thereafter.kit.charts.drawing import draw, has_anything, on_paper
from thereafter.kit.charts.frames import BROAD, NARROW
from thereafter.kit.charts.kinds import Chart, Grid, Heat
from thereafter.kit.charts.tables import Table
from thereafter.kit.pages import moment
from thereafter.storefront.branding import brand
from thereafter.stores.models import Store

_SOURCES = Path(__file__).parent.parent / "templates" / "insights" / "print"
# Longer tables are for the spreadsheet.
MOST_ROWS = 40
PICTURE_WIDTH = 720


class CannotPrint(ValueError):
    """The page cannot be set; the text says why."""


def page_pdf(store: Store, page: Page) -> bytes:
    """A4, with title, filters, the moment the figures are true at, and how each is counted."""
    return _set("page", {**_head(store, page), "facts": [_fact(one) for one in page.facts], "rows": _rows(page)}, "pdf")


def card_png(store: Store, page: Page, card: Card) -> bytes:
    """The chart of a card with its title and where it is from, twice as fine as a screen. Raises `CannotPrint`."""
    if card.chart is None or not has_anything(card.chart):
        raise CannotPrint("There is nothing to draw for these filters.")
    return _set("picture", {**_head(store, page), "card": _card(card, PICTURE_WIDTH)}, "png")


def _set(what: Literal["page", "picture"], data: dict[str, Any], kind: Literal["pdf", "png"]) -> bytes:
    try:
        made: Any = typst.compile(_source(what), format=kind, ppi=144, sys_inputs={"data": json.dumps(data)})
    except typst.TypstError as error:
        raise CannotPrint(f"The page cannot be set: {str(error).splitlines()[0][:200]}") from error
    return bytes(made[0]) if isinstance(made, list) else bytes(made)


@lru_cache(maxsize=2)
def _source(name: str) -> bytes:
    return (_SOURCES / f"{name}.typ").read_bytes()


def _head(store: Store, page: Page) -> dict[str, Any]:
    return {
        "shop": store.name,
        "ink": brand(store.brand_colour).text_light,
        "title": page.title,
        "what": page.what,
        "filters": page.filters,
        "as_of": _when(page.as_of),
        "thin": page.thin,
    }


def _when(at: datetime | None) -> str:
    return f"As of {moment(at)}" if at else ""


def _fact(fact: Fact) -> dict[str, str]:
    return {"label": fact.label, "value": fact.value, "note": " ".join(filter(None, (fact.delta, fact.hint)))}


def _rows(page: Page) -> list[list[dict[str, Any]]]:
    """Two that are small side by side, the others alone; in the order of the page."""
    rows: list[list[dict[str, Any]]] = []
    was_small = False
    for card in page.cards:
        is_small = not (card.wide or card.table or isinstance(card.chart, Heat | Grid))
        drawn = _card(card, NARROW if is_small else BROAD)
        if is_small and was_small and len(rows[-1]) == 1:
            rows[-1].append(drawn)
        else:
            rows.append([drawn])
        was_small = is_small
    return rows


def _card(card: Card, width: int) -> dict[str, Any]:
    chart = None if card.thin else card.chart
    table = None if card.thin else card.table
    return {
        "title": card.title,
        "what": card.what,
        "facts": [_fact(fact) for fact in card.facts],
        "thin": card.thin,
        "chart": _drawn(chart, width) if chart and has_anything(chart) else "",
        "is_small": width == NARROW,
        "table": _table(table) if table else None,
        "notes": [text for text in (card.note, card.basis) if text],
        "definition": " ".join(card.definition.split()),
    }


def _drawn(chart: Chart, width: int) -> str:
    return on_paper(draw(chart, width))


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [column.say(cell) for column, cell in zip(table.columns, row, strict=False)] for row in table.rows[:MOST_ROWS]
    ]
    left = len(table.rows) - MOST_ROWS
    return {
        "head": [column.label for column in table.columns],
        "numbers": [column.is_number for column in table.columns],
        "rows": rows,
        "left": f"{left:,} more rows in the spreadsheet" if left > 0 else "",
    }
