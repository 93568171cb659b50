"""What a store's own past says of its parcels: the models it keeps, asked for many parcels at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from thereafter.commerce.models import Order
from thereafter.stores.models import Store
from thereafter.tracking.models import ForecastTable, Parcel
from thereafter.tracking.rules import estimates
from thereafter.tracking.rules.estimates import Estimate
from thereafter.tracking.rules.forecast import boosting, lanes, survival
from thereafter.tracking.rules.forecast.boosting import Boosted
from thereafter.tracking.rules.forecast.lanes import LaneTable
from thereafter.tracking.rules.passages import House, Passage, Way, path
from thereafter.tracking.rules.settings import Settings

LANE, LIGHTGBM = "lane", "lightgbm"


@dataclass(frozen=True)
class Learnt:
    """What a store has learnt; a new one nothing. `report` is of the lane table."""

    lane: LaneTable | None = None
    boosted: Boosted | None = None
    chosen: str = LANE
    report: Mapping[str, Any] | None = None

    def told(self, name: str) -> Any:
        """A part of the report; an empty mapping while there is none."""
        return (self.report or {}).get(name) or {}


def learnt(store: Store) -> Learnt:
    """The models of the store, read once per process and fit; one query when they are known."""
    rows = ForecastTable.objects.of(store).order_by("kind")
    return _read(tuple(rows.values_list("pk", "kind", "chosen", "fitted_at", "report__token")))


@lru_cache(maxsize=64)
def _read(rows: tuple[tuple[int, str, bool, datetime, str | None], ...]) -> Learnt:
    if not rows:
        return Learnt()
    tables = {row.kind: row for row in ForecastTable.objects.filter(pk__in=[row[0] for row in rows])}
    chosen = next((kind for _, kind, is_chosen, _, _ in rows if is_chosen), LANE)
    lane, boosted = tables.get(LANE), tables.get(LIGHTGBM)
    return Learnt(
        lane=_lane(lane),
        boosted=_boosted(boosted) if boosted and boosting.available() else None,
        chosen=chosen,
        report=lane.report if lane else {},
    )


def _lane(row: ForecastTable | None) -> LaneTable | None:
    """A table of a version that we do not know is as good as none; the next fit replaces it."""
    try:
        return LaneTable.from_json(json.loads(row.body)) if row else None
    except ValueError:
        return None


def _boosted(row: ForecastTable) -> Boosted | None:
    try:
        return Boosted.from_json(json.loads(row.body))
    except ValueError:
        return None


def house_of(store: Store, settings: Settings) -> House:
    return House(settings, store.country, store.time_zone)


def destination_of(address: Mapping[str, Any], known: Learnt) -> str:
    """Country, region, postcode of an address as a path; a region that is not told is the one that other orders to
    the postcode had."""
    country, postcode = str(address.get("country") or ""), str(address.get("postcode") or "")
    region = str(address.get("region") or "") or known.told("regions").get(path(country, "", postcode), "")
    return path(country, region, postcode)


def usual_carrier(destination: str, known: Learnt, settings: Settings) -> str:
    """Who most likely brings it, before anybody has said so: who brings most parcels to that country."""
    carriers = known.told("carriers")
    found = carriers.get(destination.partition("-")[0]) or carriers.get("")
    return str(found or (settings.uses[0] if len(settings.uses) == 1 else ""))


def of_orders(store: Store, orders: Sequence[Order], settings: Settings, now: datetime) -> list[Estimate]:
    """The days of each order, as they look when ordering."""
    known = learnt(store)
    return when_ordered(house_of(store, settings), known, [of_order(one, known, settings) for one in orders], now)


def of_order(order: Order, known: Learnt, settings: Settings) -> Passage:
    """An order as it was placed."""
    destination = destination_of(order.shipping_address, known)
    return Passage(order.placed_at, destination, usual_carrier(destination, known, settings))


def of_parcel(parcel: Parcel, known: Learnt) -> Passage:
    """A parcel on its way; `parcel.order` must be there."""
    return Passage(
        ordered_at=parcel.ordered_at,
        destination=destination_of(parcel.order.shipping_address, known),
        carrier=parcel.carrier_key,
        service=parcel.service,
        handed_at=parcel.shipped_at,
        promised_on=parcel.promised_on,
    )


def when_ordered(house: House, known: Learnt, passages: Sequence[Passage], now: datetime) -> list[Estimate]:
    """The days of each, as they look when ordering."""
    way = Way.of(house, [one._replace(handed_at=None) for one in passages], now)
    if known.boosted is not None and _wanted(house, known) == LIGHTGBM:
        return estimates.boosted(way, boosting.predict(known.boosted, way.plain_trips()))
    if known.lane is None:
        return estimates.stated(way)
    trips = way.trips()
    return estimates.forecast(way, lanes.predict(known.lane, trips), lanes.predict_transit(known.lane, trips))


def _wanted(house: House, known: Learnt) -> str:
    wish = house.settings.dates.model
    return known.chosen if wish == "auto" else wish


def on_the_way(
    house: House, known: Learnt, passages: Sequence[Passage], now: datetime
) -> tuple[list[Estimate], list[float | None]]:
    """The days of each as they look now that it is not there yet, and how likely it is to miss the promised day."""
    way = Way.of(house, passages, now)
    if known.lane is None:
        return estimates.stated(way, from_now=True), [None] * len(passages)
    trips = way.trips()
    fresh = estimates.forecast(
        way,
        survival.predict_open(known.lane, trips, way.anchor),
        lanes.predict_transit(known.lane, trips),
        from_now=True,
    )
    chances = survival.late_chance(known.lane, trips, way.anchor)
    return fresh, [_said(chance, one) for chance, one in zip(chances, fresh, strict=True)]


def _said(chance: float, fresh: Estimate) -> float | None:
    """Where too few parcels went, nothing is said."""
    return None if np.isnan(chance) or fresh.source != estimates.LANE else round(float(chance), 4)
