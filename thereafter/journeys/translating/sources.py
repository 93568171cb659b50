"""Where in the database the fields of a customer stand, as expressions over `Customer`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from thereafter.commerce.models import Consent, Order, OrderLine
from thereafter.journeys.loading.orders import unit
from thereafter.journeys.loading.past import RECEIPTS
from thereafter.journeys.models import SegmentMember
from thereafter.journeys.rules.naming import window
from thereafter.journeys.translating.sql import MOMENT, NUMBER, TEXT, Sql, Trait, flag
from thereafter.messaging.models import Message, Receipt
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

ME = OuterRef("pk")


@dataclass(frozen=True)
class Here:
    """For which shop and which moment."""

    store: Store
    now: datetime


def _counting(here: Here) -> QuerySet[Order]:
    """The customer's orders that count: placed, and not cancelled since."""
    rows = Order.objects.of(here.store).filter(customer=ME, placed_at__lte=here.now)
    return rows.filter(Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=here.now)).order_by()


def _one(rows: QuerySet[Any], total: Any) -> Subquery:
    return Subquery(rows.values("customer").annotate(it=total).values("it"))


def _orders(here: Here) -> Combinable:
    return Cast(Coalesce(_one(_counting(here), Count("pk")), 0), NUMBER)


def _cents(here: Here, *, absent: int | None) -> Combinable:
    own = _counting(here).filter(currency=here.store.currency)
    total = _one(own, Sum(F("total_minor") - F("refunded_minor")))
    return Cast(total if absent is None else Coalesce(total, absent), NUMBER)


def _spent(here: Here) -> Combinable:
    return Sql("({0} / {1})", _cents(here, absent=0), Cast(Value(unit(here.store.currency)), NUMBER), gives=NUMBER)


def _average(here: Here) -> Combinable:
    spent = Sql("({0} / {1})", _cents(here, absent=None), Cast(Value(unit(here.store.currency)), NUMBER), gives=NUMBER)
    count = _one(_counting(here).filter(currency=here.store.currency), Count("pk"))
    return Sql("({0} / {1})", spent, Cast(count, NUMBER), gives=NUMBER)


def last_order(here: Here) -> Combinable:
    return _one(_counting(here), Max("placed_at"))


def _first_order(here: Here) -> Combinable:
    return _one(_counting(here), Min("placed_at"))


def _days_since(here: Here) -> Combinable:
    """Whole days; on SQLite a span is kept in millionths of a second."""
    passed = ExpressionWrapper(Value(here.now, MOMENT) - last_order(here), DurationField())
    return Sql(
        "FLOOR(EXTRACT(EPOCH FROM {0}) / 86400)::double precision",
        passed,
        gives=NUMBER,
        lite="CAST({0} / 86400000000 AS REAL)",
    )


def _first_name(_here: Here) -> Combinable:
    lite = "SUBSTR({0}, 1, INSTR({0} || ' ', ' ') - 1)"
    return Sql("SPLIT_PART({0}, ' ', 1)", F("name"), gives=TEXT, lite=lite)


FIELDS: dict[str, Callable[[Here], Combinable]] = {
    "customer.country": lambda _: F("country"),
    "customer.locale": lambda _: F("locale"),
    "customer.email": lambda _: F("email"),
    "customer.phone": lambda _: F("phone"),
    "customer.name": lambda _: F("name"),
    "customer.first_name": _first_name,
    "customer.created_at": lambda _: F("created_at"),
    "customer.orders": _orders,
    "customer.spent": _spent,
    "customer.average_order": _average,
    "customer.first_order_at": _first_order,
    "customer.last_order_at": last_order,
    "customer.days_since_order": _days_since,
}


def _tagged(_here: Here, member: str) -> Combinable:
    return Coalesce(Sql("(CASE WHEN {0} THEN {1} END)", _is_list(), Trait("tags").has(member)), flag(False))


def _is_list() -> Sql:
    parts = Trait("tags").parts
    return Sql("(jsonb_typeof({0} -> {1}::text) = 'array')", *parts, lite="(JSON_TYPE({0}, {2}) = 'array')")


def _in_segment(here: Here, member: str) -> Combinable:
    stays = SegmentMember.objects.of(here.store).filter(customer=ME, entered_at__lte=here.now, segment__key=member)
    return Exists(stays.filter(Q(left_at__isnull=True) | Q(left_at__gt=here.now)))


def _allows(here: Here, member: str) -> Combinable:
    """The newest word on the channel and the purpose."""
    channel, _, purpose = member.partition(":")
    said = Consent.objects.of(here.store).filter(customer=ME, channel=channel, purpose=purpose, at__lte=here.now)
    return Coalesce(Subquery(said.order_by("-at", "-id").values("granted")[:1]), flag(False))


def _bought(column: str) -> Callable[[Here, str], Combinable]:
    def bought(here: Here, member: str) -> Combinable:
        if not member:
            return flag(False)
        lines = OrderLine.objects.of(here.store).filter(order__customer=ME, order__placed_at__lte=here.now)
        alive = Q(order__cancelled_at__isnull=True) | Q(order__cancelled_at__gt=here.now)
        return Exists(lines.filter(alive, **{column: member}))

    return bought


LISTS: dict[str, Callable[[Here, str], Combinable]] = {
    "customer.tags": _tagged,
    "customer.segments": _in_segment,
    "customer.consents": _allows,
    "customer.bought": _bought("title"),
    "customer.bought_skus": _bought("sku"),
    "customer.bought_categories": _bought("product__category"),
}


def _entries(here: Here, name: str) -> QuerySet[Entry]:
    """By the index over customers: the one over names would be read from end to end for each of them."""
    theirs = Entry.objects.of(here.store).filter(customer_id=ME, occurred_at__lte=here.now).order_by()
    return theirs.filter(Sql("({0} || '' = {1})", F("name"), Value(name, TEXT)))


def _happened(here: Here, key: str) -> Combinable:
    rows = _entries(here, key).values("customer_id").annotate(it=Max("occurred_at"))
    return Subquery(rows.values("it"))


def _times(here: Here, key: str) -> Combinable:
    found = window(key)
    name, days = found or ("", 0)
    rows = _entries(here, name)
    rows = rows.filter(occurred_at__gt=here.now - timedelta(days=days)) if days else rows
    return Cast(Coalesce(Subquery(rows.values("customer_id").annotate(it=Count("pk")).values("it")), 0), NUMBER)


def _sent(here: Here, key: str) -> Combinable:
    rows = Message.objects.of(here.store).filter(customer=ME, template=key, sent_at__lte=here.now).order_by()
    return Subquery(rows.values("customer").annotate(it=Max("sent_at")).values("it"))


def _receipt(root: str) -> Callable[[Here, str], Combinable]:
    def told(here: Here, key: str) -> Combinable:
        rows = Receipt.objects.of(here.store).filter(kind=RECEIPTS[root], machine=False, at__lte=here.now)
        theirs = rows.filter(message__customer=ME, message__template=key).order_by()
        return Subquery(theirs.values("message__customer").annotate(it=Max("at")).values("it"))

    return told


MAPS: dict[str, Callable[[Here, str], Combinable]] = {
    "happened": _happened,
    "times": _times,
    "sent": _sent,
    "opened": _receipt("opened"),
    "clicked": _receipt("clicked"),
}
