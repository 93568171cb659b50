"""Answers that were collected elsewhere: drained from the inbox, many calls at a time."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q

from thereafter.commerce.actions.taking import order_key
from thereafter.commerce.models import Order
from thereafter.feedback import snapshots
from thereafter.feedback.actions.answering import answered
from thereafter.feedback.actions.asking import UnknownSurvey, heard_about, survey_of
from thereafter.feedback.documents import AnswerDoc
from thereafter.feedback.models import Answer, Survey
from thereafter.feedback.rules import answers as rules
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Outcome, Received
from thereafter.timeline.log import record
from thereafter.timeline.models import Inbound

ROOM = "feedback"
LONGEST_ID = 100
TOLERANCE_AHEAD = timedelta(hours=24)


class BadCall(ValueError):
    """The body is not a list of answers; the text says what is wrong with it."""


class Call(msgspec.Struct):
    """The body of a call, its answers still text: a bad one does not spoil the others."""

    answers: list[msgspec.Raw]


@dataclass(slots=True)
class Sent:
    """One answer of a call, and what is wrong with it or waits for."""

    row: Inbound
    part: int
    raw: bytes
    doc: AnswerDoc | None = None
    order: Order | None = None
    problem: str = ""
    waits_for: str = ""


def read_call(body: str | bytes, most: int = 1_000) -> list[bytes]:
    """The answers of a call, each as JSON text; raises `BadCall`."""
    try:
        call = msgspec.json.decode(body, type=Call)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadCall(f'send {{"answers": [...]}}: {error}') from None
    if not 0 < len(call.answers) <= most:
        raise BadCall(f"the call has {len(call.answers)} answers; send 1 to {most} at a time")
    return [bytes(raw) for raw in call.answers]


def take_calls(rows: Sequence[Inbound], *, now: datetime) -> list[Outcome]:
    """Takes the answers of many calls, in a fixed number of queries per store; one outcome per call."""
    sent: dict[int, list[Sent]] = {}
    outcomes: dict[int, Outcome] = {}
    for row in rows:
        try:
            sent[row.pk] = [Sent(row, part, raw) for part, raw in enumerate(read_call(row.body))]
        except BadCall as error:
            outcomes[row.pk] = Outcome(Inbound.State.REFUSED, reason=f"not_answers: {error}")
    by_store: dict[int, list[Sent]] = defaultdict(list)
    for row in rows:
        by_store[row.store_id] += sent.get(row.pk, [])
    for store_id, answers in by_store.items():
        take_answers(store_id, answers, now=now)
    outcomes |= {pk: _outcome(answers) for pk, answers in sent.items()}
    _keep([one for answers in sent.values() if len(answers) > 1 for one in answers if one.waits_for], now)
    return [outcomes[row.pk] for row in rows]


def _outcome(answers: Sequence[Sent]) -> Outcome:
    if len(answers) == 1 and answers[0].waits_for:
        return Outcome(Inbound.State.KEPT, reason=answers[0].problem, waits_for=answers[0].waits_for)
    if len(answers) == 1 and answers[0].problem:
        return Outcome(Inbound.State.REFUSED, reason=answers[0].problem)
    refused = [one for one in answers if one.problem and not one.waits_for]
    return Outcome(rejects=[(_key(one), _alone(one), one.problem) for one in refused])


def _keep(waiting: Sequence[Sent], now: datetime) -> None:
    """Part of a call cannot wait: each of these becomes a call of its own, which then can."""
    if waiting:
        rows = [(one.row, _key(one), _alone(one)) for one in waiting]
        alone = [Received(row.store_id, ROOM, row.source, row.topic, key, body) for row, key, body in rows]
        inbox.put(alone, now)


def _key(one: Sent) -> str:
    return f"{one.row.key[:90]}:{one.part}"


def _alone(one: Sent) -> str:
    return json.dumps({"answers": [json.loads(one.raw)]}, ensure_ascii=False)


def take_answers(store_id: int, sent: Sequence[Sent], *, now: datetime) -> list[Answer]:
    """Takes those that are sound and not here yet, and returns them; the others get their `problem`."""
    surveys: dict[str, Survey | None] = {}
    for one in sent:
        _read(one, now)
        if one.doc and not one.problem:
            one.problem = _survey_problem(store_id, one.doc, surveys)
    _find_orders(store_id, [one for one in sent if not one.problem])
    taken = _new_ones(store_id, [one for one in sent if not one.problem], surveys)
    snapshots.stamp(taken)
    Answer.objects.bulk_create(taken, batch_size=500)
    _no_reminders(store_id, taken, now)
    record(*(answered(answer) for answer in taken))
    return taken


def _no_reminders(store_id: int, taken: Iterable[Answer], now: datetime) -> None:
    orders: dict[int, set[int]] = defaultdict(set)
    for answer in taken:
        orders[answer.survey_id].add(answer.order_id or 0)
    for survey_id, order_ids in orders.items():
        heard_about(store_id, survey_id, order_ids, at=now)


def _read(one: Sent, now: datetime) -> None:
    try:
        one.doc = msgspec.json.decode(one.raw, type=AnswerDoc, strict=False)
        one.problem = _problem(one.doc, now)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        one.problem = f"not_an_answer: {error}"


def _problem(doc: AnswerDoc, now: datetime) -> str:
    if not 0 < len(doc.external_id.strip()) <= LONGEST_ID:
        return f"no_id: an answer needs an external_id of at most {LONGEST_ID} characters"
    if doc.answered_at.tzinfo is None:
        return "no_time_zone: answered_at needs a time zone, such as 2026-03-03T10:00:00Z"
    if doc.answered_at > now + TOLERANCE_AHEAD:
        return f"in_the_future: answered_at is {doc.answered_at.isoformat()}"
    if not doc.order and not doc.order_number:
        return "no_order: name the order by order_number, or by order and order_source"
    return ""


def _survey_problem(store_id: int, doc: AnswerDoc, surveys: dict[str, Survey | None]) -> str:
    if doc.survey not in surveys:
        try:
            surveys[doc.survey] = survey_of(store_id, doc.survey)
        except UnknownSurvey:
            surveys[doc.survey] = None
    survey = surveys[doc.survey]
    if survey is None:
        return f"unknown_survey: this shop has no survey {doc.survey[:40]!r}"
    try:
        rules.check_score(survey.kind, doc.score)
    except rules.BadScore as error:
        return f"bad_score: {error}"
    return ""


def _find_orders(store_id: int, sent: Sequence[Sent]) -> None:
    docs = [one.doc for one in sent if one.doc]
    by_key = _orders_by_key(store_id, [doc for doc in docs if doc.order])
    by_number = _orders_by_number(store_id, [doc for doc in docs if not doc.order])
    for one in sent:
        if one.doc and one.doc.order:
            key = order_key(one.doc.order_source, one.doc.order)
            one.order = by_key.get(key)
            one.waits_for = "" if one.order else key
        elif one.doc:
            one.order = by_number.get(one.doc.order_number.removeprefix("#"))
        if one.doc and not one.order:
            named = one.doc.order or one.doc.order_number
            one.problem = f"unknown_order: there is no order {named[:80]!r}"


def _orders_by_key(store_id: int, docs: Iterable[AnswerDoc]) -> dict[str, Order]:
    ids: dict[str, set[str]] = defaultdict(set)
    for doc in docs:
        ids[doc.order_source].add(doc.order)
    if not ids:
        return {}
    wanted = Q()
    for source, external_ids in ids.items():
        wanted |= Q(source=source, external_id__in=external_ids)
    return {order_key(order.source, order.external_id): order for order in _orders(store_id, wanted)}


def _orders_by_number(store_id: int, docs: Iterable[AnswerDoc]) -> dict[str, Order]:
    """By the number without its #; of two orders with one number the newer."""
    numbers = {doc.order_number.removeprefix("#") for doc in docs}
    if not numbers:
        return {}
    spellings = numbers | {f"#{number}" for number in numbers}
    return {order.number.removeprefix("#"): order for order in _orders(store_id, Q(number__in=spellings))}


def _orders(store_id: int, wanted: Q) -> Iterable[Order]:
    found = Order.objects.of(store_id).filter(wanted).order_by("placed_at")
    return found.only("pk", "store_id", "customer_id", "source", "external_id", "number")


def _new_ones(store_id: int, sent: Sequence[Sent], surveys: dict[str, Survey | None]) -> list[Answer]:
    ids = {one.doc.external_id for one in sent if one.doc}
    known = set(Answer.objects.of(store_id).filter(external_id__in=ids).values_list("external_id", flat=True))
    fresh: dict[str, Answer] = {}
    for one in sent:
        doc, order = one.doc, one.order
        if doc and order and doc.external_id not in known and doc.external_id not in fresh:
            fresh[doc.external_id] = Answer(
                store_id=store_id,
                survey=surveys[doc.survey],
                customer_id=order.customer_id,
                order_id=order.pk,
                external_id=doc.external_id,
                score=doc.score,
                comment=rules.clean_comment(doc.comment),
                via="api",
                answered_at=doc.answered_at,
                changed_at=doc.answered_at,
            )
    return list(fresh.values())
