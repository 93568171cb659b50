from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block
from thereafter.recommendations import (
    links,
    reorder_blocks,  # noqa: F401 it adds its own when it is read
)
from thereafter.recommendations.queries.picks import MOST, Answer, Context, Pick, answers
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules.showing import MESSAGE
from thereafter.stores.models import Store

Asked = tuple[Customer, Order | None]


@block(
    "recommendations",
    many=True,
    label="Recommendations",
    hint="Three products that go with the order, or with what the reader bought before.",
    sample={
        "currency": "EUR",
        "picks": [
            {"title": "Merino Socks", "url": "#", "price_minor": 1400, "together": "Trail Runner 2"},
            {"title": "Running Cap", "url": "#", "price_minor": 2490, "category": "Accessories"},
        ],
    },
)
def recommendations(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """Three products beside each order, or for the customer of a message without one; none to who is held out."""
    by_store: dict[int, list[int]] = defaultdict(list)
    asked: list[Asked] = list(zip(customers, orders, strict=True))
    for at, (customer, order) in enumerate(asked):
        if order is None or not order.is_cancelled:
            by_store[customer.store_id].append(at)
    now = clock.now()
    told: dict[int, Facts | None] = {}
    for store_id, places in by_store.items():
        told |= dict(zip(places, _of_store(store_id, [asked[at] for at in places], now), strict=True))
    return [told.get(at) for at in range(len(asked))]


def _of_store(store_id: int, asked: Sequence[Asked], now: datetime) -> list[Facts | None]:
    kept = settings_of(store_id)
    contexts = [Context(MESSAGE, customer.pk, order, most=MOST) for customer, order in asked]
    made_at = now if kept.counts_clicks else None
    told = answers(store_id, contexts, kept)
    return [_facts(one, answer, made_at) for one, answer in zip(asked, told, strict=True)]


def _facts(asked: Asked, answer: Answer, made_at: datetime | None) -> Facts | None:
    if not answer.shown:
        return None
    store = (asked[1] or asked[0]).store
    return {"currency": store.currency, "picks": [_pick(pick, asked, store, made_at) for pick in answer.shown]}


def _pick(pick: Pick, asked: Asked, store: Store, made_at: datetime | None) -> Facts:
    customer, order = asked
    address = pick.url if links.is_address(pick.url) else store.shop_url or None
    if address and made_at:
        order_id = order.pk if order else None
        address = links.tracked(store, pick, MESSAGE, customer_id=customer.pk, order_id=order_id, made=made_at)
    return {
        "id": pick.product_id,
        "title": pick.title,
        "url": address,
        "image": links.picture_abroad(pick.image_url) or None,
        "price_minor": pick.price_minor,
        "reason": pick.reason,
        # The one that holds has the name that the sentence says.
        **{name: pick.because if pick.reason == name else None for name in ("together", "bought", "category")},
        "new": pick.reason == "new" or None,
    }
