"""What would be shown somewhere, and why; with a rule that is not kept yet, if there is one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from thereafter.commerce.models import Customer, Product
from thereafter.commerce.queries import find_customer, find_order
from thereafter.console.guards import StaffRequest
from thereafter.recommendations.console import words
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.queries.picks import Answer, Context, answers
from thereafter.recommendations.queries.products_named import named
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules import showing as rules
from thereafter.stores.models import Store

MOST_LEFT = 25
SHOWN = 4


@dataclass(frozen=True)
class Trial:
    """`found` says what was tried, or why nothing was."""

    found: str
    rows: list[dict[str, Any]]
    left: list[dict[str, Any]]
    more_left: int = 0
    is_held: bool = False
    is_something: bool = True


def tried(request: StaffRequest, text: str, slot: str, rule: rules.Rule | None = None) -> Trial | None:
    """For a product, an order number or a customer's e-mail; None when nothing was asked."""
    text = text.strip()[:200]
    if not text:
        return None
    context, found = _context(request.store, text, slot)
    if context is None:
        return Trial(f"There is no product, order or customer “{text}”.", [], [], is_something=False)
    kept = _with(settings_of(request.store.pk), rule)
    answer = answers(request.store.pk, [context], kept)[0]
    left = answer.decision.left
    return Trial(
        found=found,
        rows=_rows(answer),
        left=[_left(answer, one) for one in left[:MOST_LEFT]],
        more_left=max(0, len(left) - MOST_LEFT),
        is_held=answer.is_held,
    )


def _context(store: Store, text: str, slot: str) -> tuple[Context | None, str]:
    """An order by its number, a customer by e-mail, else a product by id, SKU or words of its title."""
    order = find_order(store, text)
    if order:
        place = slot if slot in (rules.ORDER, rules.MESSAGE) else rules.ORDER
        return Context(place, order.customer_id, order, most=SHOWN), f"{words.SLOTS[place]}: order {order.number}"
    customer = find_customer(store, email=text) if "@" in text else None
    if customer:
        return _for_customer(customer, slot)
    product = _product(store, text)
    if product is None:
        return None, ""
    place = slot if slot in (rules.PRODUCT, rules.BASKET) else rules.PRODUCT
    return Context(place, products=(product.pk,), most=SHOWN), f"{words.SLOTS[place]}: {product.title}"


def _for_customer(customer: Customer, slot: str) -> tuple[Context, str]:
    place = slot if slot in (rules.CUSTOMER, rules.MESSAGE) else rules.CUSTOMER
    return Context(place, customer.pk, most=SHOWN), f"{words.SLOTS[place]}: {customer.display_name}"


def _product(store: Store, text: str) -> Product | None:
    known = named(store, [text]).get(text)
    products = Product.objects.of(store)
    if known:
        return products.get(pk=known)
    return products.filter(Q(title__iexact=text) | Q(title__icontains=text)).order_by("-is_active", "title").first()


def _with(kept: ShowSettings, rule: rules.Rule | None) -> ShowSettings:
    if rule:
        new = {
            "key": rule.key or "new",
            "kind": rule.kind,
            "slots": list(rule.slots),
            "product": rule.product_id,
            "category": rule.category,
            "beside_product": rule.beside_product_id,
            "beside_category": rule.beside_category,
            "place": rule.place,
            "weight": rule.weight,
        }
        kept.rules = [*(one for one in kept.rules if one["key"] != new["key"]), new]
    return kept


def _rows(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "product_id": shown.product_id,
            "title": pick.title,
            "image": pick.image_url,
            "why": words.reason(pick.reason, pick.because),
            "note": f"Weighs {words.times(shown.weight)}" if shown.weight != 1 else "",
            "rule": int(shown.pinned_by) if shown.pinned_by.isdigit() else 0,
        }
        for pick, shown in zip(answer.picks, answer.decision.shown, strict=True)
    ]


def _left(answer: Answer, one: rules.Left) -> dict[str, Any]:
    return {
        "product_id": one.product_id,
        "title": answer.titles.get(one.product_id, "A product that is gone"),
        "why": words.WHY[one.why],
        "rule": int(one.rule) if one.rule.isdigit() else 0,
    }
