"""What other rules would have given for past orders: both decided on the same orders, in sets, nothing written."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from thereafter.commerce.models import Order
from thereafter.kit.batches import batched
from thereafter.kit.money import exponent
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries.members import members_of, takes_part
from thereafter.loyalty.queries.programmes import Version, Versions, programme_now
from thereafter.loyalty.queries.purchases import purchases, with_people
from thereafter.loyalty.queries.tiers import metrics
from thereafter.loyalty.rules import liability, tiers
from thereafter.loyalty.rules.earning import Decision, Purchase, decide
from thereafter.loyalty.rules.order_rules import When
from thereafter.loyalty.rules.programme import Programme
from thereafter.stores.models import Store

DAYS, MOST_ORDERS, CHUNK, EXAMPLES = 90, 3000, 500, 6


@dataclass(frozen=True)
class Example:
    order: Order
    now: Decision
    then: Decision

    @property
    def difference(self) -> int:
        return self.then.points - self.now.points

    @property
    def reasons(self) -> tuple[Any, ...]:
        """Of orders with the same reasons one example is enough."""
        return tuple(value for one in (self.now, self.then) for value in _reasons(one.snapshot))


def _reasons(snapshot: Mapping[str, Any]) -> Iterator[Any]:
    rules = [
        *snapshot.get("rules", ()),
        *(name for line in snapshot.get("lines", ()) for name in line.get("rules", ())),
    ]
    yield frozenset(rules)
    yield snapshot.get("tier", "")
    yield snapshot.get("cap") is not None and snapshot["cap"] == snapshot["points"]


@dataclass
class Preview:
    """Sums over the newest orders of the window; `found` is how many there are in it, `orders` how many were reckoned.

    `now_minor` and `then_minor` are what the points are worth in minor units of the store's currency; None where
    nothing says what a point is worth.
    """

    days: int
    found: int
    orders: int = 0
    people: set[int] = field(default_factory=set)
    now_points: int = 0
    then_points: int = 0
    more: int = 0
    less: int = 0
    # The buyers by the tier they have or would have, "" for none.
    now_tiers: Counter[str] = field(default_factory=Counter)
    then_tiers: Counter[str] = field(default_factory=Counter)
    now_minor: int | None = None
    then_minor: int | None = None
    examples: list[Example] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.then_points - self.now_points

    @property
    def is_part(self) -> bool:
        return self.found > self.orders


def preview(store: Store, draft: Programme, now: datetime, *, days: int = DAYS, most: int = MOST_ORDERS) -> Preview:
    """The draft beside what is in force. Cancelled orders are left out; refunds take from both alike."""
    in_force, wished = programme_now(store.pk), Version(0, draft)
    window = Order.objects.of(store).filter(
        placed_at__gte=now - timedelta(days=days), placed_at__lte=now, cancelled_at=None
    )
    seen = Preview(days, window.count())
    widest: dict[tuple[Any, ...], Example] = {}
    for orders in batched(window.select_related("customer").order_by("-placed_at", "-pk")[:most], CHUNK):
        sides = _sides(store, seen, orders, in_force, wished, now)
        for order, was, would in _both(store, orders, *sides):
            example = Example(order, was, would)
            _count(seen, example)
            alike = widest.get(example.reasons)
            if example.difference and (alike is None or abs(example.difference) > abs(alike.difference)):
                widest[example.reasons] = example
    seen.examples = sorted(widest.values(), key=lambda one: -abs(one.difference))[:EXAMPLES]
    _value(seen, store, in_force.programme, draft, now)
    return seen


def _sides(
    store: Store, seen: Preview, orders: Sequence[Order], in_force: Version, wished: Version, now: datetime
) -> tuple["_Side", "_Side"]:
    people = {order.customer_id for order in orders}
    was, would = (_Side(store, version, in_force, people, now) for version in (in_force, wished))
    new = people - seen.people
    seen.now_tiers.update(was.tiers.get(pk, "") for pk in new)
    seen.then_tiers.update(would.tiers.get(pk, "") for pk in new)
    return was, would


def _both(
    store: Store, orders: Sequence[Order], was: "_Side", would: "_Side"
) -> Iterator[tuple[Order, Decision, Decision]]:
    bought = with_people(store.pk, orders, purchases(orders), Versions([was.version, would.version]))
    for order in orders:
        if purchase := bought.get(order.pk):
            yield order, was.decide(order, purchase), would.decide(order, purchase)


class _Side:
    """One of the two programmes, with who takes part in it and the tiers they would have."""

    def __init__(
        self, store: Store, version: Version, in_force: Version, people: Collection[int], now: datetime
    ) -> None:
        self.version = version
        self.earning = takes_part(store.pk, people, version)
        self.tiers = _tiers(store, version, in_force, people, now)

    def decide(self, order: Order, purchase: Purchase) -> Decision:
        if order.customer_id not in self.earning:
            return Decision(0, 0, {"out": True})
        of_tier = replace(purchase, tier=self.tiers.get(order.customer_id, ""))
        return decide(self.version.programme, self.version.number, of_tier)


def _tiers(store: Store, version: Version, in_force: Version, people: Collection[int], now: datetime) -> dict[int, str]:
    """As members stand today; where the draft has other tiers, as they would by what they bought."""
    programme = version.programme
    if not programme.tiers:
        return {}
    if (programme.tiers, programme.tier) == (in_force.programme.tiers, in_force.programme.tier):
        return {pk: member.tier for pk, member in members_of(store.pk, people).items()}
    reached = metrics(store.pk, people, version, now)
    return {pk: tiers.qualified(programme, metric) for pk, metric in reached.items()}


def _count(seen: Preview, example: Example) -> None:
    seen.orders += 1
    seen.people.add(example.order.customer_id)
    seen.now_points += example.now.points
    seen.then_points += example.then.points
    seen.more += example.difference > 0
    seen.less += example.difference < 0


def _value(seen: Preview, store: Store, was: Programme, would: Programme, now: datetime) -> None:
    seen.now_minor = _worth(store, was, seen.now_points, now)
    seen.then_minor = _worth(store, would, seen.then_points, now)


def _worth(store: Store, programme: Programme, points: int, now: datetime) -> int | None:
    value = liability.point_value(programme.point_value, _offers(store, now), exponent=exponent(store.currency))
    return None if value is None else round(points * Fraction(value))


def _offers(store: Store, now: datetime) -> list[liability.Offer]:
    """The rewards that pay in the store's money."""
    paying = Reward.objects.of(store).filter(
        kind__in=[Reward.Kind.AMOUNT, Reward.Kind.CREDIT], archived_at=None, currency__in=["", store.currency]
    )
    return [liability.Offer(one.cost, one.value) for one in paying if one.is_offered(now)]


def dated(programme: Programme, now: datetime, days: int = DAYS) -> list[When]:
    """Rules whose own dates lie outside the window, so that a preview does not show them."""
    start = now - timedelta(days=days)
    return [
        rule
        for rule in programme.rules
        if (rule.starts_at and rule.starts_at >= now) or (rule.ends_at and rule.ends_at <= start)
    ]


def undated(programme: Programme) -> Programme:
    """As if all its rules held at any time."""
    rules = tuple(rule.model_copy(update={"starts_at": None, "ends_at": None}) for rule in programme.rules)
    return programme.model_copy(update={"rules": rules})
