from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.messaging.blocks import Facts, block
from thereafter.recommendations import queries


@block(
    "recommendations",
    many=True,
    label="Recommendations",
    sample={
        "currency": "EUR",
        "picks": [
            {"title": "Merino Socks", "url": "#", "price_minor": 1400, "together": "Trail Runner 2"},
            {"title": "Running Cap", "url": "#", "price_minor": 2490},
        ],
    },
)
def recommendations(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """Three products for each order; nothing for a message without one."""
    by_store: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order:
            by_store[order.store_id].append(order)
    picks: dict[int, list[queries.Pick]] = {}
    for store_id, of_store in by_store.items():
        picks |= queries.picks_for(store_id, of_store)
    return [_facts(order, picks[order.pk]) if order else None for order in orders]


def _facts(order: Order, picks: Sequence[queries.Pick]) -> Facts | None:
    if not picks or order.is_cancelled:
        return None
    return {"currency": order.store.currency, "picks": [_pick(pick, order.store.shop_url) for pick in picks]}


def _pick(pick: queries.Pick, shop_url: str) -> Facts:
    return {
        "title": pick.title,
        "url": pick.url or shop_url or None,
        "image": pick.image_url if pick.image_url.startswith(("https://", "http://")) else None,
        "price_minor": pick.price_minor,
        "together": pick.because if pick.reason == "together" else None,
    }
