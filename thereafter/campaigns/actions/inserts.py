"""What lies in the parcel: whose slip says what, and the code that is on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from thereafter.campaigns.models import InsertSettings
from thereafter.campaigns.rules import inserts as rules
from thereafter.campaigns.rules.coupon_facts import coupon_facts
from thereafter.campaigns.rules.inserts import InsertPlan, Words, filled
from thereafter.commerce.actions.coupons import Wanted, issue_many
from thereafter.commerce.models import Coupon, CouponPool, Customer, Order
from thereafter.commerce.queries import coupon_pools
from thereafter.kit import clock
from thereafter.kit.codes import qr
from thereafter.kit.pages import day, money, percent
from thereafter.storefront import links
from thereafter.storefront.shell import choose_language
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

Slip = dict[str, Any]


def plan_of(store: Store) -> InsertPlan:
    kept = InsertSettings.objects.of(store).first()
    return rules.read(kept.document) if kept else InsertPlan()


@transaction.atomic
def change(store: Store, plan: InsertPlan, *, now: datetime, by: Staff | None = None) -> None:
    document = rules.write(plan)
    InsertSettings.objects.of(store).update_or_create(store=store, defaults={"document": document, "changed_at": now})
    audit(store, by=by, verb="inserts.change", now=now, subject="Parcel inserts")


@transaction.atomic
def slips(store: Store, plan: InsertPlan, orders: Sequence[Order], now: datetime) -> list[Slip]:
    """The slip of each order, in sequence. An order gets one code, however often it is printed."""
    codes = _codes(store, plan, orders, now)
    return [_slip(store, plan, order, codes.get(order.pk)) for order in orders]


def _codes(store: Store, plan: InsertPlan, orders: Sequence[Order], now: datetime) -> dict[int, Coupon]:
    pool = coupon_pools(store).filter(key=plan.pool).first() if plan.pool else None
    if pool is None:
        return {}
    pool.store = store
    wanted = {f"insert:{order.pk}": order for order in orders if not order.is_cancelled}
    asked = [Wanted(order.customer_id, source, order.pk) for source, order in wanted.items()]
    given = issue_many(pool, asked, now=now)
    for coupon in given.values():
        coupon.pool = pool
    return {wanted[source].pk: coupon for source, coupon in given.items()}


def sample(store: Store, plan: InsertPlan, language: str) -> Slip:
    """A slip for somebody made up, with a code that is good nowhere."""
    order = Order(store=store, number="1042", customer=Customer(store=store, name="Maria Sample", locale=language))
    pool = coupon_pools(store).filter(key=plan.pool).first() if plan.pool else None
    coupon = Coupon(store=store, pool=pool, code=f"{pool.prefix or 'SAMPLE'}-K7QMX-9PWTD") if pool else None
    return _slip(store, plan, order, coupon, page=store.shop_url or "https://shop.example/order")


def _slip(store: Store, plan: InsertPlan, order: Order, coupon: Coupon | None, page: str = "") -> Slip:
    order.store = store
    language = choose_language(order.customer.locale, store.locale)
    with translation.override(language), timezone.override(store.time_zone):
        words = _words(plan, language)
        facts = {"name": order.customer.first_name, "shop": store.name, "order": order.number}
        return {
            "language": language,
            "greeting": filled(words.greeting or _greeting(order.customer), facts),
            "note": filled(words.note or _note(), facts),
            "returns": filled(words.returns or _returns(), facts) if plan.shows_returns else "",
            "qr": qr(page or links.order_page(order)) if plan.shows_order else "",
            "order_heading": _("Your order"),
            "order_hint": _("Scan the code: see what is in it, where it is, and what to do if something is wrong."),
            "number": _("Order %(number)s") % {"number": order.number},
            "coupon": _coupon(store, coupon) if coupon else None,
        }


def _words(plan: InsertPlan, language: str) -> Words:
    """The shop's own in this language. What it wrote in another one is not put before somebody who may not read it."""
    return plan.words.get(language) or Words()


def _greeting(customer: Customer) -> str:
    return _("Hello {name},") if customer.first_name else _("Hello,")


def _note() -> str:
    return _("thank you for your order. We packed it with care and hope that you like what is in it.")


def _returns() -> str:
    return _("Something does not fit? You can send it back from there, too.")


def _coupon(store: Store, coupon: Coupon) -> Mapping[str, Any]:
    facts = coupon_facts(coupon.pool.terms, coupon.code, coupon.expires_at, clock.zone(store.time_zone))
    least = " " + _("From %(amount)s.") % {"amount": money(coupon.pool.minimum)} if coupon.pool.minimum_minor else ""
    until = _("Good until %(day)s.") % {"day": day(facts["until"])} if facts["until"] else ""
    return {
        "heading": _("A code for you"),
        "worth": _worth(facts) + least,
        "code": coupon.code,
        "until": until,
        "qr": qr(_address(store, coupon)),
    }


def _worth(facts: Mapping[str, Any]) -> str:
    if facts["percent"] is not None:
        return _("%(share)s off your next order.") % {"share": percent(facts["percent"] / 100, 2)}
    if facts["amount_minor"] is not None:
        return _("%(amount)s off your next order.") % {"amount": money(facts["amount_minor"], facts["currency"])}
    return _("Free shipping on your next order.")


def _address(store: Store, coupon: Coupon) -> str:
    """Where the code is filled in by itself; a shop without an address gets the bare code to scan."""
    shop = store.shop_url.rstrip("/")
    if not shop:
        return coupon.code
    if coupon.pool.delivery == CouponPool.Delivery.SHOPIFY:
        return f"{shop}/discount/{coupon.code}"
    return f"{shop}/?coupon={coupon.code}"
