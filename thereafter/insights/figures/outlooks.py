"""What is expected of a store's customers, as pages, panels and files tell it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from thereafter.commerce.models import Customer
from thereafter.insights.models import Outlook, OutlookFit
from thereafter.insights.rules.clv.facts import Facts
from thereafter.stores.models import Store


class Fitted(NamedTuple):
    """The last fit of a store: when, up to which day, on how many customers."""

    fitted_at: datetime
    until: date
    customers: int
    facts: Facts


def fitted(store: Store) -> Fitted | None:
    """None before the first night."""
    fit = OutlookFit.objects.of(store).first()
    if fit is None:
        return None
    return Fitted(fit.fitted_at, fit.until, fit.customers, msgspec.convert(fit.facts, Facts))


def outlook_of(customer: Customer) -> Outlook | None:
    return Outlook.objects.of(customer.store_id).filter(customer=customer).first()


def at_risk(store: Store, most: int) -> Sequence[Outlook]:
    """Who came back at least once and will probably not again within 90 days, who spent most first."""
    rows = Outlook.objects.of(store).filter(churn=Outlook.Churn.HIGH, orders__gte=2)
    return list(rows.order_by("-value_past_minor", "pk").select_related("customer")[:most])


def count_at_risk(store: Store) -> int:
    return Outlook.objects.of(store).filter(churn=Outlook.Churn.HIGH, orders__gte=2).count()
