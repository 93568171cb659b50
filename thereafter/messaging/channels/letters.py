"""What a channel is given, and what it answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Protocol

# What we keep of the name that the other side gives a letter.
LONGEST_ID = 120


@dataclass(frozen=True)
class Letter:
    """A finished message. `key` is the caller's; `message_id` is the header that makes a repeat harmless.

    What is no e-mail has its words in `text` and, where the channel has one, its title in `subject`. `extra` is what
    only one channel knows: the browsers of a notification, the approved template of WhatsApp, the document of a
    webhook.
    """

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
    channel: str = "email"
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Answer(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"
    # Whoever it was for wants no more, for good: a browser that was closed to us, a phone that answered STOP.
    GONE = "gone"


@dataclass(frozen=True)
class Verdict:
    """`provider_id` is the name by which the other side tells us what became of it. `bounced` when it is the address
    that will never take one; `closed` are the addresses of a letter that are of no use any more."""

    answer: Answer
    detail: str = ""
    provider_id: str = ""
    bounced: bool = False
    closed: Sequence[str] = ()


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


@dataclass(frozen=True)
class Account:
    """Where letters of one channel go through: a provider, and what it wants to know. Hashable, so that whoever opens
    it can keep its connections."""

    channel: str
    provider: str
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, channel: str, provider: str, fields: Mapping[str, str]) -> "Account":
        return cls(channel, provider, tuple(sorted(fields.items())))

    def get(self, name: str) -> str:
        return dict(self.fields).get(name, "")


@dataclass(frozen=True)
class Field:
    """What a merchant types in to connect a provider. `kind` is text, flag (a box to tick), long (a text of several
    lines) or pairs (a line each of "DE: Stride", kept as JSON)."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Provider:
    """Somebody who carries letters of a channel."""

    code: str
    name: str
    fields: Sequence[Field] = ()
    about: str = ""


@dataclass(frozen=True)
class Kind:
    """A way to reach somebody: one file in this folder. `reached_by` is what of a person or shop it wants to know.

    `open` makes a channel of an account; it raises `ValueError` when the account is none that it can open.
    """

    name: str
    label: str
    icon: str
    reached_by: str
    open: Callable[[Account], Channel]
    providers: Sequence[Provider] = ()
    # Customers are written to; the others tell the shop, or a machine.
    to_customers: bool = True
