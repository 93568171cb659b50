"""Coupon codes in WooCommerce, by its REST API: `POST /wp-json/wc/v3/coupons`, or its batch for more than one."""

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import Batch, Credentials, Field, Pushed, ShopSystem, decimal, utc
from thereafter.commerce.rules.coupons import AMOUNT, PERCENT, SHIPPING

AT_ONCE = 100
PATH = "/wp-json/wc/v3/coupons"
_TAKEN = "woocommerce_rest_coupon_code_already_exists"
MADE = 201
WRONG = 400
GONE = 404


def push(credentials: Credentials, batch: Batch) -> Pushed:
    if len(batch.codes) == 1:
        return _one(credentials, batch)
    asked = {"create": [document(batch, code) for code in batch.codes]}
    answer = _post(credentials, f"{PATH}/batch", asked)
    rows = answer.document.get("create") if isinstance(answer.document, dict) else None
    if not isinstance(rows, list) or len(rows) != len(batch.codes):
        raise wire.NotNow(f"WooCommerce's answer cannot be read ({answer.status}): {said(answer.document)}")
    pushed = Pushed()
    for code, row in zip(batch.codes, rows, strict=True):
        _note(pushed, code, row.get("error"))
    return pushed


def _one(credentials: Credentials, batch: Batch) -> Pushed:
    (code,) = batch.codes
    answer = _post(credentials, PATH, document(batch, code))
    pushed = Pushed()
    _note(pushed, code, None if answer.status in (MADE, MADE - 1) else answer.document)
    return pushed


def _note(pushed: Pushed, code: str, error: Any) -> None:
    """A code that is there already is ours: a try before this one came through."""
    if not error or (isinstance(error, dict) and error.get("code") == _TAKEN):
        pushed.done.add(code)
    else:
        pushed.refused[code] = said(error)


def document(batch: Batch, code: str) -> dict[str, Any]:
    """The coupon as WooCommerce wants it; amounts are decimal text, codes are kept in small letters over there."""
    terms = batch.terms
    worth = {PERCENT: decimal(terms.value, "EUR"), AMOUNT: decimal(terms.value, terms.currency), SHIPPING: "0.00"}
    found: dict[str, Any] = {
        "code": code,
        "discount_type": "percent" if terms.kind == PERCENT else "fixed_cart",
        "amount": worth[terms.kind],
        "description": batch.title,
        "individual_use": not terms.combinable,
        "usage_limit": 1,
        "free_shipping": terms.kind == SHIPPING,
    }
    if batch.ends_at:
        found["date_expires_gmt"] = utc(batch.ends_at).removesuffix("Z")
    if terms.minimum_minor:
        found["minimum_amount"] = decimal(terms.minimum_minor, terms.currency)
    if terms.products:
        found["product_ids"] = [int(one) for one in sorted(terms.products) if one.isdecimal()]
    return found


def look(credentials: Credentials, ref: str) -> Pushed:
    """WooCommerce answers at once; there is nothing to look at later."""
    raise wire.NotNow("WooCommerce has no tasks that go on.")


def take_off(credentials: Credentials, codes: Sequence[str]) -> Pushed:
    """Deletes the coupons; those in WooCommerce's bin would be good again if somebody brought them back."""
    pushed = Pushed()
    for code in codes:
        found = wire.get(address(credentials, f"{PATH}?code={quote(code.lower())}"), signed(credentials))
        if found.status >= WRONG or not isinstance(found.document, list):
            raise wire.NotNow(f"WooCommerce does not say which coupons there are: {said(found.document)}")
        refused = [why for row in found.document if (why := _delete(credentials, row["id"]))]
        if refused:
            pushed.refused[code] = refused[0]
        else:
            pushed.done.add(code)
    return pushed


def _delete(credentials: Credentials, coupon_id: int) -> str:
    answer = wire.delete(address(credentials, f"{PATH}/{coupon_id}?force=true"), signed(credentials))
    return said(answer.document) if answer.status >= WRONG and answer.status != GONE else ""


def check(credentials: Credentials) -> None:
    """Raises `wire.Refused` unless the key may write coupons: an empty batch needs the right and makes nothing."""
    answer = _post(credentials, f"{PATH}/batch", {"create": []})
    if answer.status >= WRONG:
        raise wire.Refused(f"WooCommerce answers {answer.status}: {said(answer.document)}")


def _post(credentials: Credentials, path: str, document: Any) -> wire.Answer:
    return wire.post(address(credentials, path), document, signed(credentials))


def address(credentials: Credentials, path: str) -> str:
    return f"{wire.host_of(credentials['shop'])}{path}"


def signed(credentials: Credentials) -> dict[str, str]:
    key = base64.b64encode(f"{credentials['key']}:{credentials['secret']}".encode()).decode()
    return {"Authorization": f"Basic {key}"}


def said(error: Any) -> str:
    """What an error of WooCommerce says."""
    words = error.get("message", "") if isinstance(error, dict) else ""
    return str(words)[:280] or "WooCommerce refused it without a reason."


WOOCOMMERCE = ShopSystem(
    name="woocommerce",
    title="WooCommerce",
    about="A REST API key with the right to read and write, so that codes are good at the checkout.",
    fields=(
        Field("shop", "Shop address", "The address of your WordPress, such as https://shop.example."),
        Field("key", "Consumer key", "WooCommerce, Settings, Advanced, REST API. Begins with ck_."),
        Field("secret", "Consumer secret", "Begins with cs_.", secret=True),
    ),
    at_once=AT_ONCE,
    push=push,
    look=look,
    take_off=take_off,
    check=check,
)
