"""What is bought together, what comes next, and what brings people back."""

from django.urls import reverse

from thereafter.insights.cards import Card, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.products import (
    Affinity,
    BestSellers,
    FirstProducts,
    NextProducts,
    best_sellers,
    product_affinity,
    repeat_by_first_product,
    second_order_contents,
)
from thereafter.kit.charts.kinds import Bar, Ranked
from thereafter.kit.charts.tables import Cell, Column, Sure, Table
from thereafter.kit.charts.units import DECIMAL, FINE_SHARE, NUMBER, money

WITHIN = Choice("within", "Came back", {str(days): f"Within {days} days" for days in (90, 30, 180, 365)})
MOST_ROWS, MOST_BARS = 25, 15


def build(filters: Filters) -> Page:
    within = int(filters.own[WITHIN.name])
    cards = [
        _first(repeat_by_first_product(filters.view, within), within),
        _affinity(filters, product_affinity(filters.view)),
        _next(filters, second_order_contents(filters.view)),
        _sold(filters, best_sellers(filters.view)),
    ]
    return page(SPEC, filters, cards)


def _product(filters: Filters, product_id: int) -> str:
    if not filters.may("orders.read"):
        return ""
    return reverse("commerce_console:product", args=[filters.view.store.slug, product_id])


def _first(found: FirstProducts, within: int) -> Card:
    bars = [
        Bar(
            one.title,
            one.share.value,
            f"{said.rate(one.share)} of {one.share.whole:,}",
            one.share.low,
            one.share.high,
            colour="brand" if one.is_different else "neutral",
        )
        for one in found.rows[:MOST_BARS]
    ]
    return Card(
        "first-product",
        "Which first product brings people back",
        f"Of those whose first order held it, how many ordered again within {within} days",
        definition=found.definition,
        chart=Ranked("Came back, by product of the first order", bars, FINE_SHARE, by="Product") if bars else None,
        basis=said.many(found.n, "new customer"),
        thin=found.thin,
        note="Coloured: differs from everybody else's by more than chance. Grey: may be chance." if bars else "",
        wide=True,
    )


def _affinity(filters: Filters, found: Affinity) -> Card:
    columns = [
        Column("Product"),
        Column("Bought together with"),
        Column("Orders", NUMBER),
        Column("Lift", DECIMAL),
        Column("Of its buyers", FINE_SHARE),
        Column("The other way", FINE_SHARE),
    ]
    pairs = found.pairs[:MOST_ROWS]
    rows: list[list[Cell]] = [
        [one.title, one.other_title, one.orders, one.lift, one.confidence.value, one.back.value] for one in pairs
    ]
    return Card(
        "affinity",
        "Bought together",
        "Pairs in one order. Lift 3: three times as often as if people chose each by itself",
        definition=found.definition,
        table=Table(columns, rows, [_product(filters, one.product_id) for one in pairs]),
        basis=said.many(found.n, "order"),
        thin=found.thin,
        note="" if found.thin else "Read lift and orders together: a high lift on few orders is often chance.",
        wide=True,
    )


def _next(filters: Filters, found: NextProducts) -> Card:
    columns = [
        Column("First order held"),
        Column("Second order held"),
        Column("Customers", NUMBER),
        Column("Of those who came back", FINE_SHARE, interval=True),
    ]
    found_rows = found.rows[:MOST_ROWS]
    rows: list[list[Cell]] = [
        [one.title, one.next_title, one.customers, Sure(one.share.value, one.share.low, one.share.high)]
        for one in found_rows
    ]
    return Card(
        "second-order",
        "What the second order holds",
        "By what stood in the first one; the same product again is a thing to remind of",
        definition=found.definition,
        table=Table(
            columns,
            rows,
            [_product(filters, one.product_id) for one in found_rows],
            ["the same again" if one.is_same else "" for one in found_rows],
        ),
        basis=said.many(found.n, "second order"),
        thin=found.thin,
        wide=True,
    )


def _sold(filters: Filters, found: BestSellers) -> Card:
    unit = money(filters.view.store.currency)
    columns = [
        Column("Product"),
        Column("Units", NUMBER),
        Column("Orders", NUMBER),
        Column("Revenue", unit),
        Column("Share", FINE_SHARE),
    ]
    sold = found.rows[:MOST_ROWS]
    rows: list[list[Cell]] = [[one.title, one.units, one.orders, one.net_minor, one.share] for one in sold]
    return Card(
        "sold",
        "Best sellers",
        "What was sold in the period, after discounts; without shipping",
        definition=found.definition,
        table=Table(columns, rows, [_product(filters, one.product_id) for one in sold]),
        basis=said.many(filters.size.orders, "order"),
        thin=found.thin,
        wide=True,
    )


SPEC = Spec(
    "products",
    "Products bought",
    "Which products bring people back, what goes together, and what they buy next.",
    build,
    (WITHIN,),
)
