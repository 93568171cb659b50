"""What others ask about customers and orders."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from thereafter.commerce.models import Consent, Coupon, CouponPool, Customer, Identity, Order
from thereafter.commerce.rules.coupons import normal_code
from thereafter.commerce.rules.text import normal_email, normal_phone
from thereafter.stores.models import Store, StoreQuerySet

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


def coupon_pools(store: Store | int) -> StoreQuerySet[CouponPool]:
    """Pools from which codes can be given, by name."""
    return CouponPool.objects.of(store).filter(archived_at=None).order_by("name", "pk")


def find_coupon(store: Store | int, code: str) -> Coupon | None:
    """The code as people type it; one that waits in a list for somebody is not found."""
    given = Coupon.objects.of(store).filter(code=normal_code(code), issued_at__isnull=False)
    return given.select_related("pool__store", "customer", "order").first()


def open_coupons(store: Store | int, customer_ids: Collection[int], now: datetime) -> dict[int, Coupon]:
    """The newest code of each customer that is good and, where it has to be, known to the shop system."""
    held = Coupon.objects.of(store).filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        customer_id__in=customer_ids,
        issued_at__isnull=False,
        redeemed_at=None,
        withdrawn_at=None,
    )
    held = held.exclude(push_state=Coupon.Push.FAILED).select_related("pool")
    return {coupon.customer_id: coupon for coupon in held.order_by("issued_at", "id") if coupon.customer_id}
