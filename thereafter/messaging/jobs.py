"""Sending what is queued, and taking in what is told of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from thereafter.messaging import finishing, outside
from thereafter.messaging.actions import contacts, intake, sending
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Account, Answer, Channel, Letter, Verdict
from thereafter.messaging.composed import Composed
from thereafter.messaging.composing import compose
from thereafter.messaging.models import Message
from thereafter.timeline import inbox, peek
from thereafter.timeline.schedule import every

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
    finished = finishing.finish(_composed(claimed, now), now)
    sending.skip([one for one, _ in finished if one.letter is None], now)
    for account, ready in _by_account(finished).items():
        _send(ready, account, now)
    return len(claimed)


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


def _send(ready: Sequence[Composed], account: Account, now: datetime) -> None:
    try:
        channel: Channel = registry.opened(account)
    except ValueError as error:
        channel = _Shut(str(error))
    left = iter(ready)
    while chunk := list(islice(left, channel.together)):
        _hand_over(chunk, channel, now)


def _hand_over(chunk: Sequence[Composed], channel: Channel, now: datetime) -> None:
    ours = sending.begin([one.message for one in chunk], now)
    going = [one.message for one in chunk if one.message.pk in ours]
    letters: list[Letter] = [one.letter for one in chunk if one.letter and one.message.pk in ours]
    verdicts = list(channel.deliver(letters))
    sending.mark_handed_over(list(zip(going, verdicts, strict=True)), now)


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
