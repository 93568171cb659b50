"""Refunds by Shopify, by its GraphQL Admin API: refundCreate of version 2026-07, which wants a key of us.

The order's payments are read first: Shopify wants the amount by payment, and a refund that is there with our key in its
note needs none. Goods and stock are not touched; those have machines of their own.
"""

import uuid
from typing import Any

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import decimal
from thereafter.commerce.connectors.shopify_discounts import ask as call
from thereafter.commerce.connectors.shopify_discounts import said
from thereafter.kit import money
from thereafter.returns.payments.adapters import Adapter, Ask, BadAccount, Credentials, Later, Refusal, Told

_ORDER = """query ($id: ID!) { order(id: $id) {
  transactions(first: 100) { id kind status gateway parentTransaction { id }
    amountSet { presentmentMoney { amount currencyCode } } }
  refunds(first: 100) { legacyResourceId note } } }"""
_REFUND = """mutation ($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { legacyResourceId } userErrors { field message } } }"""
_TAKEN, _BACK, _DONE = ("SALE", "CAPTURE"), "REFUND", ("SUCCESS", "PENDING")


def refund(credentials: Credentials, ask: Ask) -> Told:
    try:
        return _refund(credentials, ask)
    except wire.Refused as wrong:
        raise BadAccount(str(wrong)) from None
    except wire.NotNow as wrong:
        raise Later(str(wrong), wrong.seconds) from None
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise Later("Shopify's answer has a shape that we do not know.") from wrong


def _refund(credentials: Credentials, ask: Ask) -> Told:
    number = f"gid://shopify/Order/{ask.order}"
    order = call(credentials, _ORDER, id=number)["order"]
    if order is None:
        raise Refusal("Shopify does not know this order any more.")
    for known in order["refunds"]:
        if ask.key in (known["note"] or ""):
            return Told(str(known["legacyResourceId"]), True)
    wanted = {
        "orderId": number,
        "note": ask.note,
        "notify": False,
        "transactions": [one | {"orderId": number} for one in spread(order["transactions"], ask)],
    }
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, ask.key))
    made = call(credentials, _REFUND, input=wanted, key=key)["refundCreate"]
    if made["userErrors"]:
        raise Refusal(said(made["userErrors"]))
    return Told(str(made["refund"]["legacyResourceId"]), True)


def spread(transactions: list[dict[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    """The amount over the order's payments, each up to what is left of it; raises `Refusal` when that is too little."""
    left, parts = ask.amount_minor, []
    for one in _fitting(transactions, ask):
        part = min(left, _room(one, transactions, ask.currency))
        if part > 0:
            amount = decimal(part, ask.currency)
            parts.append({"parentId": one["id"], "gateway": one["gateway"], "kind": "REFUND", "amount": amount})
            left -= part
    if left:
        raise Refusal(f"Shopify has {decimal(left, ask.currency)} {ask.currency} less to give back than was promised.")
    return parts


def _fitting(transactions: list[dict[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    """The payment that is meant; all of them where Shopify's webhook told us only of one sum."""
    taken = [one for one in transactions if one["kind"] in _TAKEN and one["status"] == "SUCCESS"]
    named = [one for one in taken if one["id"].rpartition("/")[2] == ask.payment]
    alike = [one for one in taken if one["gateway"] == ask.kind]
    return named or alike or taken


def _room(one: dict[str, Any], transactions: list[dict[str, Any]], currency: str) -> int:
    back = [
        other
        for other in transactions
        if other["kind"] == _BACK
        and other["status"] in _DONE
        and (other["parentTransaction"] or {}).get("id") == one["id"]
    ]
    return _minor(one, currency) - sum(_minor(other, currency) for other in back)


def _minor(transaction: dict[str, Any], currency: str) -> int:
    held = transaction["amountSet"]["presentmentMoney"]
    if held["currencyCode"] != currency:
        raise Refusal(f"The payment was made in {held['currencyCode']}, not in {currency}.")
    return money.to_minor(held["amount"], currency)


SHOPIFY = Adapter("shopify", refund)
