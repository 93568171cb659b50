"""What a condition may name: the typed fields, with what people call them. Plain Python.

`journey(event)` is what is known of somebody on their way; `segment()` what is known of any customer. Other rooms add
fields with `facts.add_field`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, get_args, get_type_hints

import thereafter.events  # noqa: F401 makes every event known by its name
from thereafter.events.base import Event, ShopperEvent

Kind = Literal["flag", "number", "text", "moment", "list", "any"]


@dataclass(frozen=True)
class Field:
    """Something known of an order or a customer, by its name in conditions.

    `may_miss`: it may not be known (no order yet), and then whatever is asked of it is not so. `choices` are
    (value, label) when only some values come. `choose` names a list of the store's own: segments, countries ...
    """

    name: str
    kind: Kind
    label: str
    group: str
    may_miss: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    choose: str = ""
    hint: str = ""

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Map:
    """Many things of one kind by name, `happened["parcel.delivered"]`. `open` maps may be asked for any name."""

    name: str
    kind: Kind
    label: str
    group: str
    what: str


@dataclass(frozen=True, eq=False)
class Schema:
    """What conditions of one place may name. `of_event` are the fields of `fact`, when the event is known."""

    place: str
    fields: Mapping[str, Field]
    maps: Mapping[str, Map]
    of_event: Mapping[str, Kind] | None = None
    event: str = ""
    roots: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", frozenset(each.root for each in self.fields.values()))


# Of other rooms, by their place.
_places: dict[str, Schema] = {}


def add_place(schema: Schema) -> None:
    """Conditions of another room, so that the editor and the sentences know their fields."""
    _places[schema.place] = schema


def place(name: str) -> Schema | None:
    return _places.get(name)


def places() -> tuple[Schema, ...]:
    return tuple(_places.values())


_STATUS = (("open", "Open"), ("fulfilled", "Handed over"), ("cancelled", "Cancelled"))
_CONSENTS = (
    ("email:marketing", "Marketing by e-mail"),
    ("sms:marketing", "Marketing by SMS"),
    ("whatsapp:marketing", "Marketing by WhatsApp"),
    ("push:marketing", "Marketing by push"),
)
ORDER, CUSTOMER, BOUGHT, DID, MAIL = "Order", "Customer", "What they bought", "What happened", "Messages"

_FIELDS = [
    Field("order.total", "number", "Order total", ORDER, hint="In the order's currency, 49.90"),
    Field("order.subtotal", "number", "Order subtotal", ORDER),
    Field("order.refunded", "number", "Money given back", ORDER),
    Field("order.currency", "text", "Currency", ORDER, choose="currencies"),
    Field("order.number", "text", "Order number", ORDER),
    Field("order.status", "text", "Order status", ORDER, choices=_STATUS),
    Field("order.placed_at", "moment", "Order placed", ORDER),
    Field("order.channel", "text", "Sales channel", ORDER, choose="channels"),
    Field("order.country", "text", "Delivery country", ORDER, choose="countries"),
    Field("order.is_first", "flag", "First order of the customer", ORDER),
    Field("order.item_count", "number", "Number of items", ORDER),
    Field("order.items", "list", "Products in the order", ORDER, choose="products"),
    Field("order.skus", "list", "SKUs in the order", ORDER),
    Field("order.categories", "list", "Categories in the order", ORDER, choose="categories"),
    Field("order.codes", "list", "Discount codes used", ORDER),
    Field("customer.country", "text", "Country", CUSTOMER, choose="countries"),
    Field("customer.locale", "text", "Language", CUSTOMER, choose="locales"),
    Field("customer.email", "text", "E-mail", CUSTOMER),
    Field("customer.phone", "text", "Phone", CUSTOMER),
    Field("customer.name", "text", "Name", CUSTOMER),
    Field("customer.first_name", "text", "First name", CUSTOMER),
    Field("customer.created_at", "moment", "Became a customer", CUSTOMER),
    Field("customer.tags", "list", "Tags", CUSTOMER, choose="tags"),
    Field("customer.segments", "list", "Segments", CUSTOMER, choose="segments"),
    Field("customer.consents", "list", "Consent", CUSTOMER, choices=_CONSENTS),
    Field("customer.orders", "number", "Number of orders", BOUGHT),
    Field("customer.spent", "number", "Money spent", BOUGHT, hint="In the shop's currency, after refunds"),
    Field("customer.average_order", "number", "Average order", BOUGHT, may_miss=True),
    Field("customer.first_order_at", "moment", "First order", BOUGHT, may_miss=True),
    Field("customer.last_order_at", "moment", "Last order", BOUGHT, may_miss=True),
    Field("customer.days_since_order", "number", "Days since the last order", BOUGHT, may_miss=True),
    Field("customer.bought", "list", "Products bought", BOUGHT, choose="products"),
    Field("customer.bought_skus", "list", "SKUs bought", BOUGHT),
    Field("customer.bought_categories", "list", "Categories bought", BOUGHT, choose="categories"),
    Field("now", "moment", "Now", DID),
]
_MAPS = [
    Map("fact", "any", "What started the journey", DID, "a field of the event"),
    Map("trait", "any", "Trait", CUSTOMER, "a trait, such as trait['loyalty.points']"),
    Map("happened", "moment", "Last time", DID, "an event, such as happened['parcel.delivered']"),
    Map("times", "number", "How often", DID, "an event, such as times['order.placed in 30 days']"),
    Map("sent", "moment", "Last sent", MAIL, "a message, such as sent['delivered']"),
    Map("opened", "moment", "Last opened", MAIL, "a message, such as opened['delivered']"),
    Map("clicked", "moment", "Last clicked", MAIL, "a message, such as clicked['delivered']"),
]
# What is only known of somebody on their way.
_OF_ONE_ORDER = {"order", "fact"}


def add(new: Field) -> None:
    """A field of another room; `facts.add_field` is what a room calls."""
    if any(known.name == new.name for known in _FIELDS):
        raise TypeError(f"two fields are named {new.name}")
    _FIELDS.append(new)
    _forget()


def remove(name: str) -> None:
    """Takes a field of another room out again, as tests do."""
    _FIELDS[:] = [known for known in _FIELDS if known.name != name]
    _forget()


def _forget() -> None:
    journey.cache_clear()
    segment.cache_clear()


@lru_cache(maxsize=256)
def journey(event: str = "") -> Schema:
    """What conditions in a journey may name; knowing the event that starts it, the fields of `fact` are checked."""
    known = {each.name: each for each in _FIELDS}
    return Schema("journey", known, {each.name: each for each in _MAPS}, fields_of(event), event)


@lru_cache(maxsize=1)
def segment() -> Schema:
    """What the condition of a segment may name."""
    known = {each.name: each for each in _FIELDS if each.root not in _OF_ONE_ORDER}
    return Schema("segment", known, {each.name: each for each in _MAPS if each.name not in _OF_ONE_ORDER})


def fields_of(event: str) -> Mapping[str, Kind] | None:
    """What the event tells, by name; None when the event is not known."""
    if event not in Event.names:
        return None
    made = Event.names[event]
    hints = get_type_hints(made)
    base = {each.name for each in fields(ShopperEvent)}
    told = {each.name: _kind(hints[each.name]) for each in fields(made) if each.name not in base}
    if "currency" in told:
        told |= {name.removesuffix("_minor"): "number" for name in told if name.endswith("_minor")}
    return told


def _kind(hint: Any) -> Kind:
    kinds = [each for each in get_args(hint) if each is not type(None)] if isinstance(hint, UnionType) else [hint]
    named: dict[Any, Kind] = {bool: "flag", int: "number", float: "number", str: "text", date: "text", datetime: "text"}
    return named.get(kinds[0], "any")
