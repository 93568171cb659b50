"""The trace of a decision and the actions of a rule as people read them, in English. Plain Python."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from thereafter.kit.money import Money
from thereafter.returns.rules.policy.offers import Step
from thereafter.returns.rules.policy.outcomes import FEES, METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.policy_actions import WHOLE, Amount, Claim, Slot
from thereafter.returns.rules.sentences import in_english

_NAMES: dict[str, Mapping[str, str]] = {"outcome": OUTCOMES, "method": METHODS}


def sentences(trace: Iterable[Step], offered: Iterable[str] = OUTCOMES) -> list[str]:
    """One sentence for everything that one voice said alike of several outcomes. `offered`: of others nothing is told
    that only makes sense for what is offered (fees, bonus, release)."""
    shown = set(offered)
    alike: dict[tuple[Any, ...], list[Slot]] = {}
    for step in trace:
        if step.slot[0] in {"release", "fee", "bonus", "percent"} and step.slot[1] not in shown:
            continue
        key = (step.by, step.slot[0], step.slot[2:], _key(step.value), step.stands, step.why, step.article)
        alike.setdefault(key, []).append(step.slot)
    steps = {(step.by, step.slot, step.stands): step for step in trace}
    return [_sentence(steps[key[0], slots[0], key[4]], slots) for key, slots in alike.items()]


def claims_in_words(claims: Iterable[Claim]) -> list[str]:
    """What a rule does, claim by claim, those alike together."""
    alike: dict[tuple[Any, ...], list[Claim]] = {}
    for claim in claims:
        alike.setdefault((claim.slot[0], claim.slot[2:], _key(claim.value)), []).append(claim)
    return [said([claim.slot for claim in some], some[0].value) for some in alike.values()]


def said(slots: list[Slot], value: Any) -> str:
    """ "offers “Money back”", "handling fee for “Money back”: 15%" """
    kind = slots[0][0]
    things = list(dict.fromkeys(_NAMES.get(kind, OUTCOMES)[slot[1]] for slot in slots if len(slot) > 1))
    what = _joined(things)
    if kind in _NAMES:
        return f"{'offers' if value else 'does not offer'} {what}"
    if kind == "fee":
        fee = f"{FEES[slots[0][2]].lower()} fee for {what}"
        return f"{fee}: {_much(value.amount)}" if value else f"no {fee}"
    return _PLAIN[kind](value, what)


def _sentence(step: Step, slots: list[Slot]) -> str:
    told = f"{step.by}: {said(slots, step.value)}"
    if not step.stands:
        return f"{told}; overruled: {step.why or 'something went before it'}"
    return f"{told} ({step.article})" if step.article else f"{told}. {step.why}" if step.why else told


def _joined(things: list[str]) -> str:
    quoted = [f"“{thing}”" for thing in things]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1] if quoted else ""]))


def _key(value: Any) -> Any:
    return repr(value)


def _window(value: Any, _what: str) -> str:
    fixed = f", at least until {in_english(value.until)}" if value.until else ""
    return f"{value.days} days from {value.since}{fixed}"


def _much(amount: Amount) -> str:
    parts = [Money(minor, currency).format("en") for currency, minor in amount.flat]
    return " and ".join(parts + ([f"{amount.basis_points / 100:g}%"] if amount.basis_points else [])) or "nothing"


def _bonus(value: Any, what: str) -> str:
    most = f", at most {_much(value.most)}" if value.most else ""
    return f"adds {_much(value.amount)}{most} for {what}"


_PLAIN: dict[str, Callable[[Any, str], str]] = {
    "window": _window,
    "bonus": _bonus,
    "percent": lambda share, what: f"{what} for {100 * share / WHOLE:g}% of the value",
    "release": lambda event, what: f"{what} {RELEASES[event].lower()}",
    "reject": lambda why, _what: f"does not come back: {why}" if why else "may come back",
    "final_sale": lambda final, _what: "is a final sale" if final else "may come back although a final sale",
    "review": lambda why, what: ("a person looks first" if why else "nobody has to agree") + (what and f" to {what}"),
    "destination": lambda to, _what: f"goes to {to}",
    "refund_shipping": lambda share, _what: f"delivery costs: {SHIPPING[share].lower()}",
    "hide": lambda hidden, _what: "is not shown" if hidden else "is shown",
    "reasons": lambda group, _what: f"asks the reasons for {group}" if group else "asks all reasons",
    "goodwill": lambda days, _what: f"goodwill for {days} days after the time is over",
    "withdrawal": lambda reason, _what: str(reason).rstrip("."),
    "guarantee": lambda until, _what: f"what is wrong with the goods may be claimed until {in_english(until)}",
    "tier": lambda tier, _what: f"tier {tier[0]}",
}
