"""Store credit as coupons of WooCommerce, by its REST API: a fixed amount off the cart, good for one order.

After an order that used less the coupon goes, and one for the rest is made under the same code. One that was used is
never left there: WooCommerce makes it good again when the order is cancelled.
"""

from dataclasses import replace
from typing import Any

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import decimal
from thereafter.commerce.connectors.woocommerce_discounts import PATH, WRONG, address, said, signed
from thereafter.kit import money
from thereafter.returns.checkouts.cards import Card, Cards, Credentials, Refusal, Standing

OURS = "_thereafter_key"
GONE = 404
_NOT_FINAL, _CAME_TO_NOTHING = ("pending", "checkout-draft", "auto-draft"), ("cancelled", "failed", "trash")
_UNKNOWN = "It was used in an order that has not reached us. Connect or import WooCommerce's orders, and it goes on."


def make(credentials: Credentials, card: Card) -> str:
    """A coupon of an earlier turn goes first; one of this turn is there already."""
    known = _find(credentials, card)
    if known and _key_of(known) == card.key:
        return str(known["id"])
    if known and not _key_of(known):
        raise Refusal("A coupon of your own has this code.")
    if known:
        _drop(credentials, str(known["id"]))
    answer = wire.post(address(credentials, PATH), document(card), signed(credentials))
    if answer.status >= WRONG:
        raise Refusal(said(answer.document))
    return str(answer.document["id"])


def document(card: Card) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": card.code,
        "discount_type": "fixed_cart",
        "amount": decimal(card.amount_minor, card.currency),
        "description": "Store credit",
        "individual_use": False,
        "usage_limit": 1,
        "meta_data": [{"key": OURS, "value": card.key}],
    }
    if card.email:
        found["email_restrictions"] = [card.email]
    if card.ends_on:
        # In the shop's own time; the last day still counts.
        found["date_expires"] = f"{card.ends_on.isoformat()}T23:59:59"
    return found


def _find(credentials: Credentials, card: Card) -> dict[str, Any] | None:
    answer = wire.get(address(credentials, f"{PATH}?code={card.code.lower()}&context=edit"), signed(credentials))
    if answer.status >= WRONG or not isinstance(answer.document, list):
        raise wire.NotNow(f"WooCommerce does not say which coupons there are: {said(answer.document)}")
    return answer.document[0] if answer.document else None


def _key_of(coupon: dict[str, Any]) -> str:
    return next((str(one["value"]) for one in coupon.get("meta_data", ()) if one.get("key") == OURS), "")


def _drop(credentials: Credentials, ref: str) -> None:
    answer = wire.delete(address(credentials, f"{PATH}/{ref}?force=true"), signed(credentials))
    if answer.status >= WRONG and answer.status != GONE:
        raise wire.NotNow(f"WooCommerce does not let the coupon go: {said(answer.document)}")


def look(credentials: Credentials, card: Card) -> Standing:
    """By the order that names the code; else whether one has used it of which we know nothing."""
    if card.order:
        return _used_in(credentials, card)
    known = _find(credentials, card)
    if known is None:
        raise Refusal("Somebody deleted the coupon in WooCommerce.")
    wait = _UNKNOWN if int(known.get("usage_count") or 0) else ""
    return Standing(left_minor=card.amount_minor, wait=wait)


def _used_in(credentials: Credentials, card: Card) -> Standing:
    answer = wire.get(address(credentials, f"/wp-json/wc/v3/orders/{card.order}"), signed(credentials))
    if answer.status == GONE:
        return Standing(left_minor=card.amount_minor)
    if answer.status >= WRONG:
        raise wire.NotNow(f"WooCommerce does not show the order: {said(answer.document)}")
    order, used = answer.document, 0
    if order["status"] in _NOT_FINAL:
        return Standing(left_minor=card.amount_minor, wait="It was used in an order that is not paid yet.")
    if order["status"] in _CAME_TO_NOTHING:
        return Standing(left_minor=card.amount_minor)
    for line in order["coupon_lines"]:
        if str(line["code"]).upper() == card.code:
            used += sum(money.to_minor(line.get(name) or "0", card.currency) for name in ("discount", "discount_tax"))
    used = min(used, card.amount_minor)
    return Standing(left_minor=card.amount_minor - used, used_for=str(order["number"]), remake=bool(used))


def recall(credentials: Credentials, card: Card) -> Standing:
    """It goes, unless it was used meanwhile: then the order has to be known first."""
    standing = _used_in(credentials, card) if card.order else Standing(left_minor=card.amount_minor)
    known = None if standing.wait else _find(credentials, card)
    if known is None or not _key_of(known):
        return standing
    if not card.order and _key_of(known) == card.key and int(known.get("usage_count") or 0):
        return Standing(left_minor=card.amount_minor, wait=_UNKNOWN)
    _drop(credentials, str(known["id"]))
    return replace(standing, remake=False)


WOOCOMMERCE = Cards("WooCommerce", "read and write", make, look, recall)
