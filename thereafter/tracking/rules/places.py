"""How exactly a place may be told to somebody of whom we only know that they have a tracking number."""

import re

from thereafter.tracking.rules import states

# At the door the place is the shopper's own business: "Front porch", "Neighbour: Miller".
AT_THE_DOOR = frozenset({states.DELIVERED, states.ATTEMPTED, states.AVAILABLE_FOR_PICKUP, states.EXCEPTION})
_POSTCODE_AND_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,6}\s+(\D{2,})")
_PARTS = 3


def town(place: str, status: str) -> str:
    """The town of a place and what it lies in. Streets, house numbers and postcodes are left out."""
    if status in AT_THE_DOOR:
        return ""
    parts = (_without_numbers(part.strip()) for part in place.split(","))
    return ", ".join([part for part in parts if part][-_PARTS:])


def _without_numbers(part: str) -> str:
    """ "10115 Berlin" is a town; any other part with a figure in it is an address, and is dropped."""
    named = _POSTCODE_AND_TOWN.fullmatch(part)
    if named:
        return named[1].strip()
    return "" if re.search(r"\d", part) else part
