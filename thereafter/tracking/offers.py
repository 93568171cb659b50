"""What a shop may promise before an order is placed: on its product pages, and to the merchant who tries settings."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from thereafter.kit.clock import zone
from thereafter.stores.models import Store
from thereafter.tracking import forecasting
from thereafter.tracking.rules.estimates import Estimate
from thereafter.tracking.rules.passages import Passage, Way
from thereafter.tracking.rules.settings import Settings
from thereafter.tracking.rules.working_time import day_of


@dataclass(frozen=True, slots=True)
class Offer:
    """The days of an order placed now, and the moment until which that holds."""

    estimate: Estimate
    order_by: datetime


def offer(store: Store, settings: Settings, address: dict[str, Any], now: datetime) -> Offer:
    """`address` has country, region and postcode as far as they are known; without a country it is the shop's own."""
    known = forecasting.learnt(store)
    house = forecasting.house_of(store, settings)
    home = house.origin.partition("-")[0]
    destination = forecasting.destination_of(address if address.get("country") else {**address, "country": home}, known)
    passage = Passage(now, destination, forecasting.usual_carrier(destination, known, settings))
    (estimate,) = forecasting.when_ordered(house, known, [passage], now)
    packed_on = day_of(float(Way.of(house, [passage], now).begun[0]))
    cut_off = time.fromisoformat(settings.warehouse.cut_off)
    return Offer(estimate, datetime.combine(packed_on, cut_off, zone(str(house.zone))))
