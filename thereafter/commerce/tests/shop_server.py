"""A shop system on this machine: a real HTTP server that keeps coupons as Shopify and WooCommerce do."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "shpat_1"
KEY, SECRET = "ck_1", "cs_1"


@dataclass
class Shop:
    """`codes` are good at its checkout, by discount. `says` answers in its place, one after the other."""

    host: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    discounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    says: list[tuple[int, Any]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    # So many looks at a bulk task say that it is not done yet.
    busy: int = 0
    loses_answers: int = 0

    def answer(self, path: str, document: Any, headers: dict[str, str]) -> tuple[int, Any]:
        self.asked.append((path, document))
        if self.says:
            return self.says.pop(0)
        if path == "/admin/oauth/access_token":
            good = (document["client_id"], document["client_secret"]) == ("app", "hush")
            return 200, {"access_token": TOKEN, "expires_in": 86399} if good else {"error": "invalid_client"}
        reply = (
            self._shopify(document, headers) if path.startswith("/admin/api/") else self._woo(path, document, headers)
        )
        if self.loses_answers:
            self.loses_answers -= 1
            return 502, {}
        return reply

    def _shopify(self, document: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        if headers.get("x-shopify-access-token") != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}
        query, given = document["query"], document["variables"]
        answers = {
            "Create(": lambda: {"made": self._make(given["discount"])},
            "discountCodeRedeemCodeBulkDelete(": lambda: {"taken": self._take_off(given)},
            "codes(first: 50": lambda: {"codeDiscountNodeByCode": self._where(given["code"])},
            "codeDiscountNodeByCode": lambda: {"codeDiscountNodeByCode": self._found(given["code"])},
            "discountRedeemCodeBulkAdd(": lambda: {"added": self._add(given)},
            "discountRedeemCodeBulkCreation(": lambda: {"discountRedeemCodeBulkCreation": self._look(given["id"])},
            "": lambda: {"currentAppInstallation": {"accessScopes": [{"handle": "write_discounts"}]}},
        }
        return 200, {"data": next(answer() for words, answer in answers.items() if words in query)}

    def _found(self, code: str) -> dict[str, Any] | None:
        return {"id": self.codes[code]} if code in self.codes else None

    def _where(self, code: str) -> dict[str, Any] | None:
        """Its search finds what is like the code, too."""
        rows = [{"id": one, "code": one} for one in self.codes]
        return {"id": self.codes[code], "codeDiscount": {"codes": {"nodes": rows}}} if code in self.codes else None

    def _take_off(self, given: dict[str, Any]) -> dict[str, Any]:
        for one in given["ids"]:
            if self.codes.get(one) == given["id"]:
                del self.codes[one]
        return {"job": {"id": "gid://shopify/Job/1"}, "userErrors": []}

    def _add(self, given: dict[str, Any]) -> dict[str, Any]:
        ref = f"gid://shopify/DiscountRedeemCodeBulkCreation/{len(self.tasks) + 1}"
        self.tasks[ref] = [one["code"] for one in given["codes"]]
        for code in self.tasks[ref]:
            if code not in self.refuses:
                self.codes.setdefault(code, given["id"])
        return {"bulkCreation": {"id": ref}, "userErrors": []}

    def _make(self, discount: dict[str, Any]) -> dict[str, Any]:
        if discount["code"] in self.codes:
            error = {"field": ["code"], "code": "TAKEN", "message": "Code must be unique."}
            return {"codeDiscountNode": None, "userErrors": [error]}
        group = f"gid://shopify/DiscountCodeNode/{len(self.discounts) + 1}"
        self.discounts[group], self.codes[discount["code"]] = discount, group
        return {"codeDiscountNode": {"id": group}, "userErrors": []}

    def _look(self, ref: str) -> dict[str, Any]:
        if self.busy:
            self.busy -= 1
            return {"done": False, "codes": {"nodes": []}}
        return {"done": True, "codes": {"nodes": [self._node(code) for code in self.tasks[ref]]}}

    def _node(self, code: str) -> dict[str, Any]:
        errors = [{"code": "INVALID", "message": "Code is not allowed."}] if code in self.refuses else []
        return {"code": code, "discountRedeemCode": None if errors else {"id": "gid://1"}, "errors": errors}

    def _woo(self, path: str, document: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        wanted = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            return 401, {"code": "woocommerce_rest_cannot_create", "message": "Sorry, you cannot create resources."}
        if document is None:
            return self._woo_known(path)
        if path.endswith("/batch"):
            rows = [self._coupon(one) for one in document["create"]]
            return 200, {"create": [row if "id" in row else {"id": 0, "error": row} for row in rows]}
        made = self._coupon(document)
        return (201, made) if "id" in made else (400, made)

    def _woo_known(self, path: str) -> tuple[int, Any]:
        """Finds a coupon by its code, or deletes it by its id, which here is the code."""
        _, _, code = path.partition("?code=")
        if code:
            return 200, [{"id": code.upper()}] if code.upper() in self.codes else []
        coupon_id = path.rpartition("/")[2].partition("?")[0]
        return (200, {}) if self.codes.pop(coupon_id, None) else (404, {})

    def _coupon(self, coupon: dict[str, Any]) -> dict[str, Any]:
        code = coupon["code"]
        if code in self.codes:
            return {"code": "woocommerce_rest_coupon_code_already_exists", "message": "The coupon code already exists"}
        if code in self.refuses:
            return {"code": "woocommerce_rest_invalid", "message": "Code is not allowed."}
        self.codes[code], self.discounts[code] = "woo", coupon
        return {"id": len(self.codes), "code": code.lower()}


class _Handler(BaseHTTPRequestHandler):
    shop: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, document = self.shop.answer(self.path, json.loads(body) if body else None, headers)
        said = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_DELETE = do_POST

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def shop_server() -> Iterator[Shop]:
    shop = Shop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": shop}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    shop.host = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
