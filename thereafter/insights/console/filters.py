"""What a page of figures is narrowed to: read from its address, and put back into one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from thereafter.commerce.models import Order, Product
from thereafter.insights.console import periods
from thereafter.insights.figures.choices import Size, size, used
from thereafter.insights.figures.view import View
from thereafter.insights.rules.days import Days
from thereafter.journeys.models import Segment
from thereafter.kit import clock
from thereafter.kit.pages import short_day, territory
from thereafter.stores.models import Store

ALL = "all"
LENGTHS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 365 days", "730": "Last 2 years"}
DEFAULT = "365"
# What a page can be narrowed to beside its period.
NARROWING = ("segment", "product", "item", "country", "channel")
# Products offered when words mean several, and in the list behind the field.
MOST_MEANT, MOST_LISTED = 6, 150
# As long as a product's title.
MOST_LETTERS = 255
BIGGEST_ID = 2**63 - 1
_LONGEST_ID = 19


def nothing(verb: str) -> bool:
    return False


class Choice(NamedTuple):
    """One more thing a page lets one choose. The first of `options` (value: label) holds where none is asked for."""

    name: str
    label: str
    options: Mapping[str, str]


class Chip(NamedTuple):
    """Something the figures are narrowed to, and the address without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Filters:
    """`given` is what the address needs to say; `own` what the page's own choices stand at, by name."""

    view: View
    now: datetime
    key: str
    given: Mapping[str, str]
    own: Mapping[str, str]
    segment: Segment | None = None
    product: Product | None = None
    # Products that the words for one could mean, and what the address asked for that there is not.
    meant: Sequence[Product] = ()
    unknown: Sequence[str] = ()
    choices: Sequence[Choice] = field(default=(), repr=False)
    # Whether who looks may follow a link that takes this verb; nobody knows who reads a file.
    may: Callable[[str], bool] = field(default=nothing, repr=False)

    @cached_property
    def size(self) -> Size:
        return size(self.view)

    def query(self, **changes: str) -> str:
        """ "?days=90&country=FR" with the changes; "" takes one away."""
        wanted = {name: text for name, text in {**self.given, **changes}.items() if text}
        return "?" + urlencode(wanted)

    @property
    def chips(self) -> list[Chip]:
        return [Chip(text, self.query(**dict.fromkeys(names, ""))) for names, text in self._narrowed()]

    @property
    def cleared(self) -> str:
        """The address of everybody and everything, in the same period."""
        return self.query(**dict.fromkeys(NARROWING, ""))

    @property
    def words(self) -> str:
        """For a file or a mail: "1 Jan to 31 Mar 2026 · France · Mug"."""
        period = (
            "All time" if self.key == ALL else f"{short_day(self.view.days.first)} – {short_day(self.view.days.last)}"
        )
        return " · ".join([period, *(text for _, text in self._narrowed())])

    def _narrowed(self) -> list[tuple[tuple[str, ...], str]]:
        parts: list[tuple[tuple[str, ...], str]] = []
        if self.segment:
            parts.append((("segment",), self.segment.name))
        if self.product:
            parts.append((("product", "item"), self.product.title))
        if self.view.country:
            parts.append((("country",), territory(self.view.country)))
        if self.view.channel:
            parts.append((("channel",), channel_name(self.view.channel)))
        return parts


def asked(store: Store, given: Mapping[str, Any], now: datetime, own: Sequence[Choice] = ()) -> Filters:
    """What makes no sense narrows nothing; what there is no longer is told in `unknown`."""
    key, days = _period(store, given, clock.day_in(now, store.time_zone))
    made = Filters(View(store, days), now, key, _period_given(key, days), _own(given, own), choices=own)
    for narrow in (_segment, _product, _place):
        made = narrow(made, {name: _text(given.get(name)) for name in given})
    kept = {choice.name: made.own[choice.name] for choice in own if made.own[choice.name] != next(iter(choice.options))}
    return replace(made, given={**made.given, **kept})


def _text(given: Any) -> str:
    """Without what PostgreSQL takes in no text."""
    return str(given or "").replace("\x00", "").strip()


def _period(store: Store, given: Mapping[str, Any], today: date) -> tuple[str, Days]:
    if given.get("days") == ALL:
        return ALL, Days(min(_beginning(store, today), today), today)
    chosen = periods.chosen(store, given, today, LENGTHS, DEFAULT)
    return chosen.key, chosen.days


def _beginning(store: Store, today: date) -> date:
    first = Order.objects.of(store).order_by("placed_at").values_list("placed_at", flat=True).first()
    return clock.day_in(first, store.time_zone) if first else today


def _period_given(key: str, days: Days) -> dict[str, str]:
    if key == periods.CUSTOM:
        return {"since": days.first.isoformat(), "until": days.last.isoformat()}
    return {} if key == DEFAULT else {"days": key}


def _own(given: Mapping[str, Any], own: Sequence[Choice]) -> dict[str, str]:
    wanted = {choice.name: str(given.get(choice.name) or "") for choice in own}
    return {
        choice.name: wanted[choice.name] if wanted[choice.name] in choice.options else next(iter(choice.options))
        for choice in own
    }


def _segment(made: Filters, given: Mapping[str, str]) -> Filters:
    key = given.get("segment", "")
    if not key:
        return made
    found = Segment.objects.of(made.view.store).filter(key=key[:40]).first()
    if found is None:
        return _without(made, "There is no such segment any more, so the figures are about everybody.")
    view = replace(made.view, segment_id=found.pk)
    return replace(made, view=view, segment=found, given={**made.given, "segment": found.key})


def _product(made: Filters, given: Mapping[str, str]) -> Filters:
    words, item = given.get("product", "")[:MOST_LETTERS], given.get("item", "")
    found = _meant(made.view.store, words, item)
    if not found:
        said = f"No product is called “{words}”, so the figures are about all of them." if words else ""
        said = said or ("That product is no longer there, so the figures are about all of them." if item else "")
        return _without(made, said) if said else made
    if len(found) > 1:
        return replace(made, meant=found)
    kept = {"product": found[0].title, "item": str(found[0].pk)}
    view = replace(made.view, product_id=found[0].pk)
    return replace(made, view=view, product=found[0], given={**made.given, **kept})


def _meant(store: Store, words: str, item: str) -> list[Product]:
    """The one that was chosen, else those of that name, else those with the words in their name. A number alone, as in
    shared links, means that product whatever it is called by now."""
    products = Product.objects.of(store)
    if item.isdecimal() and len(item) <= _LONGEST_ID and int(item) <= BIGGEST_ID:
        # A number whose name was changed in the field is not meant any more.
        chosen = products.filter(pk=int(item), **({"title": words} if words else {})).first()
        if chosen:
            return [chosen]
    if not words:
        return []
    named = list(products.filter(title__iexact=words).order_by("pk")[:MOST_MEANT])
    return named or list(products.filter(title__icontains=words).order_by("-is_active", "title", "pk")[:MOST_MEANT])


def _place(made: Filters, given: Mapping[str, str]) -> Filters:
    """Country and channel as orders name them."""
    country, channel = given.get("country", "").upper(), given.get("channel", "")[:40]
    country = country if len(country) == 2 and country.isascii() and country.isalpha() else ""  # noqa: PLR2004 letters
    kept = {name: text for name, text in (("country", country), ("channel", channel)) if text}
    view = replace(made.view, country=country, channel=channel)
    return replace(made, view=view, given={**made.given, **kept})


def _without(made: Filters, said: str) -> Filters:
    return replace(made, unknown=[*made.unknown, said])


def offered(filters: Filters) -> dict[str, Any]:
    """What stands in the fields of the form, as (value, label)."""
    store = filters.view.store
    listed = Product.objects.of(store).order_by("-is_active", "title").values_list("title", flat=True)
    segments = Segment.objects.of(store).order_by("name", "pk").values_list("key", "name")
    places = used(store)
    countries = _with(places.countries, filters.view.country)
    channels = _with(places.channels, filters.view.channel)
    return {
        "lengths": [*LENGTHS.items(), (ALL, "All time"), (periods.CUSTOM, "Other days")],
        "segments": [("", "Everybody"), *segments],
        "countries": [("", "All countries"), *sorted(((code, territory(code)) for code in countries), key=_by_label)],
        "channels": [("", "All channels"), *((name, channel_name(name)) for name in channels)],
        "products": sorted(set(listed[:MOST_LISTED])),
    }


def _by_label(option: tuple[str, str]) -> str:
    return option[1]


def _with(known: Sequence[str], chosen: str) -> list[str]:
    return [*known, *([chosen] if chosen and chosen not in known else [])]


def channel_name(name: str) -> str:
    """ "online_store" as "Online store"; a name with capitals stays as the shop writes it."""
    plain = name.replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:] if plain.islower() else name
