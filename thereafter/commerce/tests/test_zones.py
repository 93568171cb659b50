from typing import Any
from zoneinfo import available_timezones

import pytest

from thereafter.commerce.rules import zones
from thereafter.commerce.rules.zones import zone_of, zones_of

NOWHERE: dict[str, Any] = {"traits": {}, "address": {}, "shop": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("known", "zone"),
    [
        ({}, "Europe/Berlin"),
        ({"phone": "+33612345678"}, "Europe/Paris"),
        ({"phone": "+18005551234"}, "Europe/Berlin"),  # a freephone number is nowhere
        ({"country": "jp", "phone": "+33612345678"}, "Asia/Tokyo"),
        ({"address": {"country": "US", "region": "CA"}, "country": "JP"}, "America/Los_Angeles"),
        ({"address": {"country": "US", "region": "US-HI"}}, "Pacific/Honolulu"),
        ({"address": {"country": "BR", "region": "SP"}}, "America/Sao_Paulo"),
        ({"address": {"country": "AU", "region": "wa"}}, "Australia/Perth"),
        ({"address": {"country": "US"}}, "America/New_York"),
        ({"address": {"country": "XX"}, "country": "GB"}, "Europe/London"),
        ({"traits": {"time_zone": "Asia/Dubai"}, "country": "GB"}, "Asia/Dubai"),
        ({"traits": {"time_zone": "Mars/Olympus"}, "country": "GB"}, "Europe/London"),
    ],
)
def test_a_customers_zone_is_that_of_profile_then_parcel_then_country_then_phone(
    known: dict[str, Any], zone: str
) -> None:
    assert zone_of(**(NOWHERE | known)) == zone


def test_who_may_live_in_several_zones_is_said_to_live_in_all_of_them() -> None:
    somewhere = zones_of(**(NOWHERE | {"country": "US"}))
    assert {"America/New_York", "Pacific/Honolulu"} <= set(somewhere)
    assert zones_of(**(NOWHERE | {"address": {"country": "US", "region": "NY"}})) == ("America/New_York",)


def test_every_zone_we_name_is_one() -> None:
    named = {zone for several in zones._WIDE.values() for zone in several}
    named |= {zone for states in zones._STATES.values() for zone in states}
    assert named <= available_timezones()
