"""What other rooms' pages show of journeys."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.console.nav import nav_item
from thereafter.journeys import queries
from thereafter.journeys.words import OUTCOMES
from thereafter.kit.sockets import Panel

nav_item("Journeys", url_name="journeys_console:journeys", icon="flow", verb="journeys.read", group="Engage", place=10)


@customer_panel(place=35)
def journeys_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    """Where this customer is on the way, and what they wait for."""
    runs = list(queries.runs_of_customer(customer)[:8])
    return (
        Panel("journeys/console/_customer.html", {"runs": runs, "outcomes": OUTCOMES}, title="Journeys")
        if runs
        else None
    )


@telling("journey.started")
def tell_start(payload: dict[str, Any]) -> Told:
    return "flow", f"Entered the journey “{payload['journey']}”", ""


@telling("journey.ended")
def tell_end(payload: dict[str, Any]) -> Told:
    outcome = str(payload["outcome"])
    return "flow", f"Left the journey “{payload['journey']}”", OUTCOMES.get(outcome, outcome)
