"""The rows of a condition on a slow line: an answer that comes late takes nothing back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions import segments
from thereafter.journeys.models import Segment
from thereafter.kit import clock
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def editor(live_server: LiveServer, browser_page: Page) -> Page:
    store = make_store()
    made = segments.create(store, name="Buyers", condition="customer.orders >= 100", by=None, now=clock.now())
    session = signed_in(make_staff(store)).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.goto(f"{live_server.url}/console/stride/segments/{made.key}/edit/")
    browser_page.wait_for_load_state("networkidle")
    return browser_page


def hold(page: Page) -> Callable[[], None]:
    """Renewals wait until what this gives is called, and then go through as they came."""
    held: list[Route] = []

    def let_go() -> None:
        page.wait_for_timeout(200)
        for route in held:
            route.continue_()
            page.wait_for_timeout(300)
        page.wait_for_load_state("networkidle")
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    page.route("**/conditions/rows/**", lambda route: held.append(route))  # noqa: PLW0108 Playwright marks what it is given
    return let_go


def saved(page: Page) -> str:
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/segments/buyers/")
    return Segment.objects.get().condition


def test_what_is_typed_while_the_rows_are_renewed_stays_and_goes_on(editor: Page) -> None:
    let_go = hold(editor)
    editor.get_by_label("How", exact=True).select_option("gt")
    editor.get_by_label("Value").select_text()
    editor.keyboard.type("5")
    let_go()
    editor.keyboard.type("00")
    expect(editor.get_by_label("Value")).to_have_value("500")
    assert saved(editor) == "customer.orders > 500"


def test_what_was_typed_before_the_answer_is_told_to_the_form(editor: Page) -> None:
    let_go = hold(editor)
    editor.get_by_label("What", exact=True).select_option("customer.spent")
    editor.get_by_label("Value").fill("7")
    with editor.expect_request("**/segments/preview/") as asked:
        let_go()
    assert "if.0.value=7" in str(asked.value.post_data)


def test_two_selects_that_are_changed_quickly_both_count(editor: Page) -> None:
    editor.get_by_role("button", name="Add a condition").click()
    editor.wait_for_load_state("networkidle")
    expect(editor.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    let_go = hold(editor)
    first, second = (editor.get_by_role("group", name=f"Condition {at}") for at in (1, 2))
    first.get_by_label("How").select_option("lt")
    second.get_by_label("What").select_option("customer.email")
    let_go()
    second.get_by_label("Value").fill("a@example.com")
    assert saved(editor) == "customer.orders < 100 && customer.email == 'a@example.com'"
