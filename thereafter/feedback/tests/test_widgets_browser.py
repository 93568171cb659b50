"""Widgets on a page of somebody else, in a real browser: nothing moves, everybody can use them."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from thereafter.feedback.actions import widgets
from thereafter.feedback.snippets import by_server, element
from thereafter.feedback.tests.shown import make_shoe, reviewed
from thereafter.kit import clock
from thereafter.storefront import links
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE = 360
# A page with a style of its own, that a widget must neither take over nor spoil; and a rule against inline scripts.
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Trail Runner 2</title>
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 Georgia,serif;margin:0 auto;max-width:60rem;padding:1rem}}
h2{{color:#a00;font-size:40px}}button{{background:lime;border-radius:0}}li{{list-style:square;margin:2em}}</style></head>
<body><main><h1>Trail Runner 2</h1>{stars}<p>€ 89.90</p>{filler}{gallery}{list}
{questions}{form}<p id="after">Also nice</p></main>
<script src="{script}" async></script></body></html>"""
SHIFTS = """() => new Promise(done => { let sum = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
.observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"""
LIST = '[data-thereafter-reviews="list"]'


PAGES: dict[str, str] = {}


class Shop(BaseHTTPRequestHandler):
    """The shop's own server."""

    def do_GET(self) -> None:
        body = PAGES.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Tests are silent."""


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> Iterator[str]:
    """The shop's own site, which is another origin than ours."""
    settings.PUBLIC_URL = live_server.url
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    PAGES.clear()


@pytest.fixture
def store(site: str) -> Store:
    store = make_store(shop_url=site)
    reviewed(store, *[5, 1, 4, 2, 3] * 3, product=make_shoe(store))
    return store


def opened(page: Page, site: str, store: Store, *, filler: str = "", lang: str = "en", size: int = 1280) -> list[str]:
    """The shop's page with every widget; returns what the browser complained of."""
    kinds = ("stars", "gallery", "list", "questions", "form")
    pieces = {kind: element(store, kind, "shoe") for kind in kinds}
    script = links.page(store, "feedback_storefront:widget_script")
    PAGES["/products/shoe"] = PAGE.format(lang=lang, filler=filler, script=script, **pieces)
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_viewport_size({"width": size, "height": 800})
    page.goto(f"{site}/products/shoe")
    page.wait_for_function(f"document.querySelector('{LIST}').shadowRoot?.querySelector('article')")
    page.wait_for_function("document.querySelector('[data-thereafter-reviews=stars]').shadowRoot?.querySelector('svg')")
    return problems


@pytest.mark.parametrize("filler", ["", '<div style="height:900px"></div>'])
@pytest.mark.parametrize("size", [1280, PHONE])
def test_nothing_moves_when_they_come(site: str, store: Store, browser_page: Page, filler: str, size: int) -> None:
    problems = opened(browser_page, site, store, filler=filler, size=size)
    browser_page.wait_for_timeout(500)
    assert browser_page.evaluate(SHIFTS) < 0.001
    browser_page.mouse.wheel(0, 6000)
    browser_page.wait_for_timeout(600)
    assert browser_page.evaluate(SHIFTS) < 0.001
    assert problems == []


def test_elements_below_the_script_are_filled_and_once(site: str, store: Store, browser_page: Page) -> None:
    script = f'<script src="{links.page(store, "feedback_storefront:widget_script")}"></script>'
    PAGES["/products/shoe"] = (
        f"<html><head>{script * 2}</head><body>{element(store, 'stars', 'shoe')}{element(store, 'list', 'shoe')}"
    )
    asked: list[str] = []
    browser_page.on("request", lambda one: asked.append(one.url.partition("widgets/")[2].partition("?")[0]))
    browser_page.goto(f"{site}/products/shoe")
    browser_page.wait_for_function(f"document.querySelector('{LIST}').shadowRoot?.querySelector('article')")
    browser_page.wait_for_function("document.querySelector('[data-thereafter-reviews=stars]').shadowRoot")
    assert (asked.count("list"), asked.count("stars.json")) == (1, 1)


def test_everybody_can_use_them_on_any_screen(site: str, store: Store, browser_page: Page) -> None:
    for lang, size, scheme in (("en", 1280, "light"), ("de", PHONE, "dark")):
        browser_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        opened(browser_page, site, store, lang=lang, size=size)
        found = Axe().run(browser_page, options={"rules": {"region": {"enabled": False}}})
        assert found.violations_count == 0, found.generate_report()
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= size
    assert "Kundenbewertungen" in inside(browser_page, "h2")


def inside(page: Page, what: str) -> str:
    return str(page.evaluate(f"document.querySelector('{LIST}').shadowRoot.querySelector('{what}').textContent"))


def test_the_page_and_the_widget_leave_each_other_alone(site: str, store: Store, browser_page: Page) -> None:
    opened(browser_page, site, store)
    color: Any = browser_page.evaluate(
        f"getComputedStyle(document.querySelector('{LIST}').shadowRoot.querySelector('h2')).color"
    )
    assert color != "rgb(170, 0, 0)"
    assert browser_page.evaluate("getComputedStyle(document.querySelector('#after')).color") == "rgb(0, 0, 0)"
    assert browser_page.evaluate("document.cookie + localStorage.length + sessionStorage.length") == "00"
    data = browser_page.locator(f"{LIST} > script[type='application/ld+json']")
    assert '"reviewCount":15' in (data.text_content() or "")


def test_a_visitor_filters_turns_the_page_and_votes_without_leaving(
    site: str, store: Store, browser_page: Page
) -> None:
    opened(browser_page, site, store)
    browser_page.get_by_role("link", name="Next").click()
    browser_page.get_by_text("Page 2 of 2").wait_for()
    browser_page.get_by_label("Sort by").select_option("lowest")
    browser_page.wait_for_function(
        f"document.querySelector('{LIST}').shadowRoot.querySelector('.tr-words').textContent.includes('of 1 stars')"
    )
    browser_page.get_by_role("button", name="Helpful (0)", exact=True).first.click()
    browser_page.get_by_role("button", name="Helpful (1)", exact=True).wait_for()
    assert browser_page.url == f"{site}/products/shoe"


def test_of_two_things_asked_for_the_later_stays(site: str, store: Store, browser_page: Page) -> None:
    opened(browser_page, site, store)
    held: list[Route] = []
    browser_page.route("**/widgets/list?*", lambda route: held.append(route))  # noqa: PLW0108  # it marks its handlers
    browser_page.get_by_role("link", name="Next").click()
    browser_page.get_by_label("Sort by").select_option("lowest")
    while len(held) < 2:
        browser_page.wait_for_timeout(20)
    held[1].continue_()
    lowest = (
        f"document.querySelector('{LIST}').shadowRoot.querySelector('.tr-words').textContent.includes('of 1 stars')"
    )
    browser_page.wait_for_function(lowest)
    with browser_page.expect_request_finished(lambda one: "page=2" in one.url):
        held[0].continue_()
    browser_page.wait_for_timeout(300)
    assert browser_page.evaluate(lowest)


def test_without_scripts_a_link_leads_to_our_page_and_the_servers_html_is_whole(
    site: str, store: Store, browser_page: Page
) -> None:
    context = browser_page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    page = context.new_page()
    PAGES["/products/shoe"] = f"<html><body>{element(store, 'list', 'shoe')}</body></html>"
    page.goto(f"{site}/products/shoe")
    page.get_by_role("link", name="Reviews").click()
    assert page.get_by_role("heading", name="Customer reviews").is_visible()
    page.goto(by_server(store).replace("YOUR-PRODUCT-ID", "shoe"))
    assert page.get_by_text("Page 1 of 2").is_visible()
    context.close()


def test_our_own_page_passes_axe_and_fits_a_phone(site: str, store: Store, browser_page: Page) -> None:
    widgets.change(store, {"stars_colour": "#ffee88"}, by=None, now=clock.now())
    for size in (1280, PHONE):
        browser_page.set_viewport_size({"width": size, "height": 800})
        browser_page.goto(links.page(store, "feedback_storefront:product_reviews", "shoe"))
        found = Axe().run(browser_page)
        assert found.violations_count == 0, found.generate_report()
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= size
