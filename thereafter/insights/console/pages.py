"""All pages of figures by the word they have in the address; what a file, a mail or a shared link shows of them too."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from thereafter.insights.cards import Page
from thereafter.insights.console import (
    cohorts,
    customers,
    delivery,
    experience,
    filters,
    products,
    retention,
    returning,
    value,
    worked,
)
from thereafter.insights.console.spec import Spec
from thereafter.stores.models import Store

_ROOMS = (retention, cohorts, returning, customers, value, products, experience, delivery, worked)
PAGES: dict[str, Spec] = {room.SPEC.key: room.SPEC for room in _ROOMS}


def page_of(
    store: Store, key: str, given: Mapping[str, Any], now: datetime, may: Callable[[str], bool] = filters.nothing
) -> Page:
    """The page as the browser shows it for this address to who `may` so much; without links and names where nobody
    knows who reads. Raises KeyError for one there is not."""
    spec = PAGES[key]
    return spec.build(replace(filters.asked(store, given, now, spec.own), may=may))
