"""A shop's customers, one row each, and what the model says of every one of them."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thereafter.insights.rules.clv import bgnbd, gamma_gamma, grouping, outlook
from thereafter.insights.rules.clv.bgnbd import Rates
from thereafter.insights.rules.clv.gamma_gamma import Spending, Spends
from thereafter.insights.rules.clv.grouping import Floats, Histories, Ints

# Eight of ten customers lie between these.
LOW, HIGH = 0.1, 0.9
# A next order that is further away than this is not worth a day in a calendar.
NEXT_DAYS, NEXT_HIGH_DAYS = 365, 730
# Klaviyo's bands of the chance that nobody comes in 90 days.
MEDIUM_FROM, HIGH_FROM = 0.33, 0.66
SOON, YEAR = 90, 365


@dataclass(frozen=True)
class People:
    """Columns in the order of `ids`: days with a purchase after the first, days from the first to the last, days from
    the first to the end; minor units of the repeat purchases, and of all."""

    ids: Ints
    frequency: Ints
    recency: Ints
    age: Ints
    repeat: Ints
    net: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, chosen: NDArray[np.bool_] | Ints) -> "People":
        """Only these of them, told by a yes or no for each or by their places."""
        return People(*(getattr(self, one.name)[chosen] for one in fields(self)))

    @cached_property
    def histories(self) -> Histories:
        return grouping.group(self.frequency, self.recency, self.age)

    @cached_property
    def places(self) -> Ints:
        """The history of each."""
        return self.histories.where(self.frequency, self.recency, self.age)

    @cached_property
    def spends(self) -> Spends:
        return gamma_gamma.group(self.frequency, self.repeat)

    def per_order(self) -> float:
        """What a day with a purchase brings on average, minor units."""
        return float(self.net.sum()) / max(float((self.frequency + 1).sum()), 1.0)


@dataclass(frozen=True)
class Model:
    """`spending` is None where the shop's past does not tell how customers differ; all then spend `each` (minor)."""

    rates: Rates
    spending: Spending | None
    each: float

    def spends(self, people: People) -> Floats:
        """Minor units per coming order, for each of them."""
        if self.spending is None:
            return np.full(len(people), self.each)
        return self.spending.expected(people.frequency, np.maximum(people.repeat, 0))


def learn(people: People) -> Model:
    """`bgnbd.NothingRepeated`, with a sentence, where nobody came back."""
    try:
        spending = gamma_gamma.fit(people.spends)
    except ValueError:
        spending = None
    if spending is not None and not (spending.has_mean and spending.told):
        spending = None
    return Model(bgnbd.fit(people.histories), spending, people.per_order())


class Told(NamedTuple):
    """By customer: chances, expected numbers, minor units; days from the last order to the next, infinite for never."""

    alive: Floats
    orders_soon: Floats
    orders: Floats
    orders_low: Ints
    orders_high: Ints
    value: Floats
    value_low: Floats
    value_high: Floats
    quiet: Floats
    next_low: Floats
    next_middle: Floats
    next_high: Floats

    def at(self, places: Ints) -> "Told":
        return Told._make(column[places] for column in self)


def foretell(model: Model, people: People) -> Told:
    rates, histories, places = model.rates, people.histories, people.places
    orders = outlook.expected_orders(rates, histories, YEAR)[places]
    low, high = (found[places] for found in outlook.order_quantiles(rates, histories, YEAR, (LOW, HIGH)))
    following = [found[places] for found in _following(rates, histories)]
    each = model.spends(people)
    return Told(
        outlook.p_alive(rates, histories)[places],
        outlook.expected_orders(rates, histories, SOON)[places],
        orders,
        low,
        high,
        orders * each,
        *_value_bounds(model, people, low, high),
        outlook.p_no_order(rates, histories, SOON)[places],
        *following,
    )


def _following(rates: Rates, histories: Histories) -> list[Floats]:
    """Counted from the last order as it was known then, so that the day stands still until the next one comes."""
    then = Histories(histories.frequency, histories.recency, histories.recency, histories.weight)
    return [outlook.next_order_days(rates, then, share) for share in (0.25, 0.5, 0.75)]


def _value_bounds(model: Model, people: People, low: Ints, high: Ints) -> tuple[Floats, Floats]:
    if model.spending is None:
        return low.astype(np.float64) * model.each, high.astype(np.float64) * model.each
    scale = model.spending.gamma + np.maximum(people.repeat, 0).astype(np.float64)
    histories, places = people.histories, people.places
    first, last = (outlook.value_quantile(model.rates, model.spending, histories, YEAR, end) for end in (LOW, HIGH))
    return first[places] * scale, last[places] * scale


def band(quiet: Floats) -> list[str]:
    """low, medium or high, by the chance that no order comes."""
    words = np.array(["low", "medium", "high"])
    found: list[str] = words[np.digitize(quiet, [MEDIUM_FROM, HIGH_FROM])].tolist()
    return found
