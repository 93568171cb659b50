"""Whether a mail was opened and a link followed by a reader or by a machine on the way. Plain Python.

Apple's privacy proxy fetches pictures when a mail arrives and calls itself "Mozilla/5.0" and nothing more; Gmail's
fetches early under a browser of 2015; gateways of companies follow every link of a mail within moments.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

# Nobody reads that fast: what comes sooner after the handing over is a machine.
TOO_SOON = timedelta(seconds=5)
# Proxies of mailboxes fetch when somebody looks, but also when a mail arrives.
PROXY_TOO_SOON = timedelta(seconds=30)
# So many different links of one mail within so long.
MANY, AT_ONCE = 3, timedelta(seconds=8)

_APPLE = "Mozilla/5.0"
_GMAIL_EARLY = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246"
_PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy|DuckDuckGo-Favicons|Outlook-Image-Proxy", re.IGNORECASE)
_MACHINES = re.compile(
    r"bot\b|spider|crawl|preview|scan|barracuda|proofpoint|mimecast|symantec|messagelabs|forcepoint|fireeye|trendmicro|"
    r"sophos|safelinks|urldefense|zscaler|cisco|ironport|bitdefender|virustotal|cloudmark|slackbot|facebookexternalhit|"
    r"whatsapp|curl|wget|python|java/|okhttp|go-http|libwww|httpclient|axios|node-fetch|headless|phantomjs|ruby|perl",
    re.IGNORECASE,
)


class Visit(NamedTuple):
    """Somebody or something that fetched a picture or followed a link. `key` is the caller's."""

    key: int
    message_id: int
    kind: str
    url: str
    agent: str
    at: datetime


def is_machine(visit: Visit, handed_over_at: datetime | None) -> bool:
    """By what it says of itself, and by how soon it came."""
    agent = visit.agent.strip()
    if not agent or _MACHINES.search(agent) or _GMAIL_EARLY in agent:
        return True
    if visit.kind == "opened" and agent == _APPLE:
        return True
    if handed_over_at is None:
        return False
    patience = PROXY_TOO_SOON if _PROXIES.search(agent) else TOO_SOON
    return visit.at - handed_over_at < patience


def scanned(visits: Sequence[Visit]) -> set[int]:
    """The keys of clicks that came many at once: on several links of one mail within a few seconds."""
    found: set[int] = set()
    clicks = sorted((visit for visit in visits if visit.kind == "clicked"), key=lambda one: (one.message_id, one.at))
    for place, first in enumerate(clicks):
        near = [one for one in clicks[place:] if one.message_id == first.message_id and one.at - first.at <= AT_ONCE]
        if len({one.url for one in near}) >= MANY:
            found |= {one.key for one in near}
    return found
