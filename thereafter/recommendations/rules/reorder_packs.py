"""How much is in a pack, read from what a variant is called: "500 g", "6 x 0,33 l", "12-pack"."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_UNITS: Mapping[str, tuple[str, float]] = {
    "mg": ("g", 0.001),
    "g": ("g", 1.0),
    "kg": ("g", 1000.0),
    "oz": ("g", 28.35),
    "lb": ("g", 453.6),
    "ml": ("ml", 1.0),
    "cl": ("ml", 10.0),
    "l": ("ml", 1000.0),
}
_MEASURE = re.compile(r"(?:(\d+)\s*[x×]\s*)?(\d+(?:[.,]\d+)?)\s*(mg|kg|g|oz|lb|ml|cl|l)\b", re.IGNORECASE)
_PIECES = re.compile(
    r"(\d+)\s*-?\s*(?:pack|pcs|pieces|tabs|tablets|capsules|pairs|stück|paar|pièces|unidades|uds)\b"
    r"|(?:pack|set|box) of (\d+)\b|\b(\d+)\s*[x×](?!\s*\d)",
    re.IGNORECASE,
)


class Content(NamedTuple):
    """`kind` is g, ml or pieces; only contents of one kind can be compared."""

    kind: str
    amount: float


def content(title: str) -> Content | None:
    """None where the title does not say."""
    measure = _MEASURE.search(title)
    if measure:
        many, amount, unit = measure.groups()
        kind, factor = _UNITS[unit.lower()]
        return _positive(Content(kind, int(many or 1) * float(amount.replace(",", ".")) * factor))
    pieces = _PIECES.search(title)
    return _positive(Content("pieces", float(next(filter(None, pieces.groups()))))) if pieces else None


def _positive(found: Content) -> Content | None:
    return found if found.amount > 0 else None


def pack_units(titles: Mapping[int, str]) -> dict[int, float]:
    """How many times the smallest pack each variant of a product holds; 1 for all unless every title says how much, in
    one kind."""
    contents = {variant: content(title) for variant, title in titles.items()}
    said = [one for one in contents.values() if one is not None]
    if len(said) < len(contents) or len({one.kind for one in said}) != 1:
        return dict.fromkeys(titles, 1.0)
    smallest = min(one.amount for one in said)
    return {variant: one.amount / smallest for variant, one in contents.items() if one is not None}
