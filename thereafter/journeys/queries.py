"""What is asked about journeys and the people in them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, QuerySet, Sum, When

from thereafter.commerce.models import Customer
from thereafter.journeys.models import Journey, Passage, Run, Segment, Stuck, Timer
from thereafter.journeys.registry import Step, alike_templates, steps
from thereafter.journeys.rules.documents import Kind, Known
from thereafter.journeys.rules.plans import DONE, HELD, STOPPED, Plan
from thereafter.journeys.triggers import TRIGGERS
from thereafter.messaging import catalogue, library
from thereafter.messaging.models import MessageClass, MessageTemplate
from thereafter.stores.models import Store, StoreQuerySet


def known(store: Store | int | None = None) -> Known:
    """What documents may name, as this installation (and this store) is."""
    return Known(
        events={event.name for event in TRIGGERS},
        kinds={kind: _kind(step) for kind, step in steps.items()},
        templates=_template_keys(store),
        segments=set(Segment.objects.of(store).values_list("key", flat=True)) if store else None,
        surveys=set(offered(store, "survey")) if store else None,
        alike_templates=alike_templates,
    )


def offered(store: Store | int, kind: str) -> dict[str, str]:
    """What rooms above have of the store for settings of this kind: label by key."""
    store_id = store if isinstance(store, int) else store.pk
    settings = (setting for step in steps.values() for setting in step.settings if setting.kind == kind)
    return {key: label for setting in settings if setting.offers for key, label in setting.offers(store_id)}


def _kind(step: Step) -> Kind:
    return Kind({setting.name: setting.kind for setting in step.settings}, step.required, step.alike)


def _template_keys(store: Store | int | None) -> set[str]:
    own = MessageTemplate.objects.of(store).filter(live__isnull=False, archived_at=None) if store else None
    return {*library.templates, *(own.values_list("key", flat=True) if own is not None else ())}


def is_marketing(store_id: int, plan: Plan) -> bool:
    """Whether all that a journey sends is marketing, so that who is held out of marketing is not in it."""
    keys = {str(step["template"]) for step in plan.steps.values() if step["kind"] == "send"}
    found = catalogue.chosen((store_id, key) for key in keys)
    return bool(keys) and all(template.message_class == MessageClass.MARKETING for template in found.values())


def runs_of(journey: Journey) -> StoreQuerySet[Run]:
    rows = Run.objects.of(journey.store_id).filter(journey=journey)
    return rows.select_related("customer", "order", "version").order_by("-started_at", "-id")


def states(store: Store) -> dict[int, dict[str, int]]:
    """How many runs are in each state, by journey id; told by the counts of edges, not by counting runs."""
    rows = Passage.objects.of(store).filter(Q(step="") | Q(to__in=_EXITS)).order_by()
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for journey_id, step, to, total in rows.values_list("version__journey_id", "step", "to").annotate(
        total=Sum("count")
    ):
        if step == "" and to != HELD:
            counted[journey_id][Run.State.WAITING.value] += total
        if to in _EXITS:
            counted[journey_id][_EXITS[to]] += total
            if to != HELD:
                counted[journey_id][Run.State.WAITING.value] -= total
    return {journey_id: {state: count for state, count in of.items() if count} for journey_id, of in counted.items()}


_EXITS = {DONE: Run.State.DONE.value, STOPPED: Run.State.STOPPED.value, HELD: Run.State.HELD.value}


@dataclass(frozen=True)
class Flow:
    """The counts of a version: `edges` by (from, to), and from them who came to, and who stands at, each step.

    From "" people enter, from `@moved` they come from another version; they go to `@done`, `@stopped`, `@moved`, and
    those of "" who are held out to `@held`.
    """

    edges: Mapping[tuple[str, str], int]

    @property
    def passed(self) -> dict[str, int]:
        """How many came to each step."""
        came: Counter[str] = Counter()
        for (_, to), count in self.edges.items():
            if not to.startswith("@"):
                came[to] += count
        return {step: count for step, count in came.items() if count}

    @property
    def standing(self) -> dict[str, int]:
        """How many are at each step now."""
        here = Counter(self.passed)
        for (step, _), count in self.edges.items():
            if step and not step.startswith("@"):
                here[step] -= count
        return {step: count for step, count in here.items() if count}


def flow(version_id: int) -> Flow:
    """How many went along each edge of a version, and stand at each step."""
    rows = Passage.objects.filter(version_id=version_id).order_by().values_list("step", "to")
    return Flow({(step, to): total for step, to, total in rows.annotate(total=Sum("count")) if total})


def passed(version_id: int) -> dict[str, int]:
    """How many came to each step of a version."""
    return flow(version_id).passed


def asleep(version_id: int) -> dict[str, int]:
    """How many stand at each step of a version."""
    return flow(version_id).standing


def overdue(store: Store, before: datetime) -> int:
    """Runs that should have moved before this moment and have not: the worker is not keeping up, or stands still."""
    rows = Timer.objects.filter(run__store=store, due_at__lt=before, run__state=Run.State.WAITING)
    return rows.count()


def stuck(store: Store | None = None) -> QuerySet[Stuck]:
    """What the last sweep found standing where it should have moved; of all stores for who looks after the server."""
    rows = Stuck.objects.of(store) if store else Stuck.objects.all()
    return rows.select_related("journey").order_by("since")


def runs_of_customer(customer: Customer) -> QuerySet[Run]:
    """Those who are on the way first, then the newest."""
    rows = Run.objects.of(customer.store_id).filter(customer=customer).select_related("journey", "order")
    return rows.order_by(Case(When(state=Run.State.WAITING, then=0), default=1), "-started_at", "-id")
