"""Comments as the words they are about.

A word is known by its first letters, without accents: "entrega" and "entregou" are one. A cut at six letters serves
European languages nearly as well as a stemmer of each (McNamee and Mayfield 2004). "não recebi" is one word, for it
is the opposite of the other.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from thereafter.feedback.rules.words.stopwords import ANY, LITTLE, NEGATIONS, STOP_WORDS

STEM = 6
SHORTEST_WORD = 3
LONGEST_COMMENT = 5_000
NOT = "!"
# So many little words of one language more than of any other make it that language, whatever was told.
LEAD = 2
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Word(NamedTuple):
    """`stem` is what it counts as, `spelling` how somebody wrote it."""

    stem: str
    spelling: str


def folded(text: str) -> str:
    """Small letters without accents and apostrophes."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def language_of(text: str, told: str = "") -> str:
    """The language by its little words (of the five we have words of), else the one that was told; "" when neither
    says it."""
    plain = {folded(word) for word in _WORD.findall(text[:LONGEST_COMMENT])}
    votes = Counter({language: len(plain & listed) for language, listed in LITTLE.items()}).most_common(2)
    (first, most), (_, second) = votes
    return first if most >= second + (LEAD if told else 1) else told[:2].lower()


def words(text: str, language: str) -> list[Word]:
    """The words that say something, in their order; a negation is part of the word it turns round."""
    stop_words, negations = STOP_WORDS.get(language, ANY), NEGATIONS.get(language, frozenset())
    found: list[Word] = []
    turned = ""
    for spelling in _WORD.findall(text[:LONGEST_COMMENT].lower()):
        plain = folded(spelling)
        if plain in negations:
            turned = spelling
        elif plain not in stop_words and len(plain) >= SHORTEST_WORD:
            found.append(Word(NOT + plain[:STEM], f"{turned} {spelling}") if turned else Word(plain[:STEM], spelling))
            turned = ""
    return found


def spellings(said: Sequence[Sequence[Word]]) -> dict[str, str]:
    """How each word is written most often."""
    written: dict[str, Counter[str]] = {}
    for word in (word for comment in said for word in comment):
        written.setdefault(word.stem, Counter())[word.spelling] += 1
    return {stem: min(seen, key=lambda one: (-seen[one], one)) for stem, seen in written.items()}
