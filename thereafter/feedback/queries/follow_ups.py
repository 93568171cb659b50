"""Which bad answers are being looked after, and how well."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Count, Q

from thereafter.feedback.models import Answer, FollowUp, FollowUpNote
from thereafter.feedback.rules.follow_ups import REASONS
from thereafter.stores.models import Staff, Store, StoreQuerySet

State, Kind = FollowUp.State, FollowUpNote.Kind
VIEWS = {"open": "To answer", "mine": "Mine", "overdue": "Overdue", "waiting": "Waiting for them", "closed": "Closed"}


def listed(store: Store, view: str, *, me: Staff, now: datetime) -> StoreQuerySet[FollowUp]:
    """Those of a view, what is most urgent first; what is closed the newest first."""
    found = _of_view(FollowUp.objects.of(store), view, me, now)
    found = found.select_related("customer", "order", "answer__survey", "review__product", "owner")
    return found.order_by("-closed_at", "-id") if view == "closed" else found.order_by("due_at", "id")


def counts(store: Store, *, me: Staff, now: datetime) -> dict[str, int]:
    return {view: _of_view(FollowUp.objects.of(store), view, me, now).count() for view in VIEWS if view != "closed"}


def to_answer(store: Store) -> int:
    return FollowUp.objects.of(store).filter(state=State.OPEN).count()


def _of_view(found: StoreQuerySet[FollowUp], view: str, me: Staff, now: datetime) -> StoreQuerySet[FollowUp]:
    running = [State.OPEN, State.WAITING]
    chosen = {
        "open": Q(state=State.OPEN),
        "mine": Q(state__in=running, owner=me),
        "overdue": Q(state=State.OPEN, due_at__lt=now),
        "waiting": Q(state=State.WAITING),
        "closed": Q(state__in=[State.RESOLVED, State.DROPPED]),
    }
    return found.filter(chosen[view])


def one(store: Store, follow_up_id: int) -> FollowUp | None:
    found = FollowUp.objects.of(store).filter(pk=follow_up_id)
    return found.select_related("store", "customer", "order", "answer__survey", "review__product", "owner").first()


def notes(follow_up: FollowUp) -> list[FollowUpNote]:
    mine = FollowUpNote.objects.of(follow_up.store_id).filter(follow_up=follow_up)
    return list(mine.select_related("by").order_by("at", "id"))


def talk(follow_up: FollowUp) -> list[FollowUpNote]:
    """What the customer may read."""
    return [note for note in notes(follow_up) if note.kind in (Kind.TO_CUSTOMER, Kind.FROM_CUSTOMER)]


@dataclass(frozen=True)
class Figures:
    """How follow-ups of a period went. Shares are of 1, hours from opening to the first reply; None without any."""

    opened: int
    answered: int
    in_time: int
    median_hours: float | None
    resolved: int
    reasons: list[tuple[str, int]]
    asked_again: int
    better: int


def figures(store: Store, since: datetime) -> Figures:
    opened = FollowUp.objects.of(store).filter(opened_at__gte=since)
    times = list(opened.filter(first_reply_at__isnull=False).values_list("opened_at", "first_reply_at", "due_at"))
    hours = [(reply - begun).total_seconds() / 3600 for begun, reply, _ in times if reply]
    reasons = opened.exclude(reason="").values_list("reason").annotate(times=Count("id")).order_by("-times", "reason")
    again = list(_answered_again(store, since))
    return Figures(
        opened=opened.count(),
        answered=len(times),
        in_time=sum(1 for _, reply, due in times if reply and reply <= due),
        median_hours=median(hours) if hours else None,
        resolved=opened.filter(state=State.RESOLVED).count(),
        reasons=[(REASONS.get(reason, reason), count) for reason, count in reasons],
        asked_again=len(again),
        better=sum(1 for before, after in again if after > before),
    )


def _answered_again(store: Store, since: datetime) -> list[tuple[int, int]]:
    """The score before and the score of the same person when the same was asked once more."""
    asked = FollowUp.objects.of(store).filter(opened_at__gte=since, asked_again_at__isnull=False, answer__isnull=False)
    before = {f"again:{pk}": score for pk, score in asked.values_list("pk", "answer__score") if score is not None}
    given = Answer.objects.of(store).filter(invitation__source__in=before, score__isnull=False)
    return [(before[source], score or 0) for source, score in given.values_list("invitation__source", "score")]
