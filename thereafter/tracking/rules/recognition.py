"""Which carrier a tracking number is of: candidates, best first, and the one that we may take without asking.

A check digit that holds counts most, then what a person of the store said of such numbers, then the carriers that the
store works with, then the lane. Among equals that format counts more which fewer other numbers of the same length fit.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import log2

from thereafter.tracking.rules.check_digits import CHECKS
from thereafter.tracking.rules.number_formats import FORMATS, HOMES, Format
from thereafter.tracking.rules.posts import CARRIERS, NAMES
from thereafter.tracking.rules.scans import carrier_key

# Nobody prints longer ones; with a separator between all characters they are twice as long.
LONGEST, LONGEST_WRITTEN = 41, 200

# What counts how much in a score. A bit of evidence halves the numbers of the same length that would fit.
CHECKED, LEARNT, ACTIVE, EVIDENCE, MOST_BITS = 0.5, 0.2, 0.12, 0.1, 16.0
BIT = EVIDENCE / MOST_BITS
LANE = 2 * BIT
# Taken without asking: less than one in 64 fits by accident (or the store works with the carrier), and so far ahead of
# the second.
SURE, CLEARLY = CHECKED + 6 * BIT, 6 * BIT

_TOKEN = re.compile(r"(\[[^]]+\]|<[^>]+>|[#@*!?()A-Z0-9])(?:\{(\d+)(?:,(\d+))?\})?")
_CLASSES = {"#": "[0-9]", "@": "[A-Z]", "*": "[0-9A-Z]", "!": "([0-9])", "?": "([0-9A-Z])"}
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212._/\u200b-\u200f\u2060\ufeff\u00ad]+")
_POST_NUMBER = re.compile(r"[A-Z]{2}[0-9]{9}([A-Z]{2})")
_HEAD = re.compile(r"[0-9][A-Z]|[A-Z]{1,4}|00")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A carrier whose numbers look like this. `checked`: a check digit was computed and holds. `post` is the carrier
    behind an international number, where we know it; `learnt` that a person of the store said so."""

    carrier: str
    service: str
    checked: bool
    score: float
    post: str = ""
    learnt: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """Carriers as `carrier_key` writes them, countries in capitals."""

    carriers: tuple[str, ...]
    learnt: str
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reader:
    """A format, made ready."""

    format: Format
    pattern: re.Pattern[str]
    lengths: range
    bits: float


def candidates(
    number: str,
    *,
    carriers: Collection[str] = (),
    origin: str = "",
    destination: str = "",
    learnt: Mapping[str, str] = {},
) -> list[Candidate]:
    """Best first, one per carrier. `carriers` are those the store works with, `origin` and `destination` begin with a
    country's two letters, `learnt` maps a `shape` to the carrier that a person of the store chose for it."""
    written = clean(number)
    if not written:
        return []
    chosen = learnt.get(_shape(written), "") if learnt else ""
    countries = frozenset(place[:2].upper() for place in (origin, destination) if place)
    context = _Context(tuple(filter(None, map(carrier_key, carriers))), carrier_key(chosen), countries)
    best: dict[str, Candidate] = {}
    for reader in _READERS.get(len(written), ()):
        found = _read(reader, written, context)
        if found and (found.carrier not in best or found.score > best[found.carrier].score):
            best[found.carrier] = found
    if chosen and not any(candidate.learnt for candidate in best.values()):
        best[chosen] = Candidate(chosen, "", False, LEARNT, learnt=True)
    return sorted(best.values(), key=lambda candidate: -candidate.score)


def sure(found: Collection[Candidate]) -> str | None:
    """The carrier that may be taken without asking, else None. Never on a number without a check digit, and never
    against what a person of the store said of such numbers."""
    if not found:
        return None
    first, *others = sorted(found, key=lambda candidate: -candidate.score)
    is_rivalled = any(other.learnt or first.score - other.score < CLEARLY for other in others)
    if not first.checked or first.score < SURE or is_rivalled:
        return None
    return first.post or first.carrier


def clean(number: str) -> str:
    """Capitals and digits, without what people put between them; "" when it cannot be a tracking number."""
    if len(number) > LONGEST_WRITTEN:
        return ""
    if not number.isascii():
        number = "".join(map(_plain, unicodedata.normalize("NFKC", number)))
    written = _SEPARATORS.sub("", number).upper()
    is_one = len(written) <= LONGEST and written.isascii() and written.isalnum() and not written.isalpha()
    return written if is_one else ""


def shape(number: str) -> str:
    """What numbers of one format have in common, as a key: how they begin, how long they are, whether the rest is
    digits; of an international number the country. At most 80 characters, "" for what is no number."""
    return _shape(clean(number))


def _shape(written: str) -> str:
    post = _POST_NUMBER.fullmatch(written)
    if post:
        return f"S10:{post[1]}"
    head = _HEAD.match(written)
    start = head[0] if head else ""
    if start[:1].isdigit() and start != "00":
        return f"{start}:{len(written)}"
    if written[len(start) :].isdigit():
        return f"{start}:{len(written)}:digits"
    return f"{len(written)}:mixed" if written else ""


def _plain(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def _read(reader: _Reader, written: str, context: _Context) -> Candidate | None:
    match = reader.pattern.fullmatch(written)
    if match is None:
        return None
    carrier, service, post = reader.format.carrier, reader.format.service, ""
    if reader.format.check:
        due, _ = CHECKS[reader.format.check]
        # All noughts pass every check and are nobody's number.
        if due(reader.format.before + match[1]) != match[2] or len(set(match[1])) == 1:
            return None
    if carrier == "s10":
        post, service = CARRIERS.get(written[-2:], ""), NAMES.get(written[-2:], "")
        if not service:
            return None
    is_learnt = _is_of(context.learnt, carrier, post)
    is_active = any(_is_of(key, carrier, post) for key in context.carriers)
    checked = bool(reader.format.check) and (is_learnt or is_active or not reader.format.at_home)
    score = CHECKED * checked + LEARNT * is_learnt + ACTIVE * is_active + BIT * reader.bits
    score += LANE * (not context.countries.isdisjoint(HOMES.get(post or carrier, ())))
    return Candidate(carrier, service, checked, round(score, 4), post, is_learnt)


def _is_of(key: str, carrier: str, post: str) -> bool:
    """Whether a carrier as the store writes it is this one: "DHL Express" and "DHL Paket" are DHL."""
    return bool(key) and any(name and key.startswith(name.replace("_", "")) for name in (carrier, post))


def _ready(form: Format) -> _Reader:
    pattern, least, most, bits = "", 0, 0, form.bits
    for what, low, high in _TOKEN.findall(form.template):
        few = int(low or 1)
        many = int(high or few)
        words = what[1:-1].split("|") if what[0] == "<" else []
        width = len(words[0]) if words else int(what not in "()")
        pattern += _expression(what, words) + (f"{{{few},{many}}}" if low else "")
        least, most = least + few * width, most + many * (max(map(len, words)) if words else width)
        bits += few * _bits(what, words)
    bits += log2(CHECKS[form.check][1]) if form.check else 0.0
    # Long strings of digits are seldom anything but tracking numbers.
    bits += max(0, least - 12) / 4
    return _Reader(form, re.compile(pattern), range(least, most + 1), min(max(bits, 0.0), MOST_BITS))


def _expression(what: str, words: list[str]) -> str:
    return f"(?:{'|'.join(words)})" if words else _CLASSES.get(what, what)


def _bits(what: str, words: list[str]) -> float:
    """By how often it halves the numbers that have digits and letters in the same places."""
    if words:
        return sum(_bits(letter, []) for letter in words[0]) - log2(len(words))
    if what in "#@*!?()":
        return 0.0
    allowed = len(re.findall(what, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return log2((26 if re.search("[A-Z]", what) else 10) / allowed)


def _by_length() -> dict[int, tuple[_Reader, ...]]:
    readers = [_ready(form) for form in FORMATS]
    lengths = {length for reader in readers for length in reader.lengths}
    return {length: tuple(reader for reader in readers if length in reader.lengths) for length in lengths}


_READERS = _by_length()
