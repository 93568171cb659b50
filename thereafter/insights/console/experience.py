"""What shoppers say, and how often they need somebody."""

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.feelings import Satisfaction, satisfaction
from thereafter.insights.figures.support import ContactRate, contact_rate
from thereafter.insights.rules.intervals import Estimate
from thereafter.kit.charts.kinds import Bar, Lines, Ranked, Series, trend
from thereafter.kit.charts.units import DECIMAL, NUMBER
from thereafter.kit.pages import number

KINDS = {
    "csat": ("Satisfaction (CSAT)", "Answers of 4 or 5 out of 5", "How happy are they?"),
    "nps": ("Promoters (NPS)", "Share of 9 and 10 less share of 0 to 6, from −100 to 100", "Would they recommend you?"),
    "ces": ("Effort (CES)", "Mean of 1 (hard) to 7 (easy)", "How easy was it?"),
}
TOPS = {"csat": (0, 100), "nps": (-100, 100), "ces": (1, 7)}
CONTACTS = {
    "ticket.opened": "Tickets at the help desk",
    "follow_up.opened": "Follow-ups",
    "parcel.problem_reported": "Problems with a parcel",
    "question.asked": "Questions about a product",
}


def build(filters: Filters) -> Page:
    feelings = [satisfaction(filters.view, kind) for kind in KINDS]
    contact = contact_rate(filters.view)
    cards = [*(_feeling(one) for one in feelings), _contacts(contact), _why(contact)]
    # What has nothing to say yet stands last.
    cards.sort(key=lambda card: bool(card.thin))
    facts = [*(_score(one) for one in feelings if one.n), _rate(contact)]
    return page(SPEC, filters, cards, facts)


def value(kind: str, score: float | None) -> str:
    """A score as it is usually written: 87%, +42, 5.4."""
    if score is None:
        return "–"
    if kind == "ces":
        return f"{score:.1f}"
    return f"{score:.0f}%" if kind == "csat" else f"{score:+.0f}".replace("-", "\N{MINUS SIGN}")


def _score(one: Satisfaction) -> Fact:
    name, how, _ = KINDS[one.kind]
    between = (
        f"The true value lies between {value(one.kind, one.low)} and {value(one.kind, one.high)}."
        if one.low is not None
        else ""
    )
    return Fact(
        name, value(one.kind, one.value), _moved(one), _good(one), said.many(one.n, "answer"), f"{how}. {between}"
    )


def _moved(one: Satisfaction) -> str:
    if one.change is None:
        return ""
    if one.kind == "ces":
        return f"{one.change.value:+.1f}".replace("-", "\N{MINUS SIGN}")
    return f"{one.change.value:+.0f} {'pts' if one.kind == 'csat' else 'points'}".replace("-", "\N{MINUS SIGN}")


def _good(one: Satisfaction) -> bool | None:
    return one.change.value > 0 if one.change and one.change_is_real else None


def _feeling(one: Satisfaction) -> Card:
    name, how, what = KINDS[one.kind]
    low, top = TOPS[one.kind]
    points = Series(
        name,
        [point.value for point in one.trend],
        [point.low for point in one.trend],
        [point.high for point in one.trend],
        [point.n for point in one.trend],
        colour="brand",
    )
    labels = [said.month(point.month) for point in one.trend]
    bars = [Bar(str(score), count) for score, count in sorted(one.counts.items(), reverse=True)]
    asked = f", {said.rate(one.response)} of {number(one.asked)} asked answered" if one.response else ""
    # A line needs two points; one month shows its answers by score instead.
    is_line = sum(point.value is not None for point in one.trend) > 1
    return Card(
        one.kind,
        name,
        f"{what} {how}",
        definition=one.definition,
        chart=Lines(f"{name} by month", labels, [points], DECIMAL, low=low, top=top)
        if is_line
        else Ranked(f"{name}: answers by score", bars, NUMBER, by="Score", value="Answers")
        if bars
        else None,
        facts=[Fact("Now", value(one.kind, one.value), _moved(one), _good(one))] if one.value is not None else [],
        basis=said.many(one.n, "answer") + asked if one.n else "",
        thin=one.thin,
        note="A month with fewer than ten answers is left out." if is_line else "",
    )


def _estimate(one: Estimate | None) -> str:
    return f"{one.value:.1f}" if one else "–"


def _rate(contact: ContactRate) -> Fact:
    one, before = contact.per_hundred, contact.before
    delta, good = "", None
    if one and before and abs(one.value - before.value) >= 0.05:  # noqa: PLR2004 as shown
        delta = f"{one.value - before.value:+.1f}".replace("-", "\N{MINUS SIGN}")
        good = one.value < before.value if contact.change.is_real else None
    return Fact(
        "Contacts per 100 orders",
        _estimate(one),
        delta,
        good,
        hint=said.many(contact.orders, "order"),
        how="Tickets, reported problems and follow-ups opened by hand, beside the orders placed in the same days.",
    )


def _contacts(contact: ContactRate) -> Card:
    labels = [said.month(one.month) for one in contact.trend]
    reached = sum(one.n for one in contact.contacts)
    line = Series("Contacts per 100 orders", [one.per_hundred for one in contact.trend], colour="brand")
    return Card(
        "contacts",
        "How often they need you",
        "Contacts per 100 orders, month by month: what a good promise and a good tracking page save",
        definition=contact.definition,
        chart=trend("Contacts per 100 orders by month", labels, [line], DECIMAL) if labels and reached else None,
        facts=[
            Fact("Half answered within", _wait(contact.median_days)),
            Fact("Nine in ten within", _wait(contact.p90_days)),
            Fact("Not answered yet", number(contact.unanswered)),
        ]
        if contact.answered or contact.unanswered
        else [],
        basis=said.many(contact.orders, "order"),
        thin=contact.thin or ("" if reached else _nobody(contact.own_calls)),
    )


def _nobody(own_calls: int) -> str:
    if not own_calls:
        return "Nobody needed help in these days."
    calls = said.many(own_calls, "follow-up was", "follow-ups were")
    return f"Nobody turned to you in these days. {calls} opened after a low score or a review."


def _wait(days: int | None) -> str:
    return "a day" if days == 0 else said.days(days)


def _why(contact: ContactRate) -> Card:
    bars = [Bar(CONTACTS.get(one.name, one.name), one.n) for one in contact.contacts if one.n]
    return Card(
        "contact-kinds",
        "How they reach you",
        "Contacts of the period by their way",
        chart=Ranked("Contacts by way", bars, NUMBER, by="Way", value="Contacts") if bars else None,
        basis=said.many(sum(one.n for one in contact.contacts), "contact"),
        thin="" if bars else "Nobody needed help in these days.",
    )


SPEC = Spec("experience", "Experience", "What shoppers say, and how often they need somebody.", build)
