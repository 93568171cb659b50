"""What a scanner reads is rarely just the number: carriers and phones put other things around it. Plain Python."""

import re

_LONGEST = 200
# Postcode and service in front of a number of USPS; FedEx puts 22 digits before its own 12.
_USPS = re.compile(r"420(?:\d{5}|\d{9})(9\d{21})")
_FEDEX = re.compile(r"(?:\d{20}|\d{22})(\d{12})")
# The application identifier of an SSCC in front of its 18 digits.
_SSCC = re.compile(r"(?:\(00\)|00)(\d{18})")
_UNIT = re.compile(r"(.+)[/-](\d{1,4})")
_SHOPPERS_CODE = "THR1:"


def readings(text: str) -> tuple[str, ...]:
    """What may have been meant, the likeliest first; nothing for what says nothing."""
    bare = "".join(sign for sign in text[:_LONGEST] if sign.isprintable() and not sign.isspace())
    if bare.upper().startswith(_SHOPPERS_CODE):
        return (bare.upper().split(":")[1],)
    bare = _last_of_address(bare)
    found = [bare, bare.upper()]
    if bare.startswith("(00)"):
        found.append(bare.replace("(00)", "00", 1))
    found += [match[1] for pattern in (_USPS, _FEDEX, _SSCC) if (match := pattern.fullmatch(bare))]
    return tuple(dict.fromkeys(one for one in found if one))


def _last_of_address(text: str) -> str:
    """Some print the address of their tracking page, whose last part is the number."""
    if not text.lower().startswith(("http://", "https://")):
        return text
    return re.split(r"[/=]", text.split("?", 1)[-1].rstrip("/"))[-1]


def unit_of(text: str) -> tuple[str, int] | None:
    """Of a stock label, "R1042/2": the number of the case and the how-many-eth unit it is."""
    found = _UNIT.fullmatch(text.strip().upper())
    return (found[1], int(found[2])) if found else None


def stock_code(case_number: str, place: int) -> str:
    return f"{case_number}/{place}"
