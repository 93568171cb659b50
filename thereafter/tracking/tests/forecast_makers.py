"""A shop's trips by chance: two warehouses' worth of packing, three lanes, promises that are late now and then."""

import numpy as np

from thereafter.tracking.rules.forecast.trips import NEVER, Trip, Trips

LANES = {"DE-BE-101": 2.0, "DE-BY-803": 3.0, "AT-9-101": 6.0}


def shop(
    count: int = 3_000,
    days: float = 300.0,
    seed: int = 1,
    slower_from: float = 1e9,
    by: float = 1.5,
    stuck: float = 0.0,
) -> Trips:
    """Orders spread over `days`; from the day `slower_from` on the way takes `by` times as long."""
    chance = np.random.default_rng(seed)
    rows = []
    for ordered_at in np.sort(chance.uniform(0, days, count)):
        destination = str(chance.choice(list(LANES), p=[0.5, 0.3, 0.2]))
        packing = chance.gamma(2, 0.5)
        way = chance.lognormal(np.log(LANES[destination]), 0.35) * (by if ordered_at > slower_from else 1)
        way *= 4 if chance.uniform() < stuck else 1
        rows.append(
            Trip(
                ordered_at=float(ordered_at),
                handed_at=float(ordered_at + packing),
                delivered_at=float(ordered_at + packing + way),
                due_at=float(np.floor(ordered_at + 2 * LANES[destination] + 2)),
                carrier="dhl",
                warehouse="main",
                origin="DE-BE",
                destination=destination,
                numbers={"weight_g": float(chance.uniform(100, 9_000))},
                words={"category": str(chance.choice(["shoes", "bags"]))},
            )
        )
    return Trips.of(rows)


def altered(trips: Trips, after: float) -> Trips:
    """The same past; everything that happens after `after` is another story, and in another order."""
    chance = np.random.default_rng(9)
    later = trips.ordered_at > after
    columns = {}
    for name in ("handed_at", "delivered_at"):
        column = getattr(trips, name)
        columns[name] = np.where(column > after, after + chance.uniform(0.01, 90, len(trips)), column)
    columns["delivered_at"][chance.uniform(size=len(trips)) < 0.2] = NEVER
    columns["delivered_at"] = np.where(trips.delivered_at <= after, trips.delivered_at, columns["delivered_at"])
    fields = {name: getattr(trips, name) for name in Trips.__dataclass_fields__} | columns
    destination = fields["destination"].copy()
    destination[later] = chance.permutation(destination[later])
    return Trips(**fields | {"destination": destination})
