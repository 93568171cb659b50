"""How long lists are, and texts without capitals."""

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from thereafter.commerce.models import OrderLine
from thereafter.journeys.models import SegmentMember
from thereafter.journeys.translating.sources import Here
from thereafter.journeys.translating.sql import NUMBER, TEXT, Sql, Trait


def lower(text: Any) -> Sql:
    letters = (Value(ascii_uppercase, TEXT), Value(ascii_lowercase, TEXT))
    return Sql("TRANSLATE({0}, {1}, {2})", text, *letters, gives=TEXT, lite="LOWER({0})")


def _tags(_here: Here) -> Combinable:
    return Sql(
        "(CASE WHEN jsonb_typeof({0} -> {1}::text) = 'array' THEN (SELECT COUNT(*) FROM"
        " jsonb_array_elements({0} -> {1}::text) AS member WHERE jsonb_typeof(member) = 'string')"
        " ELSE 0 END)::double precision",
        *Trait("tags").parts,
        gives=NUMBER,
        lite="(CASE WHEN JSON_TYPE({0}, {2}) = 'array' THEN (SELECT COUNT(*) FROM json_each({0}, {2}) AS member"
        " WHERE member.type = 'text') ELSE 0 END)",
    )


def _segments(here: Here) -> Combinable:
    stays = SegmentMember.objects.of(here.store).filter(customer=OuterRef("pk"), entered_at__lte=here.now)
    current = stays.filter(Q(left_at__isnull=True) | Q(left_at__gt=here.now)).order_by()
    return _counted(current.values("customer").annotate(it=Count("segment", distinct=True)).values("it"))


def _bought(column: str) -> Callable[[Here], Combinable]:
    def bought(here: Here) -> Combinable:
        lines = OrderLine.objects.of(here.store).filter(order__customer=OuterRef("pk"), order__placed_at__lte=here.now)
        alive = Q(order__cancelled_at__isnull=True) | Q(order__cancelled_at__gt=here.now)
        named = lines.filter(alive).exclude(**{column: ""}).exclude(**{f"{column}__isnull": True}).order_by()
        return _counted(named.values("order__customer").annotate(it=Count(column, distinct=True)).values("it"))

    return bought


def _counted(rows: Any) -> Combinable:
    return Cast(Coalesce(Subquery(rows), 0), NUMBER)


SIZES: dict[str, Callable[[Here], Combinable]] = {
    "customer.tags": _tags,
    "customer.segments": _segments,
    "customer.bought": _bought("title"),
    "customer.bought_skus": _bought("sku"),
    "customer.bought_categories": _bought("product__category"),
}
