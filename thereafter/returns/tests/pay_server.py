"""Payment providers on this machine: a real HTTP server that gives money back as Stripe, Shopify and WooCommerce do,
knows keys as they know them, and counts how often money really went."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, KEY, SECRET, STRIPE_KEY = "shpat_1", "ck_1", "cs_1", "sk_test_1234"
Reply = tuple[int, Any]


@dataclass
class Bank:
    """`paid` are the refunds that were really made: (provider, amount). `says` answers in its place, once each;
    `loses_answers`: so many times the money goes and nobody hears of it."""

    host: str = ""
    paid: list[tuple[str, str]] = field(default_factory=list)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    says: list[Reply] = field(default_factory=list)
    loses_answers: int = 0
    becomes: str = "succeeded"
    transactions: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        self.asked.append((method, path))
        if self.says and method == "POST":
            return self.says.pop(0)
        before = len(self.paid)
        reply = self._route(method, urlsplit(path).path, body, headers)
        if self.loses_answers and len(self.paid) > before:
            self.loses_answers -= 1
            return 502, {}
        return reply

    def _route(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if path.startswith("/v1/"):
            return self._stripe(method, path, body, headers)
        document = json.loads(body) if body else {}
        return self._shopify(document, headers) if "graphql" in path else self._woo(method, path, document, headers)

    def _stripe(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if headers.get("authorization") != f"Bearer {STRIPE_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
        if path == "/v1/balance":
            return 200, {"object": "balance", "livemode": False, "available": []}
        if method == "GET" and path == "/v1/refunds":
            return 200, {"object": "list", "data": list(self.refunds.values()), "has_more": False, "url": path}
        if method == "GET":
            return 200, self.refunds[path.rpartition("/")[2]]
        key = headers["idempotency-key"]
        if key not in self.keys:
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self._pay("stripe", given["amount"], key, metadata={"thereafter_key": given["metadata[thereafter_key]"]})
        return 200, self.refunds[self.keys[key]]

    def _pay(self, provider: str, amount: str, key: str, **more: Any) -> str:
        name = f"re_{len(self.refunds) + 1}" if provider == "stripe" else str(9000 + len(self.refunds))
        made = {"id": name, "object": "refund", "amount": amount, "status": self.becomes, **more}
        self.refunds[name], self.keys[key] = made, name
        self.paid.append((provider, amount))
        return name

    def _shopify(self, document: dict[str, Any], headers: dict[str, str]) -> Reply:
        if headers.get("x-shopify-access-token") != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}
        given = document["variables"]
        if "refundCreate" not in document["query"]:
            known = [{"legacyResourceId": name, "note": one.get("note", "")} for name, one in self.refunds.items()]
            return 200, {"data": {"order": {"transactions": self.transactions, "refunds": known}}}
        if given["key"] not in self.keys:
            for part in given["input"]["transactions"]:
                self._pay("shopify", part["amount"], given["key"], note=given["input"]["note"])
        refund = {"legacyResourceId": self.keys[given["key"]]}
        return 200, {"data": {"refundCreate": {"refund": refund, "userErrors": []}}}

    def _woo(self, method: str, path: str, document: dict[str, Any], headers: dict[str, str]) -> Reply:
        wanted = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            return 401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."}
        assert re.fullmatch(r"/wp-json/wc/v3/orders/[\w-]+/refunds", path)
        if method == "GET":
            return 200, list(self.refunds.values())
        self._pay("woocommerce", document["amount"], f"none-{len(self.refunds)}", meta_data=document["meta_data"])
        return 201, list(self.refunds.values())[-1]


def sale(name: str, amount: str, gateway: str = "shopify_payments", currency: str = "EUR") -> dict[str, Any]:
    """A payment of an order as Shopify lists it."""
    return {
        "id": f"gid://shopify/OrderTransaction/{name}",
        "kind": "SALE",
        "status": "SUCCESS",
        "gateway": gateway,
        "parentTransaction": None,
        "amountSet": {"presentmentMoney": {"amount": amount, "currencyCode": currency}},
    }


class _Handler(BaseHTTPRequestHandler):
    bank: Bank

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, document = self.bank.answer(method, self.path, body, headers)
        said = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def pay_server(bank: Bank | None = None) -> Iterator[Bank]:
    bank = bank or Bank()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bank": bank}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    bank.host = f"http://127.0.0.1:{server.server_port}"
    try:
        yield bank
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
