"""What other rooms' pages show of journeys."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.console.nav import nav_item
from thereafter.journeys import queries, words
from thereafter.journeys.models import Journey
from thereafter.kit.pages import humanise, url
from thereafter.kit.sockets import Panel
from thereafter.messaging.words import naming
from thereafter.stores.models import Store

nav_item(
    "Segments", url_name="journeys_console:segments", icon="people", verb="journeys.read", group="Customers", place=20
)
nav_item("Journeys", url_name="journeys_console:journeys", icon="flow", verb="journeys.read", group="Engage", place=10)
nav_item("Proof", url_name="journeys_console:proofs", icon="chart", verb="journeys.read", group="Insights", place=40)


@customer_panel(place=35)
def journeys_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    """Where this customer is on the way, and what they wait for."""
    runs = list(queries.runs_of_customer(customer)[:8])
    shown = {"runs": runs, "states": words.STATES, "tones": words.STATE_TONES, "outcome": words.outcome_in_words}
    return Panel("journeys/console/_customer.html", shown, title="Journeys") if runs else None


@naming("journey")
def name_journeys(store: Store, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """What messages that a journey sent are said to come from."""
    rows = Journey.objects.of(store).filter(pk__in=numbers)
    return {row.pk: (row.name, url("journeys_console:journey", store.slug, row.key)) for row in rows}


@telling("journey.started")
def tell_start(payload: dict[str, Any]) -> Told:
    return "flow", f"Entered the journey “{payload['journey']}”", ""


@telling("journey.ended")
def tell_end(payload: dict[str, Any]) -> Told:
    return "flow", f"Left the journey “{payload['journey']}”", words.outcome_in_words(str(payload["outcome"]))


@telling("segment.entered")
def tell_entered(payload: dict[str, Any]) -> Told:
    again = "again" if payload.get("visit", 1) > 1 else ""
    return "people", f"Came into the segment “{humanise(payload['segment'])}” {again}".strip(), ""


@telling("segment.left")
def tell_left(payload: dict[str, Any]) -> Told:
    return "people", f"Left the segment “{humanise(payload['segment'])}”", ""


@telling("customer.date_came")
def tell_day(payload: dict[str, Any]) -> Told:
    days, what = int(payload.get("days", 0)), humanise(payload["trait"].rpartition(".")[2])
    when = f"is in {-days} days" if days < 0 else f"was {days} days ago" if days else "is today"
    return "calendar", f"{what} {when}", ""
