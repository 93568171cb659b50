"""What is offered for each item of a return: a pure function of policy, snapshot, law and day. Plain Python.

For each item: which grounds are open (`Basis`), then every outcome that the policy or the law gives on them, and the
trace of who said what. Of rules that claim the same slot the highest priority stands. The law comes last and only adds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from thereafter.kit.money import exponent
from thereafter.returns.rules import reasons
from thereafter.returns.rules.legal.law import Law
from thereafter.returns.rules.policy import perks, vocabulary
from thereafter.returns.rules.policy.floors import Floor, floor
from thereafter.returns.rules.policy.grounds import Ground, grounds, why_not
from thereafter.returns.rules.policy.items import Item
from thereafter.returns.rules.policy.offers import HOUSE, LAW, LineOffer, Offers, Step
from thereafter.returns.rules.policy.options import methods, options, refunded_shipping
from thereafter.returns.rules.policy.policies import Policy, Rule
from thereafter.returns.rules.policy.returnless import may_keep
from thereafter.returns.rules.policy.settled import Held, settle
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.policy.windows import Days, Span, Window, span
from thereafter.returns.rules.sentences import say

_SHIPPING_RANK = {"none": 0, "standard": 1, "all": 2}

Named = tuple[tuple[str, Any], ...]
_UNSURE = "A defect is not presumed any more to have been there from the start."


def decide(policy: Policy, snapshot: Snapshot, law: Law, today: date) -> Offers:
    """Everything that may be offered today. The same is always answered the same."""
    case = _Case(policy, snapshot, law, today)
    lines = tuple(case.offer(line, asked) for line, asked in snapshot.wanted())
    tier = next((line.tier for line in lines if line.tier[0]), ("", None))
    return Offers(
        lines=lines,
        policy=policy.name,
        fingerprint=policy.fingerprint,
        law=law.version,
        today=today,
        refund_shipping=max((line.refund_shipping for line in lines), key=_SHIPPING_RANK.__getitem__, default="none"),
        tier=tier[0],
        notes=(*((say("tier", note=tier[1]),) if tier[1] else ()), *perks.of_all(lines)),
    )


class _Case:
    """One return: what is so of all of it is worked out once."""

    def __init__(self, policy: Policy, snapshot: Snapshot, law: Law, today: date) -> None:
        self.policy, self.snapshot, self.law, self.today = policy, snapshot, law, today
        self.facts = vocabulary.order_facts(snapshot, today)
        self.units = vocabulary.coming(snapshot)
        self.unit = 10 ** exponent(snapshot.order.currency)
        # What conditions about the whole return answered, by the place of their rule.
        self.known: dict[int, bool] = {}
        self.offers: dict[tuple[Any, ...], tuple[Item, LineOffer]] = {}
        self.spans: dict[Days, tuple[Span, Span]] = {}
        self.floors: dict[tuple[Any, ...], Floor] = {}

    def offer(self, line: Line, asked: Asked) -> LineOffer:
        """What is offered for an item; of items that are alike it is worked out once."""
        item = self._item(line, asked)
        alike = item.likeness()
        if alike not in self.offers:
            self.offers[alike] = item, self._worked_out(item)
        return replace(self.offers[alike][1], line=line.id, quantity=asked.quantity, reason=asked.reason)

    def _worked_out(self, item: Item) -> LineOffer:
        open_grounds = grounds(item)
        wrong = why_not(item, open_grounds)
        own = item.settled.ruled(("window",))
        trace = [*item.settled.trace, *perks.told_of_days(item, own or self.policy.window), *_law_says(item)]
        base: dict[str, Any] = {
            "line": item.line.id,
            "quantity": item.asked.quantity,
            "reason": item.asked.reason,
            "tier": item.settled.value(("tier",)) or ("", None),
            "reason_group": item.settled.value(("reasons",)) or "",
        }
        if wrong is None:
            found = options(item, open_grounds, trace)
            if found:
                return self._allowed(item, open_grounds, found, trace, base)
            wrong = say("nothing_left")
        return LineOffer(
            **base,
            allowed=False,
            why_not=wrong,
            until=item.span.until,
            is_hidden=bool(item.settled.value(("hide",))),
            trace=tuple(trace),
        )

    def _allowed(
        self, item: Item, open_grounds: list[Ground], found: list[Any], trace: list[Step], base: Mapping[str, Any]
    ) -> LineOffer:
        until = _latest(open_grounds)
        by_law = any(ground.article for ground in open_grounds)
        return LineOffer(
            **base,
            allowed=True,
            until=until,
            days_left=(until - self.today).days if until else None,
            basis=open_grounds[0].basis,
            bases=tuple(dict.fromkeys(ground.basis for ground in open_grounds)),
            options=tuple(found),
            methods=methods(item, open_grounds, found, trace),
            photos=item.reason.photos,
            asks_note=item.reason.note,
            destination=item.settled.value(("destination",)) or "",
            review=item.settled.value(("review",)) or (_UNSURE if item.is_unsure else ""),
            is_hidden=bool(item.settled.value(("hide",))) and not by_law,
            may_deduct=_may_deduct(item, open_grounds),
            refund_shipping=refunded_shipping(item, open_grounds, trace),
            notes=(*_notes(item, open_grounds), *perks.notes(item, open_grounds[0].basis, trace)),
            trace=tuple(trace),
        )

    def _item(self, line: Line, asked: Asked) -> Item:
        reason = reasons.reason(asked.reason)
        placed_on = self.snapshot.order.placed_at.date()
        days = Days(placed_on, line.fulfilled_on, line.delivered_on)
        usual, claims = self._spans(days)
        facts = self.facts | vocabulary.line_facts(line, asked, reason, self.unit)
        facts["days_since"] = vocabulary.days_since(usual, self.today)
        matching = tuple(rule.place for rule in self.policy.rules if self._holds(rule, facts))
        settled = settle(self.policy, matching, self._held(line, asked, reason))
        own = settled.ruled(("window",))
        return Item(
            policy=self.policy,
            snapshot=self.snapshot,
            line=line,
            asked=asked,
            reason=reason,
            settled=settled,
            span=self._span(own, days) if own else usual,
            claims=claims,
            floor=self._floor(line, asked, reason),
            today=self.today,
            is_whole=self.facts["whole_order"],
            units=self.units[line.id],
        )

    def _spans(self, days: Days) -> tuple[Span, Span]:
        if days not in self.spans:
            policy = self.policy
            self.spans[days] = self._span(policy.window, days), span(policy.claims, days)
        return self.spans[days]

    def _span(self, window: Window, days: Days) -> Span:
        return span(perks.longer(window, self.snapshot.perks), days, self.policy.holidays)

    def _floor(self, line: Line, asked: Asked, reason: reasons.Reason) -> Floor:
        alike = line.flags, asked.unsealed, reason.key, line.delivered_on, line.fulfilled_on, line.repaired_on
        if alike not in self.floors:
            self.floors[alike] = floor(self.snapshot, self.law, line, asked, reason, self.today)
        return self.floors[alike]

    def _holds(self, rule: Rule, facts: Mapping[str, Any]) -> bool:
        if rule.condition is None:
            return True
        if rule.of_line:
            return _answer(rule, _named(rule, facts))
        if rule.place not in self.known:
            self.known[rule.place] = _answer(rule, _named(rule, facts))
        return self.known[rule.place]

    def _held(self, line: Line, asked: Asked, reason: reasons.Reason) -> tuple[Held, ...]:
        """What holds for right although nobody wrote it: what the shop or its carrier did wrong costs nothing."""
        held = []
        if line.final_sale:
            held.append(Held(("final_sale",), True, "It was sold as a final sale."))
        if reason.fault in {"shop", "carrier"}:
            held.append(Held(("refund_shipping",), "all", "It was not the shopper's fault."))
        costs = self.policy.returnless
        if costs and costs.currency == self.snapshot.order.currency:
            value = line.paid_minor * asked.quantity // max(line.quantity, 1)
            verdict = may_keep(costs, value, self.snapshot.customer)
            if verdict.keeps:
                held.append(Held(("outcome", "keep"), True, verdict.why))
        return tuple(held)


def _named(rule: Rule, facts: Mapping[str, Any]) -> Named:
    """What the condition of a rule asks for, as a key."""
    found = ((name, facts[name]) for name in rule.names if name in facts)
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in found)


@lru_cache(maxsize=1 << 16)
def _answer(rule: Rule, named: Named) -> bool:
    """Whether a condition holds; the same of the same is asked once, also over many orders."""
    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in named}
    return rule.condition is None or rule.condition.holds(facts)


def _latest(open_grounds: list[Ground]) -> date | None:
    days = [ground.until for ground in open_grounds]
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) and known else None


def _may_deduct(item: Item, open_grounds: list[Ground]) -> bool:
    """For wear beyond trying it on; never when the goods were not as they had to be."""
    if open_grounds[0].basis == "withdrawal" or item.floor.withdraws:
        return bool(item.floor.costs and item.floor.costs.may_deduct and not item.reason.conformity)
    return not item.reason.conformity


def _law_says(item: Item) -> Iterator[Step]:
    """What rights there are and until when, so that the trace tells what came from the law."""
    right, covered = item.floor.withdrawal, item.floor.conformity
    if right and right.status != "none":
        yield Step(("withdrawal",), right.reason, LAW, "law", article=right.article)
    if covered and item.is_unsure:
        yield Step(("review",), _UNSURE, HOUSE, "house", why=_UNSURE, article=covered.articles["presumed"])
    if covered:
        yield Step(("guarantee",), covered.until, LAW, "law", article=covered.article)


def _notes(item: Item, open_grounds: list[Ground]) -> Iterator[Any]:
    if item.floor.withdrawal and any(ground.basis == "withdrawal" for ground in open_grounds):
        yield item.floor.withdrawal.reason
