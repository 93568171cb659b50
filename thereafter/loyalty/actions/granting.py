"""Points for a deed that somebody of the shop saw, by the programme's own points and limits."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions.earning import Earned, earn
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff


@transaction.atomic
def grant(customer: Customer, action: str, *, key: str, why: str, by: Staff, now: datetime) -> Earned:
    """Once per key; what is written down is who said so and why."""
    earned = earn(customer, action, key=f"hand:{key}", at=now, now=now)
    if earned.result == "ok":
        detail = {"action": action, "points": earned.points, "why": why}
        audit(customer.store, by=by, verb="loyalty.grant", now=now, subject=str(customer), detail=detail)
    return earned
