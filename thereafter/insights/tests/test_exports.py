"""Figures taken along: the same ones as on the page, in files that open."""

import csv
import io
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.insights.cards import Card, Fact, Page, for_outsiders
from thereafter.insights.console.pages import PAGES, page_of
from thereafter.insights.downloads.csv import card_csv, page_csv
from thereafter.insights.downloads.paper import MOST_ROWS, CannotPrint, card_png, page_pdf
from thereafter.insights.tests.shared_shop import NOW, SECRET, with_orders
from thereafter.insights.tests.test_charts import CHARTS, GRID, HEAT
from thereafter.kit import clock
from thereafter.kit.charts.tables import Column, Sure, Table
from thereafter.kit.charts.units import FINE_SHARE, NUMBER, money
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
PAIRS = Table(
    [Column("Product"), Column("Net", money("EUR")), Column("Bought again", FINE_SHARE, interval=True)],
    [["=cmd()", 1999, Sure(0.5, 0.4, 0.6)], ["Socks", None, None]],
    urls=["/console/p/1", ""],
)


def a_page(*cards: Card, **more: Any) -> Page:
    return Page("retention", "Retention", "Who comes back", cards, datetime(2026, 3, 9, 8, tzinfo=UTC), **more)


@pytest.fixture
def store() -> Store:
    return make_store()


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_card_is_one_plain_table_and_no_cell_is_run_as_a_formula() -> None:
    told = rows(card_csv(Card("pairs", "Pairs", "w", table=PAIRS)))
    assert told == [
        ["Product", "Net", "Bought again", "Bought again (low)", "Bought again (high)"],
        ["'=cmd()", "19.99", "0.5", "0.4", "0.6"],
        ["Socks", "", "", "", ""],
    ]


def test_a_page_says_what_it_is_narrowed_to_and_keeps_the_order_of_its_cards() -> None:
    page = a_page(
        Card("heat", "Cohorts", "w", chart=HEAT, basis="200 customers"),
        Card("thin", "Thin", "w", thin="Too few orders."),
        filters="Last 30 days · France",
        facts=[Fact("Orders", "12", delta="+3%")],
    )
    told = rows(page_csv(page))
    assert told[:3] == [["Retention"], ["Filters", "Last 30 days · France"], ["As of", "2026-03-09T08:00+00:00"]]
    assert ["Cohort", "Customers", "0", "1", "2"] in told
    assert ["Feb", "80", "1", "0.15", ""] in told
    assert told[-2:] == [["Thin"], ["Too few orders."]]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_becomes_a_picture_of_some_size(name: str, store: Store) -> None:
    card = Card("one", 'A "title" #with *signs*', "w", chart=CHARTS[name])
    if name.startswith("empty"):
        with pytest.raises(CannotPrint, match="nothing to draw"):
            card_png(store, a_page(card), card)
        return
    picture = card_png(store, a_page(card), card)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1200
    assert height > 200


def test_a_page_of_everything_becomes_one_document(store: Store) -> None:
    long = Table([Column("A"), Column("B", NUMBER)], [[f"row {n}", n] for n in range(MOST_ROWS + 5)])
    cards = [Card(f"c{n}", name, "w", "How.\n\nMore.", chart) for n, (name, chart) in enumerate(CHARTS.items())]
    made = page_pdf(store, a_page(*cards, Card("long", "Long", "w", table=long, facts=[Fact("x", "1")])))
    assert made.startswith(b"%PDF-")
    assert len(made) > 20_000


def test_outsiders_get_no_names_and_no_links() -> None:
    page = for_outsiders(
        a_page(
            Card("who", "Customers", "w", table=PAIRS, named=True),
            Card(
                "pairs", "Pairs", "w", table=PAIRS, links=[("See them", "/console/x")], facts=[Fact("a", "1", url="/y")]
            ),
            Card("grid", "Map", "w", chart=GRID),
            Card("heat", "Heat", "w", chart=HEAT),
            Card("forest", "Forest", "w", chart=CHARTS["forest"]),
            facts=[Fact("b", "2", url="/z")],
        )
    )
    assert [card.key for card in page.cards] == ["pairs", "grid", "heat", "forest"]
    assert "/" not in "".join(_addresses(page))


def _addresses(page: Page) -> list[str]:
    found = [fact.url for fact in page.facts]
    for card in page.cards:
        found += [fact.url for fact in card.facts] + [url for _, url in card.links]
        found += list(card.table.urls) if card.table else []
        chart: Any = card.chart
        for parts in (getattr(chart, "rows", ()), getattr(chart, "effects", ()), *getattr(chart, "boxes", ())):
            found += [getattr(part, "url", "") for part in parts]
    return found


@pytest.fixture
def filled(store: Store) -> Store:
    return with_orders(store)


@pytest.fixture
def analyst(filled: Store) -> Client:
    return signed_in(make_staff(filled, role="analyst"))


def test_every_page_is_taken_along_as_the_browser_shows_it(filled: Store, analyst: Client) -> None:
    with clock.at(NOW):
        for key in PAGES:
            sheet = analyst.get(f"/console/stride/insights/{key}.csv?days=90")
            assert sheet.headers["Content-Disposition"] == f'attachment; filename="stride-{key}-2026-03-09.csv"'
            assert SECRET not in sheet.content.decode()
            page = page_of(filled, key, {"days": "90"}, NOW)
            assert rows(sheet.content.decode()) == rows(page_csv(page))
        paper = analyst.get("/console/stride/insights/retention.pdf?days=90")
        assert (paper.headers["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


def test_filters_of_the_address_hold_in_the_file(filled: Store, analyst: Client) -> None:
    with clock.at(NOW):
        told = analyst.get("/console/stride/insights/retention.csv?days=30&country=FR").content.decode()
        assert "France" in told.splitlines()[1]


def test_a_card_is_taken_along_by_its_name(filled: Store, analyst: Client) -> None:
    with clock.at(NOW):
        page = page_of(filled, "retention", {}, NOW)
        card = next(one for one in page.cards if one.chart and not one.thin)
        at = f"/console/stride/insights/retention/{card.key}"
        sheet, picture = analyst.get(f"{at}.csv"), analyst.get(f"{at}.png")
        assert sheet.content.decode() == card_csv(card)
        assert picture.content[:4] == b"\x89PNG"
        assert f"stride-retention-{card.key}-" in picture.headers["Content-Disposition"]
        assert analyst.get("/console/stride/insights/retention/nothing.csv").status_code == 404
        assert analyst.get("/console/stride/insights/nothing.csv").status_code == 404


def test_before_there_are_figures_one_is_sent_to_the_page(store: Store) -> None:
    browser = signed_in(make_staff(store))
    answer = browser.get("/console/stride/insights/retention.pdf")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/stride/insights/retention/")
