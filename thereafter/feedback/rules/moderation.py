"""Why something may be hidden, and who decides. Plain Python.

No reason is about sentiment: "it is unfair" or "it is bad for us" is no reason. Stars are looked at once, to protect
the author: few stars are hidden by two people (16 CFR 465.7, the suppression of negative reviews).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# From here down hiding is a matter for two.
FEW_STARS = 3


@dataclass(frozen=True)
class Reason:
    """`label` and `meaning` are for the shop's people; what authors are told stands in `moderation_words`."""

    code: str
    label: str
    meaning: str
    by_hand: bool = True


REASONS: dict[str, Reason] = {
    one.code: one
    for one in (
        Reason(
            "personal_data", "Personal data", "Names, addresses, telephone numbers or e-mail addresses of somebody."
        ),
        Reason("abuse", "Abuse or threats", "It insults or threatens a person. Harsh words about the product do not."),
        Reason("obscenity", "Obscenity", "Sexual or violent words or pictures."),
        Reason("off_topic", "Off topic", "It says nothing about this product or buying it here."),
        Reason(
            "not_about_product",
            "About delivery or service only",
            "It is about the parcel or our answers, not the product. Follow it up instead of leaving it at that.",
        ),
        Reason("fake", "Not a real experience", "There is evidence that the author did not use the product."),
        Reason("conflict_of_interest", "Conflict of interest", "Written for the shop, its people or a competitor."),
        Reason("spam", "Advertising", "Advertising, or links to other offers."),
        Reason("duplicate", "Duplicate", "The same words of the same author stand here already."),
        Reason("copyright", "Copyright", "Words or pictures that belong to somebody else, who has objected."),
        Reason("illegal", "Unlawful", "A court or an authority demands it, or it is plainly against the law."),
        Reason(
            "imported_hidden",
            "Hidden where it came from",
            "It was hidden in the system it was brought from; look at it before you leave it so.",
            by_hand=False,
        ),
    )
}
# What a person may choose.
CHOICES = [(one.code, one.label) for one in REASONS.values() if one.by_hand]


class CannotDecide(ValueError):
    """Says to a person of the shop why this cannot be done."""


def needs_second(rating: int | None) -> bool:
    """Whether hiding takes two people. Four and five stars, questions and answers are hidden by one."""
    return rating is not None and rating <= FEW_STARS


def check_reason(code: str, note: str) -> None:
    """Raises `CannotDecide`: a reason of the list, and evidence for what is said of a person."""
    reason = REASONS.get(code)
    if reason is None or not reason.by_hand:
        raise CannotDecide("Choose a reason. That a review is bad for the shop is none.")
    if code in NEEDS_EVIDENCE and not note.strip():
        raise CannotDecide(f"“{reason.label}” says something of the author: write down what shows it.")


NEEDS_EVIDENCE = ("fake", "conflict_of_interest", "illegal", "copyright")


def check_second(person: int, first: int | None) -> None:
    """Raises `CannotDecide` when who proposed it would also confirm it."""
    if person == first:
        raise CannotDecide("You proposed this yourself. Hiding one, two or three stars takes a second person.")


def may_judge(person: int, *, first: int | None, second: int | None, moderators: Collection[int]) -> bool:
    """Whether a person may decide an appeal: neither who hid it nor, where there is somebody else, who agreed."""
    if person == first:
        return False
    return person != second or not set(moderators) - {first, second}


def why_no_update(*, is_asked: bool, is_public_or_pending: bool, was_helped: bool) -> str:
    """Why the author cannot be asked to look at the review again; "" when they can."""
    if is_asked:
        return "The author was asked once already. Nobody is asked twice."
    if not is_public_or_pending:
        return "This review is not shown, so there is nothing to bring up to date."
    if not was_helped:
        return "Do something first: answer the author, or close a follow-up. Then there is something new to say."
    return ""


def is_mending(before: str, after: str) -> bool:
    """Whether a change is about typing errors: word by word nearly the same letters, no figure and no "not" touched."""
    old, new = _words(before), _words(after)
    if [word for word in old if _weighs(word)] != [word for word in new if _weighs(word)]:
        return False
    return all(_is_typo(kind, old[a:b], new[c:d], old) for kind, a, b, c, d in _changes(old, new))


# Without these a sentence says the opposite.
_NOT = frozenset(
    re.findall(
        r"\w+",
        "not no never none cannot dont doesnt didnt isnt wasnt wont cant without but nicht kein keine keinen keiner "
        "keines nie niemals ohne ne pas jamais sans non nunca jamás sin tampoco não nem sem only nur seulement solo "
        "só",
    )
)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("'", "").replace("’", ""))


def _weighs(word: str) -> bool:
    return word in _NOT or any(map(str.isdigit, word))


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    for change in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change[0] != "equal":
            yield change


def _is_typo(kind: str, old: list[str], new: list[str], before: list[str]) -> bool:
    """A word may be spelt otherwise, cut in two or joined; "the the" loses one. None comes or goes."""
    if kind == "delete":
        return any([*old, *old] == before[at : at + 2 * len(old)] for at in range(len(before)))
    one, other = "".join(old), "".join(new)
    if kind == "replace" and sorted(one) == sorted(other):
        return True
    return kind == "replace" and _distance(one, other) <= max(1, min(MOST_LETTERS * len(old), len(one) // 3))


# So many letters of one word may be other ones.
MOST_LETTERS = 2


def _distance(one: str, other: str) -> int:
    """Letters to add, leave out or change to make the one the other (Levenshtein 1966), row by row."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row, above = [i], row
        for j, against in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against)))
    return row[-1]
