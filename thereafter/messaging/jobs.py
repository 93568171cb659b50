"""Sending what is queued."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.conf import settings

from thereafter.messaging.actions import sending
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import Channel, Letter
from thereafter.messaging.composing import Composed, compose
from thereafter.timeline import peek
from thereafter.timeline.schedule import every

BATCH = 500


@every(seconds=1)
def send_due(now: datetime) -> int:
    """Claims, composes, hands over, writes down: four steps, and the network is in none of the transsending.

    A worker that dies before handing over has done nothing. One that dies between handing over and writing down
    leaves at most `channel.together` messages in doubt; a second try carries the same Message-ID.
    """
    if not peek.anything("messaging_message", "state IN ('queued', 'sending') AND due_at <= %s", now):
        return 0
    channel = email.channel(settings.MAIL_URL)
    claimed = sending.claim(now, BATCH)
    composed = compose(claimed, now)
    sending.skip([one for one in composed if one.letter is None], now)
    ready = iter([one for one in composed if one.letter])
    while chunk := list(islice(ready, channel.together)):
        _hand_over(chunk, channel, now)
    return len(claimed)


def _hand_over(chunk: Sequence[Composed], channel: Channel, now: datetime) -> None:
    ours = sending.begin([one.message for one in chunk], now)
    going = [one.message for one in chunk if one.message.pk in ours]
    letters: list[Letter] = [one.letter for one in chunk if one.letter and one.message.pk in ours]
    verdicts = list(channel.deliver(letters))
    sending.mark_handed_over(list(zip(going, verdicts, strict=True)), now)
