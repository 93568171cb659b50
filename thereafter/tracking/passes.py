"""A delivery as a pass for Apple Wallet. Pure: certificates and facts in, bytes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from thereafter.kit import passes
from thereafter.kit.passes import MEDIA_TYPE, BadCertificate, Signer, field, signer

__all__ = ["MEDIA_TYPE", "BadCertificate", "Delivery", "Signer", "document", "field", "icon", "package", "signer"]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What the pass says, in the shopper's language; `colour` and `on_colour` are #rrggbb."""

    serial: str
    shop: str
    description: str
    colour: str
    on_colour: str
    primary: dict[str, str]
    secondary: Sequence[dict[str, str]] = ()
    back: Sequence[dict[str, str]] = ()
    relevant: datetime | None = None
    over: bool = False


def package(delivery: Delivery, by: Signer) -> bytes:
    """The .pkpass."""
    return passes.package(document(delivery, by), passes.icons(_box, delivery.colour, delivery.on_colour), by)


def document(delivery: Delivery, by: Signer) -> dict[str, Any]:
    about = passes.signed_by(
        by,
        serial=delivery.serial,
        shop=delivery.shop,
        description=delivery.description,
        colours=(delivery.colour, delivery.on_colour),
    )
    about["generic"] = {
        "primaryFields": [delivery.primary],
        "secondaryFields": list(delivery.secondary),
        "backFields": list(delivery.back),
    }
    if delivery.relevant:
        about["relevantDate"] = delivery.relevant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return about | {"voided": True} if delivery.over else about


def icon(size: int, colour: str, on_colour: str) -> bytes:
    """A parcel in the shop's colours as PNG: a box with its tape."""
    return passes.picture(size, _box, colour, on_colour)


def _box(size: int, x: int, y: int) -> bool:
    edge, tape = size // 5, max(1, size // 10)
    inside = edge <= x < size - edge and edge <= y < size - edge
    taped = abs(2 * x + 1 - size) < tape or abs(y - size * 2 // 5) < tape / 2
    return inside and not taped
