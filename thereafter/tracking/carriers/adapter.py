"""What an adapter is: bytes of one outside system in, parcel documents out. Pure: no database, no clock, no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from thereafter.commerce.webhooks import Call
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan

Parsed = list[ParcelDoc | BadScan]


class Meaning(NamedTuple):
    """What a code of theirs means in our words. `delayed` is set for codes that only say: later, or on time again."""

    status: str
    reason: str = ""
    detail: str = ""
    delayed: bool | None = None


class Request(NamedTuple):
    """An HTTP request to be made. `body` is empty for GET."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Ask(NamedTuple):
    """A parcel to ask for; `postcode` and `country` are where it goes, for carriers that want to know."""

    number: str
    carrier: str = ""
    postcode: str = ""
    country: str = ""
    language: str = "en"


class Token(NamedTuple):
    value: str
    seconds: int


@dataclass(frozen=True)
class Field:
    """A credential that the merchant types in."""

    name: str
    label: str
    help: str = ""
    secret: bool = True
    required: bool = True


Credentials = Mapping[str, str]


@dataclass(frozen=True)
class Poll:
    """How to ask. `request` makes the request for up to `batch` parcels, at most `per_minute` requests a minute.

    Where a `token` is wanted first (OAuth), `token` makes that request and `read_token` reads its answer, raising
    `BadScan` when there is none in it. The answer to `request` is given to the adapter's `parse` with topic "poll".
    """

    fields: Sequence[Field]
    request: Callable[[Credentials, Sequence[Ask], str], Request]
    token: Callable[[Credentials], Request] | None = None
    read_token: Callable[[bytes], Token] | None = None
    batch: int = 1
    per_minute: int = 60
    # What of `Ask` must be there besides the number.
    needs: Sequence[str] = ()
    # Where the merchant gets the credentials.
    about: str = ""
    # A library that goes over the network by itself takes the place of `request`: it returns the answer.
    ask: Callable[[Credentials, Sequence[Ask]], bytes] | None = None


@dataclass(frozen=True)
class Adapter:
    """One carrier, aggregator or shop. `code` is its name in addresses and in `source` of scans.

    `parse(topic, body)` gives one entry per parcel and raises `BadScan` when nothing can be read, no other exception
    whatever the body; news that it cannot read are answered by a `BadScan` in the list, never dropped. `verify` checks
    the signature of a pushed call against the connection's secrets in constant time; None: it pushes nothing.
    `delivery_id` names the call, "" when the sender gives it no id. `codes` are all codes that its documentation
    lists, in capitals.
    """

    code: str
    name: str
    kind: str  # carrier, aggregator, shop
    parse: Callable[[str, str], Parsed]
    codes: Mapping[str, Meaning]
    verify: Callable[[Sequence[str], Call], bool] | None = None
    delivery_id: Callable[[Call], str] = field(default=lambda call: "")
    poll: Poll | None = None
    # How a merchant sets the webhook up over there, step by step; the address is shown beside it.
    steps: Sequence[str] = ()
    # The merchant pastes their secret (True), or we make one and they paste it there.
    their_secret: bool = False
