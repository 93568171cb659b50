"""The text part of a message, made from the same MJML: sentences, rows and links, with the Liquid left alive."""

import re
from html.parser import HTMLParser

_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_PARAGRAPHS = {"mj-text", "mj-button", "mj-table", "p", "h1", "h2", "h3", "ul"}
_SILENT = {"head", "mj-head", "mj-image", "mj-social", "style", "script"}
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"}


def as_plain_text(source: str) -> str:
    """Without parts of css-class `html-only` (those of `text-only` are in here alone); links are "label: address"."""
    reader = _Reader()
    reader.feed(_TAG.sub(lambda found: f"<!--{found[0]}-->", source))
    return "".join(reader.parts).strip()


def tidy(rendered: str) -> str:
    """Rendered text without the gaps that empty parts leave."""
    lines = (line.strip() for line in rendered.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent_from: list[str] = []
        self.addresses: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _VOID:
            self.parts += ["\n"] if tag == "br" else []
            return
        if self.silent_from or tag in _SILENT or _is_html_only(given):
            self.silent_from.append(tag)
            return
        if tag in {"a", "mj-button"}:
            self.addresses.append(given.get("href") or "")
        if tag == "tr":
            self.cells = 0
        if tag == "td":
            self.parts += [" · "] if self.cells else []
            self.cells += 1
        if tag == "li":
            self.parts.append("- ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" and not self.silent_from:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent_from:
            if tag == self.silent_from[-1]:
                self.silent_from.pop()
            return
        if tag in {"a", "mj-button"} and self.addresses:
            address = self.addresses.pop()
            self.parts.append(f": {address}" if address and not address.startswith("mailto:") else "")
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        if tag in {"tr", "li", "div"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.silent_from:
            return
        text = _SPACES.sub(" ", data)
        at_line_start = not self.parts or self.parts[-1].endswith("\n")
        self.parts.append(text.lstrip() if at_line_start else text)

    def handle_comment(self, data: str) -> None:
        if data.startswith("{%") and not self.silent_from:
            self.parts.append(data)


def _is_html_only(given: dict[str, str | None]) -> bool:
    return "html-only" in (given.get("css-class") or given.get("class") or "").split()
