"""Why a line of the ledger has the points it has, in one sentence made of the decision that was kept with it.

84.90 × 1 point × 1.5 (Gold) = 127.35, rounded down to 127.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

_ROUNDED = {"floor": "rounded down", "ceil": "rounded up", "half_up": "rounded to the nearest"}
Snapshot = Mapping[str, Any]


def explain(snapshot: Snapshot, *, tier_name: str = "") -> str:
    """How an order came to its points; "" for a snapshot that is not one of an order. `tier_name` is that of the tier
    it was bought in."""
    if "lines" in snapshot:
        return _order(snapshot, tier_name)
    if "items_minor" in snapshot:
        value = Fraction(snapshot["items_minor"], 10 ** snapshot["exponent"])
        exact = value * Fraction(str(snapshot["rate"]))
        return _sentence([f"{_amount(value)} × {_rate(snapshot)}"], exact, int(exact), "floor")
    return ""


def _order(snapshot: Snapshot, tier_name: str) -> str:
    parts = [*_values(snapshot, tier_name), *_extras(snapshot)]
    exact = sum((Fraction(one["earns"]) + one["bonus"] for one in snapshot["lines"]), Fraction(snapshot["fixed"]))
    points = snapshot.get("points", int(exact))
    sentence = _sentence(parts or ["Nothing in it earns points"], exact, points, _way(snapshot, exact, points))
    left_out = sum((Fraction(one["value"]) for one in snapshot["lines"] if _is_left_out(one)), Fraction(0))
    return f"{sentence} {_amount(left_out)} of it earns nothing." if left_out and parts else sentence


def _way(snapshot: Snapshot, exact: Fraction, points: int) -> str:
    cap = snapshot.get("cap")
    if cap is not None and points == cap and exact > cap:
        return "cap"
    return str(snapshot["rounding"])


def _values(snapshot: Snapshot, tier_name: str) -> list[str]:
    """Lines that are multiplied alike, together: "84.90 × 1 point × 1.5 (Gold)"."""
    alike: dict[tuple[str, tuple[str, ...]], Fraction] = {}
    for one in snapshot["lines"]:
        if not _is_left_out(one) and Fraction(one["value"]):
            because = (str(one.get("times", "1")), tuple(one.get("rules", ())))
            alike[because] = alike.get(because, Fraction(0)) + Fraction(one["value"])
    return [
        f"{_amount(value)} × {_rate(snapshot)}{_times(times, rules, tier_name)}"
        for (times, rules), value in alike.items()
    ]


def _is_left_out(line: Snapshot) -> bool:
    return Fraction(str(line.get("times", "1"))) == 0 and not line["bonus"]


def _rate(snapshot: Snapshot) -> str:
    rate = Fraction(str(snapshot["rate"]))
    return f"{_number(rate)} {'point' if rate == 1 else 'points'}"


def _times(times: str, rules: Sequence[str], tier_name: str) -> str:
    factor = Fraction(times)
    if factor == 1:
        return ""
    because = ", ".join(filter(None, [tier_name, *rules]))
    return f" × {_number(factor)}{f' ({because})' if because else ''}"


def _extras(snapshot: Snapshot) -> list[str]:
    bonus = sum(one["bonus"] for one in snapshot["lines"])
    fixed = snapshot["fixed"]
    named = ", ".join(snapshot.get("rules", ()))
    return [
        *([f"{bonus} for products"] if bonus else []),
        *([f"{fixed} for the order{f' ({named})' if named else ''}"] if fixed else []),
    ]


def _sentence(parts: Sequence[str], exact: Fraction, points: int, way: str) -> str:
    sum_of = " + ".join(parts)
    if way == "cap":
        return f"{sum_of} = {_number(exact)}; an order earns at most {points}."
    if exact == points:
        return f"{sum_of} = {points}."
    return f"{sum_of} = {_number(exact)}, {_ROUNDED.get(way, 'rounded')} to {points}."


def _amount(value: Fraction) -> str:
    return f"{_decimal(value, 2):,.2f}"


def _number(value: Fraction) -> str:
    """With no more than three places, and none that say nothing."""
    text = f"{_decimal(value, 3):,.3f}"
    return text.rstrip("0").rstrip(".")


def _decimal(value: Fraction, places: int) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)
