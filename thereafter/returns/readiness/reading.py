"""What is on a page of a shop: its visible words, where its links lead, and whether it says what it shows."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

# Of returning, in the languages of our mails; stems, because words bend.
SPEAKS_OF_RETURNS = re.compile(
    r"\breturn(?:s|ing|able)?\b|\brefund|rückgabe|rücksend|zurückschick|umtausch|retoure|\bretours?\b|renvo(?:yer|i)"
    r"|rembours|devol|reembols|\btrocas?\b",
    re.IGNORECASE,
)
SPEAKS_OF_WITHDRAWAL = re.compile(r"withdraw|widerruf|rétract|desist|retrata|resolução do contrato", re.IGNORECASE)
_POLICY = re.compile(
    r"polic|refund|return|widerruf|rückgabe|rueckgabe|retour|devolu|politica|política|politique", re.IGNORECASE
)
_SILENT = frozenset(("script", "style", "noscript", "template", "svg"))
_EDGES = frozenset(("header", "footer", "nav"))


@dataclass(slots=True)
class Link:
    to: str
    text: str = ""
    # Within a header, a footer or a navigation.
    is_at_edge: bool = False

    @property
    def speaks_of_returns(self) -> bool:
        parts = urlsplit(self.to)
        named = re.sub(r"[-_/]", " ", parts.path)
        return bool(SPEAKS_OF_RETURNS.search(self.text) or SPEAKS_OF_RETURNS.search(named))

    @property
    def speaks_of_withdrawal(self) -> bool:
        return bool(SPEAKS_OF_WITHDRAWAL.search(f"{self.text} {self.to}"))

    @property
    def names_policy(self) -> bool:
        return bool(_POLICY.search(f"{self.text} {urlsplit(self.to).path}"))


@dataclass(slots=True)
class Page:
    url: str
    words: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    title: str = ""
    language: str = ""
    pictures: int = 0
    silent_pictures: int = 0
    has_edges: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def edge_links(self) -> list[Link]:
        """Links in header and footer; all of them where a page does not mark the two."""
        return [link for link in self.links if link.is_at_edge] if self.has_edges else self.links


def read(url: str, html: str) -> Page:
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page(url)
        self._silent = self._edges = 0
        self._link: Link | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag in _EDGES:
            self._edges += 1
            self.page.has_edges = True
        elif tag == "a" and said.get("href"):
            self._begin_link(said)
        elif tag == "html":
            self.page.language = said.get("lang", "")
        elif tag == "title":
            self._in_title = not self._silent
        elif tag == "img":
            self._see_picture(said)

    def _begin_link(self, said: dict[str, str]) -> None:
        try:
            to = urljoin(self.page.url, said["href"].strip())
        except ValueError:
            return
        self._link = Link(to, said.get("aria-label", ""), self._edges > 0)
        self.page.links.append(self._link)

    def _see_picture(self, said: dict[str, str]) -> None:
        self.page.pictures += 1
        self.page.silent_pictures += "alt" not in said
        if self._link is not None:
            self._link.text += f" {said.get('alt', '')}"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _EDGES:
            self._edges = max(0, self._edges - 1)
        elif tag == "a":
            self._link = None
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.page.title += data.strip()
        elif not self._silent and data.strip():
            self.page.words.append(" ".join(data.split()))
            if self._link is not None:
                self._link.text += f" {data}"
