"""Customer value: what is expected of all customers, how far to trust it, and which good customers may be lost."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said, value_trust
from thereafter.insights.console.filters import Filters
from thereafter.insights.console.spec import Spec
from thereafter.insights.figures.outlooks import Fitted, at_risk, count_at_risk, fitted
from thereafter.insights.models import Outlook
from thereafter.insights.rules.clv.facts import Facts, Horizon, Sum, Tested
from thereafter.insights.rules.clv.people import SOON, YEAR
from thereafter.kit.charts.kinds import Bar, Ranked
from thereafter.kit.charts.tables import Cell, Column, Sure, Table
from thereafter.kit.charts.units import FINE_SHARE, NUMBER, Unit, money
from thereafter.kit.pages import number, percent, short_day

MOST = 25
AT_RISK = "trait['insights.churn_risk'] == 'high' && customer.orders >= 2"
NOT_YET = (
    "This is worked out every night, and will be here tomorrow. In a shop of up to 20,000 customers, Refresh does it "
    "at once."
)
TITLE, WHAT = "What your customers will bring", "Orders and revenue to come from those who have bought already"
SUMS = (
    "The sums are multiplied by what would have made the last test come out right. In 95 of 100 cases the truth lies "
    "in the interval, as far as the model is right: it counts the luck of single customers, how well the data tell the "
    "model, and the error of the last test. New customers come on top."
)
BANDS = {"low": ("Low", "good"), "medium": ("Medium", "warn"), "high": ("High", "bad")}


def build(filters: Filters) -> Page:
    store = filters.view.store
    found = fitted(store)
    if found is None:
        return _page(filters, None, [Card("expected", TITLE, WHAT, thin=NOT_YET, wide=True)])
    facts, unit = found.facts, money(store.currency)
    if not facts.is_told:
        return _page(filters, found, [value_trust.gates(facts)])
    cards = [
        _expected(facts, unit),
        value_trust.calibration(facts),
        _risk(filters, unit),
        _bands(filters, facts),
        value_trust.gates(facts),
        value_trust.parameters(facts, unit),
    ]
    return _page(filters, found, cards, _facts(facts, unit))


def _page(filters: Filters, found: Fitted | None, cards: Sequence[Card], facts: Sequence[Fact] = ()) -> Page:
    """Not narrowed by the filters of other pages: it is about everybody who ever ordered."""
    return Page(
        SPEC.key,
        SPEC.title,
        SPEC.about,
        cards,
        as_of=found.fitted_at if found else None,
        filters="All customers",
        facts=facts,
        orders=found.customers if found else 0,
    )


def _facts(facts: Facts, unit: Unit) -> list[Fact]:
    year, soon = facts.horizon(YEAR), facts.horizon(SOON)
    told = [_sum("Revenue, next 365 days", year.value, unit)] if year else []
    told += [_sum("Revenue, next 90 days", soon.value, unit)] if soon else []
    told += [_sum("Orders, next 365 days", year.orders, NUMBER)] if year else []
    return [*told, _trust(facts.tested)]


def _sum(label: str, found: Sum, unit: Unit) -> Fact:
    hint = f"{_short(found.low, unit)} to {_short(found.high, unit)}"
    return Fact(label, _short(found.value, unit), hint=hint, how="From customers you have today.")


def _short(value: float, unit: Unit) -> str:
    return unit.tick(round(value)) if unit.kind == "money" else number(value)


def _trust(tested: Tested | None) -> Fact:
    label = "Error in the last test"
    if tested is None:
        return Fact(label, "–", hint="Too little past to test it on")
    if tested.total_error is None:
        return Fact(label, "–", hint=f"{number(round(tested.expected))} orders expected, none came")
    return Fact(
        label,
        f"{tested.total_error:+.1%}".replace("-", "\N{MINUS SIGN}"),
        hint=f"{number(round(tested.expected))} orders expected, {number(round(tested.actual))} came",
        how=f"The model told the last {tested.days} days from what came before; the sums above are corrected by it.",
    )


def _expected(facts: Facts, unit: Unit) -> Card:
    rows = [row for horizon in facts.horizons for row in _horizon(horizon)]
    columns = [
        Column("In the next"),
        Column("Orders", NUMBER, interval=True),
        Column("Revenue", unit, interval=True),
        Column("Revenue by the model alone", unit),
    ]
    corrected = "corrected by how far it was off the last time" if facts.tested else "not yet tested against the past"
    return Card(
        "expected",
        TITLE,
        f"{WHAT}, {corrected}",
        definition=f"{value_trust.MODEL}\n\n{SUMS}",
        table=Table(columns, rows),
        basis=f"{said.many(sum(facts.bands.values()), 'customer')}, {number(facts.repeaters)} came back",
        wide=True,
    )


def _horizon(horizon: Horizon) -> list[list[Cell]]:
    orders, value = horizon.orders, horizon.value
    return [
        [
            f"{horizon.days} days",
            Sure(orders.value, orders.low, orders.high),
            Sure(_rounded(value.value), _rounded(value.low), _rounded(value.high)),
            _rounded(value.plain),
        ]
    ]


def _rounded(minor: float) -> float:
    """To three digits: the cents of a forecast would only pretend."""
    return float(f"{minor:.3g}")


def _risk(filters: Filters, unit: Unit) -> Card:
    store = filters.view.store
    rows = at_risk(store, MOST) if filters.may("customers.read") else []
    many = count_at_risk(store)
    columns = [
        Column("Customer"),
        Column("Spent so far", unit),
        Column("Orders", NUMBER),
        Column("Last order"),
        Column("No order in 90 days", FINE_SHARE),
        Column("Expected next year", unit, interval=True),
    ]
    return Card(
        "risk",
        "Good customers at high risk",
        "Came back before, and will probably not order in the next 90 days or have left already; the best first",
        definition="High means: in two of three cases or more no order comes within 90 days, because the customer has "
        "left or is simply not due. The interval holds eight of ten customers like this one.",
        table=Table(columns, [_row(one) for one in rows], [_customer(filters, one) for one in rows]) if rows else None,
        basis=f"{said.many(many, 'customer')}" + (f", the first {MOST} shown" if many > MOST else ""),
        thin="" if rows else _nobody(many),
        links=_links(filters, many),
        wide=True,
        named=True,
    )


def _nobody(many: int) -> str:
    return "Their names are for colleagues who may read customers." if many else "Nobody who came back is at high risk."


def _row(one: Outlook) -> list[Cell]:
    value = one.value_365_minor
    return [
        one.customer.name or one.customer.email or "Without a name",
        one.value_past_minor,
        one.orders,
        short_day(one.last_day),
        one.quiet_90,
        None if value is None else _expectation(value, one),
    ]


def _expectation(value: int, one: Outlook) -> Sure:
    """Of who probably never comes the interval would be nought to nought, and not hold what is expected."""
    return Sure(value, one.value_365_low_minor or 0, max(value, one.value_365_high_minor or 0))


def _customer(filters: Filters, one: Outlook) -> str:
    return reverse("commerce_console:customer", args=[filters.view.store.slug, one.customer_id])


def _links(filters: Filters, many: int) -> list[tuple[str, str]]:
    slug = filters.view.store.slug
    links = []
    if many and filters.may("journeys.edit"):
        given = urlencode({"name": "Good customers at high risk", "condition": AT_RISK})
        links.append(("Make a segment of them", f"{reverse('journeys_console:new_segment', args=[slug])}?{given}"))
    if filters.may("customers.read"):
        links.append(("All customers as CSV", reverse("insights_console:value_csv", args=[slug])))
    return links


def _bands(filters: Filters, facts: Facts) -> Card:
    whole = sum(facts.bands.values())
    bars = [
        Bar(
            label,
            facts.bands.get(key, 0) / whole,
            f"{number(facts.bands.get(key, 0))} · {percent(facts.bands.get(key, 0) / whole)}",
            colour=tone,  # type: ignore[arg-type]  # one of the colours above
        )
        for key, (label, tone) in BANDS.items()
    ]
    return Card(
        "bands",
        "Churn risk",
        "How likely it is that no order comes in the next 90 days",
        definition="Low: less than 33%. Medium: up to 66%. High: above. In a shop where people buy once a year, most "
        "are high without having left: look at the next 365 days there. Segments and journeys know it as the trait "
        "insights.churn_risk (low, medium, high).",
        chart=Ranked("Customers by churn risk", bars, FINE_SHARE, by="Risk", value="Customers"),
        basis=said.many(whole, "customer"),
    )


SPEC = Spec(
    "value",
    "Customer value",
    "What your customers will bring in the next year, how far to trust it, and which good customers may be lost.",
    build,
    is_narrowed=False,
)
