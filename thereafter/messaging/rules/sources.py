"""MJML as somebody wrote it: what does not fit together, at its line. Plain Python."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from thereafter.messaging.rules.findings import ERROR, WARNING, Finding

_KNOWN = re.compile(
    "mjml|mj-(?:accordion(?:-element|-text|-title)?|all|attributes|body|breakpoint|button|carousel(?:-image)?|class|column|"
    "divider|font|group|head|hero|html-attributes|image|navbar(?:-link)?|preview|raw|section|selector|"
    "social(?:-element)?|spacer|style|table|text|title|wrapper)"
)
_WITHIN = {
    "mj-column": ("mj-section", "mj-group"),
    "mj-section": ("mj-body", "mj-wrapper", ""),
    "mj-text": ("mj-column", "mj-hero", ""),
    "mj-button": ("mj-column", "mj-hero", ""),
    "mj-image": ("mj-column", "mj-hero", ""),
    "mj-table": ("mj-column", ""),
}
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def is_whole_page(source: str) -> bool:
    """HTML of its own, as other systems export it: there is no layout of ours around it."""
    return "<html" in source[:2_000].lower() and "<mjml" not in source


def is_whole_mjml(source: str) -> bool:
    return "<mjml" in source


def check(source: str) -> Iterator[Finding]:
    """Tags that are not closed, not known, or where they may not stand."""
    if is_whole_page(source):
        return
    reader = _Reader()
    # Of the same length and with the same lines, so that places stay right.
    reader.feed(_LIQUID.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source))
    reader.close()
    yield from reader.found
    for tag, line in reader.open:
        yield Finding(ERROR, f"<{tag}> is never closed.", tab="source", line=line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, int]] = []
        self.found: list[Finding] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag.startswith("mj") and self._is_known(tag):
            self._check_place(tag)
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag.startswith("mj") and self._is_known(tag):
            self._check_place(tag)

    def handle_endtag(self, tag: str) -> None:
        if not tag.startswith("mj"):
            return
        if not any(tag == name for name, _ in self.open):
            self._say(ERROR, f"</{tag}> closes nothing.")
            return
        while self.open[-1][0] != tag:
            name, line = self.open.pop()
            self._say(ERROR, f"</{tag}> comes before </{name}>, which is still open since line {line}.")
        self.open.pop()

    def _is_known(self, tag: str) -> bool:
        if _KNOWN.fullmatch(tag):
            return True
        self._say(ERROR, f"There is no <{tag}>." if tag != "mj-include" else "Nothing can be included here.")
        return False

    def _check_place(self, tag: str) -> None:
        within = self.open[-1][0] if self.open else ""
        if tag in _WITHIN and within not in _WITHIN[tag]:
            allowed = " or ".join(f"<{name}>" for name in _WITHIN[tag] if name)
            self._say(WARNING, f"<{tag}> stands in {allowed}, not in {f'<{within}>' if within else 'nothing'}.")

    def _say(self, level: str, text: str) -> None:
        self.found.append(Finding(level, text, tab="source", line=self.getpos()[0]))
