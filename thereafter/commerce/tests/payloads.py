"""What shop systems post, written by us after their documented shapes."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
DATA = Path(__file__).parent / "data"


def shopify_order(number: int = 1001, **fields: Any) -> Json:
    """An order of two items with a discount code, German tax included, shipping 4.90."""
    shop_id = 5_000_000_000_000 + number
    ids = {"id": shop_id, "admin_graphql_api_id": f"gid://shopify/Order/{shop_id}"}
    return _read("shopify_order") | ids | {"name": f"#{number}", "order_number": number} | fields


def shopify_line(
    line_id: int, title: str, price: str, quantity: int, discount: str, *, sku: str, product_id: int, variant_id: int
) -> Json:
    return {
        "id": line_id,
        "title": title,
        "name": f"{title} - 42",
        "variant_title": "42",
        "price": price,
        "quantity": quantity,
        "current_quantity": quantity,
        "sku": sku,
        "product_id": product_id,
        "variant_id": variant_id,
        "total_discount": "0.00",
        "discount_allocations": [{"amount": discount, "discount_application_index": 0}],
        "tax_lines": [{"title": "MwSt.", "price": "8.28", "rate": 0.19}],
        "gift_card": False,
        "requires_shipping": True,
        "fulfillment_status": None,
    }


def shopify_fulfillment(order_number: int = 1001, **fields: Any) -> Json:
    return {
        "id": 900 + order_number,
        "order_id": 5_000_000_000_000 + order_number,
        "status": "success",
        "created_at": "2026-03-04T09:00:00+01:00",
        "updated_at": "2026-03-04T09:00:00+01:00",
        "tracking_company": "DHL",
        "tracking_number": "JD014600001001",
        "tracking_numbers": ["JD014600001001"],
        "tracking_url": "https://www.dhl.example/JD014600001001",
        "tracking_urls": ["https://www.dhl.example/JD014600001001"],
        "shipment_status": None,
        "line_items": [
            shopify_line(1, "Trail Runner 2", "89.90", 1, "8.99", sku="TR2-42", product_id=10, variant_id=100)
        ],
        **fields,
    }


def shopify_refund(order_number: int = 1001, **fields: Any) -> Json:
    return {
        "id": 800 + order_number,
        "order_id": 5_000_000_000_000 + order_number,
        "created_at": "2026-03-10T12:00:00+01:00",
        "note": "too small",
        "refund_line_items": [{"line_item_id": 1, "quantity": 1, "subtotal": 80.91, "total_tax": 12.92}],
        "transactions": [
            {"id": 1, "kind": "refund", "status": "success", "amount": "80.91", "gateway": "shopify_payments"},
            {"id": 2, "kind": "refund", "status": "failure", "amount": "80.91", "gateway": "shopify_payments"},
        ],
        "order_adjustments": [],
        **fields,
    }


def woo_order(number: int = 727, **fields: Any) -> Json:
    """Prices with 19 % tax included; the lines are without, as WooCommerce has them."""
    return _read("woo_order") | {"id": number, "number": str(number)} | fields


def _read(name: str) -> Json:
    found: Json = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found
