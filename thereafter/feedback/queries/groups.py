"""Answers by what was known of their order and person: carrier, lane, product, late or on time and so on."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Lower, NullIf, Substr

from thereafter.commerce.models import Product
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback.models import Answer
from thereafter.stores.models import Store, StoreQuerySet
from thereafter.timeline.models import Entry

Counts = Counter[int]
UNKNOWN = ""


@dataclass(frozen=True)
class Dimension:
    """A way to part answers. In those that are `shared` one answer is in several groups, as of an order's products."""

    key: str
    label: str
    shared: bool = False


_ALL = (
    Dimension("late", "Late or on time"),
    Dimension("carrier", "Carrier"),
    Dimension("lane", "Lane"),
    Dimension("region", "Region"),
    Dimension("product", "Product", shared=True),
    Dimension("category", "Category", shared=True),
    Dimension("returning", "First order or returning"),
    Dimension("cohort", "Month of first order"),
    Dimension("channel", "Channel"),
    Dimension("language", "Language"),
)
DIMENSIONS = {dimension.key: dimension for dimension in _ALL}


def counts_by(store: Store, answers: StoreQuerySet[Answer], dimension: Dimension) -> Mapping[str, Counts]:
    """How often each score was given in each group, in one query; `UNKNOWN` holds what belongs to none."""
    found: dict[str, Counts] = defaultdict(Counter)
    rows = _parted(store, answers, dimension).filter(score__isnull=False).order_by().values("part", "score")
    for row in rows.annotate(times=Count("id", distinct=dimension.shared)):
        found[_text(row["part"])][row["score"]] += row["times"]
    return found


def within(store: Store, answers: StoreQuerySet[Answer], dimension: Dimension, value: str) -> StoreQuerySet[Answer]:
    """Only those of one group."""
    parted = _parted(store, answers, dimension)
    chosen = parted.filter(Q(part=value) | Q(part__isnull=True)) if value == UNKNOWN else parted.filter(part=value)
    # A product that stands twice in an order must not double its answer.
    return Answer.objects.of(store).filter(pk__in=chosen.order_by().values("pk")) if dimension.shared else chosen


def product_names(store: Store, values: Collection[str]) -> Mapping[str, str]:
    ids = [int(value) for value in values if value.isdecimal()]
    return {str(pk): title for pk, title in Product.objects.of(store).filter(pk__in=ids).values_list("pk", "title")}


def _text(part: Any) -> str:
    return UNKNOWN if part is None else str(part)


def _parted(store: Store, answers: StoreQuerySet[Answer], dimension: Dimension) -> Any:
    """The answers with their `part`."""
    return answers.annotate(part=_PARTS[dimension.key](store))


def _fact(name: str) -> Any:
    # By itself the transform would be compared as JSON.
    return lambda store: Coalesce(KeyTextTransform(name, "facts"), Value(UNKNOWN), output_field=CharField())


def _late(store: Store) -> Case:
    """Read from the timeline and not from the answer, which may have been given before the parcel came: late when any
    parcel of the order came after the promised day."""
    delivered = Entry.objects.of(store).filter(name=ParcelDelivered.name, order_id=OuterRef("order_id"))
    return Case(
        When(Exists(delivered.filter(payload__late=True)), then=Value("late")),
        When(Exists(delivered.filter(payload__late=False)), then=Value("on_time")),
        default=Value(UNKNOWN),
        output_field=CharField(),
    )


def _returning(store: Store) -> Case:
    return Case(
        When(facts__orders_before=0, then=Value("first")),
        When(facts__orders_before__gt=0, then=Value("returning")),
        default=Value(UNKNOWN),
        output_field=CharField(),
    )


def _language(store: Store) -> Any:
    return Lower(Substr(Coalesce(NullIf("language", Value("")), KeyTextTransform("language", "facts")), 1, 2))


_PARTS: Mapping[str, Any] = {
    "late": _late,
    "carrier": lambda store: Lower(_fact("carrier")(store)),
    "lane": _fact("lane"),
    "region": _fact("region"),
    "product": lambda store: Cast("order__lines__product_id", CharField()),
    "category": lambda store: F("order__lines__product__category"),
    "returning": _returning,
    "cohort": _fact("first_order"),
    "channel": lambda store: Coalesce(KeyTextTransform("channel", "facts"), F("via"), output_field=CharField()),
    "language": _language,
}


def values_of(store: Store, answers: StoreQuerySet[Answer], dimension: Dimension, most: int) -> Any:
    """The largest groups of a dimension, to choose from: (value, number of answers)."""
    parted = _parted(store, answers, dimension).order_by().values_list("part")
    named = parted.filter(part__isnull=False).exclude(part=UNKNOWN)
    return named.annotate(times=Count("id", distinct=dimension.shared)).order_by("-times", "part")[:most]
