"""Whether promises were kept, and what comes back."""

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.delivery import Delivery, delivery
from thereafter.insights.figures.returns import Returns, returns
from thereafter.kit.charts.kinds import Bar, Ranked, histogram, trend
from thereafter.kit.charts.tables import Cell, Column, Table
from thereafter.kit.charts.units import FINE_SHARE, NUMBER, money
from thereafter.kit.pages import humanise, number, percent

WITHIN = Choice("within", "Came back", {str(days): f"Returned within {days} days" for days in (30, 14, 60, 90)})
# Deliveries that took longer share the last column.
LONGEST, MOST = 30, 10
TROUBLES = {
    "parcel.late": "Ran late",
    "parcel.exception": "Something went wrong on the way",
    "parcel.problem_reported": "Reported by the shopper",
}
# The keys of reasons and outcomes are the returns room's, and for ever; what is not here is readable as it is.
REASONS = {
    "size_small": "Too small",
    "size_large": "Too large",
    "size_length": "Too short or too long",
    "size_width": "Too narrow or too wide",
    "cut": "The cut does not suit",
    "changed_mind": "Not needed any more",
    "several_to_choose": "Ordered several to choose from",
    "found_cheaper": "Found cheaper elsewhere",
    "by_mistake": "Ordered by mistake",
    "gift_unwanted": "Unwanted gift",
    "taste_colour": "The colour",
    "taste_material": "The material",
    "quality": "Expected better quality",
    "lost": "Never came",
    "late": "Came too late",
    "unsaid": "Not said",
}
OUTCOMES = {"exchange_variant": "Exchange", "exchange_product": "Exchange for something else", "refund": "Money back"}


def build(filters: Filters) -> Page:
    parcels, back = delivery(filters.view), returns(filters.view, int(filters.own[WITHIN.name]))
    unit = money(filters.view.store.currency)
    facts = [
        said.shared(
            "Delivered on time",
            parcels.on_time,
            "parcels",
            "Of parcels that came and had a promised day.",
            parcels.difference,
        ),
        Fact(
            "Days to delivery",
            said.days(parcels.median),
            hint=f"nine in ten within {said.days(parcels.p90)}" if parcels.p90 is not None else "",
            how="From the order to its first parcel; half came sooner.",
        ),
        said.shared("Orders with a return", back.by_orders, "orders", "Of orders whose time for a return is over."),
        Fact(
            "Revenue kept",
            percent(back.kept_share, 1),
            hint=f"{said.whole_money(back.kept_minor, unit)} of what was to come back" if back.cases else "",
            how="Exchanges, repairs and store credit instead of money back.",
        ),
    ]
    cards = [_on_time(parcels), _days(parcels), _carriers(parcels), _trouble(parcels)]
    cards += [_returned(back), _reasons(back), _outcomes(filters, back)]
    return page(SPEC, filters, cards, facts)


def _on_time(parcels: Delivery) -> Card:
    labels = [said.month(one.month) for one in parcels.trend]
    line = said.course("On time", [one.share for one in parcels.trend])
    return Card(
        "on-time",
        "Promises kept",
        "Parcels that came by the promised day, by month of delivery",
        definition=parcels.definition,
        chart=trend("Share of parcels on time by month", labels, [line], FINE_SHARE, top=1) if labels else None,
        basis=f"{said.many(parcels.on_time_parcels + parcels.late, 'parcel')} with a promised day"
        + (f", {number(parcels.without_promise)} without" if parcels.without_promise else ""),
        thin=parcels.thin,
    )


def _days(parcels: Delivery) -> Card:
    counts = [0] * (LONGEST + 1)
    for days, orders in parcels.days.items():
        counts[min(max(days, 0), LONGEST)] += orders
    used = max((n for n, count in enumerate(counts) if count), default=0) + 1
    labels = [str(n) for n in range(used)]
    if used > LONGEST:
        labels[-1] = f"{LONGEST}+"
    known = sum(counts)
    return Card(
        "days",
        "Days to delivery",
        "From the order to its first parcel at the door",
        definition=parcels.definition,
        chart=histogram("Orders by days to delivery", labels, counts[:used], "Days", "Orders") if known else None,
        facts=[Fact("Half within", said.days(parcels.median)), Fact("Nine in ten within", said.days(parcels.p90))]
        if known
        else [],
        basis=said.many(known, "order"),
        thin="" if known else "No parcel was delivered in these days.",
    )


def _carriers(parcels: Delivery) -> Card:
    bars = [
        Bar(
            carrier_name(one.name),
            one.share.value,
            f"{said.rate(one.share)} of {one.share.whole:,}",
            one.share.low,
            one.share.high,
        )
        for one in parcels.carriers
        if one.share
    ]
    return Card(
        "carriers",
        "On time by carrier",
        "The same share for each carrier, with how sure it is",
        definition=parcels.definition,
        chart=Ranked("Share on time by carrier", bars[:MOST], FINE_SHARE, by="Carrier", value="On time", top=1)
        if bars
        else None,
        basis=said.many(sum(one.share.whole for one in parcels.carriers if one.share), "parcel"),
        thin="" if bars else "No parcel with a promised day came in these days.",
    )


def carrier_name(code: str) -> str:
    """Carriers are known by their codes: "dhl" as DHL, "royal_mail" as Royal mail."""
    return code.upper() if code.isalpha() and len(code) <= 4 else humanise(code) or "Not said"  # noqa: PLR2004 as UPS, GLS


def _trouble(parcels: Delivery) -> Card:
    bars = [Bar(TROUBLES.get(name, humanise(name)), count) for name, count in parcels.troubles.items() if count]
    kinds = [Bar(f"Reported: {humanise(one.name).lower()}", one.n, colour="warn") for one in parcels.problems if one.n]
    return Card(
        "troubles",
        "What went wrong on the way",
        "Parcels and reports of the period",
        definition=parcels.definition,
        chart=Ranked("Troubles with parcels", [*bars, *kinds[:MOST]], NUMBER, by="What", value="Times")
        if bars
        else None,
        basis=said.many(sum(parcels.troubles.values()), "time"),
        thin="" if bars else "Nothing went wrong in these days.",
    )


def _returned(back: Returns) -> Card:
    labels = [said.month(one.month) for one in back.trend]
    line = said.course("Returned", [one.share for one in back.trend])
    return Card(
        "returned",
        "Orders that come back",
        "Orders with a return, by month of the order; only those whose time for it is over",
        definition=back.definition,
        chart=trend("Share of orders with a return by month of the order", labels, [line], FINE_SHARE)
        if labels
        else None,
        facts=[
            Fact("Of orders", said.rate(back.by_orders)),
            Fact("Of units", percent(back.by_units, 1)),
            Fact("Of value", percent(back.by_value, 1)),
        ]
        if back.by_orders
        else [],
        basis=said.many(back.orders, "delivered order"),
        thin=back.thin,
    )


def _reasons(back: Returns) -> Card:
    bars = [
        Bar(REASONS.get(one.key) or humanise(one.key) or "Not said", one.cases) for one in back.reasons if one.cases
    ]
    return Card(
        "reasons",
        "Why things come back",
        "What shoppers chose; nobody has to give a reason",
        definition=back.definition,
        chart=Ranked("Returns by reason", bars[:MOST], NUMBER, by="Reason", value="Returns") if bars else None,
        basis=said.many(back.cases, "return"),
        thin="" if bars else "Nobody asked for a return in these days.",
    )


def _outcomes(filters: Filters, back: Returns) -> Card:
    unit = money(filters.view.store.currency)
    columns = [
        Column("Ended in"),
        Column("Returns", NUMBER),
        Column("Value", unit),
        Column("Paid back", unit),
        Column("Kept", unit),
    ]
    rows: list[list[Cell]] = [
        [
            OUTCOMES.get(one.outcome) or humanise(one.outcome),
            one.cases,
            one.value_minor,
            one.refund_minor,
            one.kept_minor,
        ]
        for one in back.outcomes
    ]
    return Card(
        "outcomes",
        "What became of the money",
        "Returns that ended in the period: what they were worth, what went back, what you kept",
        definition=back.definition,
        table=Table(columns, rows) if rows else None,
        facts=[
            Fact("Kept", said.whole_money(back.kept_minor, unit), hint=percent(back.kept_share, 1)),
        ]
        if rows
        else [],
        basis=said.many(sum(one.cases for one in back.outcomes), "return"),
        thin="" if rows else "No return ended in these days.",
        wide=True,
    )


SPEC = Spec(
    "delivery",
    "Delivery & returns",
    "Whether promises were kept, what came back, and what became of the money.",
    build,
    (WITHIN,),
)
