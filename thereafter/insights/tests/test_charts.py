"""Charts drawn on the server: what is there is drawn, what is not is said, and both themes and paper read the same."""

import re
from dataclasses import replace
from itertools import pairwise
from math import isfinite
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from thereafter import kit
from thereafter.kit.charts.canvas import fitted, text_width
from thereafter.kit.charts.drawing import PAPER, draw, for_page, has_anything, kind, on_paper, tint
from thereafter.kit.charts.frames import BROAD, HEIGHTS, MIDDLE, NARROW
from thereafter.kit.charts.kinds import (
    Bar,
    Box,
    Chart,
    Columns,
    Effect,
    Forest,
    Grid,
    Heat,
    HeatCell,
    HeatRow,
    Lines,
    Mark,
    Ranked,
    Series,
    calibration,
    histogram,
    lorenz,
    survival,
    trend,
)
from thereafter.kit.charts.reading import as_table
from thereafter.kit.charts.scales import rounded
from thereafter.kit.charts.tables import Column, Sure
from thereafter.kit.charts.units import DAYS, DECIMAL, FINE_SHARE, NUMBER, POINTS, SHARE, Unit, money

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ["Jan", "Feb", "Mar", "Apr"]
HOSTILE = '<script>alert(1)</script> & "Söhne" \''
EFFECTS = [
    Effect("Late", -0.06, -0.09, -0.03),
    Effect("Returned", 0.01, -0.02, 0.04),
    Effect("Praised", 0.08, 0.05, 0.11, url="/x"),
    Effect("Claimed", None, note="too few"),
]
HEAT = Heat(
    "Retention",
    ["0", "1", "2"],
    [
        HeatRow("Jan", 120, [HeatCell(1), HeatCell(0.3), HeatCell(0.2)], url="/jan"),
        HeatRow("Feb", 80, [HeatCell(1), HeatCell(0.15, running=True), None]),
    ],
    summary=HeatRow("All", 200, [HeatCell(1), HeatCell(0.24)]),
)
GRID = Grid("Map", ["5", "1"], ["1", "5"], [[Box(0), Box(40, "Champions", "/c")], [Box(7, "Lost"), Box(3)]], "R", "F")
CHARTS: dict[str, Chart] = {
    "line": Lines("A", MONTHS, [Series("x", [1, 2, 3, 4], [0, 1, 2, 3], [2, 3, 4, 5])]),
    "several": Lines("B", MONTHS, [Series(f"Line {n}", [n, n + 1, None, n * 2]) for n in range(4)], SHARE),
    "survival": survival(
        "C", [0, 30, 90], [Series("x", [0, 0.1, 0.3], [0, 0.05, 0.2], [0, 0.2, 0.4])], [Mark(60, "60", "x")]
    ),
    "stacked": Columns("D", MONTHS, [Series("New", [3, 4, 5, 6]), Series("Lost", [-1, -2, 0, -4])]),
    "histogram": histogram("E", ["0–6", "7–13"], [40, 3], "Days"),
    "lorenz": lorenz("F", [0, 0.5, 1], [0, 0.1, 1]),
    "calibration": calibration("G", [0.1, 1, 3], [0.2, 0.9, 3.3], DECIMAL),
    "forest": Forest("H", EFFECTS),
    "ranked": Ranked("I", [Bar("Too small", 0.3, "30%", 0.2, 0.4), Bar("Other", 0.1)], SHARE),
    "heat": HEAT,
    "grid": GRID,
    "empty line": Lines("J", [], [Series("x", [])]),
    "empty heat": Heat("K", [], []),
    "empty columns": Columns("L", [], []),
    "one point": Lines("M", ["Jan"], [Series("x", [0.4], [0.3], [0.5])], SHARE),
    "all zero": Columns("N", MONTHS, [Series("x", [0, 0, 0, 0])]),
    "all zero line": Lines("O", MONTHS, [Series("x", [0, 0, 0, 0])], SHARE),
    "huge": Lines("P", MONTHS, [Series("x", [1, 10**6, 10**12, 10**15])], money("EUR")),
    "negative": Lines("Q", MONTHS, [Series("x", [-5, -60, -3, -100])], low=None),
    "hostile": Ranked(HOSTILE, [Bar(HOSTILE, 1, HOSTILE, url='"><script>')]),
}


def drawn(chart: Chart, width: float = BROAD, *, still: bool = True) -> ElementTree.Element:
    return ElementTree.fromstring(draw(chart, width, still=still))


def texts(picture: ElementTree.Element) -> list[str]:
    return [found.text or "" for found in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("width", HEIGHTS)
def test_every_chart_is_drawn_inside_of_its_picture_in_every_width(name: str, width: int) -> None:
    picture = drawn(CHARTS[name], width, still=False)
    left, top, wide, high = map(float, picture.attrib["viewBox"].split())
    for part in picture.iter():
        for key in ("x", "x1", "x2", "cx", "y", "y1", "y2", "cy"):
            value = float(part.attrib.get(key, 0))
            edge = wide if key[0] == "x" or key == "cx" else high
            assert isfinite(value)
            assert -1 <= value <= edge + 1, (part.tag, part.attrib)
    for words in picture.iter(f"{SVG}text"):
        taken, at = text_width(words.text or "") * 0.9, float(words.attrib["x"])
        begin = {"middle": at - taken / 2, "end": at - taken}.get(words.attrib.get("text-anchor", ""), at)
        assert begin >= -4, (name, words.text)
        assert begin + taken <= wide + 12, (name, words.text)
    assert left == top == 0


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_needs_no_style_or_script_and_its_colours_are_known_on_paper(name: str) -> None:
    svg = draw(CHARTS[name], still=False)
    assert "style=" not in svg
    assert "<script" not in svg
    assert set(re.findall(r"var\((--[\w-]+)\)", svg)) <= set(PAPER)
    assert "var(" not in on_paper(svg)
    assert ElementTree.fromstring(on_paper(svg)).attrib["font-family"]


def test_the_stylesheet_has_every_colour_in_both_themes() -> None:
    folder = Path(kit.__file__).parent / "static" / "kit"
    sheet = (folder / "charts.css").read_text() + (folder / "thereafter.css").read_text()
    assert [name for name in PAPER if f"{name}:" not in sheet] == []
    light, *dark = re.findall(r"--chart-1: [^;]+;[^}]+", (folder / "charts.css").read_text())
    assert len(dark) == 2
    assert dark[0].split() == dark[1].split() != light.split()


@pytest.mark.parametrize("name", [name for name in CHARTS if name != "hostile"])
def test_a_page_shows_the_chart_and_its_figures_as_a_table(name: str) -> None:
    source = '{% import "kit/charts.html" as charts %}{{ charts.chart(one) }}'
    page = engines["jinja2"].from_string(source).render({"one": CHARTS[name]})
    assert "style=" not in page
    if not has_anything(CHARTS[name]):
        assert "Nothing to draw yet." in page
        return
    assert "<table" in page
    assert page.count("<svg xmlns") == (3 if kind(CHARTS[name]) == "drawn" else 0)


def test_what_people_wrote_is_text_in_a_drawing() -> None:
    picture = drawn(CHARTS["hostile"], still=False)
    assert picture.attrib["aria-label"] == HOSTILE
    assert picture.find(f".//{SVG}a") is not None
    assert not list(picture.iter(f"{SVG}script"))


def test_a_still_picture_answers_to_no_pointer_and_leads_nowhere() -> None:
    chart = CHARTS["forest"]
    assert "data-tip" in draw(chart, still=False)
    assert drawn(chart, still=False).attrib["role"] == "group"
    still = draw(chart)
    assert "data-tip" not in still
    assert "<a " not in still
    assert drawn(chart).attrib["role"] == "img"


def test_a_gap_breaks_the_line_and_a_lonely_point_is_a_dot() -> None:
    picture = drawn(Lines("x", list("abcdef"), [Series("x", [1, 2, None, 4, None, None])]))
    paths = [path.attrib["d"] for path in picture.iter(f"{SVG}path")]
    assert [path.count("L") for path in paths] == [1]
    assert len(list(picture.iter(f"{SVG}circle"))) == 2  # the lonely one, and the end of the line on it


def test_points_with_few_answers_are_not_shown_and_still_counted_in_the_table() -> None:
    chart = trend("x", ["Jan", "Feb"], [Series("CSAT", [0.9, 0.1], [0.8, 0.0], [1.0, 0.4], [40, 9])])
    assert chart.series[0].values == [0.9, None]
    assert as_table(chart).rows == [("Jan", Sure(0.9, 0.8, 1.0), 40), ("Feb", None, 9)]


def test_steps_hold_their_value_until_the_next_day() -> None:
    picture = drawn(survival("x", [0, 10, 20], [Series("x", [0, 0.5, 1])]))
    (path,) = picture.iter(f"{SVG}path")
    points = [tuple(map(float, point.split())) for point in path.attrib["d"][1:].split("L")]
    assert len(points) == 5
    assert points[1][1] == points[0][1]
    assert points[1][0] == points[2][0]


def test_columns_below_nought_hang_under_the_line() -> None:
    picture = drawn(CHARTS["stacked"])
    rects = [rect.attrib for rect in picture.iter(f"{SVG}rect")]
    up = [rect for rect in rects if rect["fill"] == "var(--chart-1)"]
    down = [rect for rect in rects if rect["fill"] == "var(--chart-2)"]
    zero = {round(float(rect["y"]) + float(rect["height"])) for rect in up}
    assert len(zero) == 1
    assert all(float(rect["y"]) >= zero.pop() - 1 for rect in down[:1])
    assert len(down) == 3


def test_an_effect_is_coloured_only_when_its_whole_interval_is_on_one_side() -> None:
    tones = [dot.attrib["fill"] for dot in drawn(CHARTS["forest"]).iter(f"{SVG}circle")]
    assert tones == ["var(--chart-bad)", "var(--chart-neutral)", "var(--chart-good)"]
    less = replace(Forest("x", EFFECTS), good="down")
    assert [dot.attrib["fill"] for dot in drawn(less).iter(f"{SVG}circle")][::2] == [
        "var(--chart-good)",
        "var(--chart-bad)",
    ]
    assert "too few" in texts(drawn(CHARTS["forest"]))


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    chart = Lines("x", MONTHS, [Series(f"Line {n}", [1, 2, 3, 4 + n / 100]) for n in range(6)])
    heights = sorted(
        float(words.attrib["y"]) for words in drawn(chart).iter(f"{SVG}text") if (words.text or "").startswith("Line")
    )
    assert len(heights) == 6
    assert min(two - one for one, two in pairwise(heights)) >= 14


def test_a_heat_map_is_blank_where_nothing_is_known_and_hatched_where_it_still_runs() -> None:
    source = '{% import "kit/charts.html" as charts %}{{ charts.chart(one) }}'
    page = engines["jinja2"].from_string(source).render({"one": HEAT})
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    assert rows[-1].count("running") == 2  # the class, and the words for who cannot see it
    assert "<td></td>" in rows[-1]
    assert '<a href="/jan">' in rows[2]
    assert (tint(HEAT, 0.3), tint(HEAT, 0), tint(HEAT, 0.001), tint(HEAT, 5)) == (
        "heat-12",
        "heat-0",
        "heat-1",
        "heat-12",
    )
    assert "url(#running)" in draw(HEAT)


def test_boxes_of_a_grid_lead_to_who_is_in_them() -> None:
    source = '{% import "kit/charts.html" as charts %}{{ charts.chart(one) }}'
    page = engines["jinja2"].from_string(source).render({"one": GRID})
    assert '<a href="/c">' in page
    assert as_table(GRID).rows[1] == ["Champions", "5", "5", 40]


@pytest.mark.parametrize(
    ("unit", "value", "full", "tick"),
    [
        (NUMBER, 1204, "1,204", "1,204"),
        (NUMBER, 25_000, "25,000", "25K"),
        (NUMBER, -3, "−3", "−3"),
        (SHARE, 0.256, "26%", "25.6%"),
        (FINE_SHARE, 0.25, "25.0%", "25%"),
        (POINTS, -0.0123, "−1.2 pts", "−1.23"),
        (DAYS, 1, "1 day", "1"),
        (DAYS, 12, "12 days", "12"),
        (money("EUR"), 120_450, "€1,204.50", "€1.2K"),
        (money("JPY"), 1200, "¥1,200", "¥1.2K"),
        (DECIMAL, -0.04, "0.0", "−0.04"),
    ],
)
def test_figures_are_written_as_their_unit_wants(unit: Unit, value: float, full: str, tick: str) -> None:
    assert unit.say(value) == full
    assert unit.tick(value) == tick
    assert unit.say(None) == "–"


@given(
    st.floats(-1e9, 1e9),
    st.floats(1e-6, 1e9),
    st.sampled_from([NUMBER, SHARE, DECIMAL, money("EUR")]),
)
def test_an_axis_holds_its_values_between_few_round_ticks(low: float, length: float, unit: Unit) -> None:
    first, last, ticks = rounded(low, low + length, unit)
    slack = max(length, abs(low)) * 1e-6
    assert first <= low + slack
    assert last >= low + length - slack
    assert 2 <= len(ticks) <= 8
    if unit == NUMBER:
        assert all(abs(tick - round(tick)) < 1e-6 for tick in ticks)


@given(st.text(max_size=60), st.floats(20, 300))
def test_a_text_that_is_cut_fits(text: str, width: float) -> None:
    cut = fitted(text, width)
    assert cut == text or text_width(cut) <= width


def test_a_column_with_intervals_is_three_columns_in_a_file() -> None:
    column = Column("Rate", FINE_SHARE, interval=True)
    assert column.heads() == ["Rate", "Rate (low)", "Rate (high)"]
    assert column.say(Sure(0.2, 0.15, 0.261)) == "20.0% (15.0% to 26.1%)"
    assert list(column.raw(Sure(0.2, 0.15, 0.26111))) == [0.2, 0.15, 0.2611]
    assert list(column.raw(None)) == ["", "", ""]
    assert [str(one) for one in Column("Net", money("EUR")).raw(1999)] == ["19.99"]


def test_the_three_widths_of_a_page_are_the_same_chart() -> None:
    page = str(for_page(CHARTS["line"]))
    assert [f'class="chart-{name}"' in page for name in ("narrow", "middle", "broad")] == [True] * 3
    assert page.count(f'width="{NARROW}"') == page.count(f'width="{MIDDLE}"') == 1


def test_no_title_of_a_shop_breaks_a_drawing() -> None:
    title = "Theme var(--brand) sticker \x0b\x1f\ufffe\ud800"
    svg = on_paper(draw(Ranked("Products", [Bar(title, 3)], NUMBER, by="Product", value="Units")))
    assert "Theme var(--brand) sticker" in svg
    assert ElementTree.fromstring(svg)
