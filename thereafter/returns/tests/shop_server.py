"""A shop on this machine that answers as it is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

GOOD = {
    "/robots.txt": "User-agent: *\nDisallow: /private",
    "/": """<!doctype html><html lang="en"><head><title>Shoes</title></head><body>
        <header><a href="/">Shoes</a></header><main><p>30-day returns, start here.</p><img src="a.png" alt="A shoe">
        <a href="/products/runner">Runner</a></main>
        <footer><a href="/pages/returns-policy">Returns</a> <a href="/withdraw">Withdraw from contract here</a></footer>
        </body></html>""",
    "/products/runner": "<html lang='en'><title>Runner</title><body><p>Free returns within 30 days.</p></body></html>",
    "/pages/returns-policy": "<html lang='en'><title>Returns</title><body><p>"
    + "You can send it back. We pay the post. Tell us what was wrong and we will help. " * 8
    + "</p></body></html>",
}
BAD = {
    "/": "<html><body><nav><a href='/about'>About</a></nav><p>Shoes and more shoes.</p><img src='a.png'></body></html>"
}


class Shop(ThreadingHTTPServer):
    """`pages` by path; a text is sent as it is, (status, place) leads on, and a number is seconds to wait for."""

    daemon_threads = True

    def __init__(self, pages: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.pages = pages
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.server.pages.get(self.path)
        if found is None:
            self._send(404, "Not here")
        elif isinstance(found, tuple):
            self.send_response(found[0])
            self.send_header("Location", found[1])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif isinstance(found, float):
            self._drip(found)
        else:
            self._send(200, found)

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            # The other side has read enough.
            return

    def _drip(self, seconds: float) -> None:
        """A letter now and then, so that no single read takes too long."""
        self.send_response(200)
        self.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@contextmanager
def a_shop(pages: dict[str, Any]) -> Iterator[Shop]:
    server = Shop(pages)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
