"""Members, points and codes beside what their owners buy."""

from dataclasses import dataclass

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import Figure, cut, too_few
from thereafter.insights.figures.view import View
from thereafter.insights.metrics import loyalty as metrics
from thereafter.kit.shares import Share, share

EFFECT = (
    "Customers who ordered in these days, by what they had done before them: joined the programme and used points, "
    "joined without using any, or not joined. Money is revenue less refunds."
)
CAUTION = (
    "Who joins a programme buys more anyway, so this is no effect of the programme. What it earned can only be told "
    "against customers who were held out of it at random."
)
COUPONS = (
    "Codes set aside and used in these days, by pool; a code may be used months after it was given, so the share is of "
    "the same days and not of the same codes. Narrowed to a country, a channel or a product, only codes of such orders "
    "count. Below, net orders with and without a code."
)
GROUPS = {
    "spent": "Members who used points",
    "members": "Members who used none",
    "others": "Not members",
}


@dataclass(frozen=True)
class BuyerGroup:
    """`repeat_orders` are all but customers' first ever."""

    key: str
    name: str
    customers: int
    orders: int
    repeat_orders: int
    net_minor: int

    @property
    def orders_each(self) -> float | None:
        return self.orders / self.customers if self.customers else None

    @property
    def net_each_minor(self) -> float | None:
        return self.net_minor / self.customers if self.customers else None


@dataclass(frozen=True, kw_only=True)
class LoyaltyEffect(Figure):
    """`points` by the name of the event."""

    groups: list[BuyerGroup]
    points: dict[str, int]
    caution: str


def loyalty_effect(view: View) -> LoyaltyEffect:
    """Units: customers, orders, minor units, points."""
    view = cut(view)
    rows = ask(view, metrics.buyers(view.scope))
    points = ask(view, metrics.points(view.scope))
    groups = [_group(key, [row for row in rows if _key(row) == key]) for key in GROUPS]
    members = sum(group.customers for group in groups if group.key != "others")
    return LoyaltyEffect(
        n=members,
        thin=too_few(members, "members who ordered in these days"),
        definition=EFFECT,
        groups=groups,
        points={name: sum(row["points"] for row in points if row["name"] == name) for name in metrics.POINTS},
        caution=CAUTION,
    )


def _key(row: Row) -> str:
    if row["has_spent"]:
        return "spent"
    return "members" if row["is_member"] or row["has_earned"] else "others"


def _group(key: str, rows: list[Row]) -> BuyerGroup:
    columns = ("customers", "orders", "repeat_orders", "net_minor")
    return BuyerGroup(key, GROUPS[key], *(sum(row[column] for row in rows) for column in columns))


@dataclass(frozen=True)
class Pool:
    name: str
    issued: int
    redeemed: int
    share: Share | None


@dataclass(frozen=True)
class DiscountedOrders:
    orders: int
    net_minor: int
    discount_minor: int

    @property
    def average_minor(self) -> float | None:
        return self.net_minor / self.orders if self.orders else None


@dataclass(frozen=True, kw_only=True)
class Coupons(Figure):
    pools: list[Pool]
    with_code: DiscountedOrders
    without: DiscountedOrders


def coupons(view: View) -> Coupons:
    """Units: codes, orders, minor units."""
    view = cut(view)
    told = {(row["pool"], row["name"]): row["coupons"] for row in ask(view, metrics.coupons(view.scope))}
    pools = [_pool(name, told) for name in sorted({pool for pool, _ in told})]
    orders = {row["has_coupon"]: row for row in ask(view, metrics.discounted(view.scope))}
    with_code = _discounted(orders.get(1))
    n = with_code.orders + sum(pool.issued + pool.redeemed for pool in pools)
    return Coupons(
        n=n,
        thin=too_few(n, "codes given or used in these days", 1),
        definition=COUPONS,
        pools=pools,
        with_code=with_code,
        without=_discounted(orders.get(0)),
    )


def _pool(name: str, told: dict[tuple[str, str], int]) -> Pool:
    issued, redeemed = told.get((name, "coupon.issued"), 0), told.get((name, "coupon.redeemed"), 0)
    return Pool(name, issued, redeemed, share(min(redeemed, issued), issued))


def _discounted(row: Row | None) -> DiscountedOrders:
    return (
        DiscountedOrders(row["orders"], row["net_minor"], row["discount_minor"]) if row else DiscountedOrders(0, 0, 0)
    )
