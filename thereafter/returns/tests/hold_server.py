"""A Stripe that holds amounts on cards: counts what was really taken, lets holds lapse, and loses answers."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from thereafter.returns.tests.checkout_server import Till
from thereafter.returns.tests.pay_server import STRIPE_KEY, Reply

HOLDS = "/v1/payment_intents"


@dataclass
class Vault(Till):
    """`taken` are the amounts that were really charged: (payment, minor units). `drops`: so many times something is
    done and nobody hears of it; `declines`: the bank refuses to charge the card that was kept."""

    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Reply] = field(default_factory=dict)
    taken: list[tuple[str, int]] = field(default_factory=list)
    drops: int = 0
    declines: bool = False

    def _stripe(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if not path.startswith(HOLDS) or headers.get("authorization") != f"Bearer {STRIPE_KEY}":
            return super()._stripe(method, path, body, headers)
        parts = path.removeprefix(HOLDS).strip("/").split("/")
        if method == "GET":
            rows = list(self.intents.values())
            every = {"object": "list", "data": rows, "has_more": False, "url": path}
            return 200, self.intents[parts[0]] if parts[0] else every
        key = headers["idempotency-key"]
        if key not in self.answers:
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self.answers[key] = self._done(parts, given)
            if self.drops:
                self.drops -= 1
                return 502, {}
        return self.answers[key]

    def _done(self, parts: list[str], given: dict[str, str]) -> Reply:
        if not parts[0]:
            return self._charge(given)
        intent = self.intents[parts[0]]
        if intent["status"] != "requires_capture":
            return 400, {"error": {"type": "invalid_request_error", "message": f"It is {intent['status']}"}}
        if parts[1] == "cancel":
            intent["status"] = "canceled"
        else:
            self._take(intent, int(given["amount_to_capture"]))
        return 200, dict(intent)

    def _charge(self, given: dict[str, str]) -> Reply:
        assert given["off_session"] == "true"
        assert (given["customer"], given["payment_method"]) == ("cus_1", "pm_1")
        if self.declines:
            return 402, {"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}}
        made = self._intent(f"pi_{len(self.intents) + 1}", int(given["amount"]), given["metadata[thereafter_key]"])
        self._take(made, made["amount"])
        return 200, dict(made)

    def _intent(self, name: str, amount: int, key: str) -> dict[str, Any]:
        made = {"id": name, "object": "payment_intent", "amount": amount, "amount_capturable": amount}
        made |= {"customer": "cus_1", "payment_method": "pm_1", "metadata": {"thereafter_key": key}}
        self.intents[name] = made | {"status": "requires_capture"}
        return self.intents[name]

    def _take(self, intent: dict[str, Any], amount: int) -> None:
        assert amount <= intent["amount_capturable"]
        intent |= {"status": "succeeded", "amount_capturable": 0}
        self.taken.append((intent["id"], amount))

    def allow(self, name: str = "cs_1") -> bytes:
        """The shopper lets the card be held; gives the webhook, which says that nothing is paid."""
        session = self.sessions[name]
        assert session["status"] == "open", "Stripe shows that this page has ended"
        payment = f"pi_{len(self.intents) + 1}"
        self._intent(payment, session["amount_total"], session["metadata"]["thereafter_key"])
        session |= {"status": "complete", "payment_intent": payment, "url": None}
        return self.news(name)

    def lapse(self, payment: str = "pi_1") -> None:
        self.intents[payment]["status"] = "canceled"
