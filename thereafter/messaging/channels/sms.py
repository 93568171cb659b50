"""Text messages through Twilio's interface: one segment each, in the alphabet that every phone has."""

import json
import unicodedata
from dataclasses import dataclass

import urllib3

from thereafter.messaging.channels.letters import Answer, Verdict, by_status

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
# Twilio's word for "this person has answered STOP".
_STOPPED = 21610
_pool = urllib3.PoolManager(maxsize=2, retries=False, timeout=urllib3.Timeout(connect=5, read=15))


@dataclass(frozen=True)
class Account:
    """`sender` is a number in E.164, a name, or a messaging service (MG…)."""

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


def send(account: Account, to: str, text: str) -> Verdict:
    """Hands one message over; `to` is in E.164."""
    by = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
    try:
        answer = _pool.request(
            "POST",
            f"{account.url.rstrip('/')}/2010-04-01/Accounts/{account.account}/Messages.json",
            fields={"To": to, by: account.sender, "Body": text},
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{account.account}:{account.token}"),
            redirect=False,
        )
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return Verdict(Answer.LATER, f"The SMS service could not be reached: {error}"[:250])
    return _verdict(answer.status, answer.data)


def _verdict(status: int, body: bytes) -> Verdict:
    try:
        told = json.loads(body)
        code, words = told.get("code"), told.get("message", "")
    except (ValueError, AttributeError):
        code, words = None, body[:200].decode("utf-8", "replace")
    said = f"{status} {words}"[:250]
    if code == _STOPPED:
        return Verdict(Answer.GONE, said)
    return by_status(status, said)
