"""The clock of a destination: its country's, and of a wide country its region's."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

# Countries with several clocks: the one that most people live by.
_MAIN = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kiev",
    "US": "America/New_York",
}
# Regions whose clock is another one, as ISO 3166-2 names them.
_REGIONS = {
    "America/Chicago": "US-AL US-AR US-IA US-IL US-KS US-LA US-MN US-MO US-MS US-ND US-NE US-OK US-SD US-TN US-TX"
    " US-WI",
    "America/Denver": "US-CO US-ID US-MT US-NM US-UT US-WY",
    "America/Phoenix": "US-AZ",
    "America/Los_Angeles": "US-CA US-NV US-OR US-WA",
    "America/Anchorage": "US-AK",
    "Pacific/Honolulu": "US-HI",
    "America/Vancouver": "CA-BC CA-YT",
    "America/Edmonton": "CA-AB CA-NT",
    "America/Regina": "CA-SK",
    "America/Winnipeg": "CA-MB",
    "America/Halifax": "CA-NS CA-NB CA-PE",
    "America/St_Johns": "CA-NL",
    "Australia/Perth": "AU-WA",
    "Australia/Adelaide": "AU-SA",
    "Australia/Darwin": "AU-NT",
    "Australia/Brisbane": "AU-QLD",
    "America/Manaus": "BR-AM BR-RO BR-RR",
    "America/Cuiaba": "BR-MT BR-MS",
    "America/Rio_Branco": "BR-AC",
    "Atlantic/Canary": "ES-CN ES-GC ES-TF",
    "Atlantic/Azores": "PT-20",
}
_ZONE_OF = {region: zone for zone, regions in _REGIONS.items() for region in regions.split()}


_KNOWN = frozenset(available_timezones())


def zone_at(destination: str, home: str) -> ZoneInfo:
    """The clock at "BR-AM" or "DE"; `home` is taken when the country is not known, and at home where it fits."""
    return _zone("-".join(destination.upper().split("-")[:2]), home)


@lru_cache(maxsize=4096)
def _zone(region: str, home: str) -> ZoneInfo:
    country = region.partition("-")[0]
    zones = get_global("territory_zones").get(country, ())
    if region in _ZONE_OF:
        name = _ZONE_OF[region]
    elif not zones or home in zones:
        name = home
    else:
        name = _MAIN.get(country) or zones[0]
    return ZoneInfo(name if name in _KNOWN else home)
