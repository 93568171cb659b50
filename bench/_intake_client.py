"""The callers of the intake benchmark: HTTP over raw sockets whose connections stay open. No Django here."""

import asyncio
import base64
import hmac
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator

from bench._intake_orders import SECRET, api_order, shopify_order

CONNECTIONS = 32
CALLS_OF_BATCHES = 4
Request = bytes


def webhook(number: int) -> Request:
    body = json.dumps(shopify_order(number)).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
    return request(
        "/hooks/bench/shopify",
        body,
        f"X-Shopify-Topic: orders/create\r\nX-Shopify-Webhook-Id: {number}\r\nX-Shopify-Hmac-Sha256: {signature}\r\n",
    )


def batch(numbers: Iterator[int], size: int, token: str) -> Request:
    body = json.dumps([api_order(next(numbers)) for _ in range(size)]).encode()
    return request("/api/v1/orders/batch", body, f"Authorization: Bearer {token}\r\n")


def request(path: str, body: bytes, headers: str) -> Request:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def call_all(port: int, requests: list[Request], connections: int) -> tuple[int, float]:
    """Sends the requests over that many connections, one after another on each; returns how many got a 202."""
    waiting = iter(requests)
    accepted = 0

    async def caller() -> None:
        nonlocal accepted
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in waiting:
            writer.write(one)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            accepted += head.startswith(b"HTTP/1.1 202")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(connections)))
    return accepted, time.perf_counter() - began


def main() -> None:
    what, port, first, count, token = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
    numbers = itertools.count(first)
    makers: dict[str, Callable[[], list[Request]]] = {
        "webhooks": lambda: [webhook(next(numbers)) for _ in range(count)],
        "batches": lambda: [batch(numbers, 1000, token) for _ in range(count)],
    }
    requests = makers[what]()
    connections = CONNECTIONS if what == "webhooks" else CALLS_OF_BATCHES
    accepted, seconds = asyncio.run(call_all(port, requests, connections))
    print(json.dumps({"accepted": accepted, "seconds": seconds}))


if __name__ == "__main__":
    main()
