"""What figures can be narrowed to, and how many orders are left then."""

from collections import Counter
from typing import NamedTuple

from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.view import EPOCH, View
from thereafter.insights.metrics.choices import places, sizes
from thereafter.insights.rules.days import Days
from thereafter.stores.models import Store


class Size(NamedTuple):
    """Net orders of a view's period, and the customers who placed them."""

    orders: int
    customers: int


class Places(NamedTuple):
    """Countries and channels that orders name, the most used first."""

    countries: list[str]
    channels: list[str]


def size(view: View) -> Size:
    rows = ask(view, sizes(view.scope))
    return Size(sum(row["orders"] * row["customers"] for row in rows), sum(row["customers"] for row in rows))


def used(store: Store) -> Places:
    """The same question whatever the page shows, so that its answer is kept."""
    everything = View(store, Days(EPOCH, EPOCH))
    rows = ask(everything, places(everything.scope))
    countries: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    for row in rows:
        countries[row["country"]] += row["orders"]
        channels[row["channel"]] += row["orders"]
    return Places(*([name for name, _ in each.most_common() if name] for each in (countries, channels)))
