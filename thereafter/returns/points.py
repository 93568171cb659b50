"""Where shoppers can hand a parcel in: near them, and by the secret link of a counter; tables of places, read."""

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from thereafter.kit import tokens
from thereafter.kit.tables import delimiter_of
from thereafter.returns.models import DropOffPoint, DropOffPointQuerySet
from thereafter.returns.rules.points import box, distance_km, in_common, postcode_key
from thereafter.stores.models import Store

COUNTER = "returns-counter"
# A counter opens its page every day; who loses the link gets a new one, and the old one ends.
COUNTER_DAYS = 3650.0
_KINDS = {
    "own": "own", "store": "own", "shop": "own", "counter": "own",
    "partner": "partner", "carrier": "carrier", "locker": "carrier",
}  # fmt: skip
_YES = frozenset(("1", "yes", "y", "true", "ja", "oui", "si", "sí", "sim", "x"))
_NEEDED = ("name", "address", "city", "postcode", "country")
_COLUMNS: Mapping[str, str] = {
    "id": "reference", "ref": "reference", "external_id": "reference", "street": "address", "line1": "address",
    "town": "city", "zip": "postcode", "zipcode": "postcode", "postal_code": "postcode", "country_code": "country",
    "lat": "latitude", "lon": "longitude", "lng": "longitude", "long": "longitude", "hours": "opening_hours",
    "is_counter": "counter", "type": "kind",
}  # fmt: skip


class Near(NamedTuple):
    """`by` says how it was ranked: by the distance in `km`, or by how much of the postcode is the same."""

    point: DropOffPoint
    by: Literal["distance", "postcode"]
    km: float | None = None


class Place(NamedTuple):
    """A row of a table, as it will be kept."""

    reference: str
    fields: Mapping[str, object]


class BadRow(NamedTuple):
    reason: str


class Line(NamedTuple):
    """`number` is the row's line in the file; `raw` is what stood there."""

    number: int
    raw: str
    read: Place | BadRow


def near(
    store: Store | int, country: str, postcode: str, limit: int = 10, *, at: tuple[float, float] | None = None
) -> list[Near]:
    """The nearest first: by distance where the shopper's place (`at`: latitude, longitude) and the point's are known,
    then those of the country with the most of the postcode in common."""
    rows = DropOffPoint.objects.of(store).open()
    by_distance = _around(rows, at, limit) if at else []
    missing = limit - len(by_distance)
    found = {one.point.pk for one in by_distance}
    rest = _alike(rows.exclude(pk__in=found), country.upper(), postcode_key(postcode), missing) if missing else []
    return [*by_distance, *rest]


def _around(rows: DropOffPointQuerySet, at: tuple[float, float], limit: int) -> list[Near]:
    south, north, west, east = box(at)
    inside = rows.filter(latitude__range=(south, north), longitude__range=(west, east))
    places = ((distance_km(at, (one.latitude or 0.0, one.longitude or 0.0)), one) for one in inside)
    ranked = sorted(places, key=lambda pair: (pair[0], pair[1].name, pair[1].pk))
    return [Near(one, "distance", round(km, 2)) for km, one in ranked[:limit]]


def _alike(rows: DropOffPointQuerySet, country: str, key: str, limit: int) -> list[Near]:
    """With a shorter and shorter beginning of the postcode, until there are enough."""
    of_country = rows.filter(country=country)
    for length in range(len(key), -1, -1):
        found = list(of_country.filter(postcode_key__startswith=key[:length])[: 50 * limit])
        if len(found) >= limit or not length:
            found.sort(key=lambda one: (-in_common(one.postcode_key, key), one.postcode_key, one.name, one.pk))
            return [Near(one, "postcode") for one in found[:limit]]
    return []


def counter_token(point: DropOffPoint) -> str:
    """What the secret link of a counter carries."""
    return tokens.sign(COUNTER, point.store_id, point.pk, point.link_edition)


def counter_of(store: Store, token: str) -> DropOffPoint:
    """The counter of a link; raises `tokens.BadToken` for one that was replaced, or of a counter that is closed."""
    store_id, pk, edition = tokens.read(COUNTER, token, max_age_days=COUNTER_DAYS)
    point = DropOffPoint.objects.of(store).counters().filter(pk=pk, link_edition=edition).first()
    if point is None or store_id != store.pk:
        raise tokens.BadToken("a link that is good no more")
    return point


def read_csv(text: str) -> list[Line]:
    """The rows of a table. Raises ValueError when there is none, or a column is missing."""
    text = text.lstrip("\ufeff").strip("\n")
    lines = text.splitlines(keepends=True)
    rows = csv.reader(lines, delimiter=delimiter_of(lines[0] if lines else ""))
    names = [_column(name) for name in next(rows, [])]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ValueError(f"There is no column “{missing[0]}”. The first row names the columns.")
    return list(_lines(rows, names, lines))


# Who can tell of places: a table today; a carrier that has a list adds its reader here.
READERS: Mapping[str, Callable[[str], list[Line]]] = {"csv": read_csv}


def _column(name: str) -> str:
    key = name.strip().lower().replace(" ", "_")
    return _COLUMNS.get(key, key)


def _lines(rows: Iterator[list[str]], names: list[str], lines: list[str]) -> Iterator[Line]:
    begun = 1
    for values in rows:
        until = rows.line_num  # type: ignore[attr-defined]  # as above
        raw, begun = "".join(lines[begun:until]).rstrip("\r\n"), until
        if any(value.strip() for value in values):
            given = {name: value.strip() for name, value in zip(names, values, strict=False)}
            yield Line(until, raw, _place(given, len(values) > len(names)))


def _place(given: Mapping[str, str], too_long: bool) -> Place | BadRow:
    if too_long:
        return BadRow("It has more columns than the first row. Put texts with commas in quotes.")
    missing = [name for name in _NEEDED if not given.get(name)]
    if missing:
        return BadRow(f"The {missing[0]} is missing.")
    kind = _KINDS.get(given.get("kind", "own").lower() or "own")
    if kind is None:
        return BadRow(f"“{given['kind']}” is no kind of place: write own, partner or carrier.")
    country = given["country"].upper()
    if len(country) != len("DE") or not country.isalpha():
        return BadRow(f"“{given['country']}” is no country: write two letters, DE.")
    try:
        spot = _spot(given.get("latitude", ""), given.get("longitude", ""))
    except ValueError as wrong:
        return BadRow(str(wrong))
    return Place(_reference(given, country), _fields(given, kind, country) | spot)


def _reference(given: Mapping[str, str], country: str) -> str:
    """Its own, else what it is called and where: so that the same file changes nothing."""
    return (given.get("reference") or f"{country}-{postcode_key(given['postcode'])}-{given['name']}")[:80]


def _fields(given: Mapping[str, str], kind: str, country: str) -> dict[str, object]:
    return {
        "name": given["name"][:100],
        "kind": kind,
        "carrier": given.get("carrier", "")[:60],
        "address": given["address"][:200],
        "city": given["city"][:80],
        "postcode": given["postcode"][:16],
        "postcode_key": postcode_key(given["postcode"]),
        "country": country,
        "opening_hours": given.get("opening_hours", "").replace("|", "\n")[:1000],
        "is_counter": given.get("counter", "").lower() in _YES,
    }


def _spot(latitude: str, longitude: str) -> dict[str, object]:
    if not latitude and not longitude:
        return {"latitude": None, "longitude": None}
    try:
        lat, lon = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    except ValueError:
        raise ValueError("Latitude and longitude are two numbers of degrees, or both empty.") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 degrees of the globe
        raise ValueError("Latitude is between -90 and 90, longitude between -180 and 180.")
    return {"latitude": lat, "longitude": lon}
