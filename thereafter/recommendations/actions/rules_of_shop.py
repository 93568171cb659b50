"""What a merchant wants of recommendations. Every change is in the audit log."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Product
from thereafter.recommendations.actions.messages_read import kept_for
from thereafter.recommendations.models import ShowSettings, SoldOut
from thereafter.recommendations.rules import showing as rules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

MOST_RULES, MOST_SITES, MOST_HELD = 500, 20, 50
CHANGED = ("holdout", "excludes_owned", "excludes_returned", "one_of_a_kind", "counts_clicks", "sites")
_SITE = re.compile(r"^https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$|^http://localhost(:[0-9]{1,5})?$")
# What each kind of rule has to speak of.
_OF_PRODUCT, _OF_CATEGORY = frozenset({rules.PIN}), frozenset({rules.ONLY, rules.ONE_EACH, rules.REPEATS})


class BadRule(ValueError):
    """Says what cannot be kept, in a sentence; `field` is where."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def keep_rule(store: Store, rule: rules.Rule, *, by: Staff | None, now: datetime) -> str:
    """Adds the rule, or replaces the one with its key; returns the key. Raises `BadRule`."""
    _check(store, rule)
    kept = kept_for(store, now)
    key = rule.key or str(secrets.randbelow(9 * 10**8) + 10**8)
    document = _document(rule, key)
    others = [one for one in kept.rules if one["key"] != key]
    if len(others) >= MOST_RULES:
        raise BadRule(f"{MOST_RULES} rules are the most; take one away first.")
    is_new = len(others) == len(kept.rules)
    _write(
        kept, [*kept.rules, document] if is_new else [document if one["key"] == key else one for one in kept.rules], now
    )
    audit(store, by=by, verb="recommendations.rule", now=now, subject=rule.kind, detail=document)
    return key


@transaction.atomic
def remove_rule(store: Store, key: str, *, by: Staff | None, now: datetime) -> bool:
    """False when there is none by this key."""
    kept = kept_for(store, now)
    gone = next((one for one in kept.rules if one["key"] == key), None)
    if gone is None:
        return False
    _write(kept, [one for one in kept.rules if one is not gone], now)
    audit(store, by=by, verb="recommendations.rule_removed", now=now, subject=gone["kind"], detail=gone)
    return True


def _write(kept: ShowSettings, documents: list[dict[str, Any]], now: datetime) -> None:
    kept.rules, kept.changed_at = documents, now
    kept.save(update_fields=["rules", "changed_at"])


def _check(store: Store, rule: rules.Rule) -> None:
    if rule.kind not in rules.KINDS or not set(rule.slots) <= set(rules.SLOTS):
        raise BadRule("Choose what the rule does.", "kind")
    if rule.kind in _OF_PRODUCT and not rule.product_id:
        raise BadRule("Which product?", "product")
    if rule.kind in _OF_CATEGORY and not rule.category:
        raise BadRule("Which category?", "category")
    if bool(rule.product_id) == bool(rule.category):
        raise BadRule("Name a product or a category, one of the two.", "product")
    _check_where(rule)
    products = {number for number in (rule.product_id, rule.beside_product_id) if number}
    if Product.objects.of(store).filter(pk__in=products).count() != len(products):
        raise BadRule("There is no such product in this shop.", "product")
    _check_weight(rule)


def _check_where(rule: rules.Rule) -> None:
    if rule.beside_product_id and rule.beside_category:
        raise BadRule("Beside a product or a category, one of the two.", "beside_product")
    if rule.kind in (rules.ONE_EACH, rules.REPEATS) and (rule.slots or rule.beside_product_id or rule.beside_category):
        raise BadRule("This holds everywhere: choose no place, and nothing beside it.", "slots")
    if not 1 <= rule.place <= rules.MOST_PLACES:
        raise BadRule(f"A place between 1 and {rules.MOST_PLACES}.", "place")


def _check_weight(rule: rules.Rule) -> None:
    if rule.kind == rules.BOOST and not rules.LOWEST_WEIGHT <= rule.weight <= rules.HIGHEST_WEIGHT:
        raise BadRule(f"Between {rules.LOWEST_WEIGHT} and {rules.HIGHEST_WEIGHT:.0f} times.", "weight")
    if rule.kind == rules.MARGIN and not 0 <= rule.weight <= 100:  # noqa: PLR2004 percent
        raise BadRule("A margin between 0 and 100 percent.", "weight")


def _document(rule: rules.Rule, key: str) -> dict[str, Any]:
    """What is usual is left out."""
    full = {
        "slots": list(rule.slots),
        "product": rule.product_id,
        "category": rule.category,
        "beside_product": rule.beside_product_id,
        "beside_category": rule.beside_category,
        "place": rule.place if rule.kind == rules.PIN else 0,
        "weight": rule.weight if rule.kind in (rules.BOOST, rules.MARGIN) else 0,
    }
    return {"key": key, "kind": rule.kind} | {name: value for name, value in full.items() if value or name == "weight"}


@transaction.atomic
def change(store: Store, given: Mapping[str, Any], *, by: Staff | None, now: datetime) -> ShowSettings:
    """Keeps what is given of `CHANGED`; raises `BadRule`."""
    kept = kept_for(store, now)
    for name in CHANGED:
        if name in given:
            setattr(kept, name, given[name])
    if not 0 <= kept.holdout <= MOST_HELD:
        raise BadRule(f"Between 0 and {MOST_HELD} percent.", "holdout")
    kept.sites = _sites(kept.sites)
    kept.changed_at = now
    kept.save(update_fields=[*CHANGED, "changed_at"])
    audit(
        store, by=by, verb="recommendations.settings", now=now, detail={name: getattr(kept, name) for name in CHANGED}
    )
    return kept


def _sites(given: Sequence[str]) -> list[str]:
    sites = list(dict.fromkeys(one.strip().rstrip("/").lower() for one in given if one.strip()))
    for one in sites:
        if not _SITE.match(one):
            raise BadRule(f"“{one}” is not the address of a site. Write it as https://shop.example.", "sites")
    if len(sites) > MOST_SITES:
        raise BadRule(f"{MOST_SITES} sites are the most.", "sites")
    return sites


@transaction.atomic
def tell_stock(store: Store, in_stock: Mapping[int, bool], *, now: datetime) -> int:
    """Which products can be had now; returns how many changed. Not audited: shops tell this all day."""
    known = set(SoldOut.objects.of(store).filter(product_id__in=in_stock).values_list("product_id", flat=True))
    back = {number for number, there in in_stock.items() if there} & known
    gone = {number for number, there in in_stock.items() if not there} - known
    SoldOut.objects.of(store).filter(product_id__in=back).delete()
    SoldOut.objects.bulk_create(
        [SoldOut(store=store, product_id=one, since=now) for one in gone], ignore_conflicts=True
    )
    return len(back) + len(gone)
