"""What currencies were worth in the shop's books, and what a refund in another currency costs or brings by that."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.kit.money import exponent
from thereafter.returns.models import ExchangeRate
from thereafter.returns.rules.money.formulas import in_shop_currency
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


@transaction.atomic
def set_rate(store: Store, currency: str, on: date, rate: Decimal, *, by: Staff | None, now: datetime) -> ExchangeRate:
    """Notes what one unit of a currency is worth in the shop's own from a day on; that day again changes it."""
    found, _ = ExchangeRate.objects.of(store).update_or_create(
        store=store, currency=currency, on=on, defaults={"rate": rate}
    )
    audit(store, by=by, verb="returns.set_rate", now=now, subject=currency, detail={"on": on.isoformat()})
    return found


def rate_on(store: Store, currency: str, on: date) -> Fraction | None:
    """The rate that was good on a day: the newest that is not younger."""
    found = ExchangeRate.objects.of(store).filter(currency=currency, on__lte=on).order_by("-on").first()
    return Fraction(found.rate) if found else None


def booked(order: Order, minor: int, now: datetime) -> dict[str, Any]:
    """A refund in the shop's own currency at both days' rates, for the account of differences; {} where there is none.

    {"currency", "at_sale", "at_refund", "loss"} in minor units of the shop's currency; `loss` below zero is a gain.
    """
    store = order.store
    if order.currency == store.currency:
        return {}
    at_sale = rate_on(store, order.currency, clock.day_in(order.placed_at, store.time_zone))
    at_refund = rate_on(store, order.currency, clock.day_in(now, store.time_zone))
    if at_sale is None or at_refund is None:
        return {}
    exponents = exponent(order.currency), exponent(store.currency)
    found = in_shop_currency(minor, exponents=exponents, at_sale=at_sale, at_refund=at_refund)
    return {
        "currency": store.currency,
        "at_sale": found.at_sale,
        "at_refund": found.at_refund,
        "loss": found.loss,
    }
