"""How a store's mails look: its brand, and what it chose for mails alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from thereafter.kit.colours import READABLE, contrast, mixed, readable, readable_on
from thereafter.messaging.models import MessageLook
from thereafter.stores.models import Store

LIGHT_CARD, DARK_CARD = "#ffffff", "#1a1d20"
# Fonts that are on the reader's machine: none is fetched, which would tell others who opens a mail.
FONTS = {
    "system": "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "helvetica": "'Helvetica Neue', Helvetica, Arial, sans-serif",
    "humanist": "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'DejaVu Sans', sans-serif",
    "georgia": "Georgia, Cambria, 'Times New Roman', Times, serif",
    "old_style": "'Iowan Old Style', 'Palatino Linotype', 'URW Palladio L', P052, serif",
    "mono": "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
}


@dataclass(frozen=True)
class Look:
    """What `{{ brand.… }}` in the source of a template may name."""

    colour: str
    on_colour: str
    text_light: str
    text_dark: str
    tint: str = "#f4f5f6"
    tint_dark: str = "#22272b"
    font: str = FONTS["system"]
    page: str = "#f4f5f6"
    page_ink: str = "#1d2126"
    page_quiet: str = "#5c6670"
    corners: str = "10px"
    button_corners: str = "8px"
    logo_width: str = "140px"


CORNERS = {"square": ("0", "0"), "soft": ("10px", "8px"), "round": ("18px", "999px")}


def look(store: Store) -> Look:
    return looks([store])[store.pk]


def looks(stores: Iterable[Store]) -> dict[int, Look]:
    """By store id, with one query."""
    asked = {store.pk: store for store in stores}
    chosen = dict(MessageLook.objects.filter(store_id__in=asked).values_list("store_id", "settings"))
    return {pk: look_of(store.brand_colour, chosen.get(pk, {})) for pk, store in asked.items()}


def look_of(colour: str, settings: Mapping[str, Any]) -> Look:
    """A shop's colour with its settings; what is not known is left as it is for everybody."""
    return _look(
        colour,
        str(settings.get("font")),
        str(settings.get("page") or Look.page),
        str(settings.get("corners")),
        int(settings.get("logo_width") or 140),
    )


def _ink_on(colour: str) -> str:
    """White or near-black; on a middle grey only black itself is read well enough."""
    ink = readable_on(colour)
    return ink if contrast(ink, colour) >= READABLE else "#000000"


@lru_cache(maxsize=256)
def _look(colour: str, font: str, page: str, corners: str, logo_width: int) -> Look:
    tint, tint_dark = mixed(colour, LIGHT_CARD, 0.9), mixed(colour, DARK_CARD, 0.82)
    of_cards, of_buttons = CORNERS.get(corners, CORNERS["soft"])
    return Look(
        colour=colour,
        on_colour=_ink_on(colour),
        # Read on the tint, it is read on the card too.
        text_light=readable(colour, tint, "#000000"),
        text_dark=readable(readable(colour, DARK_CARD, "#ffffff"), tint_dark, "#ffffff"),
        tint=tint,
        tint_dark=tint_dark,
        font=FONTS.get(font, FONTS["system"]),
        page=page,
        page_ink=readable("#1d2126", page, readable_on(page)),
        page_quiet=readable("#5c6670", page, readable_on(page)),
        corners=of_cards,
        button_corners=of_buttons,
        logo_width=f"{logo_width}px",
    )
