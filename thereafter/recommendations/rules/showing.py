"""What of all that could be offered is shown, and why not the rest. Plain Python.

First what the merchant pins, then the ranking, re-weighted within each of its reasons, without everything that the
shopper has, sent back or has on the way, that cannot be bought, or that the merchant does not want there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PRODUCT, BASKET, CUSTOMER, MESSAGE, ORDER = SLOTS = ("product", "basket", "customer", "message", "order")
# Slots where something was bought or is about to be: a second one of the kind is not wanted there. Beside a kettle that
# somebody only looks at, another kettle is a choice.
_DECIDED = frozenset({BASKET, CUSTOMER, MESSAGE, ORDER})
TIERS = {"together": 0, "bought": 0, "category": 1, "popular": 2, "new": 3}

PIN, NEVER, ONLY, BOOST, MARGIN, ONE_EACH, REPEATS = KINDS = (
    "pin",
    "never",
    "only",
    "boost",
    "margin",
    "one_each",
    "repeats",
)
LOWEST_WEIGHT, HIGHEST_WEIGHT = 0.1, 10.0
MOST_PLACES = 12
# A category is of durables when so few of so many buyers own two different products of it.
LEAST_BUYERS, REPEATING_SHARE = 20, 0.15


@dataclass(frozen=True, slots=True)
class Ranked:
    """A product that could be offered; `because` is the seed that speaks for it, 0 where none does."""

    product_id: int
    score: float
    reason: str
    because: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """What has to be known of a product to decide. `is_used_up`: bought again and again, such as coffee."""

    product_id: int
    title: str
    category: str = ""
    is_sold: bool = True
    in_stock: bool = True
    is_used_up: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One wish of the merchant. It holds in `slots` (none: everywhere), beside a product or category (none: any); what
    it speaks of is `product_id` or `category`."""

    key: str
    kind: str
    slots: tuple[str, ...] = ()
    product_id: int = 0
    category: str = ""
    beside_product_id: int = 0
    beside_category: str = ""
    place: int = 1
    weight: float = 1.0

    def speaks_of(self, thing: Thing) -> bool:
        return thing.product_id == self.product_id if self.product_id else thing.category == self.category


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in a shop. `durables`: categories of which nobody needs a second one."""

    rules: tuple[Rule, ...] = ()
    durables: frozenset[str] = frozenset()
    excludes_owned: bool = True
    excludes_returned: bool = True
    one_of_a_kind: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Where something is to be shown, and to whom. `beside` is what it stands beside, by product to category."""

    slot: str
    beside: Mapping[int, str] = field(default_factory=dict)
    owned: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()
    coming: frozenset[int] = frozenset()
    # Of what they own and what it stands beside: titles as `plain` makes them, and categories.
    titles: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    most: int = 3


@dataclass(frozen=True, slots=True)
class Shown:
    product_id: int
    reason: str
    because: int = 0
    weight: float = 1.0
    # The rule that put it there, "" for the ranking's own.
    pinned_by: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A product that is not shown, and why. `rule` is the merchant's, where it was one."""

    product_id: int
    why: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    shown: tuple[Shown, ...]
    left: tuple[Left, ...]


def decide(asked: Asked, ranked: Sequence[Ranked], things: Mapping[int, Thing], terms: Terms) -> Decision:
    """Every candidate is either shown or left out for one reason; a product that is not in `things` is not there."""
    rules = [rule for rule in terms.rules if holds(rule, asked)]
    pins = _pins(rules, asked, things, terms)
    pinned = {pin.product_id for _, pin in pins}
    left: dict[int, Left] = {}
    kept: list[Shown] = []
    seen = _Seen(terms, [things[pin.product_id] for _, pin in pins])
    for one, weight in _weighted(ranked, things, rules):
        if one.product_id in pinned:
            continue
        thing = things.get(one.product_id)
        gone = Left(one.product_id, "gone") if thing is None else None
        refused = gone or (
            thing and (why_not(thing, asked, rules, terms) or _not_only(thing, rules) or seen.twice(thing))
        )
        if refused:
            left.setdefault(one.product_id, refused)
        elif thing and len(kept) + len(pins) < asked.most:
            seen.add(thing)
            kept.append(Shown(one.product_id, one.reason, one.because, weight))
        elif one.product_id not in {shown.product_id for shown in kept}:
            left.setdefault(one.product_id, Left(one.product_id, "full"))
    shown = _placed(kept, pins, asked.most)
    there = {one.product_id for one in shown}
    refused_pins = _refused_pins(rules, asked, things, terms)
    left |= {one.product_id: one for one in refused_pins if one.product_id not in there}
    return Decision(shown, tuple(one for one in left.values() if one.product_id not in there))


def holds(rule: Rule, asked: Asked) -> bool:
    """Whether a rule is for this slot and for what stands there."""
    if rule.slots and asked.slot not in rule.slots:
        return False
    if rule.beside_product_id:
        return rule.beside_product_id in asked.beside
    return not rule.beside_category or rule.beside_category in asked.beside.values()


def why_not(thing: Thing, asked: Asked, rules: Iterable[Rule], terms: Terms) -> Left | None:
    """Why a product may not be shown at all, not even pinned; None when it may."""
    facts = (
        ("beside", thing.product_id in asked.beside),
        ("not_sold", not thing.is_sold),
        ("no_stock", not thing.in_stock),
        ("returned", terms.excludes_returned and thing.product_id in asked.returned),
        ("coming", thing.product_id in asked.coming),
        ("owned", terms.excludes_owned and not thing.is_used_up and thing.product_id in asked.owned),
        ("same_title", terms.excludes_owned and not thing.is_used_up and plain(thing.title) in asked.titles),
    )
    why = next((name for name, is_so in facts if is_so), "")
    if why:
        return Left(thing.product_id, why)
    never = next((rule for rule in rules if rule.kind == NEVER and rule.speaks_of(thing)), None)
    if never:
        return Left(thing.product_id, "never", never.key)
    second = terms.one_of_a_kind and asked.slot in _DECIDED and thing.category in terms.durables & asked.categories
    return Left(thing.product_id, "second") if second and not thing.is_used_up else None


def _not_only(thing: Thing, rules: Iterable[Rule]) -> Left | None:
    """Where the merchant named categories, nothing else is shown but pins."""
    only = [rule for rule in rules if rule.kind == ONLY]
    if not only or any(rule.speaks_of(thing) for rule in only):
        return None
    return Left(thing.product_id, "not_only", only[0].key)


class _Seen:
    """What is shown already: no title twice, and of durables one of a kind."""

    def __init__(self, terms: Terms, things: Iterable[Thing]) -> None:
        self._terms = terms
        self._products: set[int] = set()
        self._titles: set[str] = set()
        self._kinds: set[str] = set()
        for thing in things:
            self.add(thing)

    def add(self, thing: Thing) -> None:
        self._products.add(thing.product_id)
        self._titles.add(plain(thing.title))
        self._kinds.add(thing.category)

    def twice(self, thing: Thing) -> Left | None:
        if thing.product_id in self._products:
            return None
        if plain(thing.title) in self._titles:
            return Left(thing.product_id, "same_title")
        is_second = self._terms.one_of_a_kind and thing.category in self._terms.durables & self._kinds
        return Left(thing.product_id, "second_shown") if is_second and not thing.is_used_up else None


def _weighted(
    ranked: Sequence[Ranked], things: Mapping[int, Thing], rules: Sequence[Rule]
) -> list[tuple[Ranked, float]]:
    """Best first within each reason; scores of different reasons do not compare. Each product once."""
    first: dict[int, Ranked] = {}
    for one in ranked:
        first.setdefault(one.product_id, one)
    weighing = [rule for rule in rules if rule.kind in (BOOST, MARGIN)]
    weights = {
        number: weight_of(thing, weighing) if (thing := things.get(number)) and weighing else 1.0 for number in first
    }
    rows = sorted(
        enumerate(first.values()),
        key=lambda row: (TIERS.get(row[1].reason, len(TIERS)), -row[1].score * weights[row[1].product_id], row[0]),
    )
    return [(one, weights[one.product_id]) for _, one in rows]


def weight_of(thing: Thing, rules: Iterable[Rule]) -> float:
    """The product of what the rules give it; a product's own margin stands before its category's."""
    spoken = [rule for rule in rules if rule.speaks_of(thing)]
    weight = 1.0
    for rule in spoken:
        if rule.kind == BOOST:
            weight *= rule.weight
    margins = sorted((rule for rule in spoken if rule.kind == MARGIN), key=lambda rule: not rule.product_id)
    if margins:
        weight *= margin_weight(margins[0].weight)
    return min(max(weight, LOWEST_WEIGHT), HIGHEST_WEIGHT)


def margin_weight(percent: float) -> float:
    """0 % counts half, 50 % as much as without a margin, 100 % one and a half times."""
    return 0.5 + min(max(percent, 0.0), 100.0) / 100


def _pins(rules: Iterable[Rule], asked: Asked, things: Mapping[int, Thing], terms: Terms) -> list[tuple[int, Shown]]:
    """(place, what) of the pins that may be shown, by place; nearer wishes (beside something) before general ones."""
    rules = list(rules)
    wanted = sorted(
        (rule for rule in rules if rule.kind == PIN),
        key=lambda rule: (rule.place, not rule.beside_product_id, not rule.beside_category, rule.key),
    )
    pins: dict[int, tuple[int, Shown]] = {}
    for rule in wanted:
        thing = things.get(rule.product_id)
        if thing is None or rule.product_id in pins or why_not(thing, asked, rules, terms):
            continue
        if len(pins) < asked.most:
            pins[rule.product_id] = (rule.place, Shown(rule.product_id, "pinned", pinned_by=rule.key))
    return list(pins.values())


def _refused_pins(rules: Sequence[Rule], asked: Asked, things: Mapping[int, Thing], terms: Terms) -> list[Left]:
    pinned = [things[rule.product_id] for rule in rules if rule.kind == PIN and rule.product_id in things]
    return [left for thing in pinned if (left := why_not(thing, asked, rules, terms))]


def _placed(kept: Sequence[Shown], pins: Sequence[tuple[int, Shown]], most: int) -> tuple[Shown, ...]:
    shown = list(kept)
    for place, pin in pins:
        shown.insert(min(place - 1, len(shown)), pin)
    return tuple(shown[:most])


def plain(title: str) -> str:
    """Titles that read the same are the same."""
    return " ".join(title.casefold().split())


def durables(habits: Mapping[str, tuple[int, int]], rules: Iterable[Rule] = ()) -> frozenset[str]:
    """Categories of which people own one, from (buyers, buyers of two different products) of each and the merchant's
    word, which stands above; of too few buyers nothing is said."""
    seen = {
        category
        for category, (buyers, twice) in habits.items()
        if category and buyers >= LEAST_BUYERS and twice < REPEATING_SHARE * buyers
    }
    for rule in rules:
        if rule.kind == ONE_EACH:
            seen.add(rule.category)
        elif rule.kind == REPEATS:
            seen.discard(rule.category)
    return frozenset(seen)
