"""Coupons at the checkout of a shop that asks us: is the code good, what does it take off, it was used."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from thereafter.commerce.actions import coupons
from thereafter.commerce.models import Coupon
from thereafter.commerce.queries import find_coupon, find_customer, find_order
from thereafter.commerce.rules.coupons import REASONS, Basket, Item, Verdict, judge, why_not
from thereafter.kit import clock, money
from thereafter.kit.money import Money, NotMoney, UnknownCurrency
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Coupons"])
_may = Bearer("coupons:use")
MOST_ITEMS = 500
# No database keeps a NUL character, and PostgreSQL does not even look for one.
Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class ItemIn(Schema):
    """One line of the basket. `product_id` is the shop's own; `unit_price` in units of the currency."""

    product_id: Plain = Field(max_length=80)
    quantity: int = Field(1, ge=1, le=100_000)
    unit_price: Decimal = Field(ge=0)


class BasketIn(Schema):
    """What is about to be ordered. `customer` is an e-mail address; without `total` it is the sum of the items."""

    code: Plain = Field(max_length=200)
    customer: Plain = Field("", max_length=254)
    total: Decimal | None = Field(None, ge=0)
    shipping: Decimal = Field(Decimal(0), ge=0)
    currency: str = ""
    items: list[ItemIn] = Field(default=[], max_length=MOST_ITEMS)
    other_codes: list[str] = Field(default=[], max_length=20)


class VerdictOut(Schema):
    """`amount` is what to take off the total, in units of `currency`. `reason` is a word, `message` a sentence."""

    valid: bool
    code: str
    amount: Decimal = Decimal(0)
    currency: str = ""
    free_shipping: bool = False
    expires_at: str | None = None
    reason: str = ""
    message: str = ""


class UseIn(Schema):
    """`order` is what the shop calls the order; telling the same again changes nothing."""

    code: Plain = Field(max_length=200)
    order: Plain = Field(min_length=1, max_length=80)
    customer: Plain = Field("", max_length=254)


class UsedOut(Schema):
    redeemed: bool
    code: str
    order: str
    duplicate: bool = False
    reason: str = ""
    message: str = ""


@router.post("/coupons/validate", auth=_may, response=VerdictOut, summary="Is this code good?")
def validate(request: HttpRequest, basket: BasketIn) -> dict[str, Any]:
    """Whether a code may be used on a basket and what it takes off; changes nothing. Always 200: `valid` says which."""
    store = _store(request)
    coupon = find_coupon(store, basket.code)
    currency = _known(basket.currency.upper()) or (coupon.pool.currency if coupon else store.currency)
    if coupon is None:
        return _answer(Verdict(False, reason="unknown"), basket.code, currency, None)
    verdict = judge(
        coupon.pool.terms,
        coupon.standing,
        _basket(basket, currency),
        customer=_customer(store, basket.customer),
        now=clock.now(),
    )
    return _answer(verdict, coupon.code, currency, coupon)


def _known(currency: str) -> str:
    try:
        money.exponent(currency or "EUR")
    except UnknownCurrency as wrong:
        raise HttpError(422, str(wrong)) from None
    return currency


def _answer(verdict: Verdict, code: str, currency: str, coupon: Coupon | None) -> dict[str, Any]:
    return {
        "valid": verdict.valid,
        "code": code,
        "amount": Money(verdict.amount_minor, currency).amount,
        "currency": currency,
        "free_shipping": verdict.free_shipping,
        "expires_at": coupon.expires_at.isoformat() if coupon and coupon.expires_at else None,
        "reason": verdict.reason,
        "message": verdict.sentence,
    }


def _basket(given: BasketIn, currency: str) -> Basket:
    try:
        items = [Item(one.product_id, money.to_minor(one.unit_price * one.quantity, currency)) for one in given.items]
        total = sum(one.total_minor for one in items) if given.total is None else money.to_minor(given.total, currency)
        shipping = money.to_minor(given.shipping, currency)
    except (NotMoney, UnknownCurrency) as wrong:
        raise HttpError(422, str(wrong)) from None
    return Basket(total, currency, items, shipping, len(given.other_codes))


def _customer(store: Store, email: str) -> int | None:
    found = find_customer(store, email=email) if email else None
    return found.pk if found else None


@router.post(
    "/coupons/redeem", auth=_may, response={200: UsedOut, 404: UsedOut, 409: UsedOut}, summary="This code was used"
)
def redeem(request: HttpRequest, used: UseIn) -> Status[dict[str, Any]]:
    """Uses a code up for an order. 409 when it was used for another one, has expired, or is somebody else's."""
    store, now = _store(request), clock.now()
    coupon = find_coupon(store, used.code)
    if coupon is None:
        return Status(404, _used(used.code, used.order, reason="unknown"))
    if coupon.redeemed_at is None:
        # What the basket holds was judged at the checkout; here counts only whether the code is good at all.
        reason = why_not(coupon.standing, _customer(store, used.customer), now)
        if reason:
            return Status(409, _used(coupon.code, used.order, reason=reason))
    try:
        new = coupons.redeem(coupon, used_for=used.order, order=find_order(store, used.order), now=now)
    except coupons.AlreadyRedeemed as other:
        return Status(409, _used(coupon.code, other.coupon.redeemed_for, reason="redeemed"))
    return Status(200, _used(coupon.code, used.order) | {"redeemed": True, "duplicate": not new})


def _used(code: str, order: str, *, reason: str = "") -> dict[str, Any]:
    return {"redeemed": False, "code": code, "order": order, "reason": reason, "message": REASONS.get(reason, "")}


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store
