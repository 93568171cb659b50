"""Between which days each customer will want each product again, from what was learnt and what they bought."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from thereafter.recommendations.models import ReorderBuild, ReorderProduct
from thereafter.recommendations.queries.reorder_lines import Line, packs
from thereafter.recommendations.rules import intervals
from thereafter.recommendations.rules import reorders as rules
from thereafter.stores.models import Store


class Pair(NamedTuple):
    """What a customer bought of a product, all times together, and when they will want it again."""

    customer_id: int
    product_id: int
    last: Line
    quantity: int
    orders: frozenset[int]
    own_gaps: int
    due: rules.Due


def windows(store: Store, lines: Sequence[Line], products: Mapping[int, ReorderProduct]) -> list[Pair]:
    """`lines` are of these products, oldest first."""
    if not lines:
        return []
    build = ReorderBuild.objects.of(store).first()
    learnt = _learnt(list(products.values()), build.elasticity if build else intervals.ELASTICITY)
    ids = list(products)
    bought = _bought(lines, {pk: at for at, pk in enumerate(ids)}, packs(store, products))
    last = np.flatnonzero(np.r_[(np.diff(bought.people) != 0) | (np.diff(bought.items) != 0), True])
    people, items = bought.people[last], bought.items[last]
    known = intervals.know(intervals.gaps_of(bought), learnt, people, items)
    window = intervals.window(learnt, items, known, bought.units[last])
    pairs, lead = _pairs(lines), build.lead_days if build else 0
    found = []
    columns = (part.tolist() for part in (people, items, known.gaps, *window))
    for customer_id, item, gaps, low, middle, high in zip(*columns, strict=True):
        of_pair = pairs[customer_id, ids[item]]
        bought_on = date.fromordinal(of_pair[-1].day)
        window_of = rules.due(bought_on, low=low, middle=middle, high=high, lead_days=lead)
        orders = frozenset(line.order_id for line in of_pair)
        found.append(Pair(customer_id, ids[item], of_pair[-1], _usual(of_pair), orders, gaps, window_of))
    return found


def _learnt(rows: Sequence[ReorderProduct], elasticity: float) -> intervals.Learnt:
    middle, low, high = (np.array([getattr(row, name) for row in rows], float) for name in ("middle", "low", "high"))
    return intervals.Learnt(elasticity, middle, low, high, np.array([row.gaps for row in rows], np.int64))


def _bought(lines: Sequence[Line], place: Mapping[int, int], packed: Mapping[int, float]) -> intervals.Bought:
    people = np.array([line.customer_id for line in lines], np.int64)
    items = np.array([place[line.product_id] for line in lines], np.int64)
    days = np.array([line.day for line in lines], np.int64)
    units = np.array([line.quantity * packed.get(line.variant_id or 0, 1.0) for line in lines], float)
    return intervals.merge_days(intervals.Bought(people, items, days, units))


def _pairs(lines: Sequence[Line]) -> dict[tuple[int, int], list[Line]]:
    found: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        found[line.customer_id, line.product_id].append(line)
    return found


def _usual(lines: Sequence[Line]) -> int:
    """How many they take: the middle of their orders, the smaller of two."""
    by_order: dict[int, int] = defaultdict(int)
    for line in lines:
        by_order[line.order_id] += line.quantity
    quantities = sorted(by_order.values())
    return quantities[(len(quantities) - 1) // 2]
