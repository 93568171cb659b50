"""What all connectors share: the documents they make, and how JSON becomes typed values or a clear refusal."""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from thereafter.commerce.documents import CustomerDoc, FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder

Document = OrderDoc | FulfilmentDoc | RefundOfOrder | CustomerDoc | ProductDoc
Amount = str | float | None
S = TypeVar("S")


class Unreadable(ValueError):
    """The body is not what its sender says; the text is "code: a sentence"."""


def decode(body: str | bytes, decoder: msgspec.json.Decoder[S]) -> S:
    """Raises `Unreadable` naming the field that is wrong."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
        raise Unreadable(f"{code_of(wrong)}: {wrong}"[:300]) from None


def code_of(wrong: Exception) -> str:
    return "wrong_shape" if isinstance(wrong, msgspec.ValidationError) else "bad_json"


def text_id(value: int | str | None) -> str:
    """An id as text; shop systems send 0 or null where there is none."""
    return "" if value in {None, 0, "", "0"} else str(value)


def full_name(*parts: str | None) -> str:
    return " ".join(part.strip() for part in parts if part and part.strip())


def as_utc(moment: datetime) -> datetime:
    """A time that its sender gives in GMT without saying so."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def amount(value: Amount, default: str = "0") -> str | float:
    return default if value is None or value == "" else value


def code(value: str | None) -> str:
    """A currency or country code in capitals."""
    return (value or "").strip().upper()


def tolerant(kind: type[S]) -> msgspec.json.Decoder[S]:
    """A decoder that also takes "12" for 12, as shop systems send."""
    return msgspec.json.Decoder(kind, strict=False)
