"""Segments and their people as the console shows and finds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from thereafter.commerce.console import lists
from thereafter.commerce.models import Customer, Order
from thereafter.journeys import selecting
from thereafter.journeys.loading.orders import unit
from thereafter.journeys.models import Segment, SegmentMember, SegmentSync, SegmentTold
from thereafter.journeys.rules.conditions import BadCondition
from thereafter.journeys.rules.conditions_in_words import as_line
from thereafter.journeys.rules.ready_segments import READY, Ready
from thereafter.stores.models import Store, StoreQuerySet

DAYS = 30
SAMPLE = 5


@dataclass(frozen=True)
class Preview:
    """Whom a condition would choose: how many, of how many, and some of them."""

    count: int
    of: int
    people: Sequence[Customer]
    figures: dict[int, dict[str, Any]]


def index(store: Store, now: datetime) -> list[dict[str, Any]]:
    """Every segment with its change in thirty days."""
    since = now - timedelta(days=DAYS)
    stays = SegmentMember.objects.of(store).values("segment_id")
    # Who was in it from the beginning did not come.
    new = stays.filter(entered_at__gte=since).exclude(entered_at=F("segment__created_at"))
    came = dict(new.annotate(it=Count("pk")).values_list("segment_id", "it"))
    left = dict(stays.filter(left_at__gte=since).annotate(it=Count("pk")).values_list("segment_id", "it"))
    return [
        {
            "segment": segment,
            "change": came.get(segment.pk, 0) - left.get(segment.pk, 0),
            "words": as_line(segment.condition) if segment.condition else "A list of your own",
        }
        for segment in Segment.objects.of(store).order_by("name", "pk")
    ]


def moves(segment: Segment, now: datetime) -> tuple[int, int]:
    """How many came and left in thirty days."""
    since = now - timedelta(days=DAYS)
    stays = SegmentMember.objects.of(segment.store_id).filter(segment=segment)
    came = stays.filter(entered_at__gte=since).exclude(entered_at=segment.created_at)
    return came.count(), stays.filter(left_at__gte=since).count()


def members(segment: Segment, q: str = "") -> StoreQuerySet[SegmentMember]:
    """Who is in it, the newest first; found by name, or by an address or number of theirs."""
    stays = SegmentMember.objects.of(segment.store_id).filter(segment=segment, left_at__isnull=True)
    if q:
        stays = stays.filter(customer__in=lists.customers(segment.store, q=q).order_by().values("pk"))
    return stays.select_related("customer").order_by("-entered_at", "-pk")


def syncs(segment: Segment) -> list[dict[str, Any]]:
    """Programs that keep a copy of it, and how many people each has."""
    told = dict(
        SegmentTold.objects.of(segment.store_id)
        .filter(sync__segment=segment)
        .values("sync_id")
        .annotate(it=Count("pk"))
        .values_list("sync_id", "it")
    )
    rows = SegmentSync.objects.of(segment.store_id).filter(segment=segment).order_by("pk")
    return [{"sync": sync, "people": told.get(sync.pk, 0)} for sync in rows]


def preview(store: Store, condition: str, now: datetime) -> Preview:
    """Raises `BadCondition`."""
    chosen: QuerySet[Customer] = selecting.customers(store, condition, now)
    people = list(chosen.order_by("-created_at", "-pk")[:SAMPLE])
    everybody = Customer.objects.of(store).filter(merged_into=None).count()
    return Preview(chosen.count(), everybody, people, lists.lifetime(store, people))


def problem(store: Store, condition: str, now: datetime) -> BadCondition | None:
    """Why a condition cannot be a segment's, if it cannot."""
    try:
        selecting.customers(store, condition, now)
    except BadCondition as wrong:
        return wrong
    return None


def ready(store: Store) -> list[Ready]:
    """Those that the store does not have yet, with its own measure of much money."""
    taken = set(Segment.objects.of(store).values_list("key", flat=True))
    return [filled(one, 0) for one in READY if one.key not in taken]


def filled(one: Ready, big: float) -> Ready:
    return one._replace(condition=one.condition.replace("{big}", f"{big:.0f}"))


def much_money(store: Store) -> float:
    """What nine in ten customers have not spent, rounded to two digits; 100 in a shop without orders."""
    alive = Order.objects.of(store).filter(currency=store.currency).filter(Q(cancelled_at__isnull=True))
    sums = alive.values("customer").annotate(it=Sum(F("total_minor") - F("refunded_minor"))).order_by("it")
    spent = list(sums.values_list("it", flat=True))
    if not spent:
        return 100
    money = spent[int(len(spent) * 0.9)] / unit(store.currency) if len(spent) > 1 else spent[0] / unit(store.currency)
    return float(f"{money:.2g}")


def rows_of_table(stays: Iterable[SegmentMember]) -> Iterable[Sequence[str]]:
    """For a table program: nothing in it is taken for a formula."""
    yield "Name", "E-mail", "Phone", "Country", "In it since"
    for stay in stays:
        person = stay.customer
        cells = (person.name, person.email, person.phone, person.country, stay.entered_at.date().isoformat())
        yield tuple(f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell for cell in cells)
