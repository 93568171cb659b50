"""Sellers of labels on this machine: a real HTTP server that answers as EasyPost, Shippo and Karrio do, and knows what
was really bought."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PDF = b"%PDF-1.7 label"
KEY = "key-1"
_AUTHORIZED = {
    f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}",
    f"ShippoToken {KEY}",
    f"Token {KEY}",
}
Reply = tuple[int, Any]


@dataclass
class Seller:
    """`bought` are the purchases that were really made, by the name of what was bought. `says` answers instead, once
    each; `loses_answers`: so many purchases are made and nobody hears of it."""

    host: str = ""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    bought: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    says: list[Reply] = field(default_factory=list)
    loses_answers: int = 0
    rates: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": "rate_dear", "carrier": "UPS", "service": "Ground", "rate": "9.80", "currency": "USD"},
            {"id": "rate_cheap", "carrier": "USPS", "service": "Ground Advantage", "rate": "6.45", "currency": "USD"},
        ]
    )
    drafts: int = 0

    def made(self, path: str) -> Any:
        """The document of the last request to an address that begins so."""
        return next(
            document for method, at, document in reversed(self.asked) if at.startswith(path) and method == "POST"
        )

    def answer(self, method: str, path: str, document: Any, authorization: str) -> Reply:
        if path.startswith("/files/"):
            return 200, PDF
        self.asked.append((method, path, document))
        if authorization not in _AUTHORIZED:
            return 401, {"error": {"message": "The API key is not good."}}
        if self.says:
            return self.says.pop(0)
        before = len(self.bought)
        reply = self._answer(method, urlsplit(path).path, parse_qs(urlsplit(path).query), document)
        if self.loses_answers and len(self.bought) > before:
            self.loses_answers -= 1
            return 504, {}
        return reply

    def _answer(self, method: str, path: str, query: dict[str, list[str]], document: Any) -> Reply:
        if path.startswith("/v1/"):
            return self._karrio(method, path, document)
        return (
            self._shippo(method, path, query, document)
            if path.endswith("/")
            else self._easypost(method, path, document)
        )

    def _easypost(self, method: str, path: str, document: Any) -> Reply:
        parts = path.strip("/").split("/")
        if len(parts) == 1:
            self.drafts += 1
            return 201, {"id": f"shp_{self.drafts}", "rates": self.rates, "postage_label": None}
        if parts[-1] == "refund":
            self.cancelled.append(parts[1])
            return 200, {"id": parts[1], "refund_status": "submitted"}
        if parts[-1] == "buy":
            if parts[1] in self.bought:
                return 422, {"error": {"code": "SHIPMENT.POSTAGE.EXISTS", "message": "Postage exists already."}}
            self.bought.append(parts[1])
        if parts[1] not in self.bought:
            return 200, {"id": parts[1], "rates": self.rates, "postage_label": None}
        return 200, {
            "id": parts[1],
            "tracking_code": "9400100000000000000001",
            "selected_rate": self.rates[1],
            "postage_label": {"label_url": f"{self.host}/files/1.pdf"},
        }

    def _shippo(self, method: str, path: str, query: dict[str, list[str]], document: Any) -> Reply:
        if path == "/shipments/":
            names = {"id": "object_id", "carrier": "provider", "rate": "amount", "currency": "currency"}
            rates = [
                {new: rate[old] for old, new in names.items()} | {"servicelevel": {"name": rate["service"]}}
                for rate in self.rates
            ]
            return 201, {"object_id": "shipment_1", "rates": rates, "messages": []}
        if path == "/refunds/":
            self.cancelled.append(document["transaction"])
            return 201, {"status": "PENDING"}
        if path == "/transactions/" and method == "GET":
            wanted = query["rate"][0]
            return 200, {"results": [self._transaction(wanted)] if wanted in self.bought else []}
        self.bought.append(document["rate"])
        return 201, self._transaction(document["rate"])

    def _transaction(self, rate: str) -> dict[str, Any]:
        chosen = next(one for one in self.rates if one["id"] == rate)
        return {
            "object_id": f"transaction_of_{rate}",
            "status": "SUCCESS",
            "tracking_number": "9400100000000000000002",
            "label_url": f"{self.host}/files/2.pdf",
            "rate": {
                "object_id": rate, "amount": chosen["rate"], "currency": "USD", "provider": chosen["carrier"],
            },
        }  # fmt: skip

    def _karrio(self, method: str, path: str, document: Any) -> Reply:
        parts = path.strip("/").split("/")[1:]
        if len(parts) == 1:
            self.drafts += 1
            return 201, {"id": f"shp_{self.drafts}", "status": "draft"}
        if parts[-1] == "cancel":
            self.cancelled.append(parts[1])
            return 200, {"id": parts[1], "status": "cancelled"}
        if parts[-1] == "purchase":
            self.bought.append(parts[1])
        rates = [
            {
                "id": one["id"],
                "carrier_name": one["carrier"].lower(),
                "service": one["service"],
                "total_charge": float(one["rate"]),
                "currency": one["currency"],
            }
            for one in self.rates
        ]
        if parts[1] not in self.bought:
            return 200, {"id": parts[1], "status": "draft", "rates": rates}
        return 200, {
            "id": parts[1],
            "status": "purchased",
            "carrier_name": "usps",
            "tracking_number": "9400100000000000000003",
            "selected_rate": rates[1],
            "docs": {"label": base64.b64encode(PDF).decode()},
        }


@contextmanager
def selling() -> Iterator[Seller]:
    seller = Seller()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._go("GET")

        def do_POST(self) -> None:
            self._go("POST")

        def _go(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            document = json.loads(body) if body else None
            status, said = seller.answer(method, self.path, document, self.headers.get("authorization") or "")
            raw = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    seller.host = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield seller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
