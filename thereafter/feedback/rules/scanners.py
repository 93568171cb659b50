"""Whether a link of a mail was opened by a person or by a machine on the way. Plain Python.

Gateways follow every link of a mail, some with a real browser that runs scripts; what a person confirms by a button is
never judged here. An open may stand for an answer only where nothing below speaks for a machine.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NamedTuple

# Nobody has read the mail and tapped so soon after it was handed over.
TOO_SOON = timedelta(seconds=60)
# So many different scores of one mail within so long: every link was followed.
SWEEP, SWEEP_IN = 3, timedelta(seconds=10)
# So many people's links from one network within so long.
CROWD, CROWD_IN = 3, timedelta(seconds=10)
# So long it is awaited whether the person presses the button, or a scanner comes for the other links.
WAIT = timedelta(minutes=10)

# Why an open does not stand for an answer. The first six speak for a machine.
SOON, MANY, SWEPT, AGENT, NETWORK, CROWDED = "too_soon", "several_scores", "sweep", "agent", "network", "crowd"
ANSWERED, OFF, UNKNOWN = "answered", "not_counted", "not_sent"

_AGENTS = re.compile(
    # Programs and libraries
    r"curl|wget|python|java/|okhttp|go-http|libwww|lwp|perl|ruby|php|httpclient|axios|node-fetch|undici|got \(|guzzle|"
    r"httpx|aiohttp|scrapy|postman|insomnia|"
    # Browsers without a person before them
    r"headless|phantomjs|puppeteer|playwright|selenium|webdriver|cypress|slimerjs|htmlunit|"
    # Gateways that read companies' mail
    r"barracuda|proofpoint|mimecast|symantec|messagelabs|forcepoint|websense|fireeye|trellix|trendmicro|trend micro|"
    r"sophos|safelinks|safe links|urldefense|zscaler|ironport|cisco|bitdefender|virustotal|cloudmark|fortinet|"
    r"fortigate|fortimail|checkpoint|check point|avanan|abnormal|ironscales|vade|hornet|mailguard|spamhaus|"
    r"kaspersky|mcafee|\beset\b|avast|avira|norton|dr\.?web|"
    # Mailboxes, messengers and networks that look ahead
    r"googleimageproxy|google-safety|yahoomailproxy|outlook-image|microsoft office|ms-office|msoffice|bingpreview|"
    r"skypeuripreview|slackbot|facebookexternalhit|whatsapp|telegrambot|twitterbot|linkedinbot|discordbot|"
    r"duckduckgo-favicons|feedfetcher|mediapartners|"
    # What calls itself by its trade
    r"bot\b|bot/|crawl|spider|scan|preview|prefetch|fetcher|monitor|validator|check_http|uptime|archiver",
    re.IGNORECASE,
)
# "Mozilla/5.0" and nothing more is Apple's proxy; browsers that nobody has used for years are scanners in disguise.
_BARE = re.compile(r"^Mozilla/[45]\.0\s*(\([^)]*\))?$")
_ANCIENT = re.compile(r"MSIE [2-9]\.|Chrome/([1-9]|[1-5]\d)\.|Firefox/([1-9]|[1-4]\d)\.")

# Where the makers of gateways say that theirs come from. It ages and is never complete; it is one sign of six.
_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(one)
    for one in (
        # Microsoft's mail protection
        *(
            "40.92.0.0/15",
            "40.107.0.0/16",
            "52.100.0.0/14",
            "104.47.0.0/17",
            "2a01:111:f400::/48",
            "2a01:111:f403::/48",
        ),
        # Barracuda, Proofpoint
        *("64.235.144.0/20", "209.222.80.0/21", "67.231.144.0/20", "148.163.128.0/19", "205.220.160.0/19"),
        # Mimecast
        *("205.139.110.0/23", "207.211.30.0/23", "146.101.78.0/24", "91.220.42.0/24", "185.58.84.0/22"),
        # Cisco, MessageLabs
        *("68.232.128.0/19", "216.71.128.0/19", "85.158.136.0/21", "193.109.254.0/23", "195.245.230.0/23"),
        # Forcepoint, Google's picture proxies and crawlers
        *("85.115.32.0/19", "208.87.232.0/21", "66.249.64.0/19", "66.102.0.0/20"),
    )
)


class Opening(NamedTuple):
    """A link with a score that was opened. `key` is the caller's; `network` as `answers.network_of` gives it."""

    key: int
    score: int
    at: datetime
    agent: str
    network: str


class Verdict(NamedTuple):
    """What each opening is worth by its key ("" is: a person, as far as one can tell), and the score if one is."""

    why_not: Mapping[int, str]
    score: int | None = None
    key: int | None = None


def judge(openings: Sequence[Opening], *, sent: Collection[datetime], crowded: Collection[int] = ()) -> Verdict:
    """All openings of one invitation. `crowded` are the keys of those that came with many other people's.

    `sent` is when the mail and its reminder were handed over; while nobody knows that, no opening counts.
    """
    swept = _swept(openings)
    why = {one.key: _alone(one, sent, one.key in swept, one.key in crowded) for one in openings}
    good = [one for one in openings if not why[one.key]]
    # Who tried two scores has not made up their mind; one of a machine among them makes the other no more human.
    if len({one.score for one in openings}) > 1:
        return Verdict(why | {one.key: MANY for one in good})
    if not good:
        return Verdict(why)
    last = max(good, key=lambda one: (one.at, one.key))
    return Verdict(why, last.score, last.key)


def _alone(one: Opening, sent: Collection[datetime], swept: bool, crowded: bool) -> str:
    signs = (
        (AGENT, is_machine(one.agent)),
        (NETWORK, is_scanners(one.network)),
        (SWEPT, swept),
        (CROWDED, crowded),
        (SOON, any(timedelta(0) <= one.at - at < TOO_SOON for at in sent)),
        (UNKNOWN, all(at > one.at for at in sent)),
    )
    return next((why for why, speaks in signs if speaks), "")


def is_machine(agent: str) -> bool:
    """By what it says of itself; who says nothing is none either."""
    said = agent.strip()
    return not said or bool(_AGENTS.search(said) or _BARE.match(said) or _ANCIENT.search(said))


def is_scanners(network: str) -> bool:
    try:
        known = ip_network(network)
    except ValueError:
        return False
    return any(known.version == one.version and known.overlaps(one) for one in _NETWORKS)


def crowd(visits: Sequence[tuple[int, int, str, datetime]]) -> set[int]:
    """The keys of openings that came from one network with those of other people, within seconds.

    `visits` are (key, invitation, network, at); a company's gateway that reads all its mail looks like this.
    """
    found: set[int] = set()
    by_network: dict[str, list[tuple[int, int, datetime]]] = {}
    for key, invitation, network, at in visits:
        if network:
            by_network.setdefault(network, []).append((key, invitation, at))
    for seen in by_network.values():
        seen.sort(key=lambda one: one[2])
        start = 0
        for end, (_key, _invitation, at) in enumerate(seen):
            while at - seen[start][2] > CROWD_IN:
                start += 1
            window = seen[start : end + 1]
            if len({invitation for _, invitation, _ in window}) >= CROWD:
                found |= {key for key, _, _ in window}
    return found


def _swept(openings: Sequence[Opening]) -> set[int]:
    """The keys of those that belong to a stretch in which many scores were tried."""
    ordered = sorted(openings, key=lambda one: one.at)
    found: set[int] = set()
    for place, first in enumerate(ordered):
        near = [one for one in ordered[place:] if one.at - first.at <= SWEEP_IN]
        if len({one.score for one in near}) >= SWEEP:
            found |= {one.key for one in near}
    return found
