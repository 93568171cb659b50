"""What shop systems post, written by us after their documented shapes."""

from typing import Any

Json = dict[str, Any]


def shopify_order(number: int = 1001, **fields: Any) -> Json:
    """An order of two items with a discount code, German tax included, shipping 4.90."""
    return {
        "id": 5_000_000_000_000 + number,
        "admin_graphql_api_id": f"gid://shopify/Order/{5_000_000_000_000 + number}",
        "name": f"#{number}",
        "order_number": number,
        "email": "john@example.com",
        "contact_email": "john@example.com",
        "phone": None,
        "created_at": "2026-03-03T11:00:00+01:00",
        "processed_at": "2026-03-03T10:59:58+01:00",
        "updated_at": "2026-03-03T11:00:02+01:00",
        "cancelled_at": None,
        "cancel_reason": None,
        "currency": "EUR",
        "presentment_currency": "EUR",
        "total_price": "103.72",
        "subtotal_price": "98.82",
        "total_discounts": "10.98",
        "total_tax": "16.56",
        "taxes_included": True,
        "total_tip_received": "0.00",
        "total_shipping_price_set": {
            "shop_money": {"amount": "4.90", "currency_code": "EUR"},
            "presentment_money": {"amount": "4.90", "currency_code": "EUR"},
        },
        "discount_codes": [{"code": "SPRING10", "amount": "10.98", "type": "percentage"}],
        "financial_status": "paid",
        "fulfillment_status": None,
        "payment_gateway_names": ["shopify_payments"],
        "buyer_accepts_marketing": True,
        "customer_locale": "de-DE",
        "source_name": "web",
        "note": None,
        "tags": "",
        "test": False,
        "customer": {
            "id": 7_700_001,
            "email": "john@example.com",
            "first_name": "John",
            "last_name": "Runner",
            "phone": "+4917123456789",
            "email_marketing_consent": {
                "state": "subscribed",
                "opt_in_level": "single_opt_in",
                "consent_updated_at": "2026-03-03T10:59:00+01:00",
            },
            "default_address": {"country_code": "DE", "phone": None},
        },
        "shipping_address": {
            "first_name": "John",
            "last_name": "Runner",
            "name": "John Runner",
            "address1": "Torstraße 1",
            "address2": None,
            "city": "Berlin",
            "zip": "10119",
            "province": "Berlin",
            "province_code": "BE",
            "country_code": "DE",
            "phone": None,
        },
        "billing_address": None,
        "line_items": [
            shopify_line(1, "Trail Runner 2", "89.90", 1, "8.99", sku="TR2-42", product_id=10, variant_id=100),
            shopify_line(2, "Merino Socks", "9.95", 2, "1.99", sku="MS-M", product_id=20, variant_id=200),
        ],
        "shipping_lines": [{"id": 1, "title": "DHL", "price": "4.90", "discounted_price": "4.90"}],
        "fulfillments": [],
        "refunds": [],
        **fields,
    }


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
    return {
        "id": number,
        "number": str(number),
        "status": "processing",
        "currency": "EUR",
        "version": "9.1.2",
        "prices_include_tax": True,
        "date_created": "2026-03-03T11:00:00",
        "date_created_gmt": "2026-03-03T10:00:00",
        "date_modified_gmt": "2026-03-03T10:00:05",
        "date_paid_gmt": "2026-03-03T10:00:04",
        "date_completed_gmt": None,
        "discount_total": "8.40",
        "discount_tax": "1.60",
        "shipping_total": "4.12",
        "shipping_tax": "0.78",
        "total": "84.80",
        "total_tax": "13.54",
        "customer_id": 0,
        "billing": {
            "first_name": "John",
            "last_name": "Runner",
            "company": "",
            "address_1": "Torstraße 1",
            "address_2": "",
            "city": "Berlin",
            "state": "DE-BE",
            "postcode": "10119",
            "country": "DE",
            "email": "john@example.com",
            "phone": "0171 23456789",
        },
        "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
        "payment_method": "paypal",
        "payment_method_title": "PayPal",
        "transaction_id": "8XY",
        "customer_note": "",
        "created_via": "checkout",
        "line_items": [
            {
                "id": 315,
                "name": "Trail Runner 2",
                "product_id": 93,
                "variation_id": 0,
                "quantity": 1,
                "subtotal": "75.55",
                "subtotal_tax": "14.35",
                "total": "67.15",
                "total_tax": "12.75",
                "sku": "TR2-42",
                "price": 67.15,
                "image": {"id": "1", "src": "https://shop.example/shoe.jpg"},
                "meta_data": [],
            }
        ],
        "shipping_lines": [{"id": 316, "method_title": "DHL", "total": "4.12", "total_tax": "0.78"}],
        "fee_lines": [],
        "coupon_lines": [{"id": 1, "code": "spring", "discount": "8.40", "discount_tax": "1.60"}],
        "refunds": [],
        "meta_data": [],
        **fields,
    }
