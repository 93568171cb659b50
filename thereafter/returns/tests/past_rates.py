"""A shop with a past: many parcels that came, and some of what was in them that came back.

Written as rows, because thousands of orders through every action would take minutes; that the figures read what the
actions write is shown by test_insight, which goes the whole way.
"""

from datetime import UTC, date, datetime, time, timedelta

from thereafter.commerce.models import Customer, Fulfilment, FulfilmentLine, Order, OrderLine, Product
from thereafter.returns.models import Case, CaseUnit, RateJump
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

NOON = time(12, tzinfo=UTC)
TODAY = date(2026, 11, 2)
NOW = datetime.combine(TODAY, NOON)


def product(store: Store, title: str) -> Product:
    made: Product = Product.objects.create(
        store=store, source="api", external_id=f"past-{title}", title=title, changed_at=NOW
    )
    return made


def weekly(store: Store, of: Product, back: list[int], *, delivered: int = 20, reason: str = "size_small") -> None:
    """So many units are delivered on the Wednesday of each week, the last of them in the newest week; of each week
    `back` units came back ten days later. The newest week stands last."""
    newest = TODAY - timedelta(days=TODAY.weekday() - 2)
    for ago, count in enumerate(reversed(back)):
        on = newest - timedelta(weeks=ago)
        deliver(store, of, on, delivered, count, reason=reason)


def deliver(
    store: Store, of: Product, on: date, units: int, back: int, *, days: int = 10, reason: str = "size_small"
) -> None:
    """Orders of one unit each, in sizes 41 and 42 by turns; the first `back` of them come back in size 42."""
    customer, _ = Customer.objects.get_or_create(store=store, name="Many", defaults={"created_at": NOW})
    came = datetime.combine(on, NOON)
    first = Order.objects.of(store).count()
    orders = Order.objects.bulk_create(
        Order(
            store=store, customer=customer, source="past", external_id=str(first + n), number=f"P{first + n}",
            placed_at=came - timedelta(days=3), changed_at=came, currency=store.currency, subtotal_minor=5000,
            total_minor=5000, shipping_address={"country": "DE"},
        )
        for n in range(units)
    )  # fmt: skip
    lines = OrderLine.objects.bulk_create(
        OrderLine(
            store=store, order=one, external_id="1", product=of, title=of.title, quantity=1, unit_price_minor=5000,
            total_minor=5000, variant_title="42" if n < back or n % 2 else "41",
        )
        for n, one in enumerate(orders)
    )  # fmt: skip
    sent = Fulfilment.objects.bulk_create(
        Fulfilment(
            store=store, order=one, external_id="f", shipped_at=came - timedelta(days=2), carrier="dhl",
            tracking_number=f"N{one.pk}",
        )
        for one in orders
    )  # fmt: skip
    FulfilmentLine.objects.bulk_create(
        FulfilmentLine(store=store, fulfilment=one, line=line, quantity=1)
        for one, line in zip(sent, lines, strict=True)
    )
    Entry.objects.bulk_create(
        Entry(
            store=store, name="parcel.delivered", occurred_at=came, recorded_at=came, customer_id=customer.pk,
            order_id=one.pk,
            payload={"parcel_id": one.pk, "carrier": "dhl", "tracking_number": f"N{one.pk}",
                     "delivered_on": on.isoformat()},
        )
        for one in orders
    )  # fmt: skip
    for line in lines[:back]:
        came_back(store, line, came + timedelta(days=days), reason)


def came_back(store: Store, line: OrderLine, at: datetime, reason: str = "size_small") -> Case:
    case: Case = Case.objects.create(
        store=store, order=line.order, customer=line.order.customer, number=f"RP{line.pk}", source=f"past:{line.pk}",
        state="resolved", basis="voluntary", outcome="refund", method="label", channel="portal",
        currency=store.currency, value_minor=line.total_minor, submitted_at=at - timedelta(days=5), received_at=at,
        released_at=at, changed_at=at,
    )  # fmt: skip
    CaseUnit.objects.create(
        store=store, case=case, line=line, place=1, state="restock", reason=reason, value_minor=line.total_minor,
        note="My toes <b>touch</b> the front.", received_at=at, released_at=at,
    )  # fmt: skip
    return case


def jumped(store: Store) -> RateJump:
    """A product whose newest weeks came back more."""
    made: RateJump = RateJump.objects.create(
        store=store, product=product(store, f"Jumper of {store.slug}"), first_on=date(2026, 9, 7),
        last_on=date(2026, 10, 4), delivered=80, returned=24, before_delivered=520, before_returned=52,
        p_value=0.00001, reason="size_small", reason_units=15, found_at=NOW,
    )  # fmt: skip
    return made
