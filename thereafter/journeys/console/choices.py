"""What can be chosen in the builder's forms, as this store has it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from thereafter.journeys import queries, words
from thereafter.journeys.models import Segment
from thereafter.journeys.registry import Setting
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.settings import CHANNELS, Known
from thereafter.kit.pages import humanise
from thereafter.messaging import catalogue, library
from thereafter.messaging.library import Template
from thereafter.stores.models import Store

# The heading of a shelf, and (value, label) of what lies on it.
Group = tuple[str, Sequence[tuple[str, str]]]
_SHELVES = {
    "order": "Orders",
    "parcel": "Parcels",
    "survey": "Answers",
    "message": "Messages",
    "coupon": "Codes",
    "segment": "Segments",
    "points": "Points",
    "customer": "Customers",
    "journey": "Journeys",
}
_DAYS = (("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu"), ("fri", "Fri"), ("sat", "Sat"), ("sun", "Sun"))


class Choices:
    """Reads each list once, and only when a form asks for it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def known(self) -> Known:
        return queries.known(self.store)

    @cached_property
    def templates(self) -> dict[str, Template]:
        return {template.key: template for template in catalogue.templates(self.store)}

    @cached_property
    def names(self) -> words.Names:
        return words.Names(
            templates=self.templates,
            segments=dict(Segment.objects.of(self.store).order_by("name").values_list("key", "name")),
            surveys=queries.offered(self.store, "survey"),
        )

    def of(self, setting: Setting) -> list[Group]:
        """What can be chosen for a setting; nothing where anything can be written."""
        if setting.choices:
            return [("", setting.choices)]
        makers: dict[str, Callable[[], Iterable[Group]]] = {
            "template": self._templates,
            "event": self._events,
            "events": self._events,
            "segment": lambda: _plain(self.names.segments.items()),
            "survey": lambda: _plain(self.names.surveys.items()),
            "pool": lambda: _named(self.known.pools),
            "channels": lambda: [("", [(one, _upper(words.CHANNELS[one])) for one in CHANNELS])],
            "weekdays": lambda: [("", _DAYS)],
            "moment": self._moments,
        }
        return list(makers[setting.kind]()) if setting.kind in makers else []

    def _templates(self) -> Iterable[Group]:
        shelves: dict[str, list[tuple[str, str]]] = {}
        for template in self.templates.values():
            shelves.setdefault(template.group, []).append((template.key, template.label))
        return [(library.GROUPS.get(group, _upper(group)), options) for group, options in shelves.items()]

    def _events(self) -> Iterable[Group]:
        shelves: dict[str, list[tuple[str, str]]] = {}
        for event in sorted(self.known.events):
            shelves.setdefault(event.partition(".")[0], []).append((event, words.event_label(event)))
        return [(_SHELVES.get(root, _upper(root)), options) for root, options in shelves.items()]

    def _moments(self) -> Iterable[Group]:
        fields = vocabulary.journey().fields.values()
        return [("", [(one.name, one.label) for one in fields if one.kind == "moment" and one.name != "now"])]


def _plain(options: Iterable[tuple[str, str]]) -> list[Group]:
    return [("", list(options))]


def _named(keys: Iterable[str] | None) -> list[Group]:
    return [("", [(key, humanise(key)) for key in sorted(keys)])] if keys is not None else []


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
