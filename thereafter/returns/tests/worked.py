"""A worked case, and short ways to write one down."""

from typing import Any, NamedTuple

Given = dict[str, Any]


class Worked(NamedTuple):
    """An answer that we stand for; `because` is the sum in a word or two."""

    name: str
    given: Given
    answer: Given
    because: str = ""


def line(name: str, price: str, quantity: int = 1, **stored: str) -> Given:
    return {"id": name, "unit_price": price, "quantity": quantity, **stored}


def order(*lines: Given, currency: str = "EUR", **more: Any) -> Given:
    return {"currency": currency, "lines": list(lines), **more}


def units(*wanted: tuple[str, int], **more: Any) -> Given:
    return {"items": [{"line": name, "quantity": count} for name, count in wanted], **more}


def tender(name: str, captured: str, **more: str) -> Given:
    return {"id": name, "kind": name, "captured": captured, **more}


def flat(amount: str, reason: str = "") -> list[Given]:
    return [{"kind": "flat_per_return", "amount": amount, "reason": reason}]


def items(net: str, tax: str, total: str) -> Given:
    return {"items_net": net, "items_tax": tax, "refund_total": total}


def shares(total: str, **parts: str) -> Given:
    return {"refund_total": total, "tenders": [{"id": name, "amount": amount} for name, amount in parts.items()]}


def refund(name: str, bought: Given, request: Given, answer: Given, because: str = "") -> Worked:
    return Worked(name, {"kind": "refund", "order": bought, "request": request}, answer, because)


def steps(name: str, bought: Given, counts: list[int], amounts: list[list[str]], total: str) -> Worked:
    """Units of line L1 that come back one after the other; the first amount of each list is ours."""
    given = {"kind": "refund_sequence", "order": bought, "steps": [units(("L1", count)) for count in counts]}
    said = [{"amount": listed[0], "amount_in": sorted(listed)} for listed in amounts]
    return Worked(name, given, {"steps": said, "cumulative": total})


def asked(kind: str, name: str, answer: Given, because: str = "", /, **given: Any) -> Worked:
    return Worked(name, {"kind": kind, "input": given}, answer, because)


def swap(name: str, answer: Given, because: str = "", /, **given: Any) -> Worked:
    return Worked(name, {"kind": "exchange", "exchange": given}, answer, because)
