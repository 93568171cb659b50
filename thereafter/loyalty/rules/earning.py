"""What an order earns, decided once and kept: exact fractions, rounded once at the end.

points = round(sum over lines of net value x rate x multipliers + points per piece + points per order), capped after
rounding. Discounts and what was paid by gift card or points are spread over the lines by their value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from thereafter.loyalty.rules import tiers
from thereafter.loyalty.rules.order_rules import Excluded, Fixed, ForSome, Multiplier, ProductBonus, When
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.refunds import Back

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order: its value after its own discounts, in minor units of the order's currency."""

    name: str
    value_minor: int
    quantity: int = 1
    sku: str = ""
    product: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order as the rules look at it. `off_minor` is taken off all lines together; `total_minor` was paid in all,
    `gift_minor` of it by gift card."""

    lines: tuple[Line, ...]
    total_minor: int
    currency: str
    exponent: int
    at: datetime
    off_minor: int = 0
    gift_minor: int = 0
    tier: str = ""
    is_first: bool = False
    segments: frozenset[str] = frozenset()
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whole points, the net value of what earned them in hundredths of the programme's currency, and the reasons."""

    points: int
    spend_minor: int
    snapshot: dict[str, Any] = field(hash=False)


def decide(programme: Programme, version: int, purchase: Purchase) -> Decision:
    """What the order earns by this version of the programme; the snapshot is all that a later refund needs."""
    values = _net_values(programme, purchase)
    excluded = [rule for rule in programme.rules if isinstance(rule, Excluded) and rule.is_on(purchase.at)]
    counted = [not any(_is_for(rule, line) for rule in excluded) for line in purchase.lines]
    spend = sum((value for value, counts in zip(values, counted, strict=True) if counts), Fraction(0))
    holding = [rule for rule in programme.rules if _holds(rule, programme, purchase, spend)]
    lines = [
        _line(programme, purchase, holding, line, value) if counts else _nothing(line, value)
        for line, value, counts in zip(purchase.lines, values, counted, strict=True)
    ]
    fixed = _counting([rule for rule in holding if isinstance(rule, Fixed) or _is_for_everything(rule)])
    snapshot: dict[str, Any] = {
        "programme": version,
        "rate": str(programme.rate),
        "lines": lines,
        "fixed": sum(rule.points for rule in fixed if isinstance(rule, Fixed)),
        "rounding": programme.rounding,
        "scope": programme.rounding_scope,
        "cap": programme.max_per_order,
        "clawback": programme.clawback,
        "basis": programme.clawback_basis,
        "total_minor": purchase.total_minor,
        "currency": purchase.currency,
        "exponent": purchase.exponent,
        "fx": str(programme.fx(purchase.currency)),
        "tier": purchase.tier,
        "rules": [rule.name for rule in fixed if rule.name],
    }
    points = still_due(snapshot, ())
    return Decision(points, floor(spend * HUNDREDTHS + Fraction(1, 2)), {**snapshot, "points": points})


def _net_values(programme: Programme, purchase: Purchase) -> list[Fraction]:
    """The lines' values in the programme's currency, with their share of what is off the whole order."""
    gross = sum(line.value_minor for line in purchase.lines)
    off = purchase.off_minor + (0 if programme.gift_cards_earn else purchase.gift_minor)
    kept = Fraction(max(0, gross - off), gross) if gross > 0 else Fraction(0)
    unit = Fraction(programme.fx(purchase.currency)) / 10**purchase.exponent
    return [max(0, line.value_minor) * kept * unit for line in purchase.lines]


def _holds(rule: When, programme: Programme, purchase: Purchase, spend: Fraction) -> bool:
    asked = (
        rule.is_on(purchase.at),
        not rule.first_order or purchase.is_first,
        rule.min_amount is None or spend >= Fraction(rule.min_amount),
        not rule.tiers or purchase.tier in rule.tiers,
        not rule.segments or bool(purchase.segments & set(rule.segments)),
        not rule.channels or purchase.channel in rule.channels,
        not rule.weekdays or purchase.at.astimezone(ZoneInfo(programme.tz)).weekday() in rule.weekdays,
    )
    return all(asked)


def _is_for(rule: ForSome, line: Line) -> bool:
    return rule.is_for_all or (
        (bool(line.sku) and line.sku in (rule.sku, *rule.skus))
        or (bool(line.product) and line.product in rule.products)
        or (bool(line.category) and line.category in rule.categories)
    )


def _is_for_everything(rule: When) -> bool:
    return rule.exclusive and isinstance(rule, Multiplier | ProductBonus) and rule.is_for_all


def _counting(rules: Sequence[When]) -> list[When]:
    """Of rules that hold, those that count: an exclusive one stands alone, the one with the highest priority."""
    exclusive = [rule for rule in rules if rule.exclusive]
    return [max(exclusive, key=lambda rule: rule.priority)] if exclusive else list(rules)


def _line(
    programme: Programme, purchase: Purchase, holding: Iterable[When], line: Line, value: Fraction
) -> dict[str, Any]:
    near = [rule for rule in holding if _competes(rule, line)]
    counting = sorted(_counting(near), key=lambda rule: -rule.priority)
    times = [rule for rule in counting if isinstance(rule, Multiplier)]
    bonus = sum(rule.points for rule in counting if isinstance(rule, ProductBonus)) * line.quantity
    factor = _stacked(programme, purchase.tier, [Fraction(rule.x) for rule in times])
    return {
        "line": line.name,
        "quantity": line.quantity,
        "value": str(value),
        "times": str(factor),
        "earns": str(value * Fraction(programme.rate) * factor),
        "bonus": bonus,
        "rules": [rule.name for rule in counting if rule.name],
    }


def _competes(rule: When, line: Line) -> bool:
    if isinstance(rule, Fixed):
        return rule.exclusive
    return isinstance(rule, Multiplier | ProductBonus) and _is_for(rule, line)


def _nothing(line: Line, value: Fraction) -> dict[str, Any]:
    return {"line": line.name, "quantity": line.quantity, "value": str(value), "times": "0", "earns": "0", "bonus": 0}


def _stacked(programme: Programme, tier: str, factors: Sequence[Fraction]) -> Fraction:
    every = [Fraction(tiers.multiplier(programme, tier)), *factors]
    if programme.stacking == "additive":
        return max(Fraction(0), 1 + sum((factor - 1 for factor in every), Fraction(0)))
    if programme.stacking == "max":
        return max(every)
    product = Fraction(1)
    for factor in every:
        product *= factor
    return product


def still_due(snapshot: Mapping[str, Any], undone: Sequence[Back], *, exchanged_minor: int = 0) -> int:
    """What the order earns on what was kept, by the decision of its day.

    `exchanged_minor` is how much more (or less) the goods are worth that took the place of others.
    """
    if "lines" not in snapshot:
        snapshot = _as_lines(snapshot)
    lines = list(snapshot["lines"])
    by_line = snapshot["basis"] == "by_line"
    shares, loose = _kept_lines(lines, undone) if by_line else ([Fraction(1)] * len(lines), list(undone))
    kept = kept_share(snapshot, loose, exchanged_minor=exchanged_minor)
    parts = [(Fraction(one["earns"]) + one["bonus"]) * share * kept for one, share in zip(lines, shares, strict=True)]
    fixed = Fraction(snapshot["fixed"])
    if not by_line:
        fixed *= kept
    elif not kept or not any(shares):
        fixed = Fraction(0)
    return _rounded(snapshot, parts, fixed)


def kept_share(snapshot: Mapping[str, Any], undone: Iterable[Back], *, exchanged_minor: int = 0) -> Fraction:
    """The share of what was paid that did not go back: 20.00 back of 40.00 leaves a half."""
    total = snapshot["total_minor"]
    back = sum(one.amount_minor for one in undone)
    if total <= 0:
        return Fraction(1)
    return Fraction(max(0, total + exchanged_minor - max(0, back)), total)


def _kept_lines(lines: Sequence[Mapping[str, Any]], undone: Sequence[Back]) -> tuple[list[Fraction], list[Back]]:
    """How much of each line was kept, and what went back without saying for which line."""
    returned: dict[str, int] = {}
    for back in undone:
        for name, quantity in back.lines:
            returned[name] = returned.get(name, 0) + quantity
    shares = [
        Fraction(max(0, one["quantity"] - returned.get(one["line"], 0)), max(1, one["quantity"])) for one in lines
    ]
    return shares, [back for back in undone if not back.lines]


def _rounded(snapshot: Mapping[str, Any], parts: Sequence[Fraction], fixed: Fraction) -> int:
    way = snapshot["rounding"]
    if snapshot["scope"] == "line":
        points = sum(_whole(part, way) for part in parts) + _whole(fixed, way)
    else:
        points = _whole(sum(parts, fixed), way)
    cap = snapshot["cap"]
    return max(0, points if cap is None else min(points, cap))


def _whole(value: Fraction, way: str) -> int:
    if way == "ceil":
        return ceil(value)
    return floor(value if way == "floor" else value + Fraction(1, 2))


def _as_lines(old: Mapping[str, Any]) -> dict[str, Any]:
    """A decision as it was kept before there were programmes: a rate on the value of the items."""
    value = Fraction(old["items_minor"], 10 ** old["exponent"])
    line = {"line": "", "quantity": 1, "earns": str(value * Fraction(old["rate"])), "bonus": 0}
    settled = {"rounding": "floor", "scope": "order", "cap": None, "basis": "proportional", "fixed": 0}
    return {**settled, **old, "lines": [line]}
