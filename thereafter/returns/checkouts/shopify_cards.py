"""Store credit as gift cards of Shopify, by its GraphQL Admin API: giftCardCreate, giftCard, giftCardDeactivate of
version 2026-07. Scopes: read_gift_cards, write_gift_cards.

Shopify knows no key of ours for a gift card; ours stands in its note, and is looked for first.
"""

from typing import Any

from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import decimal
from thereafter.commerce.connectors.shopify_discounts import ask, said
from thereafter.kit import money
from thereafter.returns.checkouts.cards import Card, Cards, Credentials, Refusal, Standing

_SHOP = "query { shop { currencyCode } }"
_FIND = "query ($asked: String!) { giftCards(first: 50, query: $asked) { nodes { id note } } }"
_CREATE = """mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) {
  giftCard { id } userErrors { field code message } } }"""
_LOOK = "query ($id: ID!) { giftCard(id: $id) { enabled balance { amount currencyCode } } }"
_STOP = """mutation ($id: ID!) { giftCardDeactivate(id: $id) { giftCard { id } userErrors { field code message } } }"""


def make(credentials: Credentials, card: Card) -> str:
    return _find(credentials, card) or _create(credentials, card)


def _find(credentials: Credentials, card: Card) -> str:
    found = ask(credentials, _FIND, asked=f"last_characters:{card.code[-4:].lower()}")["giftCards"]["nodes"]
    return next((str(one["id"]) for one in found if card.key in (one["note"] or "")), "")


def _create(credentials: Credentials, card: Card) -> str:
    own = ask(credentials, _SHOP)["shop"]["currencyCode"]
    if own != card.currency:
        raise Refusal(f"Shopify's gift cards are in {own}; this credit is in {card.currency}.")
    wanted: dict[str, Any] = {
        "code": card.code.lower(),
        "initialValue": decimal(card.amount_minor, card.currency),
        "note": f"Store credit ({card.key})",
    }
    if card.ends_on:
        wanted["expiresOn"] = card.ends_on.isoformat()
    made = ask(credentials, _CREATE, input=wanted)["giftCardCreate"]
    if any(one.get("code") == "TAKEN" for one in made["userErrors"]):
        # The one before came through, and Shopify's search does not know of it yet.
        raise wire.NotNow("Shopify has this code already; it is looked for again.", 30)
    if made["userErrors"]:
        raise Refusal(said(made["userErrors"]))
    return str(made["giftCard"]["id"])


def look(credentials: Credentials, card: Card) -> Standing:
    found = ask(credentials, _LOOK, id=card.ref)["giftCard"]
    if found is None:
        raise Refusal("Shopify does not know this gift card any more.")
    return Standing(left_minor=money.to_minor(found["balance"]["amount"], found["balance"]["currencyCode"]))


def recall(credentials: Credentials, card: Card) -> Standing:
    """What is left is read after it was stopped: until then it can be spent."""
    if not card.ref:
        return Standing(left_minor=card.amount_minor)
    found = ask(credentials, _LOOK, id=card.ref)["giftCard"]
    if found and found["enabled"]:
        errors = ask(credentials, _STOP, id=card.ref)["giftCardDeactivate"]["userErrors"]
        if errors:
            raise Refusal(said(errors))
    return look(credentials, card)


SHOPIFY = Cards("Shopify", "read_gift_cards and write_gift_cards", make, look, recall)
