"""The orders of the intake benchmark: two lines, a discount and a card, as a shop sends them. No Django here."""

from typing import Any

SECRET = "bench-secret"  # noqa: S105 of a benchmark
COLUMNS = (
    "Name,Email,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Shipping Name,Shipping City,Shipping Zip,Shipping Country,Payment Method,Id"
)


def shopify_order(number: int) -> dict[str, Any]:
    """As Shopify posts it, about 3 kB."""
    place = {
        "first_name": "John",
        "last_name": "Runner",
        "name": "John Runner",
        "address1": "Torstraße 1",
        "city": "Berlin",
        "zip": "10119",
        "province_code": "BE",
        "country_code": "DE",
    }
    return {
        "id": 5_000_000_000_000 + number,
        "admin_graphql_api_id": f"gid://shopify/Order/{5_000_000_000_000 + number}",
        "name": f"#{number}",
        "order_number": number,
        "email": f"p{number % 5000}@example.com",
        "created_at": "2026-03-03T11:00:00+01:00",
        "processed_at": "2026-03-03T10:59:58+01:00",
        "updated_at": "2026-03-03T11:00:02+01:00",
        "currency": "EUR",
        "total_price": "103.72",
        "subtotal_price": "98.82",
        "total_discounts": "10.98",
        "total_tax": "16.56",
        "taxes_included": True,
        "total_shipping_price_set": {"shop_money": {"amount": "4.90", "currency_code": "EUR"}},
        "discount_codes": [{"code": "SPRING10", "amount": "10.98", "type": "percentage"}],
        "financial_status": "paid",
        "payment_gateway_names": ["shopify_payments"],
        "customer": {"id": 7_000_000 + number % 5000, "email": f"p{number % 5000}@example.com", "first_name": "John"},
        "shipping_address": place,
        "billing_address": place,
        "line_items": [
            shopify_line(number * 10 + 1, "Trail Runner 2", "89.90", 1, "8.99"),
            shopify_line(number * 10 + 2, "Merino Socks", "9.95", 2, "1.99"),
        ],
        "fulfillments": [],
        "refunds": [],
    }


def shopify_line(line_id: int, title: str, price: str, quantity: int, discount: str) -> dict[str, Any]:
    product = len(title)
    return {
        "id": line_id,
        "title": title,
        "name": f"{title} - 42",
        "price": price,
        "quantity": quantity,
        "sku": f"SKU-{product}",
        "product_id": product,
        "variant_id": product * 10,
        "variant_title": "42",
        "discount_allocations": [{"amount": discount, "discount_application_index": 0}],
        "tax_lines": [{"title": "MwSt.", "price": "8.28", "rate": 0.19}],
    }


def api_order(number: int) -> dict[str, Any]:
    """The same order as our API takes it."""
    return {
        "external_id": str(number),
        "number": str(number),
        "placed_at": "2026-03-03T10:59:58Z",
        "currency": "EUR",
        "total": "103.72",
        "discount": "10.98",
        "shipping": "4.90",
        "tax": "16.56",
        "customer": {
            "external_id": str(number % 5000),
            "email": f"p{number % 5000}@example.com",
            "name": "John Runner",
        },
        "shipping_address": {"name": "John Runner", "city": "Berlin", "postcode": "10119", "country": "DE"},
        "payments": [{"external_id": "1", "kind": "card", "amount": "103.72"}],
        "lines": [
            {"external_id": "1", "title": "Trail Runner 2", "quantity": 1, "unit_price": "89.90", "product_id": "14"},
            {"external_id": "2", "title": "Merino Socks", "quantity": 2, "unit_price": "9.95", "product_id": "12"},
        ],
    }


def csv_rows(number: int) -> list[str]:
    """The same order as two rows of Shopify's export."""
    order = f"p{number % 5000}@example.com,EUR,98.82,4.90,16.56,103.72,10.98,2026-03-03 11:00:00 +0100"
    place = f"John Runner,Berlin,10119,DE,card,{number}"
    return [
        f"#{number},{order},1,Trail Runner 2,89.90,TR2,{place}",
        f"#{number},,,,,,,,,2,Merino Socks,9.95,MS,,,,,,",
    ]
