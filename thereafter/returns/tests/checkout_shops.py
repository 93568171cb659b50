"""Checkouts of Shopify and WooCommerce on this machine: hold gift cards and coupons, let shoppers spend them once, and
count what was taken."""

from dataclasses import dataclass, field
from typing import Any

from thereafter.returns.tests.pay_server import TOKEN, Bank, Reply

WOO = "/wp-json/wc/v3"


@dataclass
class Checkout(Bank):
    """`cards` by Shopify's names, `coupons` by WooCommerce's; `loses`: so often a thing is done and nobody hears."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    coupons: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0
    loses: int = 0
    currency: str = "EUR"

    def answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        before = self.made
        reply = super().answer(method, path, body, headers)
        if self.loses and self.made > before:
            self.loses -= 1
            return 502, {}
        return reply

    def _shopify(self, document: dict[str, Any], headers: dict[str, str]) -> Reply:
        if headers.get("x-shopify-access-token") != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}
        return 200, {"data": self._graphql(document["query"], document.get("variables", {}))}

    def _graphql(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        if "giftCardCreate" in query:
            return {"giftCardCreate": self._issue(given["input"])}
        if "giftCardDeactivate" in query:
            self.cards[given["id"]]["enabled"] = False
            return {"giftCardDeactivate": {"giftCard": {"id": given["id"]}, "userErrors": []}}
        if "giftCards(" in query:
            last = given["asked"].removeprefix("last_characters:")
            found = [one for one in self.cards.values() if one["code"].endswith(last)]
            return {"giftCards": {"nodes": [{"id": one["id"], "note": one["note"]} for one in found]}}
        if "shop {" in query:
            return {"shop": {"currencyCode": self.currency}}
        card = self.cards.get(given["id"])
        return {"giftCard": card and {"enabled": card["enabled"], "balance": self._balance(card)}}

    def _balance(self, card: dict[str, Any]) -> dict[str, str]:
        return {"amount": f"{card['left'] / 100:.2f}", "currencyCode": self.currency}

    def _issue(self, given: dict[str, Any]) -> dict[str, Any]:
        if any(one["code"] == given["code"] for one in self.cards.values()):
            return {"giftCard": None, "userErrors": [{"code": "TAKEN", "message": "Code is already taken"}]}
        self.made += 1
        name = f"gid://shopify/GiftCard/{self.made}"
        left = round(float(given["initialValue"]) * 100)
        self.cards[name] = {**given, "id": name, "left": left, "enabled": True}
        return {"giftCard": {"id": name}, "userErrors": []}

    def buy_with_card(self, minor: int) -> None:
        (card,) = self.cards.values()
        assert card["enabled"]
        assert card["left"] >= minor
        card["left"] -= minor

    def _woo(self, method: str, path: str, document: dict[str, Any], headers: dict[str, str]) -> Reply:
        room, _, name = path.removeprefix(f"{WOO}/").partition("/")
        if room == "orders":
            return (200, self.orders[name]) if name in self.orders else (404, {"message": "Invalid ID."})
        if method == "GET":
            return 200, list(self.coupons.values())
        if method == "DELETE":
            return 200, self.coupons.pop(name)
        if self.coupons:
            return 400, {"code": "woocommerce_rest_coupon_code_already_exists", "message": "The coupon code exists."}
        self.made += 1
        self.coupons[str(self.made)] = document | {"id": self.made, "usage_count": 0}
        return 201, self.coupons[str(self.made)]

    def buy_with_coupon(self, number: str, minor: int, status: str = "processing") -> str:
        """An order that uses the code; gives the code."""
        (coupon,) = self.coupons.values()
        assert coupon["usage_count"] < coupon["usage_limit"]
        assert round(float(coupon["amount"]) * 100) >= minor
        coupon["usage_count"] += 1
        line = {"code": coupon["code"].lower(), "discount": f"{minor / 100:.2f}", "discount_tax": "0.00"}
        self.orders[number] = {"number": number, "status": status, "coupon_lines": [line]}
        return str(coupon["code"]).lower()
