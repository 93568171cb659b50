"""The figures of all journeys of a store, each asked once for all of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum

from thereafter.journeys import queries, words
from thereafter.journeys.models import Conversion, Journey, Passage, Run
from thereafter.journeys.rules.plans import DONE, HELD
from thereafter.messaging.models import Message
from thereafter.stores.models import Store

DAYS = 30


@dataclass(frozen=True)
class Figures:
    """By journey id, of the last `DAYS` days but for `now`."""

    now: dict[int, int]
    entered: dict[int, int]
    finished: dict[int, int]
    sent: dict[int, int]
    reached: dict[int, int]

    def of(self, journey: Journey) -> dict[str, int]:
        named = {"now": self.now, "entered": self.entered, "finished": self.finished, "sent": self.sent}
        return {name: counts.get(journey.pk, 0) for name, counts in (*named.items(), ("reached", self.reached))}


def figures(store: Store, now: datetime) -> Figures:
    since = now - timedelta(days=DAYS)
    waiting = {pk: states.get(Run.State.WAITING, 0) for pk, states in queries.states(store).items()}
    reached = Conversion.objects.of(store).filter(at__gte=since).order_by().values_list("journey")
    return Figures(
        now=waiting,
        entered=_passages(store, since, step=""),
        finished=_passages(store, since, to=DONE),
        sent=_sent(store, since),
        reached=dict(reached.annotate(total=Count("run", distinct=True))),
    )


def _passages(store: Store, since: datetime, **edge: str) -> dict[int, int]:
    rows = Passage.objects.of(store).filter(at__gte=since, **edge).exclude(to=HELD).order_by()
    return dict(rows.values_list("version__journey").annotate(total=Sum("count")))


def _sent(store: Store, since: datetime) -> dict[int, int]:
    """Messages by the journey that wanted them, which `origin` says: "journey:5:ask"."""
    rows = Message.objects.of(store).filter(origin__startswith="journey:", sent_at__gte=since).order_by()
    counted: Counter[int] = Counter()
    for origin, total in rows.values_list("origin").annotate(total=Count("id")):
        counted[int(origin.split(":")[1])] += total
    return dict(counted)


def rows(store: Store, now: datetime, names: words.Names, *, archived: bool = False) -> list[dict[str, Any]]:
    """One row for each journey: those that run first, then by name."""
    found = Journey.objects.of(store).filter(archived_at__isnull=not archived).select_related("version")
    counted = figures(store, now)
    return [_row(journey, counted, names) for journey in found.order_by("-live", "name", "id")]


def _row(journey: Journey, counted: Figures, names: words.Names) -> dict[str, Any]:
    document = journey.draft or (journey.version.document if journey.version else None)
    return {
        "journey": journey,
        "state": state_of(journey),
        "trigger": words.trigger_in_words(document, names) if document else "Empty so far",
        "edited_at": journey.drafted_at or (journey.version.published_at if journey.version else journey.created_at),
        "has_draft": bool(journey.draft and journey.version and journey.draft != journey.version.document),
        **counted.of(journey),
    }


def state_of(journey: Journey) -> tuple[str, str]:
    """(what it is called, its tone)."""
    if journey.archived_at:
        return "Archived", "neutral"
    if journey.paused_at:
        return "Paused", "warn"
    if not journey.version:
        return "Draft", "info"
    return ("Running", "good") if journey.live else ("Off", "neutral")
