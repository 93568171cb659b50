"""A policy in sentences that an owner of a shop understands, and what is different between two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from thereafter.journeys.rules.conditions_in_words import as_line
from thereafter.kit.money import Money
from thereafter.returns.console.policy_fees import is_usual
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.policies import Policy
from thereafter.returns.rules.policy.policy_actions import claims
from thereafter.returns.rules.policy.trace_words import claims_in_words
from thereafter.returns.rules.policy.windows import Window
from thereafter.returns.rules.sentences import in_english

_SINCE = {"order": "the order", "fulfilment": "the day it was sent", "delivery": "the day it came"}
_SHOWN = ("refund", "store_credit", "exchange_variant", "replacement")
ALWAYS = "Always"
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    icon: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleWords:
    """`place` is where it stands in the document."""

    place: int
    name: str
    about: str
    when: str
    does: tuple[str, ...]
    priority: int
    is_off: bool

    @property
    def sentence(self) -> str:
        return f"{self.name}: {_lower(self.when)}: {'; '.join(self.does)}."


@dataclass(frozen=True, slots=True)
class Change:
    """`kind`: added, gone, or now (with what stood there before)."""

    kind: str
    text: str
    before: str = ""


def parts(policy: Policy) -> list[Part]:
    return [
        Part("How long", "calendar", tuple(_time(policy))),
        Part("What shoppers may choose", "return", tuple(_choices(policy))),
        Part("What it costs and brings", "card", tuple(_usual(policy))),
        Part("When money and goods go out", "clock", tuple(_releases(policy))),
    ]


def rules(policy: Policy) -> list[RuleWords]:
    """All but the usual fees, the strongest first."""
    found = [
        rule_words(at, said, policy.currency)
        for at, said in enumerate(policy.document.get("rules", ()))
        if not is_usual(said)
    ]
    return sorted(found, key=lambda one: (-one.priority, one.place))


def rule_words(place: int, said: dict[str, Any], currency: str) -> RuleWords:
    return RuleWords(
        place=place,
        name=said["name"],
        about=said.get("about", ""),
        when=as_line(said["if"], LONGEST) if said.get("if") else ALWAYS,
        does=tuple(one.rstrip(".") for action in said["then"] for one in _does(action, currency)),
        priority=said.get("priority", 0),
        is_off=bool(said.get("off")),
    )


def _does(action: dict[str, Any], currency: str) -> list[str]:
    """What one action does; what is for everything is not told thing by thing."""
    if action["do"] == "fee" and action.get("waived") and not {"for", "outcomes"} & set(action):
        return ["no fees"]
    if action["do"] == "release" and "outcomes" not in action:
        return [f"money and goods go out {_lower(RELEASES[action['on']])}"]
    if action["do"] == "require_shipping":
        return ["everything has to be sent back"]
    return claims_in_words(claims(action, currency))


def changes(old: Policy, new: Policy) -> list[Change]:
    """What is said otherwise, part by part, then rule by rule."""
    found = []
    for before, after in zip(parts(old), parts(new), strict=True):
        found += _told(before.sentences, after.sentences)
    return found + list(_rule_changes(old, new))


def _told(old: tuple[str, ...], new: tuple[str, ...]) -> list[Change]:
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    if len(gone) == len(come):
        return [Change("now", after, before) for before, after in zip(gone, come, strict=True)]
    return [*(Change("gone", one) for one in gone), *(Change("added", one) for one in come)]


def _rule_changes(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = ({one.name: one for one in rules(policy)} for policy in (old, new))
    for name, rule in after.items():
        known = before.get(name)
        if known is None:
            yield Change("added", f"Rule “{name}”. {_lower(rule.when, up=True)}: {'; '.join(rule.does)}.")
        elif known.is_off != rule.is_off:
            yield Change("now", f"Rule “{name}” is {'off' if rule.is_off else 'on'}.")
        elif (known.when, known.does) != (rule.when, rule.does):
            yield Change("now", f"Rule {rule.sentence}", f"Rule {known.sentence}")
        elif known.priority != rule.priority:
            yield Change("now", f"Rule “{name}” has priority {rule.priority}.", f"Priority {known.priority}.")
    yield from (Change("gone", f"Rule “{name}”.") for name in before if name not in after)


def _time(policy: Policy) -> Iterator[str]:
    yield f"Goods may come back {window(policy.window)}."
    if policy.window.since == "delivery":
        yield f"Where nobody tells of the delivery: {policy.window.buffer_days} days more, from the day it was sent."
    for one in policy.holidays:
        first, last, until = map(in_english, (one.first, one.last, one.until))
        yield f"{one.name or 'Season'}: what was ordered from {first} to {last} may come back until {until}."
    yield f"Damage and faults may be reported {window(policy.claims)}, longer where the law says so."


def window(one: Window) -> str:
    fixed = f", at least until {in_english(one.until)}" if one.until else ""
    return f"for {one.days} {'day' if one.days == 1 else 'days'} after {_SINCE[one.since]}{fixed}"


def _choices(policy: Policy) -> Iterator[str]:
    yield f"{_listed(policy, 'outcome', OUTCOMES)}."
    yield f"It comes back so: {_lower(_listed(policy, 'method', METHODS))}."
    costs = policy.returnless
    if costs:
        way = Money(costs.label_minor + costs.handling_minor, costs.currency).format("en")
        most = f", up to {Money(costs.most_value_minor, costs.currency).format('en')}" if costs.most_value_minor else ""
        cap = f", {costs.most_per_customer} times for one shopper" if costs.most_per_customer is not None else ""
        yield (
            f"It may be kept when the way back ({way}) and {costs.markdown_percent}% of lost value are more than it is "
            f"worth{most}{cap}."
        )
        if costs.below_minor:
            yield f"Whatever is worth less than {Money(costs.below_minor, costs.currency).format('en')} may be kept."


def _usual(policy: Policy) -> Iterator[str]:
    said = [rule for rule in policy.document.get("rules", ()) if is_usual(rule)]
    told = [claim for rule in said for action in rule["then"] for claim in claims(action, policy.currency)]
    lines = claims_in_words(told)
    yield from (f"{line[:1].upper()}{line[1:]}." for line in lines)
    if not any(claim.slot[0] == "fee" for claim in told):
        yield "Sending back costs the shopper nothing, unless a rule says otherwise."
    yield f"The first delivery: {SHIPPING[policy.fixed['refund_shipping',]].lower()}."


def _releases(policy: Policy) -> Iterator[str]:
    for outcome in _SHOWN:
        if policy.fixed["outcome", outcome]:
            label = "Exchanges" if outcome in EXCHANGES else OUTCOMES[outcome]
            yield f"{label}: {RELEASES[policy.fixed['release', outcome]].lower()}."


def _listed(policy: Policy, kind: str, names: dict[str, str]) -> str:
    chosen = [label for name, label in names.items() if policy.fixed[kind, name]]
    return ", ".join([*chosen[:1], *(_lower(one) for one in chosen[1:])]) or "Nothing"


def _lower(text: str, *, up: bool = False) -> str:
    if up:
        return text[:1].upper() + text[1:]
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
