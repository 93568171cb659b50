"""The script of recommendations on a page of the shop, in a real browser."""

from pathlib import Path

from playwright.sync_api import Page, Route

SCRIPT = (Path(__file__).parents[1] / "static" / "recommendations" / "picks.js").read_text(encoding="utf-8")
SHOP = "https://shop.example"
TAG = '<script src="/picks.js"></script>'
PAGE = f"""<html><head>{TAG}{TAG}</head><body><div data-thereafter-picks="product" data-product="42"></div>"""


def test_an_element_below_the_script_is_filled_and_once(browser_page: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SHOP)
        asked.append(path.partition("?")[0])
        settings = f'globalThis.thereafterPicks = {{ base: "{SHOP}/widgets/" }};'
        bodies = {"/": PAGE, "/picks.js": settings + SCRIPT}
        body = bodies.get(path, "<style></style><section>Merino Socks</section>")
        route.fulfill(body=body, content_type="text/javascript" if path == "/picks.js" else "text/html")

    browser_page.route(f"{SHOP}/**", answer)
    browser_page.goto(f"{SHOP}/")
    browser_page.get_by_text("Merino Socks").wait_for()
    browser_page.wait_for_timeout(100)
    assert asked.count("/widgets/product") == 1
