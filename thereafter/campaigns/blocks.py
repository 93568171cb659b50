from collections import defaultdict
from collections.abc import Sequence

from thereafter.campaigns.rules.coupon_facts import coupon_facts
from thereafter.commerce.models import Coupon, Customer, Order
from thereafter.commerce.queries import open_coupons
from thereafter.kit import clock
from thereafter.messaging.blocks import Facts, block


@block("coupon", many=True)
def coupon(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """The newest code of the customer that is still good; nothing when they have none."""
    now = clock.now()
    by_store: dict[int, set[int]] = defaultdict(set)
    for customer in customers:
        by_store[customer.store_id].add(customer.pk)
    held: dict[int, Coupon] = {}
    for store_id, customer_ids in by_store.items():
        held |= open_coupons(store_id, customer_ids, now)
    zones = {customer.pk: customer.store.time_zone for customer in customers}
    return [told(held[customer.pk], zones[customer.pk]) if customer.pk in held else None for customer in customers]


def told(coupon: Coupon, zone: str) -> Facts:
    """What a message says of a code: the last whole day on which it is good, on the shop's clock."""
    return coupon_facts(coupon.pool.terms, coupon.code, coupon.expires_at, clock.zone(zone))
