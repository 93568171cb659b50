"""Headings, texts, buttons, pictures: what stands for itself."""

import html
from typing import NamedTuple

from thereafter.kit.colours import readable, readable_on
from thereafter.messaging.drawing.pieces import (
    Block,
    Drawn,
    Words,
    attributes,
    link,
    liquid_link,
    padding,
    plain,
    text_look,
)
from thereafter.messaging.looks import LIGHT_CARD
from thereafter.messaging.rules import markup

MOST_WIDE = 560
SOCIAL = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "facebook": "Facebook",
    "youtube": "YouTube",
    "pinterest": "Pinterest",
    "linkedin": "LinkedIn",
    "x": "X",
    "website": "Website",
}


def heading(given: Block, words: Words) -> Drawn:
    colour, classes = text_look(given)
    look = attributes(mj_class=str(given["level"]), align=str(given["align"]), color=colour, padding=padding(given))
    said = markup.escaped(words.get(str(given["id"]), ""))
    return Drawn(f'<mj-text{look} css-class="{classes}">{said}</mj-text>')


def text(given: Block, words: Words) -> Drawn:
    colour, classes = text_look(given)
    style = {"lead": "lead", "small": "small"}.get(str(given["style"]), "")
    look = attributes(mj_class=style, align=str(given["align"]), color=colour, padding=padding(given))
    said = markup.as_html(words.get(str(given["id"]), ""))
    return Drawn(f'<mj-text{look} css-class="{classes}">{said}</mj-text>')


class _Shades(NamedTuple):
    """Of a button: its ground, the ink on it, the ink and edge where it has no ground; and its class in the dark."""

    ground: str
    ink: str
    alone: str
    name: str


_SHADES = {
    "brand": _Shades("{{ brand.colour }}", "{{ brand.on_colour }}", "{{ brand.text_light }}", "action"),
    "ink": _Shades("#1d2126", "#ffffff", "#1d2126", "action-own"),
}


def _shades(colour: str) -> _Shades:
    chosen = _Shades(colour, readable_on(plain(colour)), readable(plain(colour), LIGHT_CARD, "#000000"), "action-own")
    return _SHADES.get(colour, chosen)


def button(given: Block, words: Words) -> Drawn:
    shades = _shades(str(given["colour"]))
    is_outline = given["style"] == "outline"
    look = attributes(
        href=liquid_link(str(given["link"])) or "#",
        align=str(given["align"]),
        padding=padding(given),
        width="100%" if given["wide"] else "",
        background_color="transparent" if is_outline else shades.ground,
        color=shades.alone if is_outline else shades.ink,
        border=f"2px solid {shades.alone}" if is_outline else "",
        css_class="action-outline" if is_outline else shades.name,
    )
    said = markup.escaped(words.get(str(given["id"])) or "{{ t.button }}")
    return Drawn(f"<mj-button{look}>{said}</mj-button>")


def image(given: Block, words: Words) -> Drawn:
    source = liquid_link(str(given["src"]))
    if not source:
        return Drawn("")
    look = attributes(
        src=source,
        width=f"{min(int(given['width']), MOST_WIDE)}px",
        align=str(given["align"]),
        href=liquid_link(str(given["link"])),
        border_radius="{{ brand.corners }}" if given["rounded"] else "",
        padding=padding(given),
    )
    alt = markup.in_attribute(words.get(f"{given['id']}.alt", ""))
    return Drawn(f'<mj-image{look} alt="{alt}" css-class="picture" />')


def divider(given: Block, words: Words) -> Drawn:
    colour = {"line": "", "brand": "{{ brand.colour }}"}.get(str(given["colour"]), str(given["colour"]))
    return Drawn(f'<mj-divider{attributes(border_color=colour, padding=padding(given))} css-class="html-only line" />')


def spacer(given: Block, words: Words) -> Drawn:
    return Drawn(f'<mj-spacer height="{given["height"]}px" css-class="html-only gap" />')


def social(given: Block, words: Words) -> Drawn:
    links = [
        f'<a href="{link(address)}">{html.escape(SOCIAL.get(name, name))}</a>'
        for name, address in given["links"].items()
        if address and link(address)
    ]
    if not links:
        return Drawn("")
    look = attributes(mj_class="muted", align=str(given["align"]), padding=padding(given))
    return Drawn(f'<mj-text{look} css-class="quiet link social">{" &nbsp;·&nbsp; ".join(links)}</mj-text>')


def code(given: Block, words: Words) -> Drawn:
    """HTML stands in a text; MJML where it fits, or alone when it brings sections."""
    own = str(given["code"])
    if "<mj-section" in own or "<mj-wrapper" in own or "<!-- block:" in own:
        return Drawn(own, whole=True)
    return Drawn(own if "<mj-" in own else f'<mj-text css-class="link">{own}</mj-text>')
