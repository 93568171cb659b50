"""What may be sent to whom, when to try again, and what goes into a header. Plain Python."""

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta

TRANSACTIONAL = "transactional"
SERVICE = "service"
MARKETING = "marketing"

LEASE = timedelta(minutes=10)
MOST_TRIES = 8
LONGEST_ADDRESS = 254

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[\x21-\x7e]+@[\x21-\x7e]+")


def languages(*locales: str) -> list[str]:
    """Languages to try, best first: those of the customer and the shop without their region, then English."""
    short = [locale.replace("_", "-").split("-")[0].lower() for locale in locales if locale]
    return list(dict.fromkeys([*short, "en"]))


def choose_language(available: Sequence[str], *locales: str) -> str:
    """The best language that there is; the first of `available` when none of the wanted ones is."""
    return next((language for language in languages(*locales) if language in available), available[0])


def one_line(text: str) -> str:
    """Text that is safe as the value of a header: no line breaks or other control characters, at most 250 long."""
    return _CONTROL.sub(" ", text).strip()[:250]


def is_address(address: str) -> bool:
    """Whether it looks like an address that SMTP can carry in ASCII; not whether anyone reads it."""
    return bool(_ADDRESS.fullmatch(address)) and len(address) <= LONGEST_ADDRESS and address.count("@") == 1


def message_id(store_id: int, key: str, host: str) -> str:
    """The Message-ID header: the same for the same message however often it is tried, so that a repeat is harmless."""
    digest = hashlib.sha256(f"{store_id}:{key}".encode()).hexdigest()[:32]
    return f"<{digest}@{host}>"


def headers(unsubscribe: str) -> dict[str, str]:
    """What every letter says of itself; with an address, one-click unsubscribing by RFC 8058."""
    automatic = {"Auto-Submitted": "auto-generated"}
    if not unsubscribe:
        return automatic
    return {**automatic, "List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def may_send_after_interruption(message_class: str, interrupted_before: bool) -> bool:
    """A worker died while the channel had the message: we cannot know whether it went out.

    What the shopper waits for is tried once more; anything else is left as `unknown`.
    """
    return message_class == TRANSACTIONAL and not interrupted_before


def next_try(attempts: int) -> timedelta | None:
    """The pause before another try after a temporary refusal: 1 minute, growing to 9 hours; None after eight."""
    return None if attempts >= MOST_TRIES else timedelta(minutes=1) * min(3 ** (attempts - 1), 540)


def why_not(message_class: str, address: str, *, suppressed: set[str], consents: bool) -> str:
    """Why a message must not go out, or "". `suppressed` are the scopes (all, marketing) closed for the address."""
    if not address:
        return "no_address"
    if not is_address(address):
        return "bad_address"
    if "all" in suppressed:
        return "suppressed"
    if message_class != TRANSACTIONAL and "marketing" in suppressed:
        return "unsubscribed"
    if message_class == MARKETING and not consents:
        return "no_consent"
    return ""
