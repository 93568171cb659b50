"""Time zones as people choose them."""

from functools import lru_cache
from zoneinfo import available_timezones

_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def names() -> list[str]:
    """The zones of the IANA list that are named after places, and UTC."""
    return ["UTC", *sorted(zone for zone in available_timezones() if zone.split("/")[0] in _AREAS)]
