"""What messages tell: gathered for a whole batch with few queries, and only what their templates name.

In facts nothing is empty: what is missing is null, because Liquid takes "" for true.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from babel.core import Locale

from thereafter.commerce.models import Customer, Order, OrderLine
from thereafter.kit import clock, tokens
from thereafter.kit.money import Money
from thereafter.messaging import rules
from thereafter.messaging.blocks import blocks
from thereafter.messaging.models import Message, TemplateVersion
from thereafter.messaging.rules import TRANSACTIONAL
from thereafter.storefront import links
from thereafter.stores.models import Store

log = logging.getLogger(__name__)
MOST_ITEMS = 25
LINK_DAYS = 800
ORDER = {"order", "order_card"}
Facts = dict[str, Any]
Pair = tuple[Message, TemplateVersion]


def gather(pairs: Sequence[Pair]) -> list[Facts]:
    """The facts of each message, in order. Messages come with their store, customer and order loaded."""
    lines = _lines([message.order_id for message, version in pairs if ORDER & set(version.needs)])
    told = _told_by_blocks(pairs)
    return [_facts(message, version, lines, filled) for (message, version), filled in zip(pairs, told, strict=True)]


def _facts(message: Message, version: TemplateVersion, lines: Mapping[int, list[OrderLine]], filled: Facts) -> Facts:
    needs = set(version.needs)
    known: Facts = {
        "store": _store(message.store),
        "customer": _customer(message.customer),
        "links": _links(message, needs),
    }
    if "trait" in needs:
        known["trait"] = traits(message.customer)
    of_order = lines.get(message.order.pk, []) if message.order else []
    if message.order and "order" in needs:
        known["order"] = _order(message.order, of_order, message.locale)
    if message.order and "order_card" in needs:
        known["order_card"] = order_card(message.order, of_order)
    return known | filled | present(message.facts)


def present(facts: Mapping[str, Any]) -> Facts:
    """The same, with null for every empty text."""
    return {key: _present(value) for key, value in facts.items()}


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return present(value)
    if isinstance(value, list | tuple):
        return [_present(one) for one in value]
    return None if value == "" else value


def _store(store: Store) -> Facts:
    names = ("name", "logo_url", "shop_url", "support_email", "legal_address")
    return {name: getattr(store, name) or None for name in names}


def _customer(customer: Customer) -> Facts:
    _, _, last_name = customer.name.partition(" ")
    return {
        "first_name": customer.first_name or None,
        "last_name": last_name or None,
        "name": customer.name or None,
        "email": customer.email or None,
        "country": customer.country or None,
        "language": rules.languages(customer.locale or customer.store.locale)[0],
    }


def traits(customer: Customer) -> Facts:
    """What other rooms and the shop know of a customer: "loyalty.points" is `{{ trait.loyalty.points }}`."""
    told: Facts = {}
    for name, value in sorted(customer.traits.items()):
        *folders, last = name.split(".")
        within = told
        for folder in folders:
            inner = within.get(folder)
            within[folder] = within = inner if isinstance(inner, dict) else {}
        within[last] = _present(value)
    return told


def order_card(order: Order, lines: Sequence[OrderLine]) -> Facts:
    """The order as schema.org's Order, which mailboxes show as a card. Made by code: text could break out of it."""
    return {
        "@context": "https://schema.org",
        "@type": "Order",
        "merchant": {"@type": "Organization", "name": order.store.name},
        "orderNumber": order.number,
        "orderStatus": "https://schema.org/OrderProcessing",
        "priceCurrency": order.currency,
        "price": str(Money(order.total_minor, order.currency).amount),
        "orderDate": order.placed_at.isoformat(),
        "url": links.order_page(order),
        "acceptedOffer": [
            {
                "@type": "Offer",
                "itemOffered": {"@type": "Product", "name": line.title},
                "price": str(Money(line.total_minor, order.currency).amount),
                "priceCurrency": order.currency,
                "eligibleQuantity": {"@type": "QuantitativeValue", "value": line.quantity},
            }
            for line in lines[:MOST_ITEMS]
        ],
    }


def _links(message: Message, needs: set[str]) -> Facts:
    """Only those the template names: each is signed."""
    made: dict[str, Callable[[Message], str | None]] = {
        "links.order": order_link,
        "links.account": account_link,
        "links.view": view_link,
        "links.unsubscribe": unsubscribe_link,
        "links.preferences": preferences_link,
    }
    asked = {name.removeprefix("links."): make(message) for name, make in made.items() if name in needs}
    return {name: url and links.in_language(url, message.locale, message.store) for name, url in asked.items()}


def order_link(message: Message) -> str:
    return links.order_page(message.order) if message.order else account_link(message)


def account_link(message: Message) -> str:
    return links.account_page(message.customer)


def view_link(message: Message) -> str:
    token = tokens.sign("message", message.store_id, message.pk)
    return links.page(message.store, "messaging_storefront:message", token)


def unsubscribe_link(message: Message) -> str | None:
    """None for what cannot be unsubscribed from."""
    if message.message_class == TRANSACTIONAL:
        return None
    token = tokens.sign("unsubscribe", message.store_id, message.pk)
    return links.page(message.store, "messaging_storefront:unsubscribe", token)


def preferences_link(message: Message) -> str | None:
    """None where there is no unsubscribing either: order news is short of links."""
    if message.message_class == TRANSACTIONAL:
        return None
    token = tokens.sign("preferences", message.store_id, message.customer_id)
    return links.page(message.store, "messaging_storefront:preferences", token)


def _lines(order_ids: Sequence[int | None]) -> dict[int, list[OrderLine]]:
    found: dict[int, list[OrderLine]] = defaultdict(list)
    ids = {order_id for order_id in order_ids if order_id}
    for line in OrderLine.objects.filter(order_id__in=ids).select_related("product").order_by("id"):
        found[line.order_id].append(line)
    return found


def _order(order: Order, lines: Sequence[OrderLine], locale: str) -> Facts:
    items = [_item(line) for line in lines[:MOST_ITEMS]]
    amounts = ("subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor", "refunded_minor")
    return {
        "number": order.number,
        "placed_on": clock.day_in(order.placed_at, order.store.time_zone).isoformat(),
        "promised_on": order.promised_on.isoformat() if order.promised_on else None,
        "currency": order.currency,
        "taxes_included": order.taxes_included,
        "items": items,
        "has_images": any(item["image"] for item in items),
        "more_items": len(lines) - len(items) or None,
        "address": _address(order.shipping_address, locale) or None,
        **{name: getattr(order, name) for name in amounts},
    }


def _item(line: OrderLine) -> Facts:
    image = line.product.image_url if line.product else ""
    return {
        "title": line.title,
        "variant": line.variant_title or None,
        "quantity": line.quantity,
        "total_minor": line.total_minor,
        "image": image if image.startswith(("https://", "http://")) else None,
    }


def _address(address: Mapping[str, str], locale: str) -> list[str]:
    place = " ".join(part for part in (address.get("postcode"), address.get("city")) if part)
    country = _country(address.get("country", ""), locale)
    lines = (address.get("name"), address.get("line1"), address.get("line2"), place, country)
    return [line for line in lines if line]


@lru_cache(maxsize=1024)
def _country(code: str, locale: str) -> str:
    names: Mapping[str, str] = Locale.parse(locale.replace("-", "_")).territories
    return names.get(code, code)


def _event(message: Message) -> Facts:
    """What started it, as the journey gave it."""
    given = message.facts.get("event")
    return given if isinstance(given, dict) else {}


def _told_by_blocks(pairs: Sequence[Pair]) -> list[Facts]:
    """What other rooms say, each asked once for all messages that have its block."""
    told: list[Facts] = [{} for _ in pairs]
    for name, block in blocks.items():
        asked = [
            at for at, (message, version) in enumerate(pairs) if name in version.needs and name not in message.facts
        ]
        if not asked:
            continue
        messages = [pairs[at][0] for at in asked]
        try:
            answers = block.fill(
                [one.customer for one in messages], [one.order for one in messages], [_event(one) for one in messages]
            )
        except Exception:
            log.exception("the block %s could not be filled; the messages go without it", name)
            continue
        for at, answer in zip(asked, answers, strict=True):
            if answer:
                told[at][name] = present(answer)
    return told
