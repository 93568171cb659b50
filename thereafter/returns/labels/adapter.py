"""What it takes to have a label made by somebody: one file for each, here what they share. No database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from thereafter.commerce.connectors.discounts import Field

Credentials = Mapping[str, str]
MM_PER_INCH, MM_PER_CM, G_PER_OUNCE, G_PER_KG = 25.4, 10, 28.349523125, 1000


class NotNow(Exception):
    """It could not be reached or has no time; it may have done what it was asked. `seconds` when it said how long."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Refused(Exception):
    """A definite no: asking again would not help. The text says why."""


class BadAccount(Refused):
    """Our key is not good there, or the account cannot pay."""


@dataclass(frozen=True, kw_only=True)
class ParcelToSend:
    """`reference` is the same at every try, so that it can be looked up before anything is bought. `ref` is what
    `prepare` gave, "" before. Addresses are as in `ReturnParcel`; `service` is what the merchant prefers, "" the
    cheapest."""

    reference: str
    code: str
    orders: str
    sender: Mapping[str, Any]
    receiver: Mapping[str, Any]
    email: str = ""
    weight_g: int = 1000
    length_mm: int = 300
    width_mm: int = 200
    height_mm: int = 100
    service: str = ""
    ref: str = ""

    def named(self, ref: str) -> "ParcelToSend":
        return replace(self, ref=ref)


@dataclass(frozen=True, kw_only=True)
class Label:
    """`ref` is its name at the adapter, by which it is cancelled."""

    content: bytes
    content_type: str
    carrier: str
    tracking_number: str
    ref: str
    cost_minor: int | None = None
    currency: str = ""


class Offer(NamedTuple):
    """A way to send it; `cost_minor` of `currency`."""

    id: str
    carrier: str
    service: str
    cost_minor: int
    currency: str


@dataclass(frozen=True)
class Adapter:
    """All go over the network and raise `NotNow`, `Refused` or `BadAccount`.

    `prepare` costs nothing and gives the name by which the purchase can be looked up; it is kept before `buy` is
    called. `buy` looks first whether it was bought, and buys else. `cancel` gives an unused label back.
    """

    code: str
    name: str
    about: str
    fields: tuple[Field, ...]
    prepare: Callable[[Credentials, ParcelToSend], str]
    buy: Callable[[Credentials, ParcelToSend], Label]
    cancel: Callable[[Credentials, str], None]


def choose(offers: list[Offer], service: str, name: str) -> Offer:
    """The service that the merchant prefers ("DHL" or "DHL Paket Retoure"), else the cheapest; raises `Refused`."""
    wanted = service.casefold().split()
    liked = [
        one for one in offers if wanted and all(part in f"{one.carrier} {one.service}".casefold() for part in wanted)
    ]
    if wanted and offers and not liked:
        raise Refused(f"{name} does not offer “{service}” for this parcel.")
    if not offers:
        raise Refused(
            f"{name} offers no way to send this parcel. Are both addresses complete, and is a carrier set up?"
        )
    return min(liked or offers, key=lambda one: (one.cost_minor, one.id))


def text(address: Mapping[str, Any], name: str) -> str:
    return " ".join(str(address.get(name) or "").split())
