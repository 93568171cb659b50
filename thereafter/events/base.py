"""What every event is, and how it becomes a row and comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_type_hints

# Columns of the log, not part of an event's payload.
_COLUMNS = ("store_id", "occurred_at", "customer_id", "order_id", "actor")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a store. `occurred_at` is aware; `actor` says who did it ("" is the system)."""

    name: ClassVar[str] = ""
    names: ClassVar[dict[str, type["Event"]]] = {}

    store_id: int
    occurred_at: datetime
    actor: str = ""

    def __init_subclass__(cls, *, name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not name:
            return
        if name in Event.names:
            raise TypeError(f"two events are named {name}")
        cls.name = name
        Event.names[name] = cls

    def payload(self) -> dict[str, Any]:
        """The event's own fields as JSON values (dates in ISO form)."""
        own = ((field.name, getattr(self, field.name)) for field in fields(self) if field.name not in _COLUMNS)
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in own}

    @classmethod
    def from_row(cls, columns: Mapping[str, Any], payload: Mapping[str, Any]) -> Self:
        """The event again, from its log columns and its payload; unknown old fields are left out."""
        types = _field_types(cls)
        values = {key: columns[key] for key in _COLUMNS if key in types}
        values |= {key: _parsed(types[key], value) for key, value in payload.items() if key in types}
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class ShopperEvent(Event):
    """An event on a customer's timeline; `order_id` when it belongs to an order."""

    customer_id: int
    order_id: int | None = None


_types: dict[type, dict[str, Any]] = {}


def _field_types(cls: type[Event]) -> dict[str, Any]:
    if cls not in _types:
        hints = get_type_hints(cls)
        _types[cls] = {field.name: hints[field.name] for field in fields(cls)}
    return _types[cls]


def _parsed(kind: Any, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return tuple(value) if isinstance(value, list) else value
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if datetime in kinds:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if date in kinds else value
