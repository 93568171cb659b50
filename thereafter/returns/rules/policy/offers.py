"""What a shopper is offered for each item, and why: the answer of `deciding.decide`. Plain Python.

Everything is a plain value, so that it can be kept with the quote (`msgspec.to_builtins`). Amounts are minor units of
the order's currency, shares basis points of 1/10,000.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from thereafter.returns.rules.policy.policy_actions import Slot
from thereafter.returns.rules.reasons import Basis, Photos
from thereafter.returns.rules.sentences import Said, Words

Source = Literal["rule", "house", "law", "limit", "perk"]
HOUSE, LAW = "House rule", "Law"
FeeKind = Literal["flat_per_return", "percent_of_items_net", "percent_of_items_gross"]


class OfferedFee(NamedTuple):
    """`minor` of a flat fee, taken once per return, or `basis_points` of the items. `methods`: only with these."""

    purpose: Literal["postage", "restocking"]
    kind: FeeKind
    minor: int
    basis_points: int
    methods: tuple[str, ...]
    rule: str


class OfferedBonus(NamedTuple):
    """On top of what was paid, only as goods or credit; `most_minor` 0 is no cap."""

    minor: int
    basis_points: int
    most_minor: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way it can end. `release` is when money or goods go out; `due_days`: by law at the latest so many days after
    the shopper said so. `share`: of the value, for what is kept. `article` is the law that guarantees it."""

    outcome: str
    basis: Basis
    fees: tuple[OfferedFee, ...] = ()
    bonus: OfferedBonus | None = None
    share: int = 10_000
    release: str = "received"
    due_days: int | None = None
    # The last day of this outcome; None before the item has arrived.
    until: date | None = None
    needs_review: bool = False
    # False: nothing is to be sent.
    is_sent_back: bool = True
    article: str = ""

    @property
    def is_free(self) -> bool:
        return not self.fees


class Step(NamedTuple):
    """One thing that was said about an item, by whom, and whether it stands; `trace_words` says it in sentences."""

    slot: Slot
    value: Any
    by: str
    source: Source
    stands: bool = True
    why: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOffer:
    """What is offered for one item and reason. `until` is the last day, None before it has arrived.

    `why_not` says in words why nothing is; `bases` are all that are open, the best first; `may_deduct`: for wear.
    """

    line: str
    quantity: int
    reason: str
    allowed: bool
    why_not: Said | None = None
    until: date | None = None
    days_left: int | None = None
    basis: Basis | None = None
    bases: tuple[Basis, ...] = ()
    options: tuple[Option, ...] = ()
    methods: tuple[str, ...] = ()
    photos: Photos = "no"
    asks_note: bool = False
    reason_group: str = ""
    destination: str = ""
    review: str = ""
    is_hidden: bool = False
    may_deduct: bool = False
    refund_shipping: str = "none"
    tier: tuple[str, Words | None] = ("", None)
    notes: tuple[Said, ...] = ()
    trace: tuple[Step, ...] = ()

    def option(self, outcome: str) -> Option | None:
        return next((one for one in self.options if one.outcome == outcome), None)

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(one.outcome for one in self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """The decision over a whole return, with what it was made by."""

    lines: tuple[LineOffer, ...]
    policy: str
    fingerprint: str
    law: str
    today: date
    # none, standard or all.
    refund_shipping: str = "none"
    tier: str = ""
    notes: tuple[Said, ...] = ()

    @property
    def allowed(self) -> bool:
        return any(line.allowed for line in self.lines)

    @property
    def needs_review(self) -> bool:
        return any(option.needs_review for line in self.lines for option in line.options)

    def line(self, line: str) -> LineOffer:
        """The offer for a line; raises `KeyError`."""
        found = next((one for one in self.lines if one.line == line), None)
        if found is None:
            raise KeyError(line)
        return found
