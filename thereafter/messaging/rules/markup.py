"""What people type into a text block, as HTML: **bold**, *italic*, [words](address), lists and paragraphs.

Everything else is text: what looks like HTML is shown. Liquid passes through untouched.
"""

import html
import re

LIQUID = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_KEPT = re.compile("\ue000(\\d+)\ue001")
_IN_LINK = re.compile("\ue002(\\d+)\ue003")
_LINK = re.compile(r"\[([^\[\]]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)
_ITALIC = re.compile(r"(?<![*\w])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![*\w])", re.DOTALL)
_ITEM = re.compile(r"^\s*[-•]\s+")
# A word of the template, drawn as such later.
_REFERENCE = re.compile(r"\{\{ t\.[\w.]+ \| rich \}\}")
_SAFE = re.compile(r"(?:https?://|mailto:|tel:|#|\ue000|/)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Text as HTML; only its Liquid is alive."""
    return "".join(part if LIQUID.fullmatch(part) else html.escape(part) for part in LIQUID.split(text))


def in_attribute(text: str) -> str:
    """Text as the value of an attribute in double quotes: those within its Liquid become single ones."""
    return "".join(
        part.replace('"', "'") if LIQUID.fullmatch(part) else html.escape(part) for part in LIQUID.split(text)
    )


def is_safe_link(address: str) -> bool:
    """Whether an address (or Liquid that makes one) may stand in a message: no scripts, no data."""
    return bool(_SAFE.match(LIQUID.sub("\ue000", address.strip())))


def as_html(text: str) -> str:
    """Paragraphs and lists of a rich text."""
    if _REFERENCE.fullmatch(text):
        return text
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    parts = re.split(r"\n\s*\n", LIQUID.sub(keep, text.replace("\r\n", "\n").strip()))
    drawn = "".join(_part(part, last=at == len(parts) - 1) for at, part in enumerate(parts))
    drawn = _IN_LINK.sub(lambda found: in_attribute(kept[int(found[1])]), drawn)
    return _KEPT.sub(lambda found: kept[int(found[1])], drawn)


def _part(part: str, *, last: bool) -> str:
    margin = "0" if last else "0 0 12px"
    lines = part.split("\n")
    if all(_ITEM.match(line) for line in lines):
        items = "".join(f"<li>{_inline(_ITEM.sub('', line))}</li>" for line in lines)
        return f'<ul style="margin:{margin};padding-left:22px">{items}</ul>'
    return f'<p style="margin:{margin}">{"<br />".join(_inline(line) for line in lines)}</p>'


def _inline(line: str) -> str:
    line = html.escape(line)
    line = _LINK.sub(lambda found: _link(found[1], found[2]), line)
    line = _BOLD.sub(r"<b>\1</b>", line)
    return _ITALIC.sub(r"<i>\1</i>", line)


def _link(words: str, address: str) -> str:
    if not _SAFE.match(html.unescape(address)):
        return words
    address = _KEPT.sub("\ue002\\1\ue003", address)
    return f'<a href="{address}">{words}</a>'
