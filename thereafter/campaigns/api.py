"""Inserts for a warehouse that prints with its own program."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from thereafter.campaigns.actions import inserts
from thereafter.campaigns.printing import set_slips
from thereafter.campaigns.queries import orders_of_day
from thereafter.commerce.queries import find_order
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Inserts"])
_may = Bearer("orders:read")
MOST = 300


@router.get("/orders/{number}/insert.pdf", auth=_may, summary="The slip for an order's parcel")
def insert_of_order(request: HttpRequest, number: str) -> HttpResponse:
    """A PDF of one page in the format of the settings. Asking again gives the same slip with the same code."""
    store = _store(request)
    order = find_order(store, number)
    if order is None:
        raise HttpError(404, f"There is no order {number} in this store.")
    plan = inserts.plan_of(store)
    return pdf(set_slips(store, plan, inserts.slips(store, plan, [order], clock.now())), f"insert-{order.pk}")


@router.get("/inserts.pdf", auth=_may, summary="The slips for a day's orders")
def inserts_of_day(request: HttpRequest, on: date | None = None, all: bool = False) -> HttpResponse:
    """One page for each order placed on a day on the shop's clock (today, if none is said) that is still to be packed;
    with `all` the packed ones, too. At most 300."""
    store, now = _store(request), clock.now()
    orders = list(orders_of_day(store, on or clock.day_in(now, store.time_zone), only_open=not all)[:MOST])
    if not orders:
        raise HttpError(404, "No order of that day has anything to be packed.")
    plan = inserts.plan_of(store)
    return pdf(set_slips(store, plan, inserts.slips(store, plan, orders, now)), "inserts")


def pdf(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store
