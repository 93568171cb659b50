"""Text from outside, made fit to keep, and addresses of people in one spelling."""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from thereafter.commerce.documents import Address

# PostgreSQL keeps no NUL and UTF-8 no half of a surrogate pair; other control characters only do harm on pages.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# With its plus sign; what is shorter is an extension or a service, not a person.
SHORTEST_NUMBER = 8
_LENGTHS = {"country": 2, "postcode": 20, "phone": 40}


def clean(text: str, most: int) -> str:
    """One line of text without control characters, cut to `most` characters; HTML stays text and pages escape it."""
    if text.isprintable() and len(text) <= most:
        return text.strip()
    return _UNFIT.sub("", text.replace("\r\n", "\n")).replace("\n", " ").replace("\t", " ").strip()[:most].strip()


def clean_url(text: str, most: int) -> str:
    """An address of the web, or "": what stands behind a link must not run in the page."""
    address = clean(text, most)
    return address if address.lower().startswith(("https://", "http://")) else ""


def clean_note(text: str, most: int = 20_000) -> str:
    """As `clean`, but lines stay lines."""
    return _UNFIT.sub("", text.replace("\r\n", "\n")).strip()[:most]


@lru_cache(maxsize=8192)
def normal_email(text: str) -> str:
    """The address in lower case, or "" when it is none. Syntax only: nobody is asked over the network."""
    try:
        # test_environment: shops are set up with addresses under .test first.
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return found.normalized.lower()


def wire_email(address: str) -> str:
    """A normal address as mail servers write it: a domain of other letters in ASCII (münchen.example is
    xn--mnchen-3ya.example). As it stands when that is not all: only few servers take other letters before the @."""
    if address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return address
    return found.ascii_email or address


@lru_cache(maxsize=8192)
def normal_phone(text: str, country: str = "") -> str:
    """The number in E.164, read as people in `country` (ISO code) write it; "" when it cannot be one."""
    try:
        number = phonenumbers.parse(clean(text, 40), country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    spelled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return spelled if len(spelled) >= SHORTEST_NUMBER else ""


def clean_address(address: Address) -> dict[str, str]:
    """The address as it is kept: only fields that say something."""
    fields = ((name, clean(getattr(address, name), _LENGTHS.get(name, 200))) for name in address.__struct_fields__)
    kept = {name: value for name, value in fields if value}
    if "country" in kept:
        kept["country"] = kept["country"].upper()
    return kept
