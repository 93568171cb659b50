"""Recommendations by the API: what to show where, and what cannot be had.

Ask when you show: a call for a customer we know counts as shown to them, once a day for each slot.
"""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.queries import find_customer, find_order
from thereafter.kit import clock
from thereafter.recommendations import links, reorder_api
from thereafter.recommendations.actions import rules_of_shop
from thereafter.recommendations.actions.showing import API, Occasion, note, page_key
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.queries.picks import Answer, Context, Pick, answers, model_of
from thereafter.recommendations.queries.products_named import named
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules.showing import BASKET, CUSTOMER, ORDER, PRODUCT
from thereafter.recommendations.words import sentence
from thereafter.storefront.shell import choose_language
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Recommendations"])
router.add_router("", reorder_api.router)
MOST_SHOWN, MOST_IN_BASKET, MOST_TOLD = 12, 50, 1_000
DAY_SECONDS = 86_400
_PLAIN = r"^[^\x00]*$"


class Asked(Schema):
    """`product` is your id, that of a variant, or a SKU; `basket` several with commas. `customer` is an e-mail address,
    or the account id in the shop system `source`; `order` a number. `slot` is where you show it: product, basket,
    customer, message or order; without it the first of these that you name."""

    product: str = Field("", max_length=200, pattern=_PLAIN)
    basket: str = Field("", max_length=4_000, pattern=_PLAIN)
    customer: str = Field("", max_length=254, pattern=_PLAIN)
    source: str = Field("api", max_length=40, pattern=_PLAIN)
    order: str = Field("", max_length=40, pattern=_PLAIN)
    slot: str = Field("", max_length=10, pattern=r"^(product|basket|customer|message|order)?$")
    most: int = Field(4, ge=1, le=MOST_SHOWN)
    locale: str = Field("", max_length=10, pattern=_PLAIN)
    count: bool = True


class ItemOut(Schema):
    """`url` counts the click and leads to `product_url`. `price_minor` is the lowest of its variants, in minor units.
    `reason` is together, bought, also, category, popular, new or pinned; `reason_text` says it to the shopper."""

    product: str
    title: str
    url: str
    product_url: str
    image_url: str
    price_minor: int | None
    currency: str
    reason: str
    reason_text: str


class ShownOut(Schema):
    """`held_out`: this customer is shown nothing, to measure what recommendations bring; `items` is then empty.
    `unknown` are products that you named and we do not know."""

    slot: str
    model: str
    held_out: bool
    items: list[ItemOut]
    unknown: list[str]


class StockIn(Schema):
    """`product` is your id, that of a variant, or a SKU."""

    product: str = Field(min_length=1, max_length=200, pattern=_PLAIN)
    available: bool


class StockOut(Schema):
    changed: int
    unknown: list[str]


@router.get("/recommendations", auth=Bearer("recommendations:read"), response=ShownOut, summary="What to recommend")
def read_recommendations(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Best first, in the order in which to show them; a product, customer or order of another shop is not known."""
    store = _store(request)
    names = [name.strip() for name in (asked.product or asked.basket).split(",") if name.strip()][:MOST_IN_BASKET]
    found = named(store, names)
    order, customer = _order(store, asked), _customer(store, asked)
    if order and customer and order.customer_id != customer.pk:
        raise HttpError(422, f"Order {asked.order} is not of this customer. Name one of the two.")
    context = Context(
        slot=asked.slot or _slot(asked),
        customer_id=order.customer_id if order else customer.pk if customer else None,
        order=order,
        products=tuple(dict.fromkeys(found[name] for name in names if name in found)),
        most=asked.most,
    )
    kept = settings_of(store.pk)
    answer = answers(store.pk, [context], kept)[0]
    if asked.count and context.customer_id:
        _note(store, kept, context, answer, clock.now())
    with translation.override(choose_language(asked.locale, _locale(order, customer), store.locale)):
        items = [_item(store, pick, context, counted=kept.counts_clicks) for pick in answer.shown]
    return {
        "slot": context.slot,
        "model": model_of(store.pk, context.slot),
        "held_out": answer.is_held,
        "items": items,
        "unknown": [name for name in names if name not in found],
    }


def _slot(asked: Asked) -> str:
    said = ((PRODUCT, asked.product), (BASKET, asked.basket), (ORDER, asked.order), (CUSTOMER, asked.customer))
    return next((slot for slot, name in said if name), CUSTOMER)


def _order(store: Store, asked: Asked) -> Order | None:
    if not asked.order:
        return None
    order = find_order(store, asked.order)
    if order is None:
        raise HttpError(404, f"There is no order {asked.order} in this store.")
    return order


def _customer(store: Store, asked: Asked) -> Customer | None:
    """Who is not known is a visitor: they are shown what anybody would be."""
    if "@" in asked.customer:
        return find_customer(store, email=asked.customer)
    return find_customer(store, external_id=asked.customer, source=asked.source) if asked.customer else None


def _locale(order: Order | None, customer: Customer | None) -> str:
    known = order.customer if order else customer
    return known.locale if known else ""


def _note(store: Store, kept: ShowSettings, context: Context, answer: Answer, now: datetime) -> None:
    """One write a day for each customer and slot; the others are answered without any."""
    on = clock.day_in(now, store.time_zone)
    kind, number = ("order", context.order.pk) if context.order else ("customer", context.customer_id or 0)
    key = page_key(kind, number, on)
    mark = f"recommendations.noted:{store.pk}:{store.created_at.timestamp()}:{context.slot}:{key}"
    if cache.get(mark):
        return
    order_id = context.order.pk if context.order else None
    note(kept, [Occasion(context.slot, key, API, context.customer_id or 0, answer, now, order_id)])
    cache.set(mark, True, DAY_SECONDS)


def _item(store: Store, pick: Pick, context: Context, *, counted: bool) -> dict[str, Any]:
    own = links.address(store, pick.url)
    order_id = context.order.pk if context.order else None
    customer_id = context.customer_id
    # Nobody counts what visitors are shown by this way, so their clicks would stand beside nothing.
    is_counted = counted and customer_id is not None
    url = links.tracked(store, pick, context.slot, customer_id=customer_id, order_id=order_id) if is_counted else own
    return {
        "product": pick.external_id,
        "title": pick.title,
        "url": url,
        "product_url": own,
        "image_url": links.picture_abroad(pick.image_url),
        "price_minor": pick.price_minor,
        "currency": store.currency,
        "reason": pick.reason,
        "reason_text": sentence(pick.reason, pick.because),
    }


@router.post(
    "/recommendations/stock", auth=Bearer("recommendations:write"), response=StockOut, summary="Say what can be had"
)
def tell_stock(request: HttpRequest, told: list[StockIn]) -> dict[str, Any]:
    """Up to 1,000 products at once; what is not available is not recommended until you say that it is again."""
    if len(told) > MOST_TOLD:
        raise HttpError(413, f"The list has {len(told)} products; {MOST_TOLD:,} are the most.")
    store = _store(request)
    found = named(store, [one.product for one in told])
    stock = {found[one.product]: one.available for one in told if one.product in found}
    changed = rules_of_shop.tell_stock(store, stock, now=clock.now())
    return {"changed": changed, "unknown": [one.product for one in told if one.product not in found]}


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store
