"""What is wrong with addresses, and with HTML or MJML that somebody wrote. Plain Python."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from thereafter.kit.colours import READABLE, contrast
from thereafter.messaging.rules import markup
from thereafter.messaging.rules.findings import ERROR, WARNING, Finding

_TAG = re.compile(r"<(?P<name>a|img|script|iframe|form|object|embed)\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_HANDLER = re.compile(r"<[^>]+\son\w+\s*=", re.IGNORECASE)
_STYLE = re.compile(r"""style\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|;)\s*(color|background|background-color)\s*:\s*(#[0-9a-f]{6})\b", re.IGNORECASE)
_MADE_UP = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|localhost|invalid|test)$")


def link_problem(address: str) -> str:
    """What is wrong with an address, as the end of a sentence; "" for a good one."""
    address = address.strip()
    if not address:
        return "leads nowhere; give it an address."
    if address == "#":
        return "is only a #; give it an address."
    if not markup.is_safe_link(address):
        return "must begin with https://, mailto: or tel:, or be a variable."
    if address.startswith("/"):
        return "has no shop before it; write it in full with https://."
    return "" if "{" in address else _host_problem(address)


def _host_problem(address: str) -> str:
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"}:
        return "" if parts.path else "has no address behind it."
    if "." not in host or _MADE_UP.search(host):
        return f"leads to {host or 'nothing'}, which nobody can open."
    return ""


def of_code(code: str, where: str = "") -> Iterator[Finding]:
    """What is wrong with HTML or MJML that somebody wrote."""
    if _HANDLER.search(code):
        yield Finding(ERROR, "Scripts in attributes (onclick and the like) do not run in mails; take them out.", where)
    for found in _TAG.finditer(code):
        line = code.count("\n", 0, found.start()) + 1
        given = {name.lower(): one or two for name, one, two in _ATTRIBUTE.findall(found["attributes"])}
        for level, text in _of_tag(found["name"].lower(), given):
            yield Finding(level, text, where, line=line)
    yield from _of_styles(code, where)


def _of_tag(name: str, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if name == "script" and "ld+json" in given.get("type", ""):
        yield WARNING, "JSON-LD made of text can break; the blocks of order and parcel bring theirs."
    elif name not in {"a", "img"}:
        yield ERROR, f"<{name}> does not work in mails; take it out."
    elif name == "a":
        problem = link_problem(given.get("href", ""))
        if problem and not given.get("name"):
            yield ERROR, f"A link {problem}"
    else:
        if "alt" not in given:
            yield ERROR, 'A picture has no alt text; write alt="" if it is decoration.'
        if "width" not in given and "width" not in given.get("style", ""):
            yield WARNING, "A picture has no width: Outlook shows it in its full size."


def _of_styles(code: str, where: str) -> Iterator[Finding]:
    for found in _STYLE.finditer(code):
        chosen = {name.lower().split("-")[0]: colour for name, colour in _COLOUR.findall(found[1] or found[2] or "")}
        if len(chosen) > 1 and (ratio := contrast(chosen["color"], chosen["background"])) < READABLE:
            line = code.count("\n", 0, found.start()) + 1
            said = f"{chosen['color']} on {chosen['background']} is hard to read: contrast {ratio:.1f}, not {READABLE}."
            yield Finding(WARNING, said, where, line=line)
