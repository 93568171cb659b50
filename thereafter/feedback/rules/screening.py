"""What in a text deserves a second look before it is public. Plain Python.

Hints put something into the queue and reject nothing. They see words and where they came from, never the stars: the
function is not told them. Lists of bad words are short on purpose. Large ones take "killer headphones" for abuse, and
dictionaries of many languages at once find something in every review.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from thereafter.feedback.rules.reviews import is_insider

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.|\s?\(dot\)\s?)[a-z]{2,}", re.IGNORECASE)
_LINK = re.compile(
    r"https?://\S+|www\.\S+|\b[\w-]{3,}\.(?:com|net|org|info|shop|store|xyz|ru|de|fr|es|pt|io)\b(?!@)", re.IGNORECASE
)
# Nine digits and more, as people write telephone numbers; sizes and prices are shorter.
_PHONE = re.compile(r"(?<![\w.,])(?:\+|00)?\d(?:[\s()/.-]{0,2}\d){8,14}(?![\w.,]\d)")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_ADDRESS = re.compile(
    r"\b(?:\w{2,}(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee)\s+\d{1,4}[a-z]?"
    r"|\d{1,5}\s+(?:\w+\s){1,2}(?:street|road|avenue|lane|drive|st\.|rd\.|ave\.)"
    r"|\d{1,4}\s*,?\s*(?:rue|avenue|boulevard|chemin)\s+\w+"
    r"|(?:rua|calle|avenida|av\.|travessa|plaza)\s+(?:\w+\s){1,4}(?:,\s*|n\.?º\s*)?\d{1,5})\b",
    re.IGNORECASE,
)
# Insults of persons in the five languages. What people also say of a shoe, or of a parcel that comes "en retard", is
# left out.
_ABUSE = frozenset(
    re.findall(
        r"\w+",
        "asshole bastard cunt motherfucker nigger faggot whore arschloch hurensohn wichser fotze missgeburt "
        "schwuchtel connard connasse enculé salope pédé bougnoule gilipollas cabrón maricón hijoputa malparido viado "
        "arrombado",
    )
)
_MANY_CAPITALS, _ENOUGH_LETTERS = 0.7, 24
_REPEATED = re.compile(r"(.)\1{5,}|\b(\w{2,})(?:\W+\2\b){3,}", re.IGNORECASE)
# One text that many wrote is compared from here on: "Great!" is everybody's.
_LONG_ENOUGH_TO_COMPARE = 40


@dataclass(frozen=True)
class Hint:
    """What deserves a look, and the words that it is about."""

    code: str
    text: str
    quote: str = ""


@dataclass(frozen=True)
class Beside:
    """What is known around a text: how many others have the same words, and who else wrote from the same network."""

    same_words: int = 0
    same_network: int = 0
    author: str = ""
    insider_domains: Collection[str] = ()


ALONE = Beside()


def hints(title: str, body: str, beside: Beside = ALONE) -> list[Hint]:
    """What a person should look at; nothing for most texts."""
    text = f"{title}\n{body}".strip()
    found = (*_of_people(text), *_of_manner(text), *_of_origin(text, beside))
    return [hint for hint in found if hint]


def _of_people(text: str) -> list[Hint | None]:
    return [
        _seen("email", "Like an e-mail address", _EMAIL.search(text)),
        _seen("phone", "Like a telephone number", _PHONE.search(_DATE.sub("", text))),
        _seen("address", "Like an address", _ADDRESS.search(text)),
    ]


def _of_manner(text: str) -> list[Hint | None]:
    letters = [letter for letter in text if letter.isalpha()]
    shouts = len(letters) >= _ENOUGH_LETTERS and sum(map(str.isupper, letters)) / len(letters) > _MANY_CAPITALS
    insult = next((word for word in re.findall(r"\w+", text.lower()) if word in _ABUSE), "")
    return [
        _seen("link", "A link", _LINK.search(_EMAIL.sub("", text))),
        Hint("abuse", "May insult somebody", insult) if insult else None,
        Hint("capitals", "Written in capitals") if shouts else None,
        Hint("repeats", "Repeats the same letters or words") if _REPEATED.search(text) else None,
    ]


def _of_origin(text: str, beside: Beside) -> list[Hint | None]:
    domain = beside.author.rpartition("@")[2]
    others, near = beside.same_words, beside.same_network
    return [
        Hint("same_words", f"{_times(others)} with the same words") if others and is_comparable(text) else None,
        Hint("same_network", f"{_times(near)} from the same network in a week") if near else None,
        Hint("insider", "Address of one of your own", domain)
        if is_insider(beside.author, beside.insider_domains)
        else None,
    ]


def _times(count: int) -> str:
    return "1 other" if count == 1 else f"{count} others"


def _seen(code: str, text: str, match: re.Match[str] | None) -> Hint | None:
    return Hint(code, text, match[0].strip()[:60]) if match else None


def is_comparable(text: str) -> bool:
    """Whether the same words twice are more than a coincidence."""
    return len(text.strip()) >= _LONG_ENOUGH_TO_COMPARE
