"""What time it is where a customer is. Plain Python.

Tried in this order: what the profile says (the trait `time_zone`), where their parcels go, their country, that of
their phone number, the shop. In a country with several zones the state decides; without one `zones_of` names them all,
so that who must not ring at night can keep to the hours that are right in each.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.core import get_global

TRAIT = "time_zone"
# Numbers that are dialled from anywhere say nothing about where somebody is.
_NOWHERE = (
    phonenumbers.PhoneNumberType.TOLL_FREE,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.UAN,
)

# Countries with several zones: where most people live first. Zones that differ only in the past are left out.
_WIDE: dict[str, tuple[str, ...]] = {
    "AR": ("America/Argentina/Buenos_Aires",),
    "AU": (
        "Australia/Sydney",
        "Australia/Brisbane",
        "Australia/Adelaide",
        "Australia/Darwin",
        "Australia/Perth",
    ),
    "BR": ("America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "America/Noronha"),
    "CA": (
        "America/Toronto",
        "America/Vancouver",
        "America/Edmonton",
        "America/Winnipeg",
        "America/Regina",
        "America/Halifax",
        "America/St_Johns",
    ),
    "CD": ("Africa/Kinshasa", "Africa/Lubumbashi"),
    "CL": ("America/Santiago", "America/Punta_Arenas", "Pacific/Easter"),
    "CN": ("Asia/Shanghai",),
    "CY": ("Asia/Nicosia",),
    "DE": ("Europe/Berlin",),
    "EC": ("America/Guayaquil", "Pacific/Galapagos"),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "FM": ("Pacific/Pohnpei", "Pacific/Chuuk"),
    "GL": ("America/Nuuk", "America/Scoresbysund", "America/Thule", "America/Danmarkshavn"),
    "ID": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    "KI": ("Pacific/Tarawa", "Pacific/Kanton", "Pacific/Kiritimati"),
    "KZ": ("Asia/Almaty", "Asia/Oral"),
    "MN": ("Asia/Ulaanbaatar", "Asia/Hovd"),
    "MX": ("America/Mexico_City", "America/Tijuana", "America/Hermosillo", "America/Cancun"),
    "MY": ("Asia/Kuala_Lumpur",),
    "NZ": ("Pacific/Auckland", "Pacific/Chatham"),
    "PF": ("Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"),
    "PG": ("Pacific/Port_Moresby", "Pacific/Bougainville"),
    "PS": ("Asia/Hebron",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "RU": (
        "Europe/Moscow",
        "Asia/Yekaterinburg",
        "Asia/Novosibirsk",
        "Europe/Samara",
        "Europe/Kaliningrad",
        "Asia/Omsk",
        "Asia/Irkutsk",
        "Asia/Yakutsk",
        "Asia/Vladivostok",
        "Asia/Magadan",
        "Asia/Kamchatka",
    ),
    "UA": ("Europe/Kyiv",),
    "US": (
        "America/New_York",
        "America/Chicago",
        "America/Los_Angeles",
        "America/Denver",
        "America/Phoenix",
        "America/Anchorage",
        "Pacific/Honolulu",
    ),
    "UZ": ("Asia/Tashkent",),
}
# The zone in which most people of a state live.
_STATES: dict[str, dict[str, str]] = {
    "US": {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Guam": "GU MP",
        "Pacific/Pago_Pago": "AS",
    },
    "CA": {
        "America/St_Johns": "NL",
        "America/Halifax": "NB NS PE",
        "America/Toronto": "NU ON QC",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Melbourne": "VIC",
        "Australia/Hobart": "TAS",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
    },
    "BR": {
        "America/Sao_Paulo": "AL AP BA CE DF ES GO MA MG PA PB PE PI PR RJ RN RS SC SE SP TO",
        "America/Manaus": "AM MS MT RO RR",
        "America/Rio_Branco": "AC",
    },
    "MX": {"America/Tijuana": "BC BCN", "America/Hermosillo": "BCS NAY SIN SON", "America/Cancun": "QR ROO"},
    "ES": {"Atlantic/Canary": "CN GC TF"},
    "PT": {"Atlantic/Azores": "20"},
}


def zone_of(
    *, traits: Mapping[str, Any], address: Mapping[str, Any], country: str = "", phone: str = "", shop: str = "UTC"
) -> str:
    """The name of the customer's zone, the likeliest if there are several. `address` is that of their parcel."""
    return zones_of(traits=traits, address=address, country=country, phone=phone, shop=shop)[0]


def zones_of(
    *, traits: Mapping[str, Any], address: Mapping[str, Any], country: str = "", phone: str = "", shop: str = "UTC"
) -> tuple[str, ...]:
    """Every zone the customer may be in, the likeliest first; one unless a wide country's state is not known."""
    told = traits.get(TRAIT)
    if isinstance(told, str) and _is_zone(told):
        return (told,)
    here = str(address.get("country", ""))
    for place, region in ((here, str(address.get("region", ""))), (country, ""), (_country_of(phone), "")):
        found = _zones(place.upper(), region.upper())
        if found:
            return found
    return (shop,)


@lru_cache(maxsize=4096)
def _zones(country: str, region: str) -> tuple[str, ...]:
    state = region.removeprefix(f"{country}-").replace(".", "").strip()
    by_state = {state: zone for zone, states in _STATES.get(country, {}).items() for state in states.split()}
    if state in by_state:
        return (by_state[state],)
    return _WIDE.get(country) or _single_zones().get(country, ())


@lru_cache(maxsize=1)
def _single_zones() -> dict[str, tuple[str, ...]]:
    """Countries of one zone, from the Unicode data that Babel brings."""
    zones: dict[str, tuple[str, ...]] = {}
    for zone, country in get_global("zone_territories").items():
        zones[country] = (*zones.get(country, ()), zone)
    return {country: names for country, names in zones.items() if len(names) == 1 and _is_zone(names[0])}


@lru_cache(maxsize=4096)
def _country_of(phone: str) -> str:
    """The country of a number in E.164; "" when the number does not tell (freephone)."""
    if not phone:
        return ""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.number_type(number) in _NOWHERE:
        return ""
    found = phonenumbers.region_code_for_number(number)
    return found if found and found.isalpha() else ""


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
