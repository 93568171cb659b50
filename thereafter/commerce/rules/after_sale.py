"""What a shop says of a product that decides how it may come back. Plain Python."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Kinds of goods that laws on returns name.
KINDS = {
    "personalised": "Personalised for the buyer",
    "custom": "Made to the buyer's wishes",
    "perishable": "Spoils or expires soon",
    "sealed_hygiene": "Sealed for health or hygiene",
    "sealed_media": "Sealed recording or software",
    "mixed": "Cannot be separated from other goods after delivery",
    "digital_begun": "Digital content, provided at once with consent",
    "periodical": "Newspaper, periodical or magazine",
    "dated_leisure": "Booking for a fixed day",
    "service_performed": "Service that is performed completely",
    "market_price": "Its price hangs on the financial market",
    "wine_futures": "Wine that comes more than 30 days later, its value on the market",
    "urgent_repair": "Urgent repair that was asked for",
    "auction": "Sold at a public auction",
}


class AfterSale(NamedTuple):
    """`flags` are `KINDS`; `repairable`: the shop can mend it."""

    product_type: str = ""
    vendor: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    final_sale: bool = False
    repairable: bool = False


FIELDS = AfterSale._fields
_USUAL = AfterSale()


def read(said: Mapping[str, Any]) -> AfterSale:
    """As it is stored, with the usual for what was left out; what nobody knows any more is left out too."""
    known = {name: said[name] for name in FIELDS if name in said}
    lists = {name: tuple(map(str, known[name])) for name in ("tags", "flags") if isinstance(known.get(name), list)}
    return AfterSale(**{**known, **lists})


def plain(said: AfterSale) -> dict[str, Any]:
    """As it is to be stored."""
    named = {name: value for name, value in said._asdict().items() if value != getattr(_USUAL, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in named.items()}
