"""All outlooks of a store as one file, written as it is read: a shop may have a million customers."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.insights.models import Outlook
from thereafter.insights.rules import rfm
from thereafter.kit import tables
from thereafter.kit.money import Money
from thereafter.stores.models import Store

Row = list[object]
HEAD = (
    "customer",
    "name",
    "email",
    "orders",
    "first order",
    "last order",
    "spent so far",
    "expected orders 90 days",
    "expected orders 365 days",
    "expected spending 365 days",
    "low",
    "high",
    "chance of no order in 90 days",
    "churn risk",
    "next order about",
    "not before",
    "not after",
    "rfm",
    "group",
    "currency",
)


@require_safe
@staff_page("customers.read")
def value_csv(request: StaffRequest) -> StreamingHttpResponse:
    lines = tables.written([tables.harmless(cell) for cell in row] for row in _rows(request.store))
    # With a mark by which table programs know the letters.
    response = StreamingHttpResponse(chain(["\ufeff"], lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="customer-value-{request.store.slug}.csv"'
    return response


def _rows(store: Store) -> Iterator[Row]:
    yield list(HEAD)
    found = Outlook.objects.of(store).order_by("-value_past_minor", "pk").select_related("customer")
    for one in found.iterator(chunk_size=2_000):
        yield _row(one, store.currency)


def _row(one: Outlook, currency: str) -> Row:
    group = rfm.BY_KEY.get(one.rfm_group)
    return [
        one.customer_id,
        one.customer.name,
        one.customer.email,
        one.orders,
        one.first_day,
        one.last_day,
        _whole(one.value_past_minor, currency),
        one.orders_90,
        one.orders_365,
        _whole(one.value_365_minor, currency),
        _whole(one.value_365_low_minor, currency),
        _whole(one.value_365_high_minor, currency),
        one.quiet_90,
        one.churn,
        one.next_on,
        one.next_low,
        one.next_high,
        one.rfm,
        group.name if group else "",
        currency,
    ]


def _whole(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money(minor, currency).amount
