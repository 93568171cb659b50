"""A look at a shop's own public pages: a handful of calls, what robots.txt allows, and never into a private network."""

from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from thereafter.messaging.channels import guarded
from thereafter.messaging.channels.guarded import Fetched, Forbidden, NoAnswer
from thereafter.returns.readiness.reading import Page, read

AGENT = "Thereafter"
MOST_CALLS, MOST_HOPS = 10, 4
MOST_BYTES = 1024 * 1024
SECONDS_A_CALL, SECONDS = 8.0, 40.0
_FINE = 200
_NONE_MEANS_ALL = range(400, 500)


class NotSeen(Exception):
    """A page could not be looked at; the text is a sentence that says why."""


@dataclass(slots=True)
class Crawl:
    """One look, with the calls and the time it has left."""

    private: bool = False
    seconds_a_call: float = SECONDS_A_CALL
    calls: int = 0
    _until: float = field(default_factory=lambda: monotonic() + SECONDS)
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)

    def page(self, url: str) -> Page:
        """Follows redirects, each to an address that may be called. Raises `NotSeen`."""
        for _ in range(MOST_HOPS):
            if not self._rules_of(url).can_fetch(AGENT, url):
                raise NotSeen(f"The shop's robots.txt asks us not to read {shown(url)}.")
            answer = self._get(url)
            if not answer.to:
                return self._read(url, answer)
            url = answer.to
        raise NotSeen(f"{shown(url)} leads on and on.")

    def _read(self, url: str, answer: Fetched) -> Page:
        if answer.status != _FINE:
            raise NotSeen(f"{shown(url)} answered with {answer.status} instead of a page.")
        return read(url, answer.text)

    def _get(self, url: str) -> Fetched:
        self.calls += 1
        left = self._until - monotonic()
        if self.calls > MOST_CALLS or left <= 0:
            raise NotSeen("The look took too long and was ended.")
        try:
            return guarded.get(url, private=self.private, most_bytes=MOST_BYTES, seconds=min(left, self.seconds_a_call))
        except (Forbidden, NoAnswer) as refusal:
            raise NotSeen(str(refusal)) from None

    def _rules_of(self, url: str) -> RobotFileParser:
        """A shop without such a file allows everything; one that cannot answer is left alone."""
        parts = urlsplit(url)
        site = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        if site not in self._robots:
            rules = RobotFileParser()
            answer = self._get(f"{site}/robots.txt")
            if answer.status == _FINE:
                rules.parse(answer.text.splitlines())
            elif answer.status in _NONE_MEANS_ALL or answer.to:
                rules.parse([])
            else:
                rules.parse(["User-agent: *", "Disallow: /"])
            self._robots[site] = rules
        return self._robots[site]


def shown(url: str) -> str:
    """An address as people say it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path if parts.path != '/' else ''}"[:120]
