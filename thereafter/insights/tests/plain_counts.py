"""Every metric once more, counted by hand: what the queries have to give. One loop per sentence of the definition."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby, pairwise
from typing import Any

from thereafter.insights.engine.port import Row
from thereafter.insights.metrics.tables import Scope
from thereafter.insights.tests.small_shops import Shop

Table = dict[tuple[Any, ...], tuple[int, ...]]


def table(rows: Iterable[tuple[tuple[Any, ...], tuple[int, ...]]]) -> Table:
    """Sums by key."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for key, values in rows:
        sums = found.setdefault(key, [0] * len(values))
        for place, value in enumerate(values):
            sums[place] += value
    return {key: tuple(sums) for key, sums in found.items()}


class Counted:
    """A shop seen through a scope."""

    def __init__(self, shop: Shop, scope: Scope) -> None:
        self.shop, self.scope = shop, scope
        ours = [order for order in shop.orders if order["store_id"] == scope.store_id]
        self.known = [order for order in ours if self.is_member(order)]
        self.placed = [order for order in self.known if self.is_asked(order)]
        self.asked = {order["id"] for order in self.placed}
        self.net = [order for order in self.placed if order["counts"]]
        self.in_period = [order for order in self.net if self.is_within(order["day"])]
        self.lines = defaultdict(list)
        for line in shop.lines:
            if line["counts"]:
                self.lines[line["order_id"]].append(line)
        self.lives = self._lives()

    def is_member(self, row: Row) -> bool:
        return not self.scope.in_segment or row["customer_id"] in self.shop.members

    def is_asked(self, order: Row) -> bool:
        scope = self.scope
        products = {line["product_id"] for line in self.shop.lines if line["order_id"] == order["id"]}
        return (
            (not scope.country or order["country"] == scope.country)
            and (not scope.channel or order["channel"] == scope.channel)
            and (not scope.product_id or scope.product_id in products)
        )

    def is_within(self, day: int) -> bool:
        return self.scope.since <= day < self.scope.until

    def entries(self, *names: str) -> list[Row]:
        is_narrow = self.scope.country or self.scope.channel or self.scope.product_id
        found = [entry for entry in self.shop.entries if entry["name"] in names and self.is_member(entry)]
        return [entry for entry in found if not is_narrow or entry["order_id"] in self.asked]

    def told(self, *names: str) -> list[Row]:
        return [entry for entry in self.entries(*names) if self.is_within(entry["day"])]

    def _lives(self) -> list[list[Row]]:
        """Net orders of each customer up to the last day, in their sequence, where the first is as asked."""
        rows = [order for order in self.known if order["counts"] and order["day"] < self.scope.until]
        rows.sort(key=lambda order: (order["customer_id"], order["day"], order["id"]))
        lives = [list(orders) for _, orders in groupby(rows, key=lambda order: int(order["customer_id"]))]
        self.all_lives = lives
        return [life for life in lives if life[0]["id"] in self.asked]

    @property
    def newcomers(self) -> list[list[Row]]:
        return [life for life in self.lives if life[0]["day"] >= self.scope.since]

    def repeats(self) -> list[tuple[Row, Row]]:
        """(order, the one before) of orders in the period that are as asked."""
        pairs = [(two, one) for life in self.all_lives for one, two in pairwise(life)]
        return [(two, one) for two, one in pairs if two["id"] in self.asked and self.is_within(two["day"])]

    def delivered_on(self) -> dict[int, int]:
        return self.first_days("parcel.delivered")

    def first_days(self, name: str) -> dict[int, int]:
        days: dict[int, int] = {}
        for entry in self.entries(name):
            if entry["order_id"] and entry["day"] < self.scope.until:
                days[entry["order_id"]] = min(entry["day"], days.get(entry["order_id"], entry["day"]))
        return days

    def ripe(self, day: int, days: int) -> bool:
        return self.is_within(day + days)


def orders_by_day(c: Counted) -> Table:
    money = ("total_minor", "net_minor", "refunded_minor", "discount_minor", "shipping_minor")
    return table(((o["day"],), (1, o["foreign"], o["items"], *(o[name] for name in money))) for o in c.in_period)


def new_and_returning(c: Counted) -> Table:
    firsts = {life[0]["id"] for life in c.all_lives}
    return table(((o["month"], int(o["id"] in firsts)), (1, o["foreign"], o["net_minor"])) for o in c.in_period)


def placed_by_month(c: Counted) -> Table:
    return table(((o["month"],), (1,)) for o in c.placed if c.is_within(o["day"]))


def active_months(c: Counted) -> Table:
    rows = []
    for life in c.lives:
        months = sorted({order["month"] for order in life})
        gaps = [0, *(two - one for one, two in pairwise(months))]
        rows += [((month, gap), (1,)) for month, gap in zip(months, gaps, strict=True)]
    return table(rows)


def frequencies(c: Counted) -> Table:
    return table(((len(life),), (1,)) for life in c.lives)


def bought_again(c: Counted, days: int = 90) -> Table:
    ripe = [life for life in c.lives if c.ripe(life[0]["day"], days)]
    return table(((life[0]["month"],), (1, again_within(life, days))) for life in ripe)


def again_within(life: list[Row], days: int) -> int:
    return int(len(life) > 1 and life[1]["day"] - life[0]["day"] <= days)


def second_orders(c: Counted) -> Table:
    rows = []
    for life in c.newcomers:
        again = len(life) > 1
        until = life[1]["day"] if again else c.scope.until - 1
        rows.append(((until - life[0]["day"], int(again)), (1,)))
    return table(rows)


def gaps(c: Counted) -> Table:
    return table(((two["day"] - one["day"],), (1,)) for two, one in c.repeats())


def age_cells(c: Counted, age: Callable[[Row, Row], int]) -> Table:
    columns = ("total_minor", "refunded_minor", "net_minor")
    rows = []
    for life in c.newcomers:
        ages = Counter(age(life[0], order) for order in life)
        for at, orders in ages.items():
            sums = (sum(order[name] for order in life if age(life[0], order) == at) for name in columns)
            rows.append(((life[0]["month"], at), (1, orders, *sums)))
    return table(rows)


def months_since(first: Row, order: Row) -> int:
    return int(order["month"] - first["month"])


def blocks_since(first: Row, order: Row) -> int:
    return int((order["day"] - first["day"]) // 30 * 30)


def last_ages(c: Counted, age: Callable[[Row, Row], int]) -> Table:
    return table(((life[0]["month"], age(life[0], life[-1])), (1,)) for life in c.newcomers)


def second_ages(c: Counted, age: Callable[[Row, Row], int]) -> Table:
    return table(((life[0]["month"], age(life[0], life[1])), (1,)) for life in c.newcomers if len(life) > 1)


def active_sets(c: Counted, days: int = 90) -> Table:
    rows = []
    for life in c.lives:
        at_start = any(c.scope.since - days <= order["day"] < c.scope.since for order in life)
        at_end = any(order["day"] >= c.scope.until - days for order in life)
        key = (int(at_start), int(at_end), int(life[0]["day"] >= c.scope.since))
        if any(key):
            rows.append((key, (1,)))
    return table(rows)


def _worth(life: list[Row], until: int) -> tuple[int, int, int]:
    """Days since the last order, orders, money."""
    return until - 1 - life[-1]["day"], len(life), max(0, sum(order["net_minor"] for order in life))


def recencies(c: Counted) -> Table:
    return table(((_worth(life, c.scope.until)[0],), (1,)) for life in c.lives)


def spending(c: Counted) -> Table:
    money = [_worth(life, c.scope.until)[2] for life in c.lives]
    return table(((minor // 100 * 100,), (1, minor)) for minor in money)


def _score(life: list[Row], until: int) -> tuple[int, int, int]:
    days, orders, money = _worth(life, until)
    r = 3 if days < 90 else 2 if days < 180 else 1
    f = 1 if orders < 2 else 2 if orders < 3 else 3
    return r, f, 1 if money < 5_000 else 2 if money < 15_000 else 3


def cells(c: Counted) -> Table:
    until = c.scope.until
    return table((_score(life, until), (1, *_worth(life, until)[1:])) for life in c.lives)


def moves(c: Counted) -> Table:
    rows = []
    for life in c.lives:
        then = [order for order in life if order["day"] < c.scope.since]
        if then:
            rows.append(((*_score(life, c.scope.until), *_score(then, c.scope.since)), (1,)))
    return table(rows)


def _alive(life: list[Row], until: int) -> tuple[int, int, int, int]:
    days, first = sorted({order["day"] for order in life}), life[0]["day"]
    repeat = sum(order["net_minor"] for order in life if order["day"] > first)
    return len(days) - 1, days[-1] - first, until - 1 - first, repeat


def ages(c: Counted) -> Table:
    return table((_alive(life, c.scope.until)[:3], (1,)) for life in c.lives)


def repeat_spending(c: Counted) -> Table:
    found = (_alive(life, c.scope.until) for life in c.lives)
    return table(((x, repeat), (1,)) for x, _, _, repeat in found if x)
