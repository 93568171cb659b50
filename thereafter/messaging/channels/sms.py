"""Text messages: what fits into one, and by whom they go: Twilio, or any service with an interface over HTTP."""

import unicodedata
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from thereafter.messaging.channels import http_sms, letters, twilio
from thereafter.messaging.channels.letters import Channel, Field, Kind, Letter, Provider, Verdict
from thereafter.messaging.channels.null import Null

AT_ONCE = 8
SEGMENT = 160
# GSM 03.38; what stands in the second table takes two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€")
# Typographic signs, as people would type them on a phone.
_PLAIN = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
        "`": "'",
    }
)
# What a message of several parts has in each, in GSM 03.38 and in UTF-16.
_PART, _UNICODE_ONE, _UNICODE_PART = 153, 70, 67
# Above the plane of 16 bits a sign takes two places of UTF-16.
_LAST_OF_ONE_PLACE = 0xFFFF


@dataclass(frozen=True)
class Account:
    """The installation's own, for notices of tracking. `sender` is a number in E.164, a name, or a messaging service
    (MG…)."""

    account: str
    token: str
    sender: str
    url: str = "https://api.twilio.com"


def as_gsm(text: str) -> str:
    """The text in GSM 03.38: accents that it lacks are dropped, other signs become a question mark."""
    return "".join(map(_letter, text.translate(_PLAIN)))


def _letter(letter: str) -> str:
    if letter in _BASIC or letter in _DOUBLE:
        return letter
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if bare in _BASIC or bare in _DOUBLE else "?"


def places(text: str) -> int:
    """How many of a segment's 160 places a text in GSM 03.38 takes."""
    return sum(2 if letter in _DOUBLE else 1 for letter in text)


def one_segment(head: str, text: str, tail: str) -> str:
    """ "Shop: text tail" in one segment. The shop's name is cut first, then the text; the tail (a link) is kept."""
    head, text, tail = as_gsm(head), as_gsm(text), as_gsm(tail)
    for cut in (24, 16, 8):
        whole = f"{head[:cut].strip()}: {text} {tail}"
        if places(whole) <= SEGMENT:
            return whole
    room = SEGMENT - places(f"{head[:8].strip()}:  {tail}")
    while text and places(text) > room:
        text = text[:-1]
    return f"{head[:8].strip()}: {text.strip()} {tail}".replace(":  ", ": ")


@dataclass(frozen=True)
class Segments:
    """How a text goes out: the alphabet that every phone has, or UTF-16 as soon as one sign is not in it."""

    count: int
    is_unicode: bool
    # Places that are left in the last part.
    left: int


def segments(text: str) -> Segments:
    """What a text costs. A sign of two places is never cut apart at the end of a part."""
    is_unicode = not all(letter in _BASIC or letter in _DOUBLE for letter in text)
    sizes = [_units(letter, is_unicode) for letter in text]
    one, part = (_UNICODE_ONE, _UNICODE_PART) if is_unicode else (SEGMENT, _PART)
    if sum(sizes) <= one:
        return Segments(1, is_unicode, one - sum(sizes))
    count, left = 1, part
    for size in sizes:
        if size > left:
            count, left = count + 1, part
        left -= size
    return Segments(count, is_unicode, left)


def _units(letter: str, is_unicode: bool) -> int:
    if is_unicode:
        return 2 if ord(letter) > _LAST_OF_ONE_PLACE else 1
    return 2 if letter in _DOUBLE else 1


def plainer(text: str) -> str:
    """With the quotes, dashes and dots that a phone's keyboard makes: one curly quote costs 90 of 160 places."""
    return text.translate(_PLAIN)


def send(account: Account, to: str, text: str) -> Verdict:
    """Hands one message over; `to` is in E.164."""
    known = {"account": account.account, "token": account.token, "from": account.sender, "url": account.url}
    through = letters.Account.of("sms", "twilio", known)
    return twilio.send(through, {"to": to, "body": text, **twilio.sender(through, "")})


@lru_cache(maxsize=8192)
def country_of(number: str) -> str:
    """The ISO code of the country a number in E.164 is of, or ""."""
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.region_code_for_number(read)
    # Where the number itself tells nothing, the biggest country under its code.
    return found or phonenumbers.region_code_for_country_code(read.country_code or 0)


class Texts:
    """Several at a time: each is a call of its own."""

    together = 3 * AT_ONCE

    def __init__(self, account: letters.Account) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sms")

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return self._threads.map(self._one, letters)

    def _one(self, letter: Letter) -> Verdict:
        text = letter.text if self._account.get("keep_punctuation") else plainer(letter.text)
        if self._account.provider == "http":
            return http_sms.send(self._account, letter, text)
        message = {"to": letter.to, "body": text, **twilio.sender(self._account, country_of(letter.to))}
        if letter.extra.get("news"):
            message["status_callback"] = letter.extra["news"]
        return twilio.send(self._account, message)


@lru_cache(maxsize=64)
def _opened(account: letters.Account) -> Channel:
    return Null() if account.provider == "null" else Texts(account)


_PUNCTUATION = Field(
    "keep_punctuation",
    "Keep typographic punctuation",
    "Otherwise curly quotes and dashes become plain ones: one of them more than doubles the price of a text.",
    required=False,
    kind="flag",
)
TWILIO_FIELDS = (
    Field("account", "Account SID", "It begins with AC."),
    Field("token", "Auth token", "It also proves that news come from Twilio.", secret=True),
)
TWILIO_URL = Field("url", "Another address", "Only for a service with the same interface.", required=False)
KIND = Kind(
    "sms",
    "Text message",
    "phone",
    "a mobile number",
    _opened,
    providers=(
        Provider(
            "twilio",
            "Twilio",
            (
                *TWILIO_FIELDS,
                Field("from", "Sender", "A number such as +4930123456, a name, or a messaging service (MG…)."),
                Field(
                    "senders",
                    "Other senders by country",
                    "One to a line, such as DE: Stride. A name cannot be answered, and some countries allow none.",
                    required=False,
                    kind="pairs",
                ),
                _PUNCTUATION,
                TWILIO_URL,
            ),
            "Numbers, names and messaging services; deliveries and answers come back by themselves.",
        ),
        Provider("http", "Another service (HTTP)", (*http_sms.FIELDS, _PUNCTUATION), http_sms.ABOUT),
    ),
)
