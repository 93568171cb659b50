"""What another policy would have decided over past orders: how many cases differ, how, and what it would cost.

Fees are those of money back, bonuses the best that is offered; shares of gross prices, rounded half up. Plain Python.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from thereafter.returns.rules.legal.law import Law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, OfferedBonus, Offers
from thereafter.returns.rules.policy.outcomes import EXCHANGES, RANK
from thereafter.returns.rules.policy.policies import Policy
from thereafter.returns.rules.policy.policy_actions import WHOLE
from thereafter.returns.rules.policy.snapshots import Snapshot

# What a case can differ in, with the words for it.
KINDS = {
    "allowed": "would come back that do not now",
    "refused": "would not come back that do now",
    "longer": "could come back longer",
    "shorter": "could come back less long",
    "more_outcomes": "would have more outcomes",
    "fewer_outcomes": "would have fewer outcomes",
    "more_methods": "would have more ways back",
    "fewer_methods": "would have fewer ways back",
    "dearer": "would pay more in fees",
    "cheaper": "would pay less in fees",
    "more_bonus": "would get more extra",
    "less_bonus": "would get less extra",
    "earlier": "would get money or goods earlier",
    "later": "would get money or goods later",
    "more_review": "would be looked at by a person",
    "less_review": "would not be looked at by a person",
    "shipping": "would get other delivery costs back",
    "elsewhere": "would go elsewhere",
}
_EXAMPLES = 5


@dataclass(slots=True)
class Sums:
    """Differences in one currency, new less old, minor units: `fees` that shoppers pay, `bonus` that the shop adds,
    `value` of goods that could come back."""

    fees_minor: int = 0
    bonus_minor: int = 0
    value_minor: int = 0


@dataclass(slots=True)
class Differences:
    """`kinds` counts cases by kind (a case may be of several), `outcomes` lines that gain (+) or lose (-) one."""

    cases: int = 0
    changed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: {"gained": Counter(), "lost": Counter()})
    sums: defaultdict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    # Up to five order numbers for each kind.
    examples: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def share(self) -> float:
        """Changed cases of all, 0 to 1."""
        return self.changed / self.cases if self.cases else 0.0

    def sentences(self) -> list[str]:
        """What changes, the most frequent first."""
        if not self.changed:
            return [f"Nothing changes in {self.cases:,} returns."]
        told = [f"{self.changed:,} of {self.cases:,} returns would be decided differently ({self.share:.1%})."]
        return told + [f"{count:,} {KINDS[kind]}." for kind, count in self.kinds.most_common()]


def simulate(old: Policy, new: Policy, cases: Iterable[tuple[Snapshot, date]], law: Law) -> Differences:
    """How returns that were asked for on a day would differ under another policy; the law is the same for both."""
    found = Differences()
    for snapshot, day in cases:
        found.cases += 1
        before, after = decide(old, snapshot, law, day), decide(new, snapshot, law, day)
        kinds = _compare(before, after, found)
        _add_up(snapshot, before, after, found.sums[snapshot.order.currency])
        found.changed += bool(kinds)
        found.kinds.update(kinds)
        for kind in kinds:
            if len(found.examples[kind]) < _EXAMPLES:
                found.examples[kind].append(snapshot.order.number)
    return found


def _compare(before: Offers, after: Offers, found: Differences) -> set[str]:
    kinds: set[str] = set()
    for old, new in zip(before.lines, after.lines, strict=True):
        kinds |= set(_line(old, new))
        found.outcomes["gained"].update(set(new.outcomes) - set(old.outcomes))
        found.outcomes["lost"].update(set(old.outcomes) - set(new.outcomes))
    return kinds


def _line(old: LineOffer, new: LineOffer) -> Iterator[str]:
    if old.allowed != new.allowed:
        yield "allowed" if new.allowed else "refused"
        return
    if not new.allowed:
        return
    yield from _sets("outcomes", set(old.outcomes), set(new.outcomes))
    yield from _sets("methods", set(old.methods), set(new.methods))
    yield from _more(_last(old), _last(new), ("longer", "shorter"))
    yield from _more(_fees(old), _fees(new), ("dearer", "cheaper"))
    yield from _more(_bonuses(old), _bonuses(new), ("more_bonus", "less_bonus"))
    yield from _more(*_releases(old, new), ("later", "earlier"))
    yield from _more(_reviews(old), _reviews(new), ("more_review", "less_review"))
    if old.refund_shipping != new.refund_shipping:
        yield "shipping"
    if old.destination != new.destination:
        yield "elsewhere"


def _sets(what: str, old: set[str], new: set[str]) -> Iterator[str]:
    if new - old:
        yield f"more_{what}"
    if old - new:
        yield f"fewer_{what}"


def _more(old: Any, new: Any, names: tuple[str, str]) -> Iterator[str]:
    if old != new:
        yield names[0] if new > old else names[1]


def _last(line: LineOffer) -> date:
    return line.until or date.max


def _fees(line: LineOffer) -> tuple[int, int]:
    fees = [fee for option in line.options for fee in option.fees]
    return sum(fee.minor for fee in fees), sum(fee.basis_points for fee in fees)


def _bonuses(line: LineOffer) -> tuple[int, int]:
    given = [option.bonus for option in line.options if option.bonus]
    return sum(one.minor for one in given), sum(one.basis_points for one in given)


def _releases(old: LineOffer, new: LineOffer) -> tuple[int, int]:
    both = set(old.outcomes) & set(new.outcomes)
    ranks = [sum(RANK[one.release] for one in line.options if one.outcome in both) for line in (old, new)]
    return ranks[0], ranks[1]


def _reviews(line: LineOffer) -> int:
    return sum(option.needs_review for option in line.options)


def _add_up(snapshot: Snapshot, before: Offers, after: Offers, sums: Sums) -> None:
    values = [line.paid_minor * asked.quantity // max(line.quantity, 1) for line, asked in snapshot.wanted()]
    for offers, sign in ((before, -1), (after, 1)):
        rows = [(line, value) for line, value in zip(offers.lines, values, strict=True) if line.allowed]
        sums.value_minor += sign * sum(value for _, value in rows)
        sums.fees_minor += sign * fees_of(rows, "refund")
        sums.bonus_minor += sign * sum(best_bonus(line, value) for line, value in rows)


def fees_of(rows: list[tuple[LineOffer, int]], outcome: str) -> int:
    """Of one outcome, over items with their value: flat fees once per return, shares of each item, never more than it
    is worth."""
    flat: dict[str, int] = {}
    shares = 0
    for line, value in rows:
        option = line.option(outcome)
        for fee in option.fees if option else ():
            flat[fee.purpose] = max(flat.get(fee.purpose, 0), fee.minor)
            shares += _part(value, fee.basis_points)
    return min(sum(flat.values()) + shares, sum(value for _, value in rows))


def best_bonus(line: LineOffer, value: int) -> int:
    """The most that an exchange or credit adds."""
    given = [option.bonus for option in line.options if option.bonus and option.outcome in (*EXCHANGES, "store_credit")]
    return max((_bonus(one, value) for one in given), default=0)


def _bonus(one: OfferedBonus, value: int) -> int:
    amount = one.minor + _part(value, one.basis_points)
    return min(amount, one.most_minor) if one.most_minor else amount


def _part(value: int, basis_points: int) -> int:
    """Half up, in whole minor units."""
    return (value * basis_points + WHOLE // 2) // WHOLE
