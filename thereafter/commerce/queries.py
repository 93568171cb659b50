"""What others ask about customers and orders."""

from collections.abc import Collection

from django.db.models import Q

from thereafter.commerce.models import Consent, Customer, Identity, Order
from thereafter.commerce.rules.text import normal_email, normal_phone
from thereafter.stores.models import Store

MARKETING = "marketing"


def find_customer(
    store: Store, *, email: str = "", phone: str = "", external_id: str = "", source: str = "api"
) -> Customer | None:
    """The customer with this account id (of the shop system `source`), e-mail or phone number, tried in this order."""
    wanted = [
        (Identity.Kind.SHOP, shop_identity(source, external_id) if external_id else ""),
        (Identity.Kind.EMAIL, normal_email(email)),
        (Identity.Kind.PHONE, normal_phone(phone, store.country)),
    ]
    for kind, value in wanted:
        known = Identity.objects.of(store).filter(kind=kind, value=value).select_related("customer") if value else ()
        for identity in known:
            return identity.customer
    return None


def shop_identity(source: str, external_id: str) -> str:
    """Account ids are only unique within a shop system."""
    return f"{source}:{external_id}"


def find_order(store: Store, number: str) -> Order | None:
    """The newest order that people call by this number, with or without its #."""
    if not number.isprintable():
        return None
    named = Q(number=number) | Q(number=f"#{number}") | Q(number=number.removeprefix("#"))
    return Order.objects.of(store).filter(named).select_related("customer").order_by("-placed_at").first()


def may_contact(store: Store | int, customer_ids: Collection[int], channel: str, purpose: str) -> set[int]:
    """Those who may be written to: for marketing only who said yes last; for anything else who did not say no last."""
    latest = latest_consents(store, customer_ids, channel, purpose)
    if purpose == MARKETING:
        return {customer_id for customer_id, consent in latest.items() if consent.granted}
    return {each for each in customer_ids if each not in latest or latest[each].granted}


def latest_consents(
    store: Store | int, customer_ids: Collection[int], channel: str, purpose: str
) -> dict[int, Consent]:
    """The consent that holds, by customer; who never said anything is not in it."""
    said = Consent.objects.of(store).filter(customer_id__in=customer_ids, channel=channel, purpose=purpose)
    return {consent.customer_id: consent for consent in said.order_by("at", "id")}
