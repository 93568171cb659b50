"""What holds for every review, whatever its stars: none of these functions is given any, except to see that they are
one to five."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FEWEST_STARS, MOST_STARS = 1, 5
MOST_PHOTOS = 6
MOST_ATTRIBUTES = 8
LONGEST_TITLE, LONGEST_BODY, LONGEST_NAME = 150, 5000, 80
# Products whose waits lie so near are asked about in one mail, when the longest is over.
TOGETHER_DAYS = 7
# When people have time to write: in the evening of the shop's day.
HOUR = 18
# A link to write lives as long as the goods are remembered; one to change what was written, as long as it is shown.
WRITE_DAYS, OWN_DAYS = 180, 1100
_MAIL = re.compile(r"\S+@\S+")


class BadReview(ValueError):
    """What is wrong with a review, as a code of `PROBLEMS`; pages say it in the reader's language."""


# rating: not one to five stars; too_long: title or words; gone: hidden for good or of another person.
PROBLEMS = ("rating", "too_long", "gone")


@dataclass(frozen=True, slots=True)
class Round:
    """Products of an order that are asked about together, and when."""

    due_at: datetime
    product_ids: tuple[int, ...]


def shown_name(name: str) -> str:
    """A name as everybody may read it, its last word cut to a letter: "Anna Maria Schmidt" is "Anna Maria S.".

    "" when there is nothing that may be shown; never an e-mail address or a number.
    """
    words = [word for word in _MAIL.sub(" ", name).split() if any(letter.isalpha() for letter in word)]
    if not words[1:]:
        return "".join(words)[:LONGEST_NAME]
    *first, last = words
    # "Anna von der Heide": what belongs to the surname goes with it.
    while len(first) > 1 and first[-1].islower():
        first.pop()
    letter = next(letter for letter in last if letter.isalpha()).upper()
    return f"{' '.join(first)[: LONGEST_NAME - 3]} {letter}."


def when_to_ask(delivered_at: datetime, waits: Mapping[int, int], zone: ZoneInfo) -> list[Round]:
    """Products by their days of wait, gathered into rounds: `TOGETHER_DAYS` apart they are asked in one."""
    rounds: list[list[int]] = []
    for product_id in sorted(waits, key=lambda one: (waits[one], one)):
        if rounds and waits[product_id] - waits[rounds[-1][0]] <= TOGETHER_DAYS:
            rounds[-1].append(product_id)
        else:
            rounds.append([product_id])
    return [Round(_evening(delivered_at, waits[group[-1]], zone), tuple(group)) for group in rounds]


def _evening(delivered_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The evening so many days later by the shop's calendar; never before the goods were there."""
    day = delivered_at.astimezone(zone) + timedelta(days=days)
    evening = day.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return evening if evening >= delivered_at else evening + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a category or product has of its own; None: what the shop has."""

    asks: bool = True
    wait_days: int | None = None
    attributes: Sequence[Mapping[str, Any]] = ()


def settled(wait_days: int, category: Rule | None, product: Rule | None) -> Rule:
    """The product's rule before its category's before the shop's; who is left out by one of them is left out."""
    rules = [rule for rule in (product, category) if rule is not None]
    waits = [rule.wait_days for rule in rules if rule.wait_days is not None]
    attributes = next((rule.attributes for rule in rules if rule.attributes), ())
    return Rule(all(rule.asks for rule in rules), (waits or [wait_days])[0], attributes)


def is_insider(email: str, domains: Iterable[str]) -> bool:
    """Whether an address is of the shop's own people or agencies, on a domain itself or below it."""
    host = email.rpartition("@")[2].strip().lower()
    own = (domain.strip().lower().lstrip("@.") for domain in domains)
    return bool(host) and any(host == domain or host.endswith(f".{domain}") for domain in own if domain)


def check(rating: int, title: str, body: str) -> None:
    """Raises `BadReview`."""
    if not FEWEST_STARS <= rating <= MOST_STARS:
        raise BadReview("rating")
    if len(title) > LONGEST_TITLE or len(body) > LONGEST_BODY:
        raise BadReview("too_long")


def chosen(schema: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """What was answered of a schema's attributes; what it does not have, or is none of its options, is left out."""
    found = {}
    for attribute in schema:
        key, value = str(attribute["key"]), given.get(str(attribute["key"]), "")
        if value in {str(option["key"]) for option in attribute["options"]}:
            found[key] = value
    return found


def schema_problems(schema: Any) -> list[str]:
    """What is wrong with the attributes a shop wrote down, each a sentence; nothing when they can be used."""
    if not isinstance(schema, list):
        return ["The attributes are a list."]
    keys: set[str] = set()
    problems: list[str] = []
    for place, attribute in enumerate(schema, start=1):
        problems += [f"Attribute {place}: {problem}" for problem in _attribute_problems(attribute, keys)]
    if len(schema) > MOST_ATTRIBUTES:
        problems.append("More than eight questions about one product: nobody answers them.")
    return problems


def _attribute_problems(attribute: Any, keys: set[str]) -> list[str]:
    if not isinstance(attribute, dict) or not attribute.get("key"):
        return ["it needs a key."]
    problems = []
    if attribute["key"] in keys:
        problems.append(f"the key “{attribute['key']}” is there twice.")
    keys.add(attribute["key"])
    if attribute.get("kind") not in {"scale", "choice"}:
        problems.append("it is a scale or a choice.")
    if not isinstance(attribute.get("label"), dict) or not any(attribute["label"].values()):
        problems.append("it needs a question in at least one language.")
    options = attribute.get("options")
    if not isinstance(options, list) or not options[1:] or not all(_is_option(option) for option in options):
        problems.append("it needs two options or more, each with a key and a label.")
    elif len({option["key"] for option in options}) < len(options):
        problems.append("two of its options have the same key.")
    return problems


def _is_option(option: Any) -> bool:
    return (
        isinstance(option, dict)
        and bool(option.get("key"))
        and isinstance(option.get("label"), dict)
        and any(option["label"].values())
    )


def in_language(words: Mapping[str, str], language: str, fallback: str = "en") -> str:
    """A shop's words in the reader's language, else in another one it has."""
    near = language.partition("-")[0]
    return next((words[code] for code in (language, near, fallback) if words.get(code)), "") or next(
        (text for text in words.values() if text), ""
    )


# Nobody has an opinion on money they gave away.
_GIFT_CARDS = re.compile(
    r"gift[\s_-]?(card|certificate|voucher)|geschenk(gutschein|karte)|^gutscheine?$|carte[\s-]cadeau|ch[eè]que[\s-]cadeau|"
    r"tarjeta[\s-](de[\s-])?regalo|(cart[aã]o|vale)[\s-](de[\s-])?presente",
    re.IGNORECASE,
)


def is_gift_card(*said: str) -> bool:
    """By what the shop calls its kind: category, type of product."""
    return any(_GIFT_CARDS.search(word.strip()) for word in said)
