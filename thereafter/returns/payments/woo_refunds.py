"""Refunds by WooCommerce: `POST /wp-json/wc/v3/orders/{id}/refunds`, which makes the shop's gateway pay back.

WooCommerce knows no keys, so ours is kept in the refund's meta data and looked for first.
"""

from typing import Any

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import decimal
from thereafter.commerce.connectors.woocommerce_discounts import address, said, signed
from thereafter.returns.payments.adapters import Adapter, Ask, BadAccount, Credentials, Later, Refusal, Told

OURS = "_thereafter_key"
WRONG, GONE = 400, 404


def refund(credentials: Credentials, ask: Ask) -> Told:
    try:
        return _find(credentials, ask) or _make(credentials, ask)
    except wire.Refused as wrong:
        raise BadAccount(str(wrong)) from None
    except wire.NotNow as wrong:
        raise Later(str(wrong), wrong.seconds) from None
    except (KeyError, TypeError, AttributeError) as wrong:
        raise Later("WooCommerce's answer has a shape that we do not know.") from wrong


def _path(ask: Ask) -> str:
    return f"/wp-json/wc/v3/orders/{ask.order}/refunds"


def _find(credentials: Credentials, ask: Ask) -> Told | None:
    answer = wire.get(address(credentials, f"{_path(ask)}?per_page=100"), signed(credentials))
    if answer.status == GONE:
        raise Refusal("WooCommerce does not know this order any more.")
    if answer.status >= WRONG or not isinstance(answer.document, list):
        raise Later(f"WooCommerce does not say what was refunded: {said(answer.document)}")
    mine = (one for one in answer.document if any(_is_ours(meta, ask.key) for meta in one.get("meta_data", ())))
    found = next(mine, None)
    return Told(str(found["id"]), True) if found else None


def _is_ours(meta: dict[str, Any], key: str) -> bool:
    return meta.get("key") == OURS and meta.get("value") == key


def _make(credentials: Credentials, ask: Ask) -> Told:
    wanted = {
        "amount": decimal(ask.amount_minor, ask.currency),
        "reason": ask.note,
        "api_refund": True,
        "meta_data": [{"key": OURS, "value": ask.key}],
    }
    answer = wire.post(address(credentials, _path(ask)), wanted, signed(credentials))
    if answer.status >= WRONG:
        raise Refusal(said(answer.document))
    return Told(str(answer.document["id"]), True)


WOOCOMMERCE = Adapter("woocommerce", refund)
