"""What goes into a header. Plain Python."""

import hashlib
import re

LONGEST_ADDRESS = 254

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[\x21-\x7e]+@[\x21-\x7e]+")


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
