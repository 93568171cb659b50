"""Orders that come back, made up: the same number is always the same order."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from thereafter.returns.rules.money.bought import Bought, Shipping
from thereafter.returns.rules.money.bought import Line as Paid
from thereafter.returns.rules.money.tenders import Tender
from thereafter.returns.rules.policy.snapshots import Asked, Customer, Line, Order, Snapshot

FIRST = date(2026, 1, 5)
COUNTRIES = ("DE", "FR", "ES", "IT", "NL", "AT", "GB", "US")
REASONS = ("size_small", "changed_mind", "quality", "damaged_on_arrival", "faulty_on_arrival")
TYPES = ("shoes", "clothes", "lamps", "gift card", "knives")
LINES, TAX = 20, 19


def big_order(number: int) -> tuple[Snapshot, date, Bought]:
    """Twenty lines, of which a unit each comes back; and the order as money sees it."""
    random = Random(number)  # noqa: S311 made-up orders
    snapshot, day = _order(random, number, LINES)
    lines = tuple(
        Paid(
            id=line.id,
            quantity=line.quantity,
            price=line.price_minor * line.quantity,
            discount=line.discount_minor,
            tax=line.paid_minor * TAX // (100 + TAX),
            tax_included=True,
        )
        for line in snapshot.lines
    )
    paid = sum(line.paid_minor for line in snapshot.lines) + 490
    tenders = (
        Tender(id="gift", kind="gift_card", captured=2_500),
        Tender(id="card", kind="card", captured=paid - 2_500),
    )
    bought = Bought(
        currency="EUR", exponent=2, lines=lines, shipping=Shipping(gross=490, tax=78), tenders=tenders, cap=paid
    )
    return snapshot, day, bought


def orders(start: int, count: int) -> list[tuple[Snapshot, date]]:
    numbers = range(start, start + count)
    return [_order(random := Random(number), number, random.randint(1, 4)) for number in numbers]  # noqa: S311 a play


def _order(random: Random, number: int, count: int) -> tuple[Snapshot, date]:
    placed = FIRST + timedelta(days=random.randrange(300))
    lines = tuple(_line(random, f"L{place}", placed) for place in range(count))
    total = sum(line.paid_minor for line in lines)
    order = Order(
        number=str(number),
        currency="EUR",
        country=random.choice(COUNTRIES),
        placed_at=datetime(placed.year, placed.month, placed.day, 12, tzinfo=UTC),
        total_minor=total + 490,
        subtotal_minor=total,
        shipping_minor=490,
    )
    asked = tuple(Asked(line=line.id, reason=random.choice(REASONS)) for line in lines)
    return Snapshot(order=order, lines=lines, asked=asked, customer=_customer(random)), placed + timedelta(
        days=random.randint(4, 60)
    )


def _line(random: Random, name: str, placed: date) -> Line:
    price, quantity = random.randint(500, 20_000), random.randint(1, 3)
    discount = price * quantity * random.choice((0, 0, 0, 20, 60)) // 100
    return Line(
        id=name,
        quantity=quantity,
        price_minor=price,
        paid_minor=price * quantity - discount,
        discount_minor=discount,
        product_type=random.choice(TYPES),
        fulfilled_on=placed + timedelta(days=1),
        delivered_on=placed + timedelta(days=random.randint(2, 6)),
    )


def _customer(random: Random) -> Customer:
    bought = random.randint(1, 60)
    return Customer(
        country="DE",
        orders=random.randint(1, 20),
        units_bought=bought,
        units_returned=random.randint(0, bought),
        returns=random.randint(0, 10),
        claims=random.randint(0, 4),
        tags=random.choice(((), ("vip",), ("b2b", "vip"))),
    )
