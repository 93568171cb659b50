"""The shop's colours, made readable."""

from dataclasses import dataclass
from functools import lru_cache

from thereafter.kit.colours import readable, readable_on

LIGHT_PAGE = "#ffffff"
DARK_PAGE = "#14171a"


@dataclass(frozen=True)
class Brand:
    """`colour` for surfaces, `on_colour` for text on it, `text_light` and `text_dark` for brand-coloured text."""

    colour: str
    on_colour: str
    text_light: str
    text_dark: str


@lru_cache(maxsize=256)
def brand(colour: str) -> Brand:
    return Brand(
        colour,
        readable_on(colour),
        text_light=readable(colour, LIGHT_PAGE, "#000000"),
        text_dark=readable(colour, DARK_PAGE, "#ffffff"),
    )
