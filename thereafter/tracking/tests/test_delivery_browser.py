"""The date before buying, on a page of the shop, in a real browser."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

SCRIPT = (Path(__file__).parents[1] / "static" / "tracking" / "delivery.js").read_text(encoding="utf-8")
SHOP = "https://shop.example"
PAGE = '<script src="/delivery.js"></script><thereafter-delivery store="stride">Soon</thereafter-delivery>'


def test_a_clock_that_is_ahead_does_not_ask_without_a_pause(browser_page: Page) -> None:
    told_at = datetime.now(UTC) - timedelta(seconds=60)
    told: dict[str, Any] = {
        "now": told_at.isoformat(),
        "order_by": (told_at + timedelta(seconds=10)).isoformat(),
        "expected_from": "2026-03-05",
        "expected_to": "2026-03-06",
        "language": "en",
        "colour": "#000000",
    }
    asked: list[str] = []

    def answer(route: Route) -> None:
        if "/delivery-estimate" in route.request.url:
            asked.append(route.request.url)
            route.fulfill(json=told)
        elif route.request.url.endswith(".js"):
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    browser_page.route(f"{SHOP}/**", answer)
    browser_page.clock.install()
    browser_page.goto(f"{SHOP}/")
    browser_page.wait_for_timeout(500)
    assert len(asked) == 1
    browser_page.clock.fast_forward(5000)
    browser_page.wait_for_timeout(200)
    assert len(asked) == 2
