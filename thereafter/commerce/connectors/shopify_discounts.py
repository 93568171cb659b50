"""Coupon codes in Shopify, by its GraphQL Admin API: one discount per pool and end, its codes added in bulk.

A bulk addition is asked for and looked at later. Shapes: discountCodeBasicCreate, discountCodeFreeShippingCreate,
discountRedeemCodeBulkAdd and discountRedeemCodeBulkCreation of version 2026-07. `usageLimit` counts per code.
"""

from collections.abc import Sequence
from functools import lru_cache
from time import monotonic
from typing import Any

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import Batch, Credentials, Field, Pushed, ShopSystem, decimal, utc
from thereafter.commerce.rules.coupons import PERCENT, SHIPPING, WHOLE

VERSION = "2026-07"
AT_ONCE = 250
# Tokens that Shopify makes of a client's id and secret are good for a day.
TOKEN_SECONDS = 20 * 3600

_CREATE = """mutation ($discount: DiscountCodeBasicInput!) {
  made: discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { field code message } } }"""
_CREATE_SHIPPING = """mutation ($discount: DiscountCodeFreeShippingInput!) {
  made: discountCodeFreeShippingCreate(freeShippingCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { field code message } } }"""
_FIND = "query ($code: String!) { codeDiscountNodeByCode(code: $code) { id } }"
_ADD = """mutation ($id: ID!, $codes: [DiscountRedeemCodeInput!]!) {
  added: discountRedeemCodeBulkAdd(discountId: $id, codes: $codes) {
    bulkCreation { id } userErrors { field code message } } }"""
_LOOK = """query ($id: ID!) { discountRedeemCodeBulkCreation(id: $id) {
  done codes(first: 250) { nodes { code discountRedeemCode { id } errors { code message } } } } }"""
_WHERE = """query ($code: String!) { codeDiscountNodeByCode(code: $code) { id codeDiscount {
  ... on DiscountCodeBasic { codes(first: 50, query: $code) { nodes { id code } } }
  ... on DiscountCodeFreeShipping { codes(first: 50, query: $code) { nodes { id code } } } } } }"""
# By their ids only: a search would take off whatever is like it.
_TAKE_OFF = """mutation ($id: ID!, $ids: [ID!]) {
  taken: discountCodeRedeemCodeBulkDelete(discountId: $id, ids: $ids) {
    job { id } userErrors { field code message } } }"""
_SHOP = "query { currentAppInstallation { accessScopes { handle } } }"


def push(credentials: Credentials, batch: Batch) -> Pushed:
    """The first code of a pool makes its discount; the others are added to it."""
    if batch.group:
        return _add(credentials, batch.group, batch.codes)
    first, *rest = batch.codes
    made = ask(credentials, _CREATE_SHIPPING if batch.terms.kind == SHIPPING else _CREATE, discount=document(batch))
    node, errors = made["made"]["codeDiscountNode"], made["made"]["userErrors"]
    if errors and not _is_taken(errors):
        why = said(errors)
        return Pushed(refused=dict.fromkeys(batch.codes, why))
    # A try before this one came through, and we never heard of it.
    group = node["id"] if node else _find(credentials, first)
    if not group:
        return Pushed(refused={first: "Shopify says that the code is taken, and does not find it."})
    pushed = _add(credentials, group, tuple(rest)) if rest else Pushed()
    pushed.group = group
    pushed.done.add(first)
    return pushed


def document(batch: Batch) -> dict[str, Any]:
    """The discount as Shopify wants it."""
    terms = batch.terms
    found: dict[str, Any] = {
        "title": batch.title[:250],
        "code": batch.codes[0],
        "startsAt": utc(batch.starts_at),
        "endsAt": utc(batch.ends_at) if batch.ends_at else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": False,
        "context": {"all": "ALL"},
        "combinesWith": _combines(terms.kind, terms.combinable),
        "minimumRequirement": None,
    }
    if terms.minimum_minor:
        least = decimal(terms.minimum_minor, terms.currency)
        found["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    if terms.kind == SHIPPING:
        return found | {"destination": {"all": True}}
    return found | {"customerGets": {"value": _value(batch), "items": _items(batch)}}


def _combines(kind: str, combinable: bool) -> dict[str, bool]:
    """Shopify has no combining of free shipping with free shipping."""
    classes = {"orderDiscounts": combinable, "productDiscounts": combinable}
    return classes if kind == SHIPPING else classes | {"shippingDiscounts": combinable}


def _value(batch: Batch) -> dict[str, Any]:
    if batch.terms.kind == PERCENT:
        return {"percentage": batch.terms.value / WHOLE}
    amount = decimal(batch.terms.value, batch.terms.currency)
    return {"discountAmount": {"amount": amount, "appliesOnEachItem": False}}


def _items(batch: Batch) -> dict[str, Any]:
    if not batch.terms.products:
        return {"all": True}
    return {"products": {"productsToAdd": [f"gid://shopify/Product/{one}" for one in sorted(batch.terms.products)]}}


def _add(credentials: Credentials, group: str, codes: tuple[str, ...]) -> Pushed:
    added = ask(credentials, _ADD, id=group, codes=[{"code": code} for code in codes])["added"]
    if added["userErrors"]:
        return Pushed(group=group, refused=dict.fromkeys(codes, said(added["userErrors"])))
    return Pushed(group=group, asked=set(codes), ref=added["bulkCreation"]["id"])


def look(credentials: Credentials, ref: str) -> Pushed:
    """What became of a bulk addition; `asked` is empty until Shopify is through with it."""
    found = ask(credentials, _LOOK, id=ref)["discountRedeemCodeBulkCreation"]
    if found is None:
        raise wire.NotNow("Shopify does not know the task any more; the codes are sent again.")
    if not found["done"]:
        raise wire.NotNow("Shopify still works on it.", 5)
    pushed = Pushed()
    for node in found["codes"]["nodes"]:
        if node["discountRedeemCode"] or _is_taken(node["errors"]):
            pushed.done.add(node["code"])
        else:
            pushed.refused[node["code"]] = said(node["errors"])
    return pushed


def take_off(credentials: Credentials, codes: Sequence[str]) -> Pushed:
    """Each code leaves the discount it stands under; the others of that discount stay good."""
    pushed = Pushed()
    for code in codes:
        why = _take_off(credentials, code)
        if why:
            pushed.refused[code] = why
        else:
            pushed.done.add(code)
    return pushed


def _take_off(credentials: Credentials, code: str) -> str:
    node = ask(credentials, _WHERE, code=code)["codeDiscountNodeByCode"]
    if node is None:
        return ""
    rows = (node["codeDiscount"].get("codes") or {}).get("nodes") or []
    ids = [row["id"] for row in rows if str(row["code"]).upper() == code.upper()]
    if not ids:
        return "Shopify has the code and does not show it. Delete it there, under Discounts."
    errors = ask(credentials, _TAKE_OFF, id=node["id"], ids=ids)["taken"]["userErrors"]
    return said(errors) if errors else ""


def check(credentials: Credentials) -> None:
    """Raises `wire.Refused` unless the key may write discounts."""
    scopes = ask(credentials, _SHOP)["currentAppInstallation"]["accessScopes"]
    if not any(scope["handle"] == "write_discounts" for scope in scopes):
        raise wire.Refused("The key works, but the app lacks the scope write_discounts.")


def _find(credentials: Credentials, code: str) -> str:
    node = ask(credentials, _FIND, code=code)["codeDiscountNodeByCode"]
    return str(node["id"]) if node else ""


def ask(credentials: Credentials, query: str, **variables: Any) -> dict[str, Any]:
    """The data of one GraphQL call; raises what `wire` raises."""
    host = wire.host_of(credentials["shop"])
    answer = wire.post(
        f"{host}/admin/api/{VERSION}/graphql.json",
        {"query": query, "variables": variables},
        {"X-Shopify-Access-Token": _token(credentials, host)},
    )
    document = answer.document if isinstance(answer.document, dict) else {}
    errors = document.get("errors")
    if errors:
        _raise(errors)
    data = document.get("data")
    if not isinstance(data, dict):
        raise wire.NotNow(f"Shopify's answer holds nothing ({answer.status}): is the address of the shop right?")
    return data


def _raise(errors: Any) -> None:
    first = errors[0] if isinstance(errors, list) and errors else errors
    code = first.get("extensions", {}).get("code", "") if isinstance(first, dict) else ""
    words = str(first.get("message", "") if isinstance(first, dict) else first)[:200]
    if code in ("ACCESS_DENIED", "UNAUTHORIZED"):
        raise wire.Refused(f"Shopify refuses: {words}")
    raise wire.NotNow(f"Shopify says: {words}", 2 if code == "THROTTLED" else 0)


def _token(credentials: Credentials, host: str) -> str:
    if credentials.get("token"):
        return credentials["token"]
    turn = int(monotonic() // TOKEN_SECONDS)
    return _granted(host, credentials.get("client_id", ""), credentials.get("client_secret", ""), turn)


@lru_cache(maxsize=64)
def _granted(host: str, client_id: str, client_secret: str, turn: int) -> str:
    """The client credentials grant; `turn` makes us ask anew before the token ends."""
    asked = {"client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials"}
    answer = wire.post(f"{host}/admin/oauth/access_token", asked, {})
    token = answer.document.get("access_token", "") if isinstance(answer.document, dict) else ""
    if not token:
        raise wire.Refused("Shopify gives no token for this client id and secret.")
    return str(token)


def _is_taken(errors: list[dict[str, Any]]) -> bool:
    return bool(errors) and all(error.get("code") in ("TAKEN", "DUPLICATE") for error in errors)


def said(errors: list[dict[str, Any]]) -> str:
    """What the shop's userErrors say."""
    return "; ".join(str(error.get("message", "")) for error in errors)[:280] or "Shopify refused it without a reason."


SHOPIFY = ShopSystem(
    name="shopify",
    title="Shopify",
    about="An app of your shop with the scope write_discounts, so that codes are good at the checkout.",
    fields=(
        Field("shop", "Shop address", "Such as your-shop.myshopify.com."),
        Field("token", "Admin API access token", "Begins with shpat_. Or the two below.", secret=True, required=False),
        Field("client_id", "Client ID of the app", "In the Dev Dashboard, under Settings.", required=False),
        Field("client_secret", "Client secret of the app", secret=True, required=False),
    ),
    at_once=AT_ONCE,
    push=push,
    look=look,
    take_off=take_off,
    check=check,
)
