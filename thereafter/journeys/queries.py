"""What is asked about journeys and the people in them."""

from datetime import datetime

from django.db import connection
from django.db.models import Case, Count, QuerySet, Sum, When

from thereafter.commerce.models import Customer
from thereafter.journeys.models import Journey, Passage, Run
from thereafter.journeys.registry import steps
from thereafter.journeys.rules.documents import Known
from thereafter.journeys.triggers import TRIGGERS
from thereafter.messaging.library import templates
from thereafter.stores.models import Store, StoreQuerySet


def known() -> Known:
    """What documents may name, as this installation is."""
    return Known(
        events={event.name for event in TRIGGERS},
        kinds={kind: step.required for kind, step in steps.items()},
        templates=templates,
    )


def due(now: datetime, limit: int) -> QuerySet[Run]:
    """Runs whose wait is over, longest overdue first, with what the engine asks of them; locked where possible."""
    rows = Run.objects.filter(state=Run.State.WAITING, due_at__lte=now)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("version", "journey", "order").order_by("due_at", "id")[:limit]


def runs_of(journey: Journey) -> StoreQuerySet[Run]:
    rows = Run.objects.of(journey.store_id).filter(journey=journey)
    return rows.select_related("customer", "order", "version").order_by("-started_at", "-id")


def states(store: Store) -> dict[int, dict[str, int]]:
    """How many runs are in each state, by journey id."""
    counted: dict[int, dict[str, int]] = {}
    for row in Run.objects.of(store).values("journey_id", "state").annotate(count=Count("id")):
        counted.setdefault(row["journey_id"], {})[row["state"]] = row["count"]
    return counted


def passed(version_id: int) -> dict[str, int]:
    """How many went through each step of a version."""
    rows = Passage.objects.filter(version_id=version_id).values("step").annotate(total=Sum("count"))
    return {row["step"]: row["total"] for row in rows}


def asleep(version_id: int) -> dict[str, int]:
    """How many sleep at each step of a version."""
    rows = Run.objects.filter(version_id=version_id, state=Run.State.WAITING).exclude(asleep_at="")
    return {row["asleep_at"]: row["count"] for row in rows.values("asleep_at").annotate(count=Count("id"))}


def overdue(store: Store, before: datetime) -> int:
    """Runs that should have moved before this moment and have not: the worker is not keeping up, or stands still."""
    return Run.objects.of(store).filter(state=Run.State.WAITING, due_at__lt=before).count()


def runs_of_customer(customer: Customer) -> QuerySet[Run]:
    """Those who are on the way first, then the newest."""
    rows = Run.objects.of(customer.store_id).filter(customer=customer).select_related("journey", "order")
    return rows.order_by(Case(When(state=Run.State.WAITING, then=0), default=1), "-started_at", "-id")
