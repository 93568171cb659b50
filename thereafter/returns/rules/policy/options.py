"""The outcomes and ways back that are offered for one item, on the grounds that are open. Plain Python.

First what the policy gives, then the law's floor over it: `_by_law` says what must be there, and each place where the
policy gave less adds a step of the law to the trace and marks what it overruled.
"""

from collections.abc import Iterator
from typing import Any

from thereafter.returns.rules.policy.grounds import Ground
from thereafter.returns.rules.policy.items import Item
from thereafter.returns.rules.policy.offers import HOUSE, LAW, OfferedBonus, OfferedFee, Option, Step
from thereafter.returns.rules.policy.outcomes import EXCHANGES, FEES, METHODS, OUTCOMES, RANK, REMEDIES
from thereafter.returns.rules.policy.perks import by_perk
from thereafter.returns.rules.policy.policy_actions import WHOLE, FeeRule, Slot

_KEPT = ("keep", "donate")
_OURS = ("label", "qr", "counter", "pickup")
# The ways whose postage we pay; a fee for it is not asked of those who use their own.
_WITH_OUR_POSTAGE = ("label", "qr", "pickup")
_SHIPPING_RANK = {"none": 0, "standard": 1, "all": 2}
_FAULTS = ("shop", "carrier")


def options(item: Item, found: list[Ground], trace: list[Step]) -> list[Option]:
    """Every outcome that is open, in the order in which it is offered."""
    if any(ground.article for ground in found):
        _admit(item, trace, next(ground.article for ground in found if ground.article))
    made = []
    for outcome in _in_order(item):
        ground = _ground_for(item, outcome, found, trace)
        if ground:
            made.append(_option(item, outcome, ground, trace))
    return made


def _admit(item: Item, trace: list[Step], article: str) -> None:
    """The law takes back what the shop would not."""
    for slot, value in ((("reject",), ""), (("final_sale",), False), (("hide",), False)):
        if item.settled.value(slot):
            _overrule(trace, slot, value, article)


def _in_order(item: Item) -> list[str]:
    """As the reason has it; what may be kept for the whole value comes first, what for a part comes last."""
    names = list(dict.fromkeys([*item.reason.first, *OUTCOMES]))
    first = [name for name in _KEPT if item.settled.value(("percent", name)) == WHOLE]
    return first + [name for name in names if name not in first]


def _ground_for(item: Item, outcome: str, found: list[Ground], trace: list[Step]) -> Ground | None:
    """On which ground an outcome is offered, None when it is not."""
    if not _is_possible(item, outcome, found):
        return None
    wished = item.settled.value(("outcome", outcome))
    if outcome in REMEDIES and item.settled.ruled(("outcome", outcome)) is None:
        wished = True
    by_law = _by_law(item, outcome, found)
    if not wished and item.snapshot.is_gift and outcome == "store_credit":
        # Whoever got it cannot have the buyer's money; something must be left for them.
        return next((ground for ground in found if ground.basis != "withdrawal"), None)
    by_policy = next((ground for ground in found if ground.basis != "withdrawal"), None) if wished else None
    if by_law and not by_policy:
        _overrule(trace, ("outcome", outcome), True, by_law.article)
    return by_law or by_policy


def _is_possible(item: Item, outcome: str, found: list[Ground]) -> bool:
    line, is_claim = item.line, item.is_claim and found[0].basis not in {"voluntary", "withdrawal"}
    possible = {
        "exchange_variant": line.other_variants != 0,
        "replacement": is_claim and line.in_stock,
        "repair": is_claim and item.reason.conformity and line.repairable,
        "keep": item.reason.arrives and item.is_here,
        "donate": item.reason.arrives and item.is_here,
        "refund": not item.snapshot.is_gift,
    }
    return possible.get(outcome, True)


def _by_law(item: Item, outcome: str, found: list[Ground]) -> Ground | None:
    """The ground on which the law itself gives an outcome."""
    covered, claim = item.floor.conformity, found[0]
    if outcome in REMEDIES and covered and covered.free_remedy:
        return claim._replace(article=covered.articles["free"])
    if outcome != "refund":
        return None
    return _money_for_a_fault(item, found) or _money_for_withdrawing(item, found)


def _money_for_a_fault(item: Item, found: list[Ground]) -> Ground | None:
    """What never came, what the UK lets be refused outright, what can be neither repaired nor replaced."""
    covered, claim = item.floor.conformity, found[0]
    if item.floor.undelivered:
        return claim._replace(article=item.floor.undelivered)
    if covered and covered.may_reject(item.today):
        return claim._replace(article=covered.articles["reject"])
    if covered and not any(_is_possible(item, remedy, found) for remedy in REMEDIES):
        return claim._replace(article=covered.articles["remedies"])
    return None


def _money_for_withdrawing(item: Item, found: list[Ground]) -> Ground | None:
    right = next((ground for ground in found if ground.basis == "withdrawal"), None)
    return right._replace(article=item.floor.regime.articles["refund"]) if right and item.floor.regime else None


def _option(item: Item, outcome: str, ground: Ground, trace: list[Step]) -> Option:
    withdraws = ground.basis == "withdrawal"
    regime = item.floor.regime
    return Option(
        outcome=outcome,
        basis=ground.basis,
        fees=tuple(_fees(item, outcome, ground, trace)),
        bonus=_bonus(item, outcome, trace),
        share=item.settled.value(("percent", outcome)) if outcome in _KEPT else WHOLE,
        release=_release(item, outcome, ground, trace),
        until=ground.until,
        due_days=regime.refund_days if withdraws and regime else None,
        needs_review=_needs_review(item, ground, trace),
        is_sent_back=item.reason.arrives and item.is_here and outcome not in _KEPT,
        article=ground.article if _by_law_at_all(item, outcome) else "",
    )


def _by_law_at_all(item: Item, outcome: str) -> bool:
    return outcome == "refund" or outcome in REMEDIES


def _fees(item: Item, outcome: str, ground: Ground, trace: list[Step]) -> Iterator[OfferedFee]:
    for purpose in FEES:
        slot = ("fee", outcome, purpose)
        rule: FeeRule | None = item.settled.value(slot)
        if rule is None:
            continue
        article = _free_by_law(item, ground, purpose)
        if article:
            _overrule(trace, slot, None, article)
        elif item.reason.fault in _FAULTS:
            _limit(trace, slot, None, "It was not the shopper's fault.")
        elif item.snapshot.perks.free_returns:
            _unsay(trace, slot, "a perk goes before it")
            trace.append(Step(slot, None, by_perk(item.snapshot.perks), "perk"))
        else:
            yield from _charged(item, slot, rule, trace, ground)


def _free_by_law(item: Item, ground: Ground, purpose: str) -> str:
    """The article that lets no such fee be taken; "" where it may be."""
    floor = item.floor
    if ground.basis == "withdrawal" and floor.regime and floor.costs:
        if purpose == "restocking":
            return floor.regime.articles["no_other_cost"]
        return floor.costs.postage_article if floor.costs.postage == "shop" else ""
    if floor.undelivered:
        return floor.undelivered
    return floor.conformity.articles["take_back"] if floor.conformity and floor.conformity.free_remedy else ""


def _charged(item: Item, slot: Slot, rule: FeeRule, trace: list[Step], ground: Ground) -> Iterator[OfferedFee]:
    purpose: Any = slot[2]
    ways = rule.methods or (_WITH_OUR_POSTAGE if purpose == "postage" else ())
    flat = rule.amount.in_currency(item.snapshot.order.currency)
    if flat is None:
        _limit(trace, slot, None, f"The policy names no amount in {item.snapshot.order.currency}.")
    if flat:
        yield OfferedFee(purpose, "flat_per_return", flat, 0, ways, item.settled.by(slot))
    if rule.amount.basis_points and ground.basis == "withdrawal" and item.floor.regime:
        # Only what the way back costs; a share of the price is a fee by another name.
        _overrule(trace, slot, None, item.floor.regime.articles["no_other_cost"])
    elif rule.amount.basis_points:
        kind: Any = f"percent_of_items_{rule.of}"
        yield OfferedFee(purpose, kind, 0, rule.amount.basis_points, ways, item.settled.by(slot))


def _bonus(item: Item, outcome: str, trace: list[Step]) -> OfferedBonus | None:
    slot = ("bonus", outcome)
    rule = item.settled.value(slot)
    if rule is None or outcome not in (*EXCHANGES, "store_credit"):
        return None
    currency = item.snapshot.order.currency
    flat = rule.amount.in_currency(currency)
    most = rule.most.in_currency(currency) if rule.most else 0
    if flat is None or most is None:
        _limit(trace, slot, None, f"The policy names no amount in {currency}.")
        return None
    return OfferedBonus(flat, rule.amount.basis_points, most, item.settled.by(slot))


def _release(item: Item, outcome: str, ground: Ground, trace: list[Step]) -> str:
    release: str = item.settled.value(("release", outcome))
    if ground.basis == "withdrawal" and item.floor.regime and RANK[release] > RANK["received"]:
        _overrule(trace, ("release", outcome), "received", item.floor.regime.articles["wait"])
        return "received"
    return release


def _needs_review(item: Item, ground: Ground, trace: list[Step]) -> bool:
    """A withdrawal takes effect when it is said; nobody has to agree to it."""
    if item.is_unsure and ground.basis == item.reason.basis:
        return True
    if not item.settled.value(("review",)):
        return False
    if ground.basis == "withdrawal" and item.floor.regime:
        _overrule(trace, ("review", "refund"), "", item.floor.regime.articles["no_reason"])
        return False
    return True


def methods(item: Item, found: list[Ground], made: list[Option], trace: list[Step]) -> tuple[str, ...]:
    """Every way back that is open; ("none",) where nothing is to be sent."""
    if not any(option.is_sent_back for option in made):
        return ("none",)
    ways = [name for name in METHODS if name != "none" and item.settled.value(("method", name))]
    floor = item.floor
    if floor.conformity and not any(way in _OURS for way in ways):
        _overrule(trace, ("method", "label"), True, floor.conformity.articles["take_back"])
        ways.insert(0, "label")
    if floor.withdraws and floor.regime and "own_carrier" not in ways:
        _overrule(trace, ("method", "own_carrier"), True, floor.regime.articles["send_back"])
        ways.append("own_carrier")
    if not ways:
        _limit(trace, ("method", "own_carrier"), True, "Some way back there must be.")
        ways.append("own_carrier")
    return (*ways, *(("none",) if any(not option.is_sent_back for option in made) else ()))


def refunded_shipping(item: Item, found: list[Ground], trace: list[Step]) -> str:
    """How much of the delivery costs is paid back with a refund: none, standard or all."""
    slot = ("refund_shipping",)
    share: str = item.settled.value(slot)
    floor = item.floor
    least, article = "none", ""
    if floor.withdraws and floor.costs and item.is_whole:
        least, article = floor.costs.shipping, floor.costs.shipping_article
    if floor.undelivered and item.is_whole:
        least, article = "all", floor.undelivered
    if _SHIPPING_RANK[least] > _SHIPPING_RANK[share]:
        _overrule(trace, slot, least, article)
        return least
    return share


def _overrule(trace: list[Step], slot: Slot, value: Any, article: str) -> None:
    """The law's word on a slot; whoever said otherwise is overruled."""
    if any(step.source == "law" and step.slot == slot for step in trace):
        return
    _unsay(trace, slot, "the law goes before it")
    trace.append(Step(slot, value, LAW, "law", article=article))


def _limit(trace: list[Step], slot: Slot, value: Any, why: str) -> None:
    _unsay(trace, slot, why)
    trace.append(Step(slot, value, HOUSE, "limit", why=why))


def _unsay(trace: list[Step], slot: Slot, why: str) -> None:
    for place, step in enumerate(trace):
        if step.slot == slot and step.stands:
            trace[place] = step._replace(stands=False, why=why)
