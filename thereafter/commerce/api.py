"""The API of commerce: orders, fulfilments, refunds and products in; orders and customers out.

What comes in is checked, kept and answered with 202; the worker takes it into the shop a moment later.
"""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from thereafter.commerce.actions.intake import MOST, ROOM, content_key, keep_batch, problem_with, refuse_rows
from thereafter.commerce.connectors import own
from thereafter.commerce.connectors.reading import Unreadable
from thereafter.commerce.documents import FulfilmentDoc, OrderDoc, ProductDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.queries import find_customer, find_order
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received

router = Router(tags=["commerce"])
SOURCE = "api"
_orders_in, _products_in = Bearer("orders:write"), Bearer("products:write")


def takes(kind: Any) -> dict[str, Any]:
    """How the documentation describes the body of a call that takes this document."""
    schema = msgspec.json.schema(kind)
    inlined = _inlined(schema, schema.get("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": inlined}}}}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {key: _inlined(value, parts) for key, value in schema.items() if key != "$defs"}


@router.post("/orders", auth=_orders_in, openapi_extra=takes(OrderDoc), summary="Send an order")
def post_order(request: HttpRequest) -> HttpResponse:
    """An order at one version. The same again is answered with 200; a later `changed_at` updates it."""
    return _keep_one(request, "orders")


@router.post("/orders/batch", auth=_orders_in, openapi_extra=takes(list[OrderDoc]), summary="Send up to 1,000 orders")
def post_orders(request: HttpRequest) -> HttpResponse:
    """Each order is accepted or refused for itself; `results` stands in the order of the list."""
    return _keep_many(request, "orders")


@router.post("/fulfilments", auth=_orders_in, openapi_extra=takes(FulfilmentDoc), summary="Send a fulfilment")
def post_fulfilment(request: HttpRequest) -> HttpResponse:
    """One that comes before its order waits for it."""
    return _keep_one(request, "fulfilments")


@router.post("/refunds", auth=_orders_in, openapi_extra=takes(RefundOfOrder), summary="Send a refund")
def post_refund(request: HttpRequest) -> HttpResponse:
    """One that comes before its order waits for it."""
    return _keep_one(request, "refunds")


@router.post(
    "/products/batch", auth=_products_in, openapi_extra=takes(list[ProductDoc]), summary="Send up to 1,000 products"
)
def post_products(request: HttpRequest) -> HttpResponse:
    """Products with their variants, care guide, warranty and the like; what is left out stays as it is."""
    return _keep_many(request, "products")


@router.get("/orders/{number}", auth=Bearer("orders:read"), summary="Read an order")
def get_order(request: HttpRequest, number: str) -> dict[str, Any]:
    order = find_order(_store(request), number)
    if order is None:
        raise HttpError(404, f"There is no order {number} in this store.")
    return _order(order)


@router.get("/customers", auth=Bearer("customers:read"), summary="Find a customer by e-mail")
def get_customers(request: HttpRequest, email: str) -> list[dict[str, Any]]:
    customer = find_customer(_store(request), email=email)
    return [_customer(customer)] if customer else []


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store


def _keep_one(request: HttpRequest, topic: str) -> HttpResponse:
    store, body, now = _store(request), request.body, clock.now()
    reason = problem_with(store, topic, body, now)
    if reason:
        refuse_rows(store, topic, [(body, reason)], source=SOURCE, now=now)
        return _json({"status": "refused", "reason": reason}, 422)
    call = Received(store.pk, ROOM, SOURCE, topic, _key(request, topic), body.decode())
    new = inbox.put([call], now)
    return _json({"status": "accepted"}, 202) if new else _json({"status": "duplicate"}, 200)


def _keep_many(request: HttpRequest, topic: str) -> HttpResponse:
    try:
        rows = own.split(request.body)
    except Unreadable as wrong:
        return _json({"error": f"Send a JSON list. {wrong}"}, 400)
    if len(rows) > MOST:
        return _json({"error": f"too_many: the list has {len(rows)} rows; {MOST} are the most"}, 413)
    kept = keep_batch(_store(request), topic, rows, source=SOURCE, key=_key(request, topic), now=clock.now())
    return _json(
        {
            "status": "duplicate" if kept.is_duplicate else "accepted",
            "accepted": kept.accepted,
            "refused": len(kept.refused),
            "results": [
                {"row": at, "status": "refused", "reason": kept.refused[at]}
                if at in kept.refused
                else {"row": at, "status": "accepted"}
                for at in range(len(rows))
            ],
        },
        200 if kept.is_duplicate else 202,
    )


def _key(request: HttpRequest, topic: str) -> str:
    """The caller's Idempotency-Key, else the content, tells a repetition."""
    given = request.headers.get("Idempotency-Key", "")
    return content_key(f"key of {topic}", given.encode()) if given else content_key(topic, request.body)


def _json(content: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type="application/json", status=status)


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "external_id": order.external_id,
        "source": order.source,
        "status": order.status,
        "placed_at": order.placed_at,
        "cancelled_at": order.cancelled_at,
        "promised_on": order.promised_on,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "shipping_minor": order.shipping_minor,
        "discount_minor": order.discount_minor,
        "tax_minor": order.tax_minor,
        "refunded_minor": order.refunded_minor,
        "customer": {"name": order.customer.name, "email": order.customer.email},
        "lines": list(
            order.lines.order_by("id").values(
                "external_id",
                "title",
                "variant_title",
                "sku",
                "quantity",
                "unit_price_minor",
                "discount_minor",
                "total_minor",
            )
        ),
        "fulfilments": list(
            order.fulfilments.order_by("id").values(
                "external_id", "status", "shipped_at", "carrier", "tracking_number", "tracking_url"
            )
        ),
        "refunds": list(order.refunds.order_by("id").values("external_id", "amount_minor", "reason", "at")),
    }


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "country": customer.country,
        "created_at": customer.created_at,
        "traits": customer.traits,
        "orders": list(
            Order.objects.of(customer.store_id)
            .filter(customer=customer)
            .order_by("-placed_at")
            .values("number", "status", "placed_at", "total_minor", "currency")[:100]
        ),
    }
