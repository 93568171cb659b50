"""The editor on a slow line: nothing that was typed is lost, whatever is pressed next."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from thereafter.messaging.models import MessageTemplate
from thereafter.messaging.tests.test_editor_browser import draft_words, page, store

__all__ = ["page", "store"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
SLOW = 1.5


def slow_down(page: Page, when: Callable[[Route], bool]) -> None:
    """Such requests of the editor leave late."""

    def handle(route: Route) -> None:
        if "HX-Request".lower() in route.request.headers and when(route):
            time.sleep(SLOW)
        route.continue_()

    page.route("**/edit/**", handle)


def source_of_draft() -> str:
    row = MessageTemplate.objects.get(key="order_confirmation")
    assert row.draft
    return str(row.draft.document["source"])


def is_save(route: Route) -> bool:
    return route.request.method == "POST"


def is_choice(route: Route) -> bool:
    return route.request.method == "GET"


def test_publishing_waits_for_the_last_words(page: Page) -> None:
    page.locator("#pick-intro").click()
    box = page.locator('textarea[name="w:intro"]')
    box.fill("First")
    expect(page.locator("#desk-saved")).to_contain_text("Not sent until you publish")
    slow_down(page, is_save)
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
    slow_down(page, is_save)
    with page.expect_request("**/edit/**"):
        box.fill("First words")
    box.fill("Last words")
    page.get_by_role("link", name="DE", exact=False).first.click()
    page.wait_for_url("**lang=de**")
    assert draft_words()["intro"] == "Last words"


def test_nobody_types_into_settings_that_are_about_to_go(page: Page) -> None:
    subject = page.locator('input[name="w:subject"]')
    before = subject.input_value()
    slow_down(page, is_choice)
    page.locator("#pick-intro").click()
    assert page.evaluate("document.querySelector('#desk-settings').inert")
    subject.click(force=True)
    page.keyboard.type("lost")
    assert subject.input_value() == before
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
    slow_down(page, is_save)
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
    slow_down(page, is_save)
    page.locator(".desk-add > summary").click()
    expect(page.locator("#desk-blocks")).to_contain_text("Before the divider")
    expect(page.locator(".desk-add")).to_have_attribute("open", "")
    page.locator(".desk-add").get_by_role("button", name="Divider").click()
    expect(page.locator('[data-block="divider"]')).to_be_visible()
    expect(page.locator(".desk-add")).not_to_have_attribute("open", "")
