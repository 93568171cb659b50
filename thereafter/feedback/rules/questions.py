"""Questions about products: how long they may be, and which buyers are asked next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

SHORTEST, LONGEST, LONGEST_ANSWER = 8, 1000, 2000
# So many buyers at a time; the next ones after some days without an answer, at most so often.
AT_ONCE, NEXT_AFTER, ROUNDS = 5, timedelta(days=3), 3
CHANGE_DAYS = 7
CONFIRM_DAYS = 14


class BadWords(ValueError):
    """`code` says what is wrong: short or long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_question(text: str) -> str:
    """Raises `BadWords`."""
    return _clean(text, SHORTEST, LONGEST)


def clean_answer(text: str) -> str:
    """Raises `BadWords`."""
    return _clean(text, 2, LONGEST_ANSWER)


def _clean(text: str, shortest: int, longest: int) -> str:
    kept = "".join(letter for letter in text if letter.isprintable() or letter == "\n").strip()
    if len(kept) < shortest:
        raise BadWords("short")
    if len(kept) > longest:
        raise BadWords("long")
    return kept


def next_buyers(
    buyers: Mapping[int, datetime], *, asked: Collection[int], asker: int | None, most: int = AT_ONCE
) -> Sequence[int]:
    """Of who has the product (customer: since when), whom to ask next: the newest first, nobody twice, never the asker
    themselves."""
    left = [customer for customer in buyers if customer not in asked and customer != asker]
    return sorted(left, key=lambda customer: (buyers[customer], customer), reverse=True)[:most]


def common_words(text: str) -> set[str]:
    """The words by which two questions are alike; short ones say nothing."""
    return {word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if len(word) > 3}  # noqa: PLR2004 letters
