"""The script that puts a page of ours into the shop's, in a real browser."""

import json
from pathlib import Path

from playwright.sync_api import Page, Route, expect

SCRIPT = (Path(__file__).parents[1] / "static" / "storefront" / "embed.js").read_text(encoding="utf-8")
SHOP = "https://shop.example"
TAG = '<script src="/embed.js"></script>'
PAGE = f'<html lang="de"><head>{TAG}{TAG}</head><body><div data-rewards></div>'
CONFIG = {
    "place": "data-rewards",
    "page": f"{SHOP}/rewards",
    "language": "en",
    "title": {"en": "Rewards", "de": "Prämien"},
    "highest": 900,
}


def test_an_element_below_the_script_gets_its_frame_and_one(browser_page: Page) -> None:
    bodies = {"/": PAGE, "/embed.js": f"globalThis.thereafterFrame = {json.dumps(CONFIG)};{SCRIPT}"}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SHOP)
        content_type = "text/javascript" if path == "/embed.js" else "text/html"
        route.fulfill(body=bodies.get(path, "The programme"), content_type=content_type)

    browser_page.route(f"{SHOP}/**", answer)
    browser_page.goto(f"{SHOP}/")
    expect(browser_page.locator("iframe")).to_have_count(1)
    expect(browser_page.locator("iframe")).to_have_attribute("title", "Prämien")
