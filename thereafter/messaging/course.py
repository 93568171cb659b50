"""What happened to one message, from being queued to being read, as lines of a timeline, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from thereafter.kit.pages import moment
from thereafter.messaging import words
from thereafter.messaging.models import Message, Receipt

State = Message.State
_RECEIPTS = {
    "delivered": ("check", "Delivered", "good"),
    "bounced": ("return", "Came back", "bad"),
    "complained": ("warning", "Reported as spam", "bad"),
    "opened": ("eye", "Opened", "good"),
    "clicked": ("external", "Clicked", "good"),
    "replied": ("chat", "Answered", "info"),
}


def of(message: Message) -> list[dict[str, Any]]:
    """Each {icon, title, at, tone, body}."""
    receipts = Receipt.objects.of(message.store_id).filter(message=message).order_by("at", "id")
    lines = [_queued(message), *map(_said, message.verdicts), *_end(message), *map(_received, receipts)]
    # What happened in one moment stays in its order.
    return sorted(lines, key=lambda line: line["at"])[::-1]


def _queued(message: Message) -> dict[str, Any]:
    return {"icon": "mail", "title": "Queued", "at": message.created_at, "tone": "neutral", "body": ""}


def _said(verdict: dict[str, Any]) -> dict[str, Any]:
    why, at = words.why(str(verdict["why"])), datetime.fromisoformat(str(verdict["at"]))
    over = [
        f"{words.CHANNELS.get(channel, channel)}: {words.why(str(reason)).text}"
        for channel, reason in dict(verdict.get("passed_over", {})).items()
    ]
    if "until" in verdict:
        title = f"Held: {why.short.lower()}, {words.until(str(verdict['why']))} {moment(str(verdict['until']))}"
        return {"icon": "clock", "title": title, "at": at, "tone": "info", "body": " ".join([why.text, *over])}
    title = why.short if verdict["why"] != "other_channel" else "Went by another channel"
    return {"icon": "flow", "title": title, "at": at, "tone": "neutral", "body": " ".join(over)}


def _end(message: Message) -> Iterator[dict[str, Any]]:
    """Sent, or why not. Of what was not sent, the moment is the last that is known."""
    by = words.CHANNELS.get(message.channel, message.channel)
    if message.state == State.SENT and message.sent_at:
        tries = f"At try {message.attempts}." if message.attempts > 1 else ""
        yield {"icon": "check", "title": f"Sent by {by}", "at": message.sent_at, "tone": "good", "body": tries}
    elif message.state in {State.SKIPPED, State.FAILED}:
        why, title = words.why(message.reason), "Not sent" if message.state == State.SKIPPED else "Could not be sent"
        body = why.text if why.text != why.short else message.reason
        tone = words.TONES[message.state]
        yield {"icon": "close", "title": f"{title}: {why.short}", "at": _last(message), "tone": tone, "body": body}


def _last(message: Message) -> datetime:
    told = [datetime.fromisoformat(str(verdict.get("until", verdict["at"]))) for verdict in message.verdicts]
    return max([message.created_at, *told])


def _received(receipt: Receipt) -> dict[str, Any]:
    icon, title, tone = _RECEIPTS.get(receipt.kind, ("info", receipt.get_kind_display(), "neutral"))
    if receipt.machine:
        title, tone = f"{title} by a machine", "neutral"
    body = receipt.url or receipt.detail
    if receipt.machine:
        body = f"{body} A mail program or a scanner did this, so it is not counted.".strip()
    return {"icon": icon, "title": title, "at": receipt.at, "tone": tone, "body": body}
