"""What a coupon is worth, on what, until when; and codes that can be read aloud and not guessed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PERCENT, AMOUNT, SHIPPING = "percent", "amount", "shipping"
# No vowels, so that no code is a word in any language; nothing that looks like something else (0 O, 1 I L).
ALPHABET = "BCDFGHJKMNPQRSTVWXYZ23456789"
# Ten of these are 48 bits: with a million codes in use a guess is good once in 300 million tries.
LETTERS = 10
LONGEST_CODE = 64
LONGEST_PREFIX = 12
WHOLE = 10_000

REASONS = {
    "unknown": "There is no such code.",
    "withdrawn": "This code was withdrawn.",
    "redeemed": "This code was used already.",
    "expired": "This code has expired.",
    "customer_needed": "This code is personal: say who orders.",
    "other_customer": "This code was given to somebody else.",
    "other_currency": "This code is for another currency.",
    "below_minimum": "The order is too small for this code.",
    "no_product": "Nothing in this order is what the code is for.",
    "not_combinable": "This code cannot be used together with another one.",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the codes of a pool give. `value` is hundredths of a percent, or minor units of `currency`."""

    kind: str
    value: int
    currency: str
    minimum_minor: int = 0
    products: frozenset[str] = frozenset()
    combinable: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    product_id: str
    total_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody is about to order. `total_minor` without shipping; `other_codes` are those already on it."""

    total_minor: int
    currency: str
    items: Sequence[Item] = ()
    shipping_minor: int = 0
    other_codes: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a code is good for a basket, what it takes off, and why not (a key of `REASONS`)."""

    valid: bool
    amount_minor: int = 0
    free_shipping: bool = False
    reason: str = ""

    @property
    def sentence(self) -> str:
        return REASONS.get(self.reason, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a code stands at this moment: given out, used, ended; `owner` is whose it is when it is personal."""

    expires_at: datetime | None = None
    is_redeemed: bool = False
    is_withdrawn: bool = False
    owner: int | None = None


def judge(terms: Terms, standing: Standing, basket: Basket, *, customer: int | None, now: datetime) -> Verdict:
    """Whether the code may be used on the basket; the first reason against it, else what it takes off."""
    reason = why_not(standing, customer, now) or _why_not_on(terms, basket)
    return Verdict(False, reason=reason) if reason else _worth(terms, basket)


def why_not(standing: Standing, customer: int | None, now: datetime) -> str:
    """What is against the code itself, whatever is ordered; "" when nothing is."""
    if standing.is_withdrawn:
        return "withdrawn"
    if standing.is_redeemed:
        return "redeemed"
    if standing.expires_at is not None and standing.expires_at <= now:
        return "expired"
    if standing.owner is None or standing.owner == customer:
        return ""
    return "customer_needed" if customer is None else "other_customer"


def _why_not_on(terms: Terms, basket: Basket) -> str:
    counts_money = terms.kind == AMOUNT or terms.minimum_minor > 0
    if counts_money and basket.currency != terms.currency:
        return "other_currency"
    if basket.other_codes and not terms.combinable:
        return "not_combinable"
    if basket.total_minor < terms.minimum_minor:
        return "below_minimum"
    return "no_product" if terms.products and not _eligible(terms, basket) else ""


def _eligible(terms: Terms, basket: Basket) -> int:
    """What the discount is taken off: the products it is for, or the whole basket."""
    if not terms.products:
        return basket.total_minor
    return sum(item.total_minor for item in basket.items if item.product_id in terms.products)


def _worth(terms: Terms, basket: Basket) -> Verdict:
    eligible = _eligible(terms, basket)
    if terms.kind == SHIPPING:
        return Verdict(True, basket.shipping_minor, free_shipping=True)
    if terms.kind == PERCENT:
        # Half a cent goes to the customer.
        return Verdict(True, (eligible * terms.value + WHOLE // 2) // WHOLE)
    return Verdict(True, min(terms.value, eligible))


def expiry(now: datetime, valid_days: int | None, zone: ZoneInfo) -> datetime | None:
    """The end of the last day it is good for, on the shop's clock; 30 days from any hour of today is the same."""
    if valid_days is None:
        return None
    last_day = now.astimezone(zone).date() + timedelta(days=valid_days)
    midnight = datetime.combine(last_day + timedelta(days=1), time(), zone)
    return midnight.astimezone(now.tzinfo)


def make_code(prefix: str, pick: Callable[[str], str]) -> str:
    """ "STRIDE-K7QMX-9PWTD"; `pick` chooses one letter of an alphabet."""
    letters = "".join(pick(ALPHABET) for _ in range(LETTERS))
    parts = (prefix.rstrip("-"), letters[: LETTERS // 2], letters[LETTERS // 2 :])
    return "-".join(part for part in parts if part)


def normal_code(text: str) -> str:
    """A code as it is kept: people type small letters and blanks, and paste dashes of all kinds."""
    for dash in "\u2010\u2011\u2012\u2013\u2014\u2212":
        text = text.replace(dash, "-")
    kept = "".join(letter for letter in text.upper() if letter.isprintable() and not letter.isspace())
    return kept[:LONGEST_CODE]


def is_prefix(text: str) -> bool:
    """Letters, digits and dashes that every shop system takes in a code; or nothing."""
    return len(text) <= LONGEST_PREFIX and all(
        letter.isascii() and (letter.isalnum() or letter == "-") for letter in text
    )


@dataclass
class Sorted:
    """A list of codes as somebody brought it: those to take, and lines that are none, with why."""

    codes: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    repeated: int = 0


def read_list(cells: Iterable[str], known: Collection[str] = ()) -> Sorted:
    """The first column of a list of codes, once each; a heading is not a code."""
    found, seen = Sorted(), set(known)
    for line, cell in enumerate(cells, start=1):
        code = normal_code(cell)
        if not code or (line == 1 and code in ("CODE", "CODES", "COUPON", "DISCOUNTCODE", "DISCOUNT_CODE")):
            continue
        if len(cell.strip()) > LONGEST_CODE or not code.isascii():
            found.refused.append((line, f"“{cell.strip()[:30]}” is too long, or has signs that no shop takes."))
        elif code in seen:
            found.repeated += 1
        else:
            seen.add(code)
            found.codes.append(code)
    return found
