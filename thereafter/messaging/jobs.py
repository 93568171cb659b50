"""Sending what is queued, and taking in what is told of it."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError

from thereafter.kit.batches import batched
from thereafter.messaging import finishing, outside
from thereafter.messaging.actions import contacts, intake, sending
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Account, Answer, Channel, Letter, Verdict
from thereafter.messaging.composed import Composed
from thereafter.messaging.composing import compose
from thereafter.messaging.models import Message
from thereafter.timeline import inbox, peek
from thereafter.timeline.models import first_line
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)
BATCH = 500


@every(seconds=1)
def send_due(now: datetime) -> int:
    """Claims, composes, hands over, writes down: four steps, and the network is in none of the transactions.

    A worker that dies before handing over has done nothing. One that dies between handing over and writing down
    leaves at most `channel.together` messages in doubt; a second try carries the same Message-ID.
    """
    if not peek.anything("messaging_message", "state IN ('queued', 'sending') AND due_at <= %s", now):
        return 0
    claimed = sending.claim(now, BATCH)
    finished = _written(claimed, now)
    sending.skip([one for one, _ in finished if one.letter is None], now)
    for account, ready in _by_account(finished).items():
        _try_to_send(ready, account, now)
    return len(claimed)


def _written(messages: Sequence[Message], now: datetime) -> list[tuple[Composed, Account | None]]:
    """One that cannot be written is put off, and keeps none of the others from going: the batch is halved until it
    stands alone."""
    if not messages:
        return []
    try:
        return finishing.finish(_composed(messages, now), now)
    except (OperationalError, InterfaceError):
        # The database is away: that is nobody's fault, and the lease gives them all back.
        raise
    except Exception as error:
        if len(messages) == 1:
            log.warning("message %s could not be written", messages[0].pk, exc_info=error)
            sending.put_off(messages[0], f"Could not be written: {first_line(error)}", now)
            return []
    middle = len(messages) // 2
    return [*_written(messages[:middle], now), *_written(messages[middle:], now)]


def _composed(claimed: Sequence[Message], now: datetime) -> list[Composed]:
    others = [message for message in claimed if message.channel in outside.CHANNELS]
    if not others:
        return compose(claimed, now)
    to_customers = [message for message in claimed if message.channel not in outside.CHANNELS]
    return [*(compose(to_customers, now) if to_customers else ()), *outside.compose(others, now)]


def _by_account(finished: Iterable[tuple[Composed, Account | None]]) -> dict[Account, list[Composed]]:
    """In the order in which they were composed."""
    groups: dict[Account, list[Composed]] = {}
    for one, account in finished:
        if one.letter and account:
            groups.setdefault(account, []).append(one)
    return groups


def _try_to_send(ready: Sequence[Composed], account: Account, now: datetime) -> None:
    """An account that breaks keeps no other from sending. What it had in its hands is sorted out when the lease ends,
    as after a worker's death."""
    try:
        _send(ready, account, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("%s by %s broke off", account.channel, account.provider)


def _send(ready: Sequence[Composed], account: Account, now: datetime) -> None:
    try:
        channel: Channel = registry.opened(account)
    except ValueError as error:
        channel = _Shut(str(error))
    for chunk in batched(ready, channel.together):
        _hand_over(chunk, channel, now)


def _hand_over(chunk: Sequence[Composed], channel: Channel, now: datetime) -> None:
    ours = sending.begin([one.message for one in chunk], now)
    going = [one.message for one in chunk if one.message.pk in ours]
    letters: list[Letter] = [one.letter for one in chunk if one.letter and one.message.pk in ours]
    verdicts: list[Verdict] = []
    try:
        for verdict in channel.deliver(letters):
            verdicts.append(verdict)  # noqa: PERF402 kept one by one, for what was said before it breaks off
    finally:
        sending.mark_handed_over(list(zip(going, verdicts, strict=False)), now)


class _Shut:
    """An account that cannot be opened: nothing is lost, and everything says why it waits."""

    together = 1000

    def __init__(self, why: str) -> None:
        self._why = why

    def deliver(self, letters: Iterable[Letter]) -> list[Verdict]:
        return [Verdict(Answer.LATER, self._why[:250]) for _ in letters]


@every(seconds=1)
def drain_news(now: datetime) -> int:
    """What providers posted, and what readers opened and clicked."""
    return inbox.drain(intake.ROOM, lambda rows: intake.take(rows, now), now)


@every(hours=6)
def open_what_rested(now: datetime) -> None:
    """Addresses that were closed for a while are open again."""
    contacts.forget_what_ended(now)
