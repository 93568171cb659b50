"""The block of a mail that asks for reviews: each product with its picture and five stars to tap."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from thereafter.commerce.models import Customer, Order
from thereafter.feedback import review_links
from thereafter.feedback.models import ReviewRequest, ReviewSettings
from thereafter.feedback.queries import review_asks
from thereafter.feedback.queries.review_rules import promise, settings_of
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.links import in_language
from thereafter.storefront.shell import language_of

_SAMPLE_ITEM = {"title": "Trail Runner 2", "image": None, **{f"url_{stars}": "#" for stars in range(1, 6)}}


@block(
    "review_stars",
    many=True,
    of_event=True,
    label="Review stars",
    sample={"items": [_SAMPLE_ITEM], "url": "#", "incentive": None},
)
def review_stars(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    """What is asked about by the request that the message was sent for; nothing when all of it is reviewed by now."""
    wanted = [int(event.get("request_id") or 0) for event in events]
    stores = {customer.store_id for customer in customers}
    settings = {store_id: settings_of(store_id) for store_id in stores}
    requests: dict[int, ReviewRequest] = {}
    said: set[tuple[int, int]] = set()
    for store_id in stores:
        requests |= {one.pk: one for one in review_asks.with_products(store_id, [pk for pk in wanted if pk])}
        said |= review_asks.reviewed(store_id, {one.pk for one in customers if one.store_id == store_id})
    found: list[Facts | None] = []
    for customer, pk in zip(customers, wanted, strict=True):
        request = requests.get(pk)
        is_theirs = request is not None and request.customer_id == customer.pk
        found.append(_facts(customer, request, settings[customer.store_id], said) if request and is_theirs else None)
    return found


def _facts(
    customer: Customer, request: ReviewRequest, settings: ReviewSettings, said: set[tuple[int, int]]
) -> Facts | None:
    language = language_of(customer)
    url = in_language(review_links.form_page(request.order, request), language, customer.store)
    items = [
        {
            "title": one.line.title if one.line else one.product.title,
            "image": one.product.image_url or None,
            **_stars(url, place),
        }
        for place, one in enumerate(request.products.all(), start=1)
        if (customer.pk, one.product_id) not in said
    ]
    return {"items": items, "url": url, "incentive": promise(settings, language) or None} if items else None


def _stars(url: str, place: int) -> Mapping[str, str]:
    """The form with this many stars of the product in that place chosen; choosing there is all that opening does."""
    sign = "&" if "?" in url else "?"
    return {f"url_{stars}": f"{url}{sign}{urlencode({'star': f'{place}-{stars}'})}" for stars in range(1, 6)}
