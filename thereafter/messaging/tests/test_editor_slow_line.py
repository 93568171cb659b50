"""The editor on a slow line: nothing that was typed is lost, whatever is pressed next."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from thereafter.messaging.models import MessageTemplate
from thereafter.messaging.tests.test_editor_browser import draft_words, page, store

__all__ = ["page", "store"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
SLOW = 1.5


def slow_down(page: Page) -> None:
    """What the editor saves leaves late."""

    def handle(route: Route) -> None:
        if "hx-request" in route.request.headers and route.request.method == "POST":
            time.sleep(SLOW)
        route.continue_()

    page.route("**/edit/**", handle)


def source_of_draft() -> str:
    row = MessageTemplate.objects.get(key="order_confirmation")
    assert row.draft
    return str(row.draft.document["source"])


def hold(page: Page, method: str) -> list[Route]:
    """The first such request of the editor, which waits until it is let go; others go through."""
    held: list[Route] = []

    def take(route: Route) -> None:
        if not held and "hx-request" in route.request.headers and route.request.method == method:
            held.append(route)
        else:
            route.continue_()

    page.route("**/edit/**", take)
    return held


def test_publishing_waits_for_the_last_words(page: Page) -> None:
    page.locator("#pick-intro").click()
    box = page.locator('textarea[name="w:intro"]')
    box.fill("First")
    expect(page.locator("#desk-saved")).to_contain_text("Not sent until you publish")
    slow_down(page)
    box.fill("Second")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/templates/order_confirmation/")
    live = MessageTemplate.objects.get(key="order_confirmation").live
    assert live is not None
    assert live.document["words"]["en"]["intro"] == "Second"


def test_another_language_waits_for_the_last_words(page: Page) -> None:
    page.locator("#pick-intro").click()
    box = page.locator('textarea[name="w:intro"]')
    expect(box).to_be_visible()
    slow_down(page)
    with page.expect_request("**/edit/**"):
        box.fill("First words")
    box.fill("Last words")
    page.get_by_role("link", name="DE", exact=False).first.click()
    page.wait_for_url("**lang=de**")
    assert draft_words()["intro"] == "Last words"


def test_one_stays_where_the_last_words_could_not_be_saved(page: Page) -> None:
    page.locator("#pick-intro").click()
    expect(page.locator('textarea[name="w:intro"]')).to_be_visible()
    held = hold(page, "POST")
    page.locator('textarea[name="w:intro"]').fill("Not lost")
    page.get_by_role("link", name="DE", exact=False).first.click()
    page.wait_for_timeout(200)
    held[0].fulfill(status=503, body="")
    expect(page.locator("#desk-saved")).to_contain_text("Not saved")
    expect(page.locator('textarea[name="w:intro"]')).to_have_value("Not lost")
    assert "lang=de" not in page.url


def test_who_insists_is_not_kept_where_no_answer_comes(page: Page) -> None:
    page.locator("#pick-intro").click()
    expect(page.locator('textarea[name="w:intro"]')).to_be_visible()
    hold(page, "POST")
    page.locator('textarea[name="w:intro"]').fill("Never answered")
    german = page.get_by_role("link", name="DE", exact=False).first
    german.click()
    page.wait_for_timeout(5_200)
    assert "lang=de" not in page.url
    german.click()
    page.wait_for_url("**lang=de**")


def test_what_was_held_goes_once(page: Page) -> None:
    page.locator("#pick-intro").click()
    box = page.locator('textarea[name="w:intro"]')
    expect(box).to_be_visible()
    # The answer takes its time: the page stays where it is.
    page.evaluate("void (HTMLFormElement.prototype.submit = () => { window.posts = (window.posts ?? 0) + 1; })")
    held = hold(page, "POST")
    box.fill("Look at this")
    page.get_by_role("button", name="Send me a test").click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.posts") is None
    held[0].continue_()
    while page.evaluate("window.posts") is None:
        page.wait_for_timeout(50)
    with page.expect_response("**/edit/**"):
        box.fill("Look at this too")
    page.wait_for_timeout(200)
    assert page.evaluate("window.posts") == 1


def test_nobody_types_into_settings_that_are_about_to_go(page: Page) -> None:
    subject = page.locator('input[name="w:subject"]')
    before = subject.input_value()
    held = hold(page, "GET")
    page.locator("#pick-intro").click()
    assert page.evaluate("document.querySelector('#desk-settings').inert")
    subject.click(force=True)
    page.keyboard.type("lost")
    assert subject.input_value() == before
    held[0].continue_()
    expect(page.locator("#settings-title")).to_have_text("Text")
    assert not page.evaluate("document.querySelector('#desk-settings').inert")
    page.locator('textarea[name="w:intro"]').fill("Kept")
    expect(page.locator("#desk-saved")).to_contain_text("Not sent until you publish")
    assert draft_words()["intro"] == "Kept"


def test_a_field_that_the_browser_calls_wrong_stops_no_saving(page: Page) -> None:
    page.locator(".desk-add > summary").click()
    page.locator(".desk-add").get_by_role("button", name="Spacer").click()
    expect(page.locator("#settings-title")).to_have_text("Spacer")
    page.locator('input[name="s:height"]').fill("999")
    expect(page.locator("#desk-saved")).to_contain_text("Not sent until you publish")
    page.locator("#pick-").click()
    name, subject = page.locator("#t-name"), page.locator('input[name="w:subject"]')
    subject.fill("Typed with an empty name")
    name.fill("")
    expect(page.locator("#toasts")).to_contain_text("name", ignore_case=True)
    expect(subject).to_have_value("Typed with an empty name")
    name.fill("Thanks")
    expect(page.locator("h1")).to_have_text("Thanks")
    assert draft_words()["subject"] == "Typed with an empty name"


def test_a_button_that_has_the_focus_is_not_pressed_by_saving(page: Page) -> None:
    page.goto(page.url + "?tab=source")
    page.get_by_role("button", name="Make source of the blocks").click()
    source, written = page.locator("#source"), "<mj-text>{{ person.first_name|default:'you' }}</mj-text>"
    slow_down(page)
    with page.expect_request("**/edit/**"):
        source.fill("<mj-text>")
    source.fill(written)
    page.locator("[data-converts]").focus()
    expect(page.locator("#desk-saved")).to_contain_text("Not sent until you publish")
    page.wait_for_timeout(2 * 1000 * SLOW)
    expect(source).to_have_value(written)
    assert source_of_draft() == written
    page.locator("[data-converts]").click()
    expect(source).not_to_have_value(written)


def test_the_blocks_to_add_stay_open_while_what_was_typed_is_saved(page: Page) -> None:
    page.locator("#pick-intro").click()
    page.locator('textarea[name="w:intro"]').fill("Before the divider")
    slow_down(page)
    page.locator(".desk-add > summary").click()
    expect(page.locator("#desk-blocks")).to_contain_text("Before the divider")
    expect(page.locator(".desk-add")).to_have_attribute("open", "")
    page.locator(".desk-add").get_by_role("button", name="Divider").click()
    expect(page.locator('[data-block="divider"]')).to_be_visible()
    expect(page.locator(".desk-add")).not_to_have_attribute("open", "")
