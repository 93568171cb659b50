"""GET /api/v1/stores/<shop>/delivery-estimate: when an order placed now would come, for product pages.

Anybody may ask: it tells nothing of anybody. Sites of others are refused by their browsers unless the merchant named
them.
"""

from datetime import date, datetime
from urllib.parse import urlsplit

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.storefront.branding import brand
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store
from thereafter.tracking.offers import offer
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.settings import Settings

router = Router(tags=["tracking"])
# Requests of one address in one minute; a page asks once.
MOST_A_MINUTE = 120
KEPT_SECONDS = 300


class DeliveryEstimate(Schema):
    """Days are those of the destination. `promised_on` is the day that holds as often as the merchant aims at; from
    `order_by` on, the days are later ones. `basis` is lane, lightgbm, calendar or default (a plain guess)."""

    expected_from: date
    expected_to: date
    likely_on: date
    promised_on: date
    order_by: datetime
    now: datetime
    basis: str
    language: str
    colour: str


class Asked(Schema):
    """Where it would go, and what; without a country it is the shop's own. `sku` is taken for what may depend on the
    product; so far no date does."""

    country: str = Field("", pattern="^([A-Za-z]{2})?$")
    region: str = Field("", max_length=40)
    postcode: str = Field("", max_length=40)
    sku: str = Field("", max_length=80)


@router.get(
    "/stores/{slug}/delivery-estimate",
    response=DeliveryEstimate,
    auth=None,
    summary="When an order placed now would come",
)
def delivery_estimate(request: HttpRequest, response: HttpResponse, slug: str, asked: Query[Asked]) -> DeliveryEstimate:
    """404 when the merchant shows no dates before the purchase; 429 after many requests in a minute. An answer may be
    kept for some minutes, never beyond `order_by`."""
    now = clock.now()
    if not _may_ask(client_address(request), now):
        raise HttpError(429, "Too many requests. Keep an answer for some minutes.")
    store = Store.objects.filter(slug=slug).first()
    if store is None:
        raise HttpError(404, "No shop has this name.")
    settings = settings_of(store)
    _allow(request, response, store, settings)
    if not settings.dates.show_before_purchase:
        raise HttpError(404, "This shop shows no dates before the purchase.")
    address = {"country": asked.country.upper(), "region": asked.region, "postcode": asked.postcode}
    found = offer(store, settings, address, now)
    left = int((found.order_by - now).total_seconds())
    response["Cache-Control"] = f"public, max-age={max(0, min(KEPT_SECONDS, left))}"
    one = found.estimate
    return DeliveryEstimate(
        expected_from=one.first,
        expected_to=one.last,
        likely_on=one.likely,
        promised_on=one.promised,
        order_by=found.order_by,
        now=now,
        basis=one.source,
        language=choose_language(store.locale),
        colour=brand(store.brand_colour).text_light,
    )


def _may_ask(address: str, now: datetime) -> bool:
    key = f"delivery-estimate:{address}:{now:%Y%m%d%H%M}"
    cache.add(key, 0, 120)
    return cache.incr(key) <= MOST_A_MINUTE


def _allow(request: HttpRequest, response: HttpResponse, store: Store, settings: Settings) -> None:
    """The shop's own address, and those that the merchant named."""
    origin = request.headers.get("Origin", "")
    own = urlsplit(store.shop_url)
    named = {one.lower().rstrip("/") for one in (*settings.page.embed_origins, f"{own.scheme}://{own.netloc}")}
    response["Vary"] = "Origin"
    if origin and origin.lower() in named:
        response["Access-Control-Allow-Origin"] = origin
