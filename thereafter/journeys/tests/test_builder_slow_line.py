"""The builder on a slow line and one that breaks: nothing that was done is lost, or it is said."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey
from thereafter.kit import clock
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
SAVES, PANELS = "**/edit/do/", "**/edit/panel/*"


@pytest.fixture
def builder(live_server: LiveServer, browser_page: Page) -> Page:
    cache.clear()
    store = make_store()
    publishing.install_recipes(store, clock.now())
    session = signed_in(make_staff(store)).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.set_viewport_size({"width": 1280, "height": 900})
    browser_page.goto(f"{live_server.url}/console/stride/journeys/after_delivery/edit/")
    return browser_page


def hold_first(page: Page, address: str) -> Callable[[], None]:
    """The first request waits until what this gives is called; others go through."""
    held: list[Route] = []

    def take(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    def let_go() -> None:
        page.wait_for_timeout(500)
        held[0].continue_()

    page.route(address, take)
    return let_go


def fail(page: Page, address: str, status: int, *, times: int = 1) -> None:
    page.route(address, lambda route: route.fulfill(status=status, body=""), times=times)


def steps() -> list[str]:
    draft = Journey.objects.get(key="after_delivery").draft
    return [step["id"] for step in draft["steps"]] if draft else []


def type_days(page: Page, days: str) -> None:
    page.locator("#n-try_it").click()
    with page.expect_request(SAVES):
        page.locator("input[name=days]").fill(days)


def test_one_leaves_when_the_last_words_are_saved(builder: Page) -> None:
    let_go = hold_first(builder, SAVES)
    type_days(builder, "6")
    builder.locator("input[name=days]").press("End")
    builder.keyboard.type("1")
    builder.get_by_role("link", name="Back to the journey").click()
    let_go()
    builder.wait_for_url("**/journeys/after_delivery/")
    draft = Journey.objects.get(key="after_delivery").draft
    assert draft
    assert next(step["days"] for step in draft["steps"] if step["id"] == "try_it") == 61


def test_what_is_typed_while_a_save_is_under_way_is_kept_when_one_goes_to_another_step(builder: Page) -> None:
    let_go = hold_first(builder, SAVES)
    type_days(builder, "6")
    builder.locator("input[name=days]").press("End")
    builder.keyboard.type("1")
    builder.locator("#n-ask").click()
    let_go()
    expect(builder.locator("[data-shows=ask]")).to_be_visible()
    expect(builder.locator("#n-try_it")).to_contain_text("Wait 61 days")
    expect(builder.locator("#saved")).to_contain_text("Saved")


def test_a_panel_that_is_about_to_go_takes_no_more_words(builder: Page) -> None:
    builder.locator("#n-try_it").click()
    expect(builder.locator("[data-shows=try_it]")).to_be_visible()
    let_go = hold_first(builder, PANELS)
    builder.locator("#n-ask").click()
    assert builder.evaluate("document.querySelector('#panel').inert")
    let_go()
    expect(builder.locator("[data-shows=ask]")).to_be_visible()
    assert not builder.evaluate("document.querySelector('#panel').inert")


def test_the_step_that_was_chosen_last_is_shown(builder: Page) -> None:
    let_go = hold_first(builder, PANELS)
    builder.locator("#n-try_it").click()
    builder.locator("#n-ask").click()
    let_go()
    builder.wait_for_load_state("networkidle")
    expect(builder.locator("[data-shows=ask]")).to_be_visible()


def test_each_of_three_fast_undos_takes_one_back(builder: Page) -> None:
    for _ in range(3):
        with builder.expect_response(SAVES):
            builder.locator("#n-try_it").focus()
            builder.keyboard.press("Alt+ArrowDown")
        builder.wait_for_timeout(100)
    assert steps()[:2] != ["try_it", "ask"]
    let_go = hold_first(builder, SAVES)
    for _ in range(3):
        builder.keyboard.press("Control+z")
    let_go()
    expect(builder.locator("[data-undo]")).to_be_disabled()
    builder.wait_for_load_state("networkidle")
    assert steps()[:2] == ["try_it", "ask"]


def test_a_step_that_is_chosen_twice_before_the_answer_is_added_once(builder: Page) -> None:
    builder.locator("[data-spot=try_it] a").click()
    let_go = hold_first(builder, SAVES)
    at = builder.locator("button[value=wait]").bounding_box()
    assert at
    builder.mouse.dblclick(at["x"] + 20, at["y"] + 10)
    let_go()
    expect(builder.locator("#n-wait")).to_be_visible()
    builder.wait_for_load_state("networkidle")
    assert len([step for step in steps() if step.startswith("wait")]) == 1


def test_what_was_typed_later_is_not_overwritten_by_what_is_tried_again(builder: Page) -> None:
    fail(builder, SAVES, 503)
    type_days(builder, "6")
    expect(builder.locator("#saved")).to_have_text("Not saved. Trying again …")
    builder.locator("#n-ask").click()
    expect(builder.locator("[data-shows=ask]")).to_be_visible()
    type_days(builder, "9")
    expect(builder.locator("#n-try_it")).to_contain_text("Wait 9 days")
    builder.wait_for_timeout(5_000)
    expect(builder.locator("#n-try_it")).to_contain_text("Wait 9 days")


def test_a_save_that_fails_is_tried_again_though_another_step_was_opened(builder: Page) -> None:
    fail(builder, SAVES, 503, times=2)
    type_days(builder, "6")
    expect(builder.locator("#saved")).to_have_text("Not saved. Trying again …")
    builder.locator("#n-ask").click()
    expect(builder.locator("#n-try_it")).to_contain_text("Wait 6 days")
    expect(builder.locator("#saved")).to_contain_text("Saved")


def test_a_save_that_is_refused_is_not_tried_again(builder: Page) -> None:
    fail(builder, SAVES, 403)
    type_days(builder, "6")
    expect(builder.locator("#saved")).to_have_text("Not saved. Copy what you wrote and load the page again.")
    builder.wait_for_timeout(5000)
    assert steps() == []


def test_what_is_not_tried_again_is_not_promised(builder: Page) -> None:
    fail(builder, SAVES, 503)
    builder.locator("#n-try_it").focus()
    builder.keyboard.press("Alt+ArrowDown")
    expect(builder.locator("#saved")).to_have_text("Not saved. Try again.")


def test_a_save_takes_nothing_from_a_button_that_only_has_the_focus(builder: Page) -> None:
    builder.locator("#n-trigger").click()
    builder.get_by_role("button", name="Add a condition").first.focus()
    with builder.expect_request(SAVES) as sent:
        builder.locator("[data-autosave]").dispatch_event("change")
    assert ".do=" not in str(sent.value.post_data)
