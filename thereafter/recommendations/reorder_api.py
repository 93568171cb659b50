"""Reorders by the API: what a customer will want again and when, and what their next order will probably hold."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.recommendations.models import ReorderBuild
from thereafter.recommendations.queries import due
from thereafter.recommendations.queries.next_basket import has_habits, next_basket
from thereafter.recommendations.reorder_links import into_cart
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Recommendations"])
_reads = Bearer("recommendations:read")
MOST = 50
_PLAIN = r"^[^\x00]*$"


class Who(Schema):
    """`customer` is an e-mail address, or the account id in the shop system `source`."""

    customer: str = Field(min_length=1, max_length=254, pattern=_PLAIN)
    source: str = Field("api", max_length=40, pattern=_PLAIN)
    most: int = Field(10, ge=1, le=MOST)


class LikelyOut(Schema):
    """`times`: how many of the customer's orders held it; 0 is what others buy now. `price_minor` is the lowest of its
    variants, in minor units."""

    product: str
    title: str
    url: str
    image_url: str
    price_minor: int | None
    currency: str
    times: int


class BasketOut(Schema):
    """`has_habits` is false where habits foretell a next order no better than what sells best: then there are no
    items."""

    has_habits: bool
    items: list[LikelyOut]


class DueOut(Schema):
    """A window: a quarter of customers order before `due_from`, half before `due_on`, a quarter after `due_to`. `url`
    puts it into the cart where the shop system can, else it is the product's page. `state` is waiting, told, ordered
    or snoozed."""

    product: str
    title: str
    quantity: int
    last_bought: date
    due_from: date
    due_on: date
    due_to: date
    state: str
    url: str


@router.get(
    "/recommendations/next-basket", auth=_reads, response=BasketOut, summary="What a customer's next order will hold"
)
def read_next_basket(request: HttpRequest, who: Query[Who]) -> dict[str, Any]:
    """The likeliest first."""
    store = _store(request)
    customer = _customer(store, who)
    build = ReorderBuild.objects.of(store).first()
    items = [
        {
            "product": one.external_id,
            "title": one.title,
            "url": one.url,
            "image_url": one.image_url,
            "price_minor": one.price_minor,
            "currency": store.currency,
            "times": one.times,
        }
        for one in next_basket(store.pk, [customer.pk], who.most)[customer.pk]
    ]
    return {"has_habits": build is not None and has_habits(build), "items": items}


@router.get("/recommendations/reorders", auth=_reads, response=list[DueOut], summary="What a customer will want again")
def read_reorders(request: HttpRequest, who: Query[Who]) -> list[dict[str, Any]]:
    """Soonest first."""
    rows = due.of_customer(_customer(_store(request), who)).select_related("product", "variant", "store")[: who.most]
    return [
        {
            "product": one.product.external_id,
            "title": one.product.title,
            "quantity": one.quantity,
            "last_bought": one.bought_on,
            "due_from": one.due_from,
            "due_on": one.due_on,
            "due_to": one.due_to,
            "state": one.state,
            "url": into_cart(one)[0],
        }
        for one in rows
    ]


def _customer(store: Store, who: Who) -> Customer:
    if "@" in who.customer:
        found = find_customer(store, email=who.customer)
    else:
        found = find_customer(store, external_id=who.customer, source=who.source)
    if found is None:
        raise HttpError(404, f"There is no customer {who.customer} in this store.")
    return found


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store
