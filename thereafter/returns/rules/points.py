"""How near a place is. Plain Python."""

import math
import re

EARTH_KM = 6371.0088
# A box that surely holds what is this near; further off nobody carries a parcel.
REACH_KM = 100.0


def postcode_key(postcode: str) -> str:
    """Capitals and digits, as postcodes are compared: "sw1a 1aa" and "SW1A1AA" are one."""
    return re.sub(r"[^0-9A-Z]", "", postcode.upper())[:16]


def in_common(one: str, other: str) -> int:
    """How many signs two keys begin with alike."""
    return next(
        (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the great circle between (latitude, longitude) in degrees: the haversine formula."""
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def box(at: tuple[float, float], km: float = REACH_KM) -> tuple[float, float, float, float]:
    """South, north, west, east of all that is within `km`; near a pole and the date line, all the way round."""
    lat, lon = at
    up = math.degrees(km / EARTH_KM)
    shrink = math.cos(math.radians(min(89.0, abs(lat) + up)))
    aside = math.degrees(km / EARTH_KM) / shrink
    if abs(lat) + up > 85 or abs(lon) + aside > 180:  # noqa: PLR2004 degrees near the pole, and the date line
        return lat - up, lat + up, -180.0, 180.0
    return lat - up, lat + up, lon - aside, lon + aside
