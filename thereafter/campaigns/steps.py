from collections import defaultdict
from collections.abc import Sequence

from thereafter.commerce.actions.coupons import Wanted, issue_many
from thereafter.commerce.queries import coupon_pools
from thereafter.journeys.registry import Go, Setting, Visit, step


@step(
    "coupon",
    label="Give a coupon",
    settings=[
        Setting(
            "pool",
            "Coupons",
            "pool",
            required=True,
            hint="Messages after this step show the code in their coupon block.",
        )
    ],
    icon="tag",
    group="Reward",
)
def coupon(visits: Sequence[Visit]) -> Sequence[Go]:
    """A code of `pool`, once per visit. Who may have no more, or comes when the list is empty, goes on without one."""
    wanted: dict[tuple[int, str], list[Wanted]] = defaultdict(list)
    for visit in visits:
        key = (visit.store_id, str(visit.settings["pool"]))
        wanted[key].append(Wanted(visit.customer_id, visit.source, visit.order_id))
    for (store_id, pool_key), asked in wanted.items():
        pool = coupon_pools(store_id).filter(key=pool_key).select_related("store").first()
        if pool is not None:
            issue_many(pool, asked, now=visits[0].now)
    return [Go()] * len(visits)
