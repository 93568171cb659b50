"""A membership card as plain facts, for whatever shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the card says, in the member's language. `code` is what a till scans, `number` the same for people;
    `colour` and `on_colour` are #rrggbb."""

    serial: str
    shop: str
    programme: str
    member: str
    code: str
    number: str
    points: int
    points_label: str
    tier: str
    tier_label: str
    colour: str
    on_colour: str
    page: str
    page_label: str
    logo_url: str = ""


def spaced(code: str) -> str:
    """ "AB12CD34" as "AB12 CD34", for reading it out."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
