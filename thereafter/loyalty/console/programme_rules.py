"""The form of one rule for orders: what it gives, on which goods, when and for whom."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from thereafter.commerce.models import Order, Product, Variant
from thereafter.journeys.models import Segment
from thereafter.kit.pages import humanise
from thereafter.loyalty.console.programme_fields import (
    Document,
    SectionForm,
    as_json,
    decimal_field,
    money_field,
    points_field,
    shown,
)
from thereafter.loyalty.rules.wording_figures import join
from thereafter.loyalty.rules.wording_rules import KINDS
from thereafter.stores.models import Store

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CHANNELS = {"web": "Online shop", "pos": "Till", "checkout": "Online shop", "admin": "Typed in by the shop"}
MOST_CATEGORIES, MOST_GOODS, NEAR = 300, 200, 3
_GOODS = ("multiplier", "product", "excluded")
_WALL = "%Y-%m-%dT%H:%M"


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WALL)
    return forms.DateTimeField(label=label, required=False, widget=widget, input_formats=[_WALL, "%Y-%m-%dT%H:%M:%S"])


def _some(label: str) -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple(attrs={"class": "inline"})
    return forms.MultipleChoiceField(label=label, required=False, widget=widget)


class RuleForm(SectionForm):
    """`at` is its place in the document; None is a new one."""

    kind = forms.ChoiceField(label="What it does", choices=[(key, name) for key, (name, _) in KINDS.items()])
    name = forms.CharField(label="Name", max_length=80, help_text="You and your members read it: Double points week.")
    x = decimal_field("Times the points", help_text="2 doubles, 1.5 gives half as much again.")
    points = points_field("Points")
    categories = _some("Categories")
    goods = forms.CharField(
        label="Products",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Names or SKUs, one a line. No category and no product is all goods.",
    )
    starts_at = _moment("From")
    ends_at = _moment("Until")
    weekdays = _some("Only on")
    first_order = forms.BooleanField(label="Only on a customer's first order", required=False)
    min_amount = money_field("Only on orders from", places=2)
    tiers = _some("Only for the tiers")
    segments = _some("Only for customers in")
    channels = _some("Only when bought through")
    priority = forms.IntegerField(
        label="Priority",
        min_value=-1000,
        max_value=1000,
        required=False,
        help_text="A higher number is looked at first.",
    )
    exclusive = forms.BooleanField(
        label="When it holds, no other rule counts",
        required=False,
        help_text="Of several such rules the one with the highest priority.",
    )

    SHOWN_FOR: ClassVar = {
        "x": ("kind", ("multiplier",)),
        "points": ("kind", ("product", "fixed")),
        "categories": ("kind", _GOODS),
        "goods": ("kind", _GOODS),
    }
    WHAT: ClassVar = ("kind", "name", "x", "points", "categories", "goods")
    WHEN: ClassVar = ("starts_at", "ends_at", "weekdays")
    WHOM: ClassVar = ("first_order", "min_amount", "tiers", "segments", "channels")
    ORDER: ClassVar = ("priority", "exclusive")

    def __init__(self, store: Store, document: Document, at: int | None, data: Any = None) -> None:
        self.at = at
        super().__init__(store, document, data)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.tz)

    def begun(self) -> dict[str, Any]:
        if self.at is None:
            return {"kind": "multiplier", "x": "2", "priority": 0}
        rule = self.programme.rules[self.at]
        values = {name: shown(getattr(rule, name, None)) for name in self.base_fields if name != "goods"}
        values |= {
            name: list(values[name] or ()) for name in ("tiers", "segments", "channels", "categories", "weekdays")
        }
        values |= {name: self._wall(values[name]) for name in ("starts_at", "ends_at")}
        skus = [sku for sku in (getattr(rule, "sku", ""), *getattr(rule, "skus", ())) if sku]
        titles = titles_of(self.store, getattr(rule, "products", ()))
        return values | {"goods": "\n".join([*titles.values(), *skus])}

    def _wall(self, at: datetime | None) -> str | None:
        """The clock of the programme's zone, whatever the zone of the page."""
        return at.astimezone(self.zone).strftime(_WALL) if at else None

    def arrange(self) -> None:
        self.fields["min_amount"].label = f"Only on orders from ({self.store.currency})"
        zone = f"In the time of {self.programme.tz.replace('_', ' ')}."
        self.fields["starts_at"].help_text = self.fields["ends_at"].help_text = zone
        offered: dict[str, list[tuple[Any, str]]] = {
            "categories": [(one, one) for one in categories(self.store)],
            "weekdays": list(enumerate(WEEKDAYS)),
            "tiers": [(tier.id, tier.name) for tier in self.programme.tiers],
            "segments": [(one, one) for one in segments(self.store)],
            "channels": list(channels(self.store).items()),
        }
        for name, choices in offered.items():
            known = {key for key, _ in choices}
            gone = [(key, f"{key} (gone)") for key in self.initial.get(name) or () if key not in known]
            self.fields[name].choices = [*choices, *gone]  # type: ignore[attr-defined]  # choices fields, all of them

    def offers(self, names: Iterable[str]) -> list[str]:
        """Of these fields those that have something to choose from."""
        return [name for name in names if getattr(self.fields[name], "choices", True)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == "excluded" and not (cleaned.get("categories") or cleaned.get("goods")):
            self.add_error("goods", "Say which goods earn nothing.")
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "It should end after it starts.")
        return cleaned

    def clean_goods(self) -> list[tuple[str, str]]:
        """As ("products", id) or ("skus", sku)."""
        lines = [line.strip() for line in self.cleaned_data["goods"].splitlines() if line.strip()]
        if len(lines) > MOST_GOODS:
            raise forms.ValidationError(f"Name at most {MOST_GOODS} products, or choose a category.")
        found = _goods(self.store, lines)
        for line in lines:
            if line.lower() not in found:
                found[line.lower()] = _near(self.store, line)
        return [found[line.lower()] for line in lines]

    def filled(self) -> Document:
        document, rule = deepcopy(self.document), self._rule()
        rules = list(document.get("rules") or ())
        if self.at is None:
            rules.append(rule)
        else:
            rules[self.at] = rule
        return {**document, "rules": rules}

    def _rule(self) -> Document:
        clean = self.cleaned_data
        kind = clean["kind"]
        said: Document = {"kind": kind, "name": clean["name"], "priority": clean["priority"] or 0}
        said |= {name: clean[name] for name in ("first_order", "exclusive", "tiers", "segments", "channels")}
        said |= {"weekdays": sorted(int(day) for day in clean["weekdays"]), "min_amount": as_json(clean["min_amount"])}
        said |= {"from": self._moment("starts_at"), "to": self._moment("ends_at")}
        if kind in self.SHOWN_FOR["x"][1]:
            said["x"] = as_json(clean["x"])
        if kind in self.SHOWN_FOR["points"][1]:
            said["points"] = clean["points"]
        if kind in _GOODS:
            said["categories"] = clean["categories"]
            said |= {sort: [value for one, value in clean["goods"] if one == sort] for sort in ("products", "skus")}
        return {key: value for key, value in said.items() if value not in (None, "", [], False) or key == "points"}

    def _moment(self, name: str) -> str | None:
        at = self.cleaned_data[name]
        return timezone.localtime(at).replace(tzinfo=self.zone).isoformat() if at else None

    def places(self) -> dict[str, str]:
        at = len(self.document.get("rules") or ()) if self.at is None else self.at
        kinds = [f"rules.{at}", *(f"rules.{at}.{kind}" for kind in KINDS)]
        names = {name: name for name in self.fields} | {"from": "starts_at", "to": "ends_at"}
        names |= {"skus": "goods", "products": "goods"}
        return {f"{kind}.{theirs}": ours for kind in kinds for theirs, ours in names.items()}


def _goods(store: Store, lines: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What each line means, by its lower case."""
    asked = {line.lower() for line in lines}
    if not asked:
        return {}
    found = {}
    titles = Product.objects.of(store).annotate(low=Lower("title")).filter(low__in=asked)
    for low, external_id in titles.values_list("low", "external_id"):
        found[str(low)] = ("products", external_id)
    skus = Variant.objects.of(store).annotate(low=Lower("sku")).filter(low__in=asked).values_list("low", "sku")
    return found | {str(low): ("skus", sku) for low, sku in skus}


def _near(store: Store, line: str) -> tuple[str, str]:
    """The one product whose name has these words in it."""
    near = list(Product.objects.of(store).filter(title__icontains=line).order_by("title", "id")[:NEAR])
    if not near:
        raise forms.ValidationError(f"No product is called “{line}”, and none has it as its SKU.")
    if len(near) > 1:
        some = join((f"“{one.title}”" for one in near), "or")
        raise forms.ValidationError(f"“{line}” could be {some}: write the whole name.")
    return "products", near[0].external_id


def titles_of(store: Store, ids: Iterable[str]) -> dict[str, str]:
    some = list(ids)
    if not some:
        return {}
    return dict(Product.objects.of(store).filter(external_id__in=some).values_list("external_id", "title"))


def categories(store: Store) -> list[str]:
    named = Product.objects.of(store).filter(~Q(category=""), is_active=True)
    return list(named.order_by("category").values_list("category", flat=True).distinct()[:MOST_CATEGORIES])


def segments(store: Store) -> list[str]:
    return list(Segment.objects.of(store).order_by("name").values_list("name", flat=True))


def channels(store: Store) -> dict[str, str]:
    """The ways orders came, with words for them; what has no word is a number of the shop's system."""
    seen = Order.objects.of(store).exclude(channel="").order_by("channel").values_list("channel", flat=True).distinct()
    return {one: CHANNELS.get(one, f"App {one}" if one.isdigit() else humanise(one)) for one in seen[:50]}
