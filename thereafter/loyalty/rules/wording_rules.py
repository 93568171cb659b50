"""One rule for orders as a sentence: what it gives, on what, and when."""

from collections.abc import Iterator
from decimal import Decimal

from babel.dates import get_day_names

from thereafter.loyalty.rules.order_rules import Excluded, ForSome, Multiplier, ProductBonus, Rule
from thereafter.loyalty.rules.wording_figures import LOCALE, Speaker, join, plain, sentence

STACKING = {
    "multiplicative": "are multiplied",
    "additive": "add up what each brings on top",
    "max": "do not add up: only the highest counts",
}


def rule_sentence(rule: Rule, speaker: Speaker) -> str:
    """Without its name: "Double points on shoes, from 1 Mar 2026, for Gold."""
    when = list(conditions(rule, speaker))
    return sentence(", ".join([_gives(rule, speaker), *when]))


def _gives(rule: Rule, speaker: Speaker) -> str:
    if isinstance(rule, Multiplier):
        return f"{times(rule.x)} on {goods(rule, speaker)}"
    if isinstance(rule, ProductBonus):
        return f"{speaker.points(rule.points)} more for each piece of {goods(rule, speaker)}"
    if isinstance(rule, Excluded):
        return f"nothing is earned on {goods(rule, speaker)}"
    return f"{speaker.points(rule.points)} more for the order"


def times(x: Decimal) -> str:
    words = {Decimal(0): "no points", Decimal(2): "double points", Decimal(3): "triple points"}
    return words.get(x, f"{plain(x)} times the points")


def goods(rule: ForSome, speaker: Speaker) -> str:
    if rule.is_for_all:
        return "all goods"
    named = [speaker.shop.products.get(one, "a product that is gone") for one in rule.products]
    named += [f"SKU {sku}" for sku in (rule.sku, *rule.skus) if sku]
    return join([*(f"“{name}”" for name in rule.categories), *dict.fromkeys(named)])


def conditions(rule: Rule, speaker: Speaker) -> Iterator[str]:
    yield from _window(rule, speaker)
    if rule.weekdays:
        names = get_day_names("wide", locale=LOCALE)
        yield f"on {join(f'{names[day]}s' for day in sorted(rule.weekdays))}"
    if rule.first_order:
        yield "on a first order"
    if rule.min_amount:
        yield f"on orders from {speaker.money(rule.min_amount)}"
    if rule.tiers:
        yield f"for {speaker.tiers(rule.tiers)}"
    if rule.segments:
        yield f"for customers in {join((f'“{speaker.shop.segments.get(one, one)}”' for one in rule.segments), 'or')}"
    if rule.channels:
        yield f"bought through {join((speaker.shop.channels.get(one, one) for one in rule.channels), 'or')}"
    if rule.exclusive:
        yield "and then no other bonus"


def _window(rule: Rule, speaker: Speaker) -> Iterator[str]:
    if rule.starts_at and rule.ends_at:
        yield f"from {speaker.moment(rule.starts_at)} until {speaker.moment(rule.ends_at)}"
    elif rule.starts_at:
        yield f"from {speaker.moment(rule.starts_at)}"
    elif rule.ends_at:
        yield f"until {speaker.moment(rule.ends_at)}"


def kind_name(rule: Rule) -> str:
    return KINDS[rule.kind][0]


KINDS = {
    "multiplier": ("Multiplier", "Double points, or any other factor, on all goods or some."),
    "product": ("Points for a product", "So many points more for each piece of some goods."),
    "fixed": ("Points for the order", "So many points more for an order that meets your conditions."),
    "excluded": ("No points on some goods", "Gift cards, for example."),
}
