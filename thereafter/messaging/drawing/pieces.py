"""What the blocks' drawings are put together from."""

import html
from collections.abc import Mapping
from typing import Any, NamedTuple

from thereafter.messaging.rules import markup

Block = Mapping[str, Any]
Words = Mapping[str, str]
_PADDINGS = {"none": "0 20px", "small": "3px 20px", "large": "22px 20px"}


class Drawn(NamedTuple):
    """MJML; `whole` when it is sections of its own, else it stands in a column on `background`. `card` is what only
    mailboxes read."""

    mjml: str
    background: str = "card"
    whole: bool = False
    card: str = ""


def attributes(**given: str) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in given.items() if value)


def padding(given: Block) -> str:
    return _PADDINGS.get(str(given["space"]), "")


def colour_class(colour: str) -> str:
    return f"c{colour.removeprefix('#').lower()}"


_INKS = {"muted": ("#5c6670", "quiet link"), "brand": ("{{ brand.text_light }}", "branded link")}


def text_look(given: Block) -> tuple[str, str]:
    """The colour and the classes of a text; the classes say what it becomes in the dark."""
    colour = str(given["colour"])
    if colour.startswith("#"):
        return colour, f"{colour_class(colour)} link"
    return _INKS.get(colour, ("", "link"))


def link(address: str) -> str:
    return html.escape(address, quote=True) if markup.is_safe_link(address) else ""


def liquid_link(address: str) -> str:
    """An address in an attribute: its Liquid stays alive, the rest is escaped."""
    return markup.in_attribute(address) if markup.is_safe_link(address) else ""


def plain(colour: str) -> str:
    return colour if colour.startswith("#") else "#1d2126"
