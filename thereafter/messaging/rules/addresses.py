"""How an address is written down, so that it is found again however it was typed. Plain Python."""

import hashlib

LONGEST = 254
# Ways that lead to an address of a person. Notifications lead to browsers, which say themselves when they are gone.
ADDRESSED = ("email", "sms", "whatsapp")


def key_of(channel: str, address: str) -> str:
    """E-mail in lower case, a number without blanks; what is longer than a column (a browser) by its fingerprint."""
    key = address.strip().lower()
    if channel in {"sms", "whatsapp"}:
        key = "".join(sign for sign in key if sign in "+0123456789")
    return key if len(key) <= LONGEST else hashlib.sha256(key.encode()).hexdigest()


def shortened(address: str) -> str:
    """An internet address that says from where and no longer from whom: the last part of it is cut off."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::/48"
    return ".".join(address.split(".")[:3]) + ".0/24" if address.count(".") == 3 else ""  # noqa: PLR2004  IPv4
