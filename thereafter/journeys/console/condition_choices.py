"""What can be chosen in the condition editor, as this store has it. Each list is read once, and only when needed."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from babel.core import Locale

from thereafter.commerce.models import Customer, Order, Product
from thereafter.journeys.models import Segment
from thereafter.journeys.rules.rows import Row
from thereafter.journeys.rules.vocabulary import DID, Kind, Schema
from thereafter.journeys.triggers import TRIGGERS
from thereafter.kit.pages import humanise
from thereafter.messaging import catalogue
from thereafter.stores.models import Store

Choice = tuple[str, str]
Shelf = tuple[str, list[Choice]]
SAMPLE, LONGEST = 300, 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Lists that are complete: nothing else can be meant.
_CLOSED = frozenset({"segments", "countries", "currencies"})
_LABELS = {
    "happened": "Last time of …",
    "times": "How often …",
    "sent": "Was sent …",
    "opened": "Opened …",
    "clicked": "Clicked in …",
    "trait": "Another trait …",
    "fact": "Something the event tells …",
}


class Options:
    def __init__(self, store: Store, schema: Schema) -> None:
        self.store, self.schema = store, schema

    @cached_property
    def shelves(self) -> list[Shelf]:
        """All that a row can be about, by heading."""
        found: dict[str, list[Choice]] = {}
        for field in self.schema.fields.values():
            if field.name != "now":
                found.setdefault(field.group, []).append((field.name, field.label))
        for one in self.schema.maps.values():
            for key in self._keys_by_themselves(one.name):
                found.setdefault(one.group, []).append((f"{one.name}:{key}", humanise(key)))
            if one.name != "fact" or self.schema.of_event is None:
                found.setdefault(one.group, []).append((one.name, _LABELS[one.name]))
        order = sorted(found, key=lambda group: group == DID and self.schema.of_event is None)
        return [(group, found[group]) for group in order]

    @cached_property
    def listed(self) -> set[str]:
        return {value for _, options in self.shelves for value, _ in options}

    def _keys_by_themselves(self, root: str) -> Sequence[str]:
        """Facts of the event, and traits that customers have, are chosen at once; tags have a field of their own."""
        if root == "fact":
            return sorted(name for name, kind in (self.schema.of_event or {}).items() if kind != "any")
        return sorted(name for name in self.traits if name != "tags") if root == "trait" else ()

    @cached_property
    def keys(self) -> dict[str, list[Choice]]:
        """What the second select offers, by map; an empty list is a text to write."""
        events = sorted((event.name, humanise(event.name)) for event in TRIGGERS)
        mails = sorted(((one.key, one.label) for one in catalogue.templates(self.store)), key=lambda one: one[1])
        lists: dict[str, list[Choice]] = {"happened": events, "times": events, "trait": [], "fact": []}
        return lists | dict.fromkeys(("sent", "opened", "clicked"), mails)

    @cached_property
    def traits(self) -> dict[str, Kind]:
        """Traits of the newest customers, and what their values are."""
        newest = Customer.objects.of(self.store).exclude(traits={}).order_by("-created_at")[:SAMPLE]
        found: dict[str, Kind] = {}
        for traits in newest.values_list("traits", flat=True):
            for name, value in traits.items():
                found.setdefault(name, _kind_of(value))
        return found

    def kind_of_trait(self, name: str) -> Kind | None:
        return self.traits.get(name)

    def is_closed(self, row: Row) -> bool:
        field = self.schema.fields.get(row.field)
        return bool(field and (field.choices or field.choose in _CLOSED))

    def of(self, row: Row) -> list[Choice]:
        """What the value can be, or is often."""
        field = self.schema.fields.get(row.field)
        if field is None:
            return []
        if field.choices:
            return list(field.choices)
        return self._list(field.choose) if field.choose else []

    def _list(self, what: str) -> list[Choice]:
        cache: dict[str, list[Choice]] = self.__dict__.setdefault("_lists", {})
        if what not in cache:
            cache[what] = getattr(self, f"_{what}")()
        return cache[what]

    def _countries(self) -> list[Choice]:
        named = ((code, name) for code, name in Locale("en").territories.items() if re.fullmatch("[A-Z]{2}", code))
        return sorted(named, key=lambda one: one[1])

    def _segments(self) -> list[Choice]:
        return list(Segment.objects.of(self.store).order_by("name").values_list("key", "name"))

    def _currencies(self) -> list[Choice]:
        return self._plain(Order.objects.of(self.store).values_list("currency", flat=True).distinct())

    def _channels(self) -> list[Choice]:
        return self._plain(Order.objects.of(self.store).values_list("channel", flat=True).distinct())

    def _locales(self) -> list[Choice]:
        return self._plain(Customer.objects.of(self.store).values_list("locale", flat=True).distinct())

    def _products(self) -> list[Choice]:
        return self._plain(Product.objects.of(self.store).order_by("title").values_list("title", flat=True))

    def _categories(self) -> list[Choice]:
        return self._plain(Product.objects.of(self.store).values_list("category", flat=True).distinct())

    def _tags(self) -> list[Choice]:
        rows = Customer.objects.of(self.store).filter(traits__has_key="tags").order_by("-created_at")[:SAMPLE]
        told = (tags for tags in rows.values_list("traits__tags", flat=True) if isinstance(tags, list))
        return self._plain({tag for tags in told for tag in tags if isinstance(tag, str)})

    def _plain(self, values: Any) -> list[Choice]:
        return sorted({(value, value) for value in list(values)[:LONGEST] if value})


def _kind_of(value: Any) -> Kind:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list):
        return "list"
    return "moment" if isinstance(value, str) and _DAY.match(value) else "text"
