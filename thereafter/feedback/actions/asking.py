"""Asking people: each wish once, within the budget of its person, and a line of why when it was not asked."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.feedback.actions import people, question_mails, review_requests, survey_mails
from thereafter.feedback.models import Ask, AskDecision, Invitation, Survey
from thereafter.feedback.queries import asks as queries
from thereafter.feedback.rules import budget
from thereafter.timeline.rows import insert_new

SATISFACTION = "satisfaction"
REVIEW, QUESTION = Ask.What.REVIEW.value, Ask.What.QUESTION.value
# Of what is no survey: rank, and the days it makes sense to ask.
_PRIORITY = {REVIEW: 4, QUESTION: 2}
_GOOD_FOR = {REVIEW: 45, QUESTION: 10}
_AFTER_A_FAILURE = timedelta(hours=1)
log = logging.getLogger(__name__)


class UnknownSurvey(ValueError):
    """The store has no survey with this key."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask what, the source that asks once, and what the mail says it comes from.

    `what` is survey, review or question; `due_at` is from when on (now), `facts` what who carries it out must know.
    """

    customer_id: int
    source: str
    order_id: int | None = None
    survey: str = SATISFACTION
    origin: str = ""
    what: str = "survey"
    due_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def survey_of(store_id: int, key: str) -> Survey:
    """The store's survey; everybody has "satisfaction". Raises `UnknownSurvey`."""
    known = Survey.objects.of(store_id).filter(key=key).first()
    if known is None and key == SATISFACTION:
        known, _ = Survey.objects.get_or_create(store_id=store_id, key=key, defaults={"kind": "csat"})
    if known is None:
        raise UnknownSurvey(f"this shop has no survey {key[:40]!r}")
    return known


@transaction.atomic
def ask(store_id: int, askings: Sequence[Asking], *, now: datetime) -> list[Invitation]:
    """Keeps what is new as wishes and asks at once who may be asked; returns the invitations to surveys that went out.

    The others wait for their place or are skipped, with the reason. Raises `UnknownSurvey`.
    """
    keys = {asking.survey for asking in askings if asking.what == Ask.What.SURVEY}
    surveys = {key: survey_of(store_id, key) for key in sorted(keys)}
    fresh = _as_one(store_id, {one.source: one for one in askings if _is_asked(one, surveys)}.values())
    ids = insert_new(Ask, _COLUMNS, [_row(store_id, asking, surveys, now) for asking in fresh])
    chosen = {asking.customer_id for asking, new in zip(fresh, ids, strict=True) if new}
    return decide(store_id, chosen, now=now)


def _as_one(store_id: int, askings: Iterable[Asking]) -> list[Asking]:
    """Who was merged since they were chosen is asked as the one they are now."""
    found = list(askings)
    moved = people.who_they_are(store_id, {asking.customer_id for asking in found})
    return [replace(one, customer_id=moved[one.customer_id]) if one.customer_id in moved else one for one in found]


def _is_asked(asking: Asking, surveys: Mapping[str, Survey]) -> bool:
    """An archived survey asks nobody any more, whatever journey still names it."""
    return asking.what != Ask.What.SURVEY or surveys[asking.survey].archived_at is None


_COLUMNS = (
    "store_id",
    "customer_id",
    "order_id",
    "what",
    "survey_id",
    "source",
    "origin",
    "facts",
    "priority",
    "wanted_at",
    "due_at",
    "expires_at",
    "look_at",
)


def _row(store_id: int, asking: Asking, surveys: Mapping[str, Survey], now: datetime) -> tuple[Any, ...]:
    survey = surveys.get(asking.survey) if asking.what == Ask.What.SURVEY else None
    due_at = max(asking.due_at or now, now)
    days = survey.good_for_days if survey else _GOOD_FOR[asking.what]
    return (
        store_id,
        asking.customer_id,
        asking.order_id,
        asking.what,
        survey.pk if survey else None,
        asking.source,
        asking.origin,
        dict(asking.facts),
        survey.priority if survey else _PRIORITY[asking.what],
        now,
        due_at,
        due_at + timedelta(days=days),
        due_at,
    )


@transaction.atomic
def decide(store_id: int, customer_ids: Collection[int], *, now: datetime) -> list[Invitation]:
    """Decides what waits for these people. Their rows are locked, so that two workers cannot both find room."""
    found = Customer.objects.of(store_id).filter(pk__in=customer_ids).order_by("pk")
    customers = list(found.select_for_update(of=("self",)).only("pk", "store_id", "email", "phone"))
    policy = queries.policy_of(store_id)
    asks = queries.waiting(store_id, [customer.pk for customer in customers])
    if not asks:
        return []
    persons = queries.persons(store_id, customers, policy, now)
    known = {ask.pk: ask for ask in chain.from_iterable(asks.values())}
    verdicts = [
        verdict
        for customer_id, mine in asks.items()
        for verdict in budget.decide(persons[customer_id], [queries.wish_of(ask) for ask in mine], policy, now)
    ]
    _write(store_id, known, verdicts, now)
    chosen = [known[verdict.wish.key] for verdict in verdicts if verdict.state == budget.ASKED]
    return _carry_out(store_id, chosen, now)


def _write(store_id: int, known: Mapping[int, Ask], verdicts: Iterable[budget.Verdict], now: datetime) -> None:
    """What was decided, on the wish; and a line of the log for what did not go straight through."""
    lines: list[AskDecision] = []
    changed: list[Ask] = []
    for verdict in verdicts:
        ask = known[verdict.wish.key]
        before = (ask.state, ask.reason, ask.look_at)
        first_time = ask.decided_at is None
        is_new = (ask.state, ask.reason) != (verdict.state, verdict.reason)
        ask.state, ask.reason, ask.look_at = verdict.state, verdict.reason, verdict.look_at
        ask.asked_at = now if verdict.state == budget.ASKED else None
        ask.passed_over += verdict.reason == budget.PREFERRED
        if before == (ask.state, ask.reason, ask.look_at):
            continue
        ask.decided_at = now
        changed.append(ask)
        if is_new and not (first_time and verdict.state == budget.ASKED):
            line = AskDecision(store_id=store_id, ask=ask, at=now, state=ask.state, reason=ask.reason)
            line.until = verdict.look_at
            lines.append(line)
    asked = [ask.pk for ask in changed if ask.state == budget.ASKED]
    Ask.objects.of(store_id).filter(pk__in=asked).update(
        state=budget.ASKED, reason="", look_at=None, asked_at=now, decided_at=now
    )
    fields = ["state", "reason", "look_at", "passed_over", "decided_at"]
    Ask.objects.bulk_update([ask for ask in changed if ask.state != budget.ASKED], fields, batch_size=200)
    AskDecision.objects.bulk_create(lines, batch_size=500)


def _carry_out(store_id: int, chosen: Sequence[Ask], now: datetime) -> list[Invitation]:
    by_what: dict[str, list[Ask]] = defaultdict(list)
    for ask in chosen:
        by_what[ask.what].append(ask)
    if by_what[REVIEW]:
        review_requests.carry_out(store_id, by_what[REVIEW], now=now)
    if by_what[QUESTION]:
        question_mails.carry_out(store_id, by_what[QUESTION], now=now)
    surveys = by_what[Ask.What.SURVEY]
    return survey_mails.carry_out(store_id, surveys, now=now) if surveys else []


def turn(now: datetime, limit: int = 500) -> int:
    """Looks at what is due to be looked at, of all stores; returns how many people that were."""
    due = Ask.objects.filter(state=Ask.State.WAITING, look_at__lte=now).order_by("look_at", "id")
    by_store: dict[int, set[int]] = defaultdict(set)
    for store_id, customer_id in due.values_list("store_id", "customer_id")[:limit]:
        by_store[store_id].add(customer_id)
    for store_id, customer_ids in by_store.items():
        _decide_safely(store_id, customer_ids, now)
    return sum(len(customer_ids) for customer_ids in by_store.values())


def _decide_safely(store_id: int, customer_ids: Collection[int], now: datetime) -> None:
    """One person whose asks cannot be decided keeps nobody else waiting: they are looked at again later."""
    try:
        decide(store_id, customer_ids, now=now)
    except Exception:
        log.exception("the asks of %s people of store %s could not be decided", len(customer_ids), store_id)
        if len(customer_ids) > 1:
            for one in customer_ids:
                _decide_safely(store_id, [one], now)
            return
        waiting = Ask.objects.of(store_id).filter(customer_id__in=customer_ids, state=Ask.State.WAITING)
        waiting.filter(look_at__lte=now).update(look_at=now + _AFTER_A_FAILURE)


def heard(store_id: int, ask_ids: Collection[int], *, at: datetime) -> None:
    """They were answered: the person has their quiet from now on, and no reminder goes out."""
    Ask.objects.of(store_id).filter(pk__in=ask_ids, answered_at=None).update(answered_at=at)


def heard_about(store_id: int, survey_id: int, order_ids: Collection[int], *, at: datetime) -> None:
    """What this survey asked about these orders was answered another way: on a page, by a card, with another tool."""
    asked = Ask.objects.of(store_id).filter(survey=survey_id, order_id__in=order_ids, state=Ask.State.ASKED)
    asked.filter(answered_at=None).update(answered_at=at)
