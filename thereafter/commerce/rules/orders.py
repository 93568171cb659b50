"""When an order is sound enough to take, and what its amounts are in minor units.

Amounts are kept as the shop stored them; adding up only finds out whether a document was garbled. Shops differ
honestly, so the total may be the items less one of: the order's discount, the discounts of the lines, both; plus
shipping, fees (tips, duties, surcharges) and, when prices are without tax, the order's tax or that of its lines.
One minor unit per line may be lost to rounding.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from thereafter.commerce.documents import FulfilmentDoc, Line, OrderDoc, Person, RefundDoc, Shipped
from thereafter.commerce.rules.text import normal_email, normal_phone
from thereafter.kit.money import NotMoney, UnknownCurrency, exponent, to_minor

MOST_LINES = 500
LONGEST_ID = 80
MOST_PIECES = 1_000_000
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
TOLERANCE_AHEAD = timedelta(hours=24)
# What a document may call its state, and ours. "unavailable": the shop could not deliver and may have kept no items.
STATUSES = {
    "open": "open",
    "fulfilled": "fulfilled",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "unavailable": "cancelled",
}

minor = lru_cache(maxsize=16384)(to_minor)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    unit: int
    items: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.items - self.discount


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's money in minor units."""

    total: int
    subtotal: int
    discount: int
    shipping: int
    fees: int
    tax: int
    lines: tuple[LineAmounts, ...]


def status_of(doc: OrderDoc) -> str:
    return "cancelled" if doc.cancelled_at else STATUSES[doc.status]


def version_of(doc: OrderDoc) -> datetime:
    """When the shop last changed this order: as it says, or else the latest time in the document."""
    if doc.changed_at:
        return doc.changed_at
    return max(moment for _, moment in moments(doc))


def moments(doc: OrderDoc) -> Iterator[tuple[str, datetime]]:
    """Each time the document names."""
    yield "placed_at", doc.placed_at
    if doc.changed_at:
        yield "changed_at", doc.changed_at
    if doc.cancelled_at:
        yield "cancelled_at", doc.cancelled_at
    if doc.customer.consent_at:
        yield "consent_at", doc.customer.consent_at
    for shipped in doc.fulfilments:
        yield "shipped_at", shipped.shipped_at
    for refund in doc.refunds:
        yield "refunded at", refund.at


def amounts_of(doc: OrderDoc) -> Amounts:
    """Raises `NotMoney` or `UnknownCurrency`."""
    currency = doc.currency
    lines = tuple(_line_amounts(line, currency) for line in doc.lines)
    total, shipping = minor(doc.total, currency), minor(doc.shipping, currency)
    given = None if doc.subtotal is None else minor(doc.subtotal, currency)
    items = sum(line.total for line in lines) if lines else total
    return Amounts(
        total=total,
        subtotal=items if given is None else given,
        discount=minor(doc.discount, currency),
        shipping=shipping,
        fees=minor(doc.fees, currency),
        tax=minor(doc.tax, currency),
        lines=lines,
    )


def _line_amounts(line: Line, currency: str) -> LineAmounts:
    unit = minor(line.unit_price, currency)
    return LineAmounts(
        unit=unit,
        items=unit if line.quantity == 1 else _times(line, currency),
        discount=minor(line.discount, currency),
        tax=minor(line.tax, currency),
    )


def _times(line: Line, currency: str) -> int:
    """Price times quantity, rounded once: a unit price may be a fraction of a cent (three for 10.00)."""
    try:
        return to_minor(Decimal(str(line.unit_price).strip()) * line.quantity, currency)
    except InvalidOperation:
        raise NotMoney(f"{line.unit_price!r} is not an amount of money") from None


def check_order(doc: OrderDoc, now: datetime, country: str = "") -> list[str]:
    """Why the order cannot be taken, each as "code: a sentence"; empty when it can. `country` is the shop's own."""
    country = doc.shipping_address.country or doc.customer.country or country
    people = person_problems(doc.customer, country)
    return [*_shape_problems(doc), *_time_problems(doc, now), *people, *_money_problems(doc)]


def _shape_problems(doc: OrderDoc) -> Iterator[str]:
    yield from id_problems(doc.external_id, "the order")
    if doc.status not in STATUSES:
        yield f'unknown_status: "{doc.status[:40]}" is none of {", ".join(STATUSES)}'
    elif not doc.lines and status_of(doc) != "cancelled":
        yield "no_lines: the order has no items; only a cancelled or unavailable order may have none"
    if len(doc.lines) > MOST_LINES:
        yield f"too_many_lines: the order has {len(doc.lines)} lines; {MOST_LINES} are the most"
    for line_id, times in Counter(line.external_id for line in doc.lines).items():
        yield from id_problems(line_id, "a line")
        if times > 1:
            yield f'duplicate_line: the line id "{line_id[:40]}" stands {times} times; each line needs its own'
    for line in doc.lines:
        if not 0 < line.quantity <= MOST_PIECES:
            yield f'bad_quantity: "{line.title[:40]}" has the quantity {line.quantity}; send a whole number from 1'


def id_problems(external_id: str, what: str) -> Iterator[str]:
    """An id is never cut: two ids cut to the same text would be one thing."""
    if not external_id.strip():
        yield f"no_id: {what} has no id"
    elif len(external_id) > LONGEST_ID or not external_id.isprintable():
        yield f"bad_id: the id of {what} is longer than {LONGEST_ID} characters or has control characters"


def _time_problems(doc: OrderDoc, now: datetime) -> Iterator[str]:
    for name, moment in moments(doc):
        yield from time_problems(name, moment, now)


def time_problems(name: str, moment: datetime, now: datetime) -> Iterator[str]:
    if moment.tzinfo is None:
        yield f"no_time_zone: {name} {moment.isoformat()} has no offset; send e.g. {moment.isoformat()}+01:00"
    elif moment > now + TOLERANCE_AHEAD:
        yield f"date_in_the_future: {name} {moment.isoformat()} is more than a day ahead"
    elif moment < EARLIEST:
        yield f"date_too_old: {name} {moment.isoformat()} is before 1990"


def person_problems(person: Person, country: str) -> Iterator[str]:
    """A person needs something to be known by; `country` says how their phone number is to be read."""
    if person.external_id.strip() or (person.email and normal_email(person.email)):
        return
    if not (person.phone and normal_phone(person.phone, country)):
        yield "no_customer: there is no customer id, valid e-mail address or valid phone number to know the person by"


def _money_problems(doc: OrderDoc) -> Iterator[str]:
    try:
        amounts = amounts_of(doc)
        for payment in doc.payments:
            minor(payment.amount, doc.currency)
    except UnknownCurrency:
        yield f'unknown_currency: "{doc.currency[:20]}" is not an ISO 4217 code; send e.g. EUR'
        return
    except NotMoney as wrong:
        yield f"bad_money: {wrong}"[:200]
        return
    if amounts.total < 0:
        yield f"negative_total: the total is {doc.total}"
    if amounts.shipping < 0 or any(line.unit < 0 for line in amounts.lines):
        yield "negative_price: shipping and prices of items cannot be less than nothing"
    elif doc.lines and not _adds_up(amounts, taxes_included=doc.taxes_included):
        yield f"totals_differ: {_sum_in_words(doc, amounts)} is not the total {doc.total}"
    for refund in doc.refunds:
        yield from refund_problems(refund, doc.currency)


def _adds_up(amounts: Amounts, *, taxes_included: bool) -> bool:
    items = sum(line.items for line in amounts.lines)
    of_lines = sum(line.discount for line in amounts.lines)
    taxes = {0} if taxes_included else {amounts.tax, sum(line.tax for line in amounts.lines)}
    rest = amounts.total - items - amounts.shipping - amounts.fees
    tolerance = len(amounts.lines)
    discounts = {amounts.discount, of_lines, amounts.discount + of_lines}
    return any(abs(rest + discount - tax) <= tolerance for discount in discounts for tax in taxes)


def _sum_in_words(doc: OrderDoc, amounts: Amounts) -> str:
    scale = -exponent(doc.currency)
    items = Decimal(sum(line.items for line in amounts.lines)).scaleb(scale)
    tax = "" if doc.taxes_included else f" + tax {doc.tax}"
    fees = f" + fees {doc.fees}" if amounts.fees else ""
    return f"items {items} - discount {doc.discount} + shipping {doc.shipping}{fees}{tax}"


def check_fulfilment(doc: FulfilmentDoc, now: datetime) -> list[str]:
    return [*id_problems(doc.order, "the order"), *shipped_problems(doc.fulfilment, now)]


def shipped_problems(shipped: Shipped, now: datetime) -> Iterator[str]:
    yield from id_problems(shipped.external_id, "the fulfilment")
    yield from time_problems("shipped_at", shipped.shipped_at, now)
    for line_id, quantity in shipped.lines.items():
        if not 0 < quantity <= MOST_PIECES:
            yield f'bad_quantity: line "{line_id[:40]}" is shipped {quantity} times; send a whole number from 1'


def refund_problems(refund: RefundDoc, currency: str) -> Iterator[str]:
    yield from id_problems(refund.external_id, "the refund")
    try:
        if min(minor(part, currency) for part in (refund.amount, *(line.amount for line in refund.lines))) < 0:
            yield f"negative_refund: the refund is {refund.amount}"
    except NotMoney as wrong:
        yield f"bad_money: {wrong}"[:200]
