"""The editor in a real browser: click, type, drag, undo; on a desk, a tablet and a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.messaging.models import MessageTemplate
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
EDIT = "/console/stride/messages/templates/order_confirmation/edit/"
DESK, TABLET, PHONE = (
    ViewportSize(width=1280, height=900),
    ViewportSize(width=820, height=1100),
    ViewportSize(width=360, height=740),
)


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def page(live_server: LiveServer, browser_page: Page, store: Store) -> Page:
    client = Client()
    client.force_login(make_staff(store, "marketer"))
    session = client.cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.set_viewport_size(DESK)
    browser_page.goto(live_server.url + EDIT)
    return browser_page


def order_of(page: Page) -> list[str]:
    rows = page.locator("[data-list] > [data-block]").all()
    return [str(row.get_attribute("data-block")) for row in rows]


def draft_words() -> dict[str, str]:
    row = MessageTemplate.objects.get(key="order_confirmation")
    assert row.draft
    return dict(row.draft.document["words"]["en"])


def test_a_click_in_the_mail_chooses_the_block_and_typing_shows_at_once(page: Page) -> None:
    mail = page.frame_locator("#desk-frame")
    mail.get_by_text("We have your order").click()
    expect(page.locator("#settings-title")).to_have_text("Text")
    box = page.locator('textarea[name="w:intro"]')
    box.fill("Servus **du**")
    expect(page.frame_locator("#desk-frame").locator("b", has_text="du")).to_be_visible()
    expect(box).to_be_focused()
    expect(page.locator("#desk-saved")).to_contain_text("Saved")
    assert draft_words()["intro"] == "Servus **du**"


def test_what_was_typed_last_is_kept_when_one_goes_on_at_once(page: Page) -> None:
    page.locator("#pick-intro").click()
    page.locator('textarea[name="w:intro"]').fill("Last words")
    page.locator("#pick-title").click()
    expect(page.locator("#settings-title")).to_have_text("Heading")
    expect(page.locator("#pick-intro")).to_contain_text("Last words")
    assert draft_words()["intro"] == "Last words"


def test_variables_and_marks_are_put_where_one_types(page: Page) -> None:
    page.locator("#pick-title").click()
    field = page.locator('input[name="w:title"]')
    field.fill("Hello ")
    page.locator(".desk-word-field summary").first.click()
    page.get_by_role("button", name="Order number").first.click()
    expect(field).to_have_value("Hello {{ order.number }}")
    expect(page.frame_locator("#desk-frame").get_by_text("Hello 1042")).to_be_visible()


def test_blocks_are_dragged_and_every_step_is_undone_however_fast(page: Page) -> None:
    before = order_of(page)
    grip = page.locator('[data-block="button"] [data-grip]').bounding_box()
    target = page.locator('[data-block="title"]').bounding_box()
    assert grip
    assert target
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(target["x"] + 60, target["y"] + 30, steps=5)
    page.mouse.move(target["x"] + 60, target["y"] + 4, steps=3)
    page.mouse.up()
    expect(page.locator("[data-list] > [data-block]").first).to_have_attribute("data-block", "button")
    page.locator(".desk-add > summary").click()
    page.locator(".desk-add").get_by_role("button", name="Divider").click()
    expect(page.locator('[data-block="divider"]')).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-list] > [data-block]").first).to_have_attribute("data-block", "title")
    expect(page.locator('[data-block="divider"]')).to_have_count(0)
    assert order_of(page) == before


# A document that has begun to come is there without any content, which a slow line keeps so for long.
BEGUN = """
Object.defineProperty(HTMLIFrameElement.prototype, "contentDocument", { get: () => new Document() });
"""


def test_the_page_works_though_the_mail_has_only_begun_to_come(page: Page) -> None:
    page.add_init_script(BEGUN)
    page.reload()
    page.locator("#pick-title").click()
    field = page.locator('input[name="w:title"]')
    field.fill("Hello ")
    page.locator(".desk-word-field summary").first.click()
    page.get_by_role("button", name="Order number").first.click()
    expect(field).to_have_value("Hello {{ order.number }}")


# Something is asked of the server, or what it answered does not stand yet.
UNREST = ".htmx-request, .htmx-swapping, .htmx-settling"


def test_blocks_are_moved_and_deleted_by_keyboard_alone(page: Page) -> None:
    page.locator("#pick-intro").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-list] > [data-block]").first).to_have_attribute("data-block", "intro")
    expect(page.locator(UNREST)).to_have_count(0)
    page.locator("#pick-intro").focus()
    page.keyboard.press("Delete")
    expect(page.locator('[data-block="intro"]')).to_have_count(0)


@pytest.mark.parametrize("tab", ["?block=intro", "?block=button", "", "?tab=sms", "?tab=push", "?tab=source"])
@pytest.mark.parametrize("size", [DESK, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_it_passes_axe_and_fits(page: Page, size: ViewportSize, tab: str) -> None:
    page.set_viewport_size(size)
    page.goto(page.url.split("?")[0] + tab)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_it_works_without_scripts(live_server: LiveServer, page: Page) -> None:
    browser = page.context.browser
    assert browser
    bare = browser.new_context(java_script_enabled=False)
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what it gave out, it takes
    still = bare.new_page()
    still.goto(f"{live_server.url}{EDIT}?block=intro")
    still.locator('textarea[name="w:intro"]').fill("Still here")
    still.get_by_role("button", name="Save").click()
    assert draft_words()["intro"] == "Still here"
    still.locator("#up-intro").click()
    assert order_of(still)[0] == "intro"
    bare.close()
