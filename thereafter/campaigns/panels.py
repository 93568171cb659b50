"""What other rooms' pages show of campaigns, coupons and inserts."""

from collections.abc import Collection
from datetime import datetime

from django.http import HttpRequest

from thereafter.campaigns.models import Campaign
from thereafter.campaigns.reporting import proved
from thereafter.commerce.console.coupon_words import state
from thereafter.commerce.models import Coupon, Customer, Order
from thereafter.commerce.panels import customer_panel, order_panel
from thereafter.console.nav import nav_item
from thereafter.journeys.trials import Tried, trials
from thereafter.kit import clock
from thereafter.kit.pages import url
from thereafter.kit.sockets import Panel
from thereafter.messaging.words import naming
from thereafter.stores.models import Store

# Each takes three queries; older ones stand on their own pages.
MOST_TRIALS = 20

nav_item(
    "Campaigns", url_name="campaigns_console:campaigns", icon="mail", verb="campaigns.read", group="Engage", place=20
)
nav_item(
    "Parcel inserts",
    url_name="campaigns_console:inserts",
    icon="parcel",
    verb="inserts.print",
    group="Orders",
    place=40,
)


@trials(place=20)
def campaigns_with_a_holdout(store: Store, now: datetime) -> list[Tried]:
    """The newest of those who went out and held somebody back."""
    sent = Campaign.objects.of(store).filter(chosen_at__isnull=False).select_related("store")
    found = ((one, proved(one, now)) for one in sent.order_by("-chosen_at", "-pk")[:MOST_TRIALS])
    return [
        Tried(one.name, proof, url("campaigns_console:campaign", store.slug, one.pk), "campaigns.read")
        for one, proof in found
        if proof
    ]


@order_panel(place=70)
def insert_of_order(request: HttpRequest, order: Order) -> Panel | None:
    if order.is_cancelled:
        return None
    return Panel("campaigns/console/_order.html", {"order": order}, title="Parcel insert")


@customer_panel(place=45)
def coupons_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    held = Coupon.objects.of(customer.store_id).filter(customer=customer).select_related("pool")
    now = clock.now()
    rows = []
    for coupon in held.order_by("-issued_at", "-pk")[:6]:
        label, tone = state(coupon, coupon.is_open(now))
        rows.append({"coupon": coupon, "label": label, "tone": tone})
    return Panel("campaigns/console/_customer.html", {"rows": rows}, title="Coupons") if rows else None


@naming("campaign")
def named(store: Store, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """What messages of a campaign say that they are of."""
    rows = Campaign.objects.of(store).filter(pk__in=numbers).values_list("pk", "name")
    return {pk: (name, url("campaigns_console:campaign", store.slug, pk)) for pk, name in rows}
