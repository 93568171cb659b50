"""What a channel is given, and what it answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """A finished message. `key` is the caller's; `message_id` is the header that makes a repeat harmless."""

    key: int
    to: str
    sender_name: str
    sender: str
    reply_to: str
    subject: str
    html: str
    text: str
    message_id: str
    headers: dict[str, str] = field(default_factory=dict)


class Answer(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"
    # Whoever it was for wants no more, for good: a browser that was closed to us, a phone that answered STOP.
    GONE = "gone"


@dataclass(frozen=True)
class Verdict:
    answer: Answer
    detail: str = ""


ACCEPTED = Verdict(Answer.ACCEPTED)


def by_status(status: int, said: str) -> Verdict:
    """What an HTTP service answered: too many calls and its own troubles pass, anything else but success stays."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ACCEPTED
    passes = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Verdict(Answer.LATER if passes else Answer.REFUSED, said)


class Channel(Protocol):
    """`together` letters are handed over before their outcome is written down: what a crash leaves in doubt."""

    together: int

    def deliver(self, letters: Iterable[Letter]) -> Sequence[Verdict] | Iterator[Verdict]:
        """One verdict per letter, in order. Never raises for what a letter or the other side did."""
