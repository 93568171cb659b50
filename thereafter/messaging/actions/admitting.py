"""Letting messages through, holding them, or telling why they must not go: one transaction for a whole batch.

Two workers that have a message each for one person wait for each other here, on the person's row, so that neither
misses what the other lets through.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from thereafter.commerce.models import Customer
from thereafter.messaging import standing
from thereafter.messaging.models import Message, Pace
from thereafter.messaging.rules import pacing
from thereafter.messaging.rules.classes import TRANSACTIONAL
from thereafter.messaging.rules.gate import GO, HOLD, SKIP, Candidate, Facts, Verdict, judge_all, rank

State = Message.State
_HELD = ("due_at", "reason", "verdicts", "expires_at", "channel", "admitted_at")


@transaction.atomic
def admit(messages: Sequence[Message], addresses: standing.Addresses, now: datetime) -> dict[int, str]:
    """Why those of these that must not go now must not, by id: "" for those that are held and will come back.

    All others are let through, and know their channel and address.
    """
    _wait_turn(messages)
    judged = standing.gather(messages, addresses, now)
    verdicts = _paced(judged, messages, judge_all(judged, now), now)
    for message in messages:
        _note(message, verdicts[message.pk], addresses, now)
    _hold([message for message in messages if verdicts[message.pk].answer == HOLD])
    _let_through([message for message in messages if verdicts[message.pk].answer == GO], now)
    return {pk: one.why if one.answer == SKIP else "" for pk, one in verdicts.items() if one.answer != GO}


def _wait_turn(messages: Sequence[Message]) -> None:
    if not connection.features.has_select_for_update:
        return
    people = {message.customer_id for message in messages if message.message_class != TRANSACTIONAL}
    if people:
        rows = Customer.objects.filter(pk__in=people).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk", flat=True))


def _paced(
    judged: Sequence[tuple[Candidate, Facts]], messages: Sequence[Message], verdicts: dict[int, Verdict], now: datetime
) -> dict[int, Verdict]:
    """The same, with those held for whom the channel has no room this second."""
    stores = {message.pk: message.store_id for message in messages}
    lines: dict[tuple[int, str], list[int]] = defaultdict(list)
    speeds: dict[tuple[int, str], int] = {}
    for candidate, facts in sorted(judged, key=lambda pair: rank(pair[0])):
        verdict = verdicts[candidate.key]
        speed = facts.rules.per_minute.get(verdict.channel, 0)
        if verdict.answer == GO and speed:
            lines[stores[candidate.key], verdict.channel].append(candidate.key)
            speeds[stores[candidate.key], verdict.channel] = speed
    held = dict(verdicts)
    for at in sorted(lines):
        for place, key in enumerate(lines[at][_take(at, len(lines[at]), speeds[at], now) :]):
            one, until = verdicts[key], pacing.turn_of(place, speeds[at], now)
            held[key] = Verdict(HOLD, "throttle", one.channel, until, passed_over=one.passed_over)
    return held


def _take(at: tuple[int, str], wanted: int, per_minute: int, now: datetime) -> int:
    """How many may go now of those that want to; the row makes workers wait for each other."""
    store_id, channel = at
    Pace.objects.bulk_create(
        [Pace(store_id=store_id, channel=channel, tokens=max(1.0, per_minute / 6), at=now)], ignore_conflicts=True
    )
    row = Pace.objects.select_for_update().get(store_id=store_id, channel=channel)
    going, bucket = pacing.take(pacing.Bucket(row.tokens, row.at), wanted, per_minute, now)
    Pace.objects.filter(pk=row.pk).update(tokens=bucket.tokens, at=bucket.at)
    return going


def _note(message: Message, verdict: Verdict, addresses: standing.Addresses, now: datetime) -> None:
    """Keeps what was said, in memory; waiting once more for the same is the same note."""
    message.channel = verdict.channel or message.channel
    known = addresses.get(message.pk, {})
    message.to_address = known.get(message.channel, "")[:254]
    message.expires_at = verdict.expires or message.expires_at
    if verdict.answer == GO and not verdict.passed_over:
        return
    said: dict[str, object] = {"at": now.isoformat(), "why": verdict.why or "other_channel"}
    if verdict.until:
        said["until"] = verdict.until.isoformat()
    if verdict.passed_over:
        said["passed_over"] = dict(verdict.passed_over)
    *before, last = message.verdicts or [{}]
    is_same = last.get("why") == said["why"] and ("until" in last) == ("until" in said)
    message.verdicts = [*before, said | {"at": last["at"]}] if is_same else [*message.verdicts, said]


def _hold(messages: Sequence[Message]) -> None:
    """Those that are still ours come back when it is time."""
    rows = Message.objects.filter(pk__in=[message.pk for message in messages], state=State.QUEUED)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    leases: Mapping[int, datetime] = dict(rows.values_list("pk", "due_at")) if messages else {}
    mine = [message for message in messages if leases.get(message.pk) == message.due_at]
    for message in mine:
        last = message.verdicts[-1]
        message.reason, message.due_at = str(last["why"]), datetime.fromisoformat(str(last["until"]))
        message.admitted_at = None
    Message.objects.bulk_create(mine, update_conflicts=True, unique_fields=["id"], update_fields=_HELD)


def _let_through(messages: Sequence[Message], now: datetime) -> None:
    counted = [message.pk for message in messages if message.message_class != TRANSACTIONAL]
    if counted:
        Message.objects.filter(pk__in=counted).update(admitted_at=now)
    for message in messages:
        if message.pk in counted:
            message.admitted_at = now
