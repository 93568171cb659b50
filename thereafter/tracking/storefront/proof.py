"""Who signed, where it was left, the code of a pickup: for whom only the buyer can be.

The order's link may have been passed on, so this page asks for the buyer's e-mail address or postcode once more; who is
signed in as the order's customer has shown that already. Nothing is kept: the answer to the form is the page.
"""

from django.http import HttpResponse

from thereafter.commerce.models import Order
from thereafter.kit.pages import render
from thereafter.storefront import rules, sessions
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.storefront.queries import proves
from thereafter.tracking import queries
from thereafter.tracking.parcel_facts import personal
from thereafter.tracking.storefront.doors import may_try, may_try_today, order_holder
from thereafter.tracking.storefront.forms import BuyerForm

# The page of the order names the town, and a town has few postcodes.
TRIES_A_DAY = 12


@order_holder
def proof(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    customer = sessions.customer_of(request, request.store)
    if customer is not None and customer.pk == order.customer_id:
        return _shown(request, order, token)
    form = BuyerForm(request.POST or None)
    facts = {"form": form, "order": order, "token": token}
    if request.method != "POST" or not form.is_valid():
        return render(request, "tracking/storefront/proof_ask.html", facts)
    tried = f"proof:{order.pk}"
    if not (may_try(request, {tried: rules.FOR_ORDER}) and may_try_today(request, {tried: TRIES_A_DAY})):
        return refuse(request, 429)
    if not proves(order, form.cleaned_data["proof"]):
        return render(request, "tracking/storefront/proof_ask.html", facts | {"wrong": True}, status=404)
    return _shown(request, order, token)


def _shown(request: ShopperRequest, order: Order, token: str) -> HttpResponse:
    shown = [facts for parcel in queries.parcels_of(order) if (facts := personal(parcel))]
    return render(request, "tracking/storefront/proof.html", {"parcels": shown, "order": order, "token": token})
