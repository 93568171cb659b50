"""A chart as an SVG: for a page in three widths, of which the stylesheet shows the one that fits; for a file in one.

Both are the same drawing. On a page its colours are the theme's variables; `on_paper` puts the light theme's in.
"""

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from thereafter.kit.charts import columns, lines, rows, squares
from thereafter.kit.charts.canvas import Canvas
from thereafter.kit.charts.frames import BROAD, MIDDLE, NARROW
from thereafter.kit.charts.kinds import Chart, Columns, Forest, Grid, Heat, Lines, Ranked

_SIZES = {NARROW: "chart-narrow", MIDDLE: "chart-middle", BROAD: "chart-broad"}
_FONTS = "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', 'Libertinus Serif'"
# The light theme of kit/thereafter.css and kit/charts.css.
PAPER = {
    "--surface": "#ffffff", "--sunken": "#f2f0ec", "--ink": "#1d1c1a", "--muted": "#5e5b55", "--faint": "#6b6861",
    "--line": "#e5e2db", "--line-strong": "#928d83", "--accent-text": "#0f5561",
    "--chart-heat": "#0f8793", "--chart-brand": "#0f5561", "--chart-good": "#1f7a4b", "--chart-warn": "#a86400",
    "--chart-bad": "#b3352f", "--chart-info": "#1d4f91", "--chart-neutral": "#928d83",
    "--chart-1": "#10606d", "--chart-2": "#c2571a", "--chart-3": "#5b4fa3", "--chart-4": "#8a7a1f",
    "--chart-5": "#b03a6f", "--chart-6": "#3f7d46",
}  # fmt: skip
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")

_PENS: dict[type, Callable[..., Canvas]] = {
    Lines: lines.draw,
    Columns: columns.draw,
    Forest: rows.draw_forest,
    Ranked: rows.draw_ranked,
    Heat: squares.draw_heat,
    Grid: squares.draw_grid,
}


def draw(chart: Chart, width: float = BROAD, *, still: bool = True, css: str = "") -> str:
    """One SVG of about this width. `still` ones answer to no pointer and lead nowhere."""
    has_links = not still and any(getattr(one, "url", "") for one in _named(chart))
    return _PENS[type(chart)](chart, width, still=still).svg(chart.title, css, has_links=has_links)


def _named(chart: Any) -> list[Any]:
    return [*getattr(chart, "effects", []), *getattr(chart, "bars", [])]


def for_page(chart: Chart) -> Markup:
    """The widths one after the other; the stylesheet leaves one of them."""
    drawn = "".join(draw(chart, width, still=False, css=css) for width, css in _SIZES.items())
    return Markup(drawn)  # noqa: S704 every text in it was escaped by the canvas


def on_paper(svg: str) -> str:
    """With colours and fonts of its own, for what knows no stylesheet."""
    coloured = _VARIABLE.sub(lambda found: PAPER.get(found[1], found[0]), svg)
    return coloured.replace("<svg ", f'<svg font-family="{_FONTS}" ', 1)


def kind(chart: Chart) -> str:
    """How a page shows it: "heat" and "grid" as tables, the others drawn."""
    return "heat" if isinstance(chart, Heat) else "grid" if isinstance(chart, Grid) else "drawn"


def tint(chart: Heat | Grid, value: float) -> str:
    """The class of a cell's tint."""
    top = squares.fullest(chart) if isinstance(chart, Heat) else squares.most(chart)
    return f"heat-{squares.tint(value, top)}"


def has_anything(chart: Chart) -> bool:
    """Whether there is anything to draw at all."""
    if isinstance(chart, Lines | Columns):
        return any(value is not None for one in chart.series for value in one.values)
    return bool(_named(chart) or getattr(chart, "rows", []))
