"""Writing SVG. Colours are names of CSS variables, so that a page's theme fills them and `drawing.on_paper` can too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape as html_escape
from typing import Any, Literal

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]
SIZE = 13
# Part of the size that letters of a sans serif take, on average; figures and capitals take more.
_NARROW, _WIDE, _USUAL = 0.3, 0.68, 0.58
_NARROW_LETTERS, _WIDE_LETTERS = frozenset("iljtfrI.,:;|'!() "), frozenset("mwMW%€ABCDEFGHKNOPQRSTUVXYZ0123456789–+")


# What XML 1.0 has no place for: one such sign in one title, and no program reads the drawing.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(words: str) -> str:
    return html_escape(_NO_XML.sub("", words))


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide it is, rather more than less: the font is whatever the reader has."""
    return size * sum(
        _NARROW if letter in _NARROW_LETTERS else _WIDE if letter in _WIDE_LETTERS else _USUAL for letter in text
    )


def fitted(text: str, width: float, size: float = SIZE) -> str:
    """The text, cut with three dots where it is wider."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def colour(name: str, order: int = 0) -> str:
    """Of a name ("good"), or of the palette in turn."""
    return f"var(--chart-{name or order % 6 + 1})"


_HALO = {"paint_order": "stroke", "stroke": "var(--surface)", "stroke_width": 3, "stroke_linejoin": "round"}
# On a tint there is nothing to keep apart.
PLAIN: dict[str, Any] = dict.fromkeys(_HALO)


@dataclass
class Canvas:
    """A drawing of so many units, top left is 0, 0. `still` leaves out what answers to a pointer."""

    width: float
    height: float
    still: bool = False
    parts: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, **more: object) -> None:
        if width > 0 and height > 0:
            self._put("rect", x=x, y=y, width=width, height=height, **more)

    def line(self, start: Point, end: Point, **more: object) -> None:
        self._put("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **more)

    def circle(self, at: Point, radius: float, **more: object) -> None:
        self._put("circle", cx=at[0], cy=at[1], r=radius, **more)

    def path(self, points: Sequence[Point], *, closed: bool = False, **more: object) -> None:
        self._put("path", d="M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + ("Z" if closed else ""), **more)

    def text(self, at: Point, words: str, anchor: Anchor = "start", **more: object) -> None:
        """Its halo keeps it readable where it lies on a line."""
        look = {"font_size": SIZE, "fill": "var(--muted)", **_HALO, **more}
        if anchor != "start":
            look["text_anchor"] = anchor
        self.parts.append(f'<text x="{_n(at[0])}" y="{_n(at[1])}"{_attributes(look)}>{escape(words)}</text>')

    def open(self, tip: str) -> None:
        """What is drawn until `close` belongs to one point, and says this to a pointer."""
        self.parts.append(f'<g data-tip="{escape(tip)}">')

    def close(self) -> None:
        self.parts.append("</g>")

    def link(self, url: str) -> None:
        self.parts.append(f'<a href="{escape(url)}">')

    def end_link(self) -> None:
        self.parts.append("</a>")

    def svg(self, title: str, css: str = "", *, has_links: bool = False) -> str:
        role = "group" if has_links else "img"
        look = f' class="{css}"' if css else ""
        size = f'width="{_n(self.width)}" height="{_n(self.height)}" viewBox="0 0 {_n(self.width)} {_n(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg"{look} {size} role="{role}" aria-label="{escape(title)}">'
        return head + "".join(self.parts) + "</svg>"

    def _put(self, name: str, **attributes: object) -> None:
        self.parts.append(f"<{name}{_attributes(attributes)}/>")


def _attributes(given: dict[str, object]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_n(value) if isinstance(value, int | float) else escape(str(value))}"'
        for name, value in given.items()
        if value is not None and value != ""
    )


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
