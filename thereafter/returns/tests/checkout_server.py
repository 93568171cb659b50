"""A Stripe Checkout on this machine: makes pages once for a key, lets shoppers pay, and counts what was charged."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from thereafter.returns.tests.pay_server import STRIPE_KEY, Bank, Reply

PAGES = "/v1/checkout/sessions"


@dataclass
class Till(Bank):
    """`charged` are the payments that were really made: (name of the payment, minor units)."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    charged: list[tuple[str, int]] = field(default_factory=list)
    loses_pages: int = 0

    def _stripe(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if not path.startswith(PAGES) or headers.get("authorization") != f"Bearer {STRIPE_KEY}":
            return super()._stripe(method, path, body, headers)
        if method == "GET":
            return 200, self.sessions[path.rpartition("/")[2]]
        if path.endswith("/expire"):
            return self._expire(path.split("/")[-2])
        return self._make(headers["idempotency-key"], body)

    def _make(self, key: str, body: bytes) -> Reply:
        if key not in self.made:
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            name = f"cs_{len(self.sessions) + 1}"
            self.sessions[name] = {
                "id": name,
                "object": "checkout.session",
                "status": "open",
                "payment_status": "unpaid",
                "payment_intent": None,
                "url": f"https://checkout.stripe.example/{name}",
                "amount_total": int(given["line_items[0][price_data][unit_amount]"]),
                "currency": given["line_items[0][price_data][currency]"],
                "metadata": {"thereafter_key": given["metadata[thereafter_key]"]},
                "success_url": given["success_url"],
            }
            self.made[key] = name, body
        name, before = self.made[key]
        if before != body:
            return 400, {"error": {"type": "idempotency_error", "message": "Keys can only be used with the same"}}
        if self.loses_pages:
            self.loses_pages -= 1
            return 502, {}
        return 200, self.sessions[name]

    def _expire(self, name: str) -> Reply:
        if self.sessions[name]["status"] != "open":
            return 400, {"error": {"type": "invalid_request_error", "message": "Only open sessions can be expired"}}
        self.sessions[name] |= {"status": "expired", "url": None}
        return 200, self.sessions[name]

    def pay(self, name: str = "cs_1") -> bytes:
        """The shopper pays on the page; gives the webhook that follows. A page that has ended takes no money."""
        session = self.sessions[name]
        assert session["status"] == "open", "Stripe shows that this page has ended"
        payment = f"pi_{len(self.charged) + 1}"
        self.charged.append((payment, session["amount_total"]))
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": payment, "url": None}
        return self.news(name)

    def news(self, name: str, topic: str = "checkout.session.completed") -> bytes:
        return json.dumps(
            {"id": f"evt_{name}_{topic}", "type": topic, "data": {"object": self.sessions[name]}}
        ).encode()
