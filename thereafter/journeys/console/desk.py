"""One journey as it lies on the builder's desk: its draft, its picture, what is wrong with it and what is live."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from thereafter.journeys.console.choices import Choices
from thereafter.journeys.console.counting import counts_of
from thereafter.journeys.console.picture import Counts, Picture, forks
from thereafter.journeys.models import DraftEdit, Journey
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import changes, documents, graph
from thereafter.journeys.rules.problems import Problem
from thereafter.kit import clock
from thereafter.stores.models import Store

EMPTY: Mapping[str, Any] = {"trigger": {"event": ""}, "steps": []}
# For how many days the picture counts, as one chooses it; "" is for ever.
SPANS = (("1", "Today", 1), ("7", "7 days", 7), ("30", "30 days", 30), ("", "All time", 0))


class Desk:
    """Everything that the builder's pages and parts of pages show of a journey; each is worked out when it is asked."""

    def __init__(self, store: Store, journey: Journey, since: str = "") -> None:
        self.store, self.journey, self.since = store, journey, since
        self.choices = Choices(store)
        # The step that is open in the panel, or "trigger".
        self.chosen = ""
        # A form that was sent without scripts to get another row of a condition.
        self.posted: QueryDict | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        """What is being written; before that, what is published."""
        drawn: Mapping[str, Any] = self.journey.draft or self.published or EMPTY
        return drawn

    @property
    def published(self) -> Mapping[str, Any] | None:
        return self.journey.version.document if self.journey.version else None

    @cached_property
    def problems(self) -> list[Problem]:
        found = documents.check(self.document, self.choices.known)
        kinds = {row["id"]: row["kind"] for row in self.document["steps"]}
        return [_by_label(problem, kinds.get(problem.where, "")) for problem in found]

    @property
    def differs(self) -> bool:
        """Whether there is something to publish."""
        return bool(self.journey.draft) and self.journey.draft != self.published

    @cached_property
    def changed(self) -> int:
        return len(changes.between(self.published or EMPTY, self.document, forks())) if self.differs else 0

    @cached_property
    def picture(self) -> Picture:
        return Picture(self.document, self.choices.names, self.problems, self.counts, edits=True)

    @cached_property
    def live_picture(self) -> Picture:
        return Picture(self.published or EMPTY, self.choices.names, (), self.counts)

    @cached_property
    def counts(self) -> Counts | None:
        return counts_of(self.journey.version, since_of(self.since)) if self.journey.version else None

    @cached_property
    def done(self) -> DraftEdit | None:
        """What would be undone."""
        return DraftEdit.objects.filter(journey=self.journey, undone=False).order_by("-id").first()

    @cached_property
    def undone(self) -> DraftEdit | None:
        """What would be done again."""
        return DraftEdit.objects.filter(journey=self.journey, undone=True).order_by("id").first()

    def url(self, name: str) -> str:
        return reverse(f"journeys_console:{name}", args=[self.store.slug, self.journey.key])

    @property
    def spans(self) -> list[dict[str, Any]]:
        return [{"label": label, "url": f"?since={value}", "current": value == self.since} for value, label, _ in SPANS]

    def wrong_at(self, where: str) -> list[Problem]:
        return [problem for problem in self.problems if problem.where == where]

    def later(self, step: str) -> list[tuple[str, str]]:
        """The steps that a step may lead to, (id, title): those from which one does not come back to it."""
        made = self.picture.graph
        return [(one, self.picture.title(one)) for one in graph.order(made) if step not in made.reach(one)]


def _by_label(problem: Problem, kind: str) -> Problem:
    """A setting that is missing, told by the name that its field has."""
    made = steps.get(kind)
    setting = (
        next((one for one in made.settings if one.name == problem.setting and one.required), None) if made else None
    )
    is_missing = setting and problem.text == f"A {kind} step needs {problem.setting}."
    return (
        Problem(problem.where, f"“{setting.label}” is missing.", problem.setting) if setting and is_missing else problem
    )


def since_of(span: str) -> datetime | None:
    """From when on the picture counts: today's midnight, or some whole days back; None is for ever."""
    days = next((days for value, _, days in SPANS if value == span), 0)
    if not days:
        return None
    midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)
