"""What an owner should know before members do: examples in figures, and what is likely to go wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from thereafter.loyalty.rules.calendar import days_later, end_of_lot
from thereafter.loyalty.rules.earning import Line, Purchase, decide
from thereafter.loyalty.rules.order_rules import Excluded, Multiplier
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.wording_figures import Shop, Speaker, days, money_words, plain

BASKET = 100
CENTS = 2
SPENT_SHARE = Decimal("0.8")
SHORT_LIFE, MUCH_HOLDOUT, DEAR = 90, 20, Decimal("0.15")
NAMES = {"multiplicative": "Multiply", "additive": "Add up", "max": "Highest only"}
POLICIES = {"unlimited": "Owed", "within_balance": "Forgiven", "only_pending": "Kept"}


@dataclass(frozen=True, slots=True)
class Refunded:
    """What is left of who earned on an order, spent most of it and sent half of the order back."""

    key: str
    name: str
    taken: int
    owed: int
    left: int


def basket(programme: Programme, shop: Shop, at: datetime, tier: str = "") -> int:
    """What an order of 100 earns."""
    purchase = Purchase(
        lines=(Line("", BASKET * 10**CENTS),),
        total_minor=BASKET * 10**CENTS,
        currency=shop.currency,
        exponent=CENTS,
        at=at,
        tier=tier,
    )
    return decide(programme, 0, purchase).points


def stackings(programme: Programme, shop: Shop, at: datetime) -> list[tuple[str, str, int]]:
    """For each way of stacking what an order of 100 earns when 2 and 1.5 times the points meet."""
    rules = tuple(Multiplier.model_validate({"kind": "multiplier", "x": x}) for x in ("2", "1.5"))
    plainly = programme.model_copy(update={"rules": rules, "tiers": (), "max_per_order": None})
    return [(key, name, basket(plainly.model_copy(update={"stacking": key}), shop, at)) for key, name in NAMES.items()]


def refunds(programme: Programme, shop: Shop, at: datetime) -> tuple[int, int, list[Refunded]]:
    """What was earned, what was spent of it, and what each policy leaves after half of the order came back."""
    plainly = programme.model_copy(update={"rules": (), "max_per_order": None})
    earned = basket(plainly, shop, at)
    spent = int(earned * SPENT_SHARE)
    back, there = earned - earned // 2, earned - spent
    taken = min(back, there)
    cases = {"unlimited": (taken, back - taken), "within_balance": (taken, 0), "only_pending": (0, 0)}
    return (
        earned,
        spent,
        [Refunded(key, POLICIES[key], took, owed, there - took) for key, (took, owed) in cases.items()],
    )


def lifetime(programme: Programme, shop: Shop, now: datetime) -> str:
    """When points of an order of today can be used, and when they end."""
    speaker, zone = Speaker(programme, shop), ZoneInfo(programme.tz)
    usable = days_later(now, programme.pending_days, zone)
    end = end_of_lot(programme.expiry, now, zone)
    start = f"from {speaker.moment(usable)}" if programme.pending_days else "at once"
    until = f" and end on {speaker.moment(end)}" if end else ""
    return f"Points of an order of now can be used {start}{until}."


def advice(programme: Programme, shop: Shop, now: datetime) -> list[str]:
    """What is allowed and yet likely to be regretted."""
    return [*_of_earning(programme, shop, now), *_of_life(programme, now), *_of_people(programme)]


def _of_earning(programme: Programme, shop: Shop, now: datetime) -> Iterator[str]:
    if not programme.rate and not programme.rules:
        yield "Orders earn nothing."
    worth = programme.point_value * programme.rate if programme.point_value is not None else Decimal(0)
    if worth > DEAR:
        share = plain((worth * 100).quantize(Decimal(1)))
        yield f"Of each {money_words(Decimal(1), shop.currency)} sold {share}% goes back as points: is this meant?"
    if programme.gift_cards_earn and not any(isinstance(rule, Excluded) for rule in programme.rules):
        yield "Gift cards earn when they are bought and when they are used: exclude the product."
    for rule in programme.rules:
        if rule.ends_at and rule.ends_at <= now:
            yield f"“{rule.name or 'A rule without a name'}” is over. It may stay, or go."


def _of_life(programme: Programme, now: datetime) -> Iterator[str]:
    if not programme.pending_days and programme.clawback != "only_pending":
        yield "Points can be spent before the order may come back. A waiting time as long as your returns spares debts."
    if not programme.pending_days and programme.clawback == "only_pending":
        yield "Points do not wait and are never taken back: whoever orders and returns keeps them."
    expiry, zone = programme.expiry, ZoneInfo(programme.tz)
    if expiry.mode in ("days", "months"):
        end = end_of_lot(expiry, now, zone)
        life = (end - now).days - programme.pending_days if end else SHORT_LIFE
        if life < SHORT_LIFE:
            yield f"Points can be used for only {days(life)}. Members see this as taking away what they earned."
        if any(ahead >= life for ahead in expiry.warn_days):
            yield "A warning comes before the points can be used at all: shorten it."
    if expiry.mode != "never" and not expiry.warn_days:
        yield "Nobody is told before points end. One warning brings many back to the shop."


def _of_people(programme: Programme) -> Iterator[str]:
    if programme.holdout_percent > MUCH_HOLDOUT:
        yield f"{programme.holdout_percent} of 100 new members get no rewards: 10 measure as well in most shops."
    if programme.referral and programme.referral.is_on and not programme.referral.hold_days:
        yield "Invitations are paid at once: a hold as long as your returns keeps away who orders and sends back."
    for tier, above in zip(programme.tiers, programme.tiers[1:], strict=False):
        if above.multiplier < tier.multiplier:
            yield f"{above.name} earns less than {tier.name} below it."


def why(snapshot: Mapping[str, Any], programme: Programme, shop: Shop) -> str:
    """A decision in words: the goods that counted, the factors, the extras, the limit."""
    if snapshot.get("out"):
        return "Takes no part"
    return ", ".join(_reasons(snapshot, programme, shop))


def _reasons(snapshot: Mapping[str, Any], programme: Programme, shop: Shop) -> Iterator[str]:
    lines = snapshot["lines"]
    counted = sum((Fraction(line["value"]) for line in lines if Fraction(line["times"])), Fraction(0))
    amount = Decimal(round(counted * 100)) / 100
    yield f"{money_words(amount, shop.currency)} of goods"
    factors = {Fraction(line["times"]) for line in lines if Fraction(line["times"]) != 1 and Fraction(line["times"])}
    yield from (f"× {plain(Decimal(float(factor)).quantize(Decimal('0.001')))}" for factor in sorted(factors))
    names = [name for line in lines for name in line.get("rules", ())] + list(snapshot.get("rules", ()))
    yield from (f"“{name}”" for name in dict.fromkeys(names))
    if tier := programme.tier_of(snapshot.get("tier", "")):
        yield tier.name
    speaker = Speaker(programme, shop)
    if pieces := sum(line.get("bonus", 0) for line in lines):
        yield f"{speaker.points(pieces)} for pieces"
    if snapshot["fixed"]:
        yield f"{speaker.points(snapshot['fixed'])} for the order"
    if snapshot["cap"] is not None and snapshot["points"] == snapshot["cap"]:
        yield "up to the limit of an order"
