"""What a rule of a policy may do, what each action must say, and which slots it claims. Plain Python.

A slot is one thing that can only be so or so: ("window",), ("outcome", "refund"), ("fee", "refund", "postage"). Of all
rules that claim a slot the one with the highest priority has it, the earlier one of two alike.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from thereafter.kit.money import to_minor
from thereafter.returns.rules.policy.checks import (
    Check,
    anything,
    bad_money,
    day,
    flag,
    one_of,
    percent,
    some_of,
    text,
    texts,
    whole,
)
from thereafter.returns.rules.policy.outcomes import EXCHANGES, FEES, METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.windows import BUFFER_DAYS, Window
from thereafter.returns.rules.reasons import GROUPS
from thereafter.returns.rules.sentences import words

Slot = tuple[str, ...]
Action = Mapping[str, Any]
LONGEST_WINDOW = 3650
WHOLE = 10_000
_PAID = ("refund", "store_credit", *EXCHANGES)
_SINCE = ("order", "fulfilment", "delivery")


class Claim(NamedTuple):
    slot: Slot
    value: Any


@dataclass(frozen=True, slots=True)
class Amount:
    """A flat amount by currency in minor units, or a share in basis points of 1/10,000; or both."""

    flat: tuple[tuple[str, int], ...] = ()
    basis_points: int = 0

    def in_currency(self, currency: str) -> int | None:
        """The flat part; None where it is not said in this currency."""
        return next((minor for code, minor in self.flat if code == currency), None) if self.flat else 0


@dataclass(frozen=True, slots=True)
class FeeRule:
    """`of` net or gross price of the items; `methods`: only for these, empty for all."""

    amount: Amount
    of: str = "net"
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BonusRule:
    amount: Amount
    most: Amount | None = None


class Kind(NamedTuple):
    """One action: what it needs and what it may say, each with its check; `label` is what people call it."""

    label: str
    needs: Mapping[str, Check]
    may: Mapping[str, Check]
    claims: Callable[[Action, str], Iterator[Claim]]


def check(action: Any, currency: str) -> Iterator[tuple[str, str]]:
    """What is wrong with an action, as (setting, sentence)."""
    if not isinstance(action, Mapping) or not isinstance(action.get("do"), str):
        yield "do", 'An action says what it does: {"do": "review"}.'
        return
    kind = KINDS.get(action["do"])
    if kind is None:
        yield "do", f"There is no action {action['do']!r}; use one of {', '.join(KINDS)}."
        return
    yield from ((name, f"`{action['do']}` needs `{name}`.") for name in kind.needs if name not in action)
    for name, value in action.items():
        if name != "do" and (wrong := _wrong(kind, action["do"], name, value)):
            yield name, wrong
    yield from _check_amounts(action, currency)


def _wrong(kind: Kind, do: str, name: str, value: Any) -> str:
    test = kind.needs.get(name) or kind.may.get(name)
    if test is None:
        return f"`{do}` does not know `{name}`; it takes {', '.join([*kind.needs, *kind.may]) or 'nothing'}."
    return test(value)


def claims(action: Action, currency: str) -> Iterator[Claim]:
    """The slots of an action that was checked."""
    yield from KINDS[action["do"]].claims(action, currency)


def window_of(said: Mapping[str, Any]) -> Window:
    until = said.get("until")
    return Window(
        days=said["days"],
        since=said.get("from", "delivery"),
        buffer_days=said.get("buffer_days", BUFFER_DAYS),
        until=date.fromisoformat(until) if until else None,
    )


def amount_of(said: Mapping[str, Any], currency: str, flat: str = "flat", percent: str = "percent") -> Amount:
    """`flat` is a decimal in the policy's currency or one by currency, `percent` a number."""
    value = said.get(flat)
    amounts = value if isinstance(value, Mapping) else {currency: value} if value is not None else {}
    minor = tuple((code, to_minor(one, code)) for code, one in amounts.items())
    return Amount(minor, int(Decimal(str(said.get(percent, 0))) * 100))


def _check_amounts(action: Action, currency: str) -> Iterator[tuple[str, str]]:
    for name in ("flat", "most"):
        if name in action and (wrong := bad_money(action[name], currency)):
            yield name, wrong
    if action["do"] == "fee" and not action.get("waived") and not {"flat", "percent"} & set(action):
        yield "flat", 'Say how much the fee is: {"flat": "4.95"} or {"percent": 15}; or {"waived": true}.'
    if action["do"] in {"bonus", "credit"} and not {"flat", "percent"} & set(action):
        yield "flat", 'Say how much is added: {"flat": "10.00"} or {"percent": 10}.'
    if action["do"] in {"outcomes", "methods"} and not {"only", "add", "remove"} & set(action):
        yield "add", "Say which to `add`, to `remove`, or which are the `only` ones."


WINDOW = {"days": whole(0, LONGEST_WINDOW)}
WINDOW_MAY = {"from": one_of(_SINCE), "buffer_days": whole(0, 90), "until": day}


def _window(action: Action, _currency: str) -> Iterator[Claim]:
    yield Claim(("window",), window_of(action))


def _list(kind: str, names: Mapping[str, str]) -> Callable[[Action, str], Iterator[Claim]]:
    def claimed(action: Action, _currency: str) -> Iterator[Claim]:
        if "only" in action:
            yield from (Claim((kind, name), name in action["only"]) for name in names)
        yield from (Claim((kind, name), True) for name in action.get("add", ()))
        yield from (Claim((kind, name), False) for name in action.get("remove", ()))

    return claimed


def _slot(name: str, value: Any = True, setting: str = "") -> Callable[[Action, str], Iterator[Claim]]:
    def claimed(action: Action, _currency: str) -> Iterator[Claim]:
        yield Claim((name,), action.get(setting, value) if setting else value)

    return claimed


def _reject(action: Action, _currency: str) -> Iterator[Claim]:
    yield Claim(("reject",), words(action["why"]))


def _kept(outcome: str) -> Callable[[Action, str], Iterator[Claim]]:
    def claimed(action: Action, currency: str) -> Iterator[Claim]:
        yield Claim(("outcome", outcome), True)
        yield Claim(("percent", outcome), amount_of({"percent": 100, **action}, currency).basis_points)

    return claimed


def _require_shipping(_action: Action, _currency: str) -> Iterator[Claim]:
    yield from (Claim(("outcome", outcome), False) for outcome in ("keep", "donate"))


def _release(action: Action, _currency: str) -> Iterator[Claim]:
    yield from (Claim(("release", outcome), action["on"]) for outcome in action.get("outcomes", OUTCOMES))


def _fee(action: Action, currency: str) -> Iterator[Claim]:
    rule = None
    if not action.get("waived"):
        methods = tuple(action.get("methods", ()))
        rule = FeeRule(amount_of(action, currency), action.get("of", "net"), methods)
    purposes = [action["for"]] if "for" in action else list(FEES) if rule is None else ["restocking"]
    for outcome in action.get("outcomes", ("refund",) if rule else _PAID):
        yield from (Claim(("fee", outcome, purpose), rule) for purpose in purposes)


def _bonus(default: tuple[str, ...]) -> Callable[[Action, str], Iterator[Claim]]:
    def claimed(action: Action, currency: str) -> Iterator[Claim]:
        most = amount_of(action, currency, flat="most", percent="") if "most" in action else None
        rule = BonusRule(amount_of(action, currency), most)
        yield from (Claim(("bonus", outcome), rule) for outcome in action.get("outcomes", default))

    return claimed


_SETS = {"only": anything, "add": anything, "remove": anything}
_HOW_MUCH = {"flat": anything, "percent": percent}
KINDS: dict[str, Kind] = {
    "window": Kind("Time to return", WINDOW, WINDOW_MAY, _window),
    "outcomes": Kind("Outcomes", {}, dict.fromkeys(_SETS, some_of(OUTCOMES)), _list("outcome", OUTCOMES)),
    "methods": Kind("Ways back", {}, dict.fromkeys(_SETS, some_of(METHODS)), _list("method", METHODS)),
    "reasons": Kind("Reasons asked", {"group": one_of(GROUPS)}, {}, _slot("reasons", "", "group")),
    "require_shipping": Kind("Must be sent back", {}, {}, _require_shipping),
    "keep": Kind("May be kept", {}, {"percent": percent}, _kept("keep")),
    "donate": Kind("May be given away", {}, {"percent": percent}, _kept("donate")),
    "reject": Kind("Does not come back", {"why": texts}, {}, _reject),
    "allow": Kind("Comes back all the same", {}, {}, _slot("reject", "")),
    "bypass_final_sale": Kind("Also when final sale", {}, {}, _slot("final_sale", False)),
    "review": Kind("A person looks first", {}, {"why": text}, _slot("review", "review", "why")),
    "no_review": Kind("Nobody needs to look first", {}, {}, _slot("review", "")),
    "destination": Kind("Goes to", {"to": text}, {}, _slot("destination", "", "to")),
    "release": Kind(
        "Released", {"on": one_of(RELEASES)}, {"outcomes": some_of(OUTCOMES)}, _release
    ),
    "fee": Kind(
        "Fee",
        {},
        {**_HOW_MUCH, "for": one_of(FEES), "of": one_of(("net", "gross")), "outcomes": some_of(OUTCOMES),
         "methods": some_of(METHODS), "waived": flag},
        _fee,
    ),
    "bonus": Kind(
        "Bonus for an exchange",
        {},
        {**_HOW_MUCH, "most": anything, "outcomes": some_of(OUTCOMES)},
        _bonus(("exchange_product", "exchange_shop")),
    ),
    "credit": Kind("Extra for store credit", {}, {**_HOW_MUCH, "most": anything}, _bonus(("store_credit",))),
    "refund_shipping": Kind(
        "Delivery costs back", {"share": one_of(SHIPPING)}, {}, _slot("refund_shipping", "none", "share")
    ),
    "hide": Kind("Not shown", {}, {}, _slot("hide", True)),
    "show": Kind("Shown", {}, {}, _slot("hide", False)),
    "goodwill": Kind(
        "Goodwill after the time is over", {"days": whole(1, LONGEST_WINDOW)}, {}, _slot("goodwill", 0, "days")
    ),
    "tier": Kind("Tier of the shopper", {"name": text}, {"note": texts}, lambda action, _currency: iter(
        [Claim(("tier",), (action["name"], words(action["note"]) if "note" in action else None))]
    )),
}  # fmt: skip
