"""How far customer value can be trusted: expected and real, the conditions, and the model behind it."""

from collections.abc import Sequence

from thereafter.insights.cards import Card
from thereafter.insights.console import said
from thereafter.insights.rules.clv.calibration import MOST_CLASSES, Class
from thereafter.insights.rules.clv.facts import Facts, Parameter, Tested
from thereafter.kit.charts.kinds import Lines, Series
from thereafter.kit.charts.tables import Cell, Column, Sure, Table
from thereafter.kit.charts.units import NUMBER, Unit
from thereafter.kit.pages import number, percent

MODEL = (
    "While they are customers, people buy at random, each at a rate of their own; after each order some leave for good "
    "(the BG/NBD model of Fader, Hardie and Lee). What they spend per order is drawn towards what everybody spends, "
    "the less is known of them (Gamma-Gamma). Orders of one day are one; money is after refunds. Prices, campaigns "
    "and seasons to come are unknown to the model: a shop that lives on Christmas reads it with care."
)
EACH = Unit(digits=2)
RATES = {
    "r": "How alike the buying rates are",
    "alpha": "The larger, the seldomer people buy (weeks)",
    "a": "How many leave after an order",
    "b": "How many stay after an order",
    "p": "How alike the orders of one customer are",
    "q": "How alike customers are in what they spend",
    "gamma": "How much they spend",
}


def calibration(facts: Facts) -> Card:
    tested = facts.tested
    if tested is None:
        return Card(
            "calibration",
            "Expected and real",
            "The model held against what really happened",
            thin="It takes twice 90 days of orders: one half to learn from, with a hundred customers of whom enough "
            "came back, and the other to be tested on.",
        )
    return Card(
        "calibration",
        "Expected and real",
        f"Orders per customer in the last {tested.days} days: what the model, which knew only the days before, "
        "expected, and what came",
        definition="The model was fitted as if it were the first of these days, and its expectations are held against "
        "what those customers then ordered. They stand by how often they had come back before. Where the points lie "
        f"on the line, the model is right. Off by {tested.mae:.2f} orders per customer on average (root mean square "
        f"{tested.rmse:.2f}).",
        chart=_curve(tested.classes),
        table=_classes(tested.classes),
        basis=said.many(tested.customers, "customer"),
        note=in_a_sentence(tested),
        wide=True,
    )


def in_a_sentence(tested: Tested) -> str:
    """ "Of the last 180 days it expected 1,240 orders, and 1,300 came: 4.6% too few." """
    start = (
        f"Of the last {tested.days} days it expected {number(tested.expected)} orders, and {number(tested.actual)} came"
    )
    if tested.total_error is None:
        return f"{start}."
    off = percent(abs(tested.total_error), 1)
    more = f"{start}: {off} too {'many' if tested.total_error > 0 else 'few'}."
    if tested.value_error is None:
        return more
    way = "much" if tested.value_error > 0 else "little"
    return f"{more} Of the revenue it expected {percent(abs(tested.value_error), 1)} too {way}."


def _curve(classes: Sequence[Class]) -> Lines:
    labels = [_times(one.frequency) for one in classes]
    actual = Series(
        "Came",
        [one.actual for one in classes],
        [max(one.actual - 1.96 * one.error, 0) for one in classes],
        [one.actual + 1.96 * one.error for one in classes],
        [one.customers for one in classes],
        colour="brand",
    )
    expected = Series("Expected", [one.expected for one in classes], colour="neutral", dashed=True)
    return Lines("Orders per customer", labels, [actual, expected], EACH, by="Had come back")


def _classes(classes: Sequence[Class]) -> Table:
    columns = [
        Column("Had come back"),
        Column("Customers", NUMBER),
        Column("Expected each", EACH),
        Column("Came each", EACH, interval=True),
    ]
    rows: list[list[Cell]] = [
        [
            _times(one.frequency),
            one.customers,
            one.expected,
            Sure(one.actual, max(one.actual - 1.96 * one.error, 0), one.actual + 1.96 * one.error),
        ]
        for one in classes
    ]
    return Table(columns, rows)


def _times(frequency: int) -> str:
    if frequency == MOST_CLASSES:
        return f"{frequency}+ times"
    return {0: "Never", 1: "Once", 2: "Twice"}.get(frequency, f"{frequency} times")


def gates(facts: Facts) -> Card:
    columns = [Column("What it takes"), Column("Your shop"), Column("Enough?")]
    rows: list[list[Cell]] = [[gate.wanted, gate.said, "Yes" if gate.holds else "Not yet"] for gate in facts.gates]
    missing = facts.missing
    return Card(
        "gates",
        "Whether there is enough to predict" if facts.is_told else "There is not enough to predict yet",
        facts.why_not
        or (
            f"Missing: {'; '.join(f'{gate.wanted[0].lower()}{gate.wanted[1:]} ({gate.said})' for gate in missing)}"
            if missing
            else "All conditions hold"
        ),
        definition="With less than this, predictions would be guesses, so none are shown and no traits are set. They "
        "come by themselves in the night after the last condition is met.",
        table=Table(columns, rows),
        note="" if facts.is_told else "Scores of recency, frequency and money need no prediction: see Customer groups.",
        wide=not facts.is_told,
    )


def parameters(facts: Facts, unit: Unit) -> Card:
    rows = [_parameter(one, 1) for one in facts.rates]
    rows += [_parameter(one, unit.scale if one.name == "gamma" else 1) for one in facts.spending]
    columns = [Column("Parameter"), Column("Says"), Column("Value", Unit(digits=3), interval=True)]
    related = facts.correlation
    loose = abs(related) < 0.2  # noqa: PLR2004 the usual border of a weak correlation
    return Card(
        "model",
        "The model behind it",
        "For who wants to check: BG/NBD (r, alpha, a, b; weeks) and Gamma-Gamma (p, q, gamma)",
        definition=MODEL,
        table=Table(columns, rows),
        basis=f"{number(facts.histories)} different purchase histories",
        wide=True,
        note=f"How often and how much go together with a correlation of {related:.2f}; "
        + ("the model takes it for nought." if loose else "the model takes it for nought, which is not quite so here.")
        + ("" if facts.spending else " How customers differ in spending is not told, so all count as average."),
    )


def _parameter(one: Parameter, scale: float) -> list[Cell]:
    known = one.low is not None and one.high is not None
    value = Sure(one.value * scale, (one.low or 0) * scale, (one.high or 0) * scale) if known else one.value * scale
    return [one.name, RATES[one.name], value]
