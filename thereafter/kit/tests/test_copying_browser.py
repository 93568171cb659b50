"""Copying with a press, in a real browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

SCRIPT = (Path(__file__).parents[1] / "static" / "kit" / "thereafter.js").read_text(encoding="utf-8")
# No https, as in a house's own network: there is no clipboard for scripts.
HERE = "http://shop.example/"
PAGE = """<dialog><button data-copy="ABC 123">Copy</button><input></dialog>
<script>document.querySelector("dialog").showModal()</script>"""


def test_copying_needs_no_https(browser_page: Page) -> None:
    page = f"<script>{SCRIPT}</script>{PAGE}"
    browser_page.route(f"{HERE}**", lambda route: route.fulfill(body=page, content_type="text/html"))
    browser_page.goto(HERE)
    assert browser_page.evaluate("navigator.clipboard === undefined")
    button = browser_page.get_by_role("button", name="Copy")
    button.click()
    expect(button).to_have_attribute("data-copied", "")
    expect(button).to_be_focused()
    browser_page.get_by_role("textbox").press("Control+V")
    expect(browser_page.get_by_role("textbox")).to_have_value("ABC 123")
    assert browser_page.locator("textarea").count() == 0
