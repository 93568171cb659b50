"""The editor of a campaign in a real browser: what it keeps by itself is what was filled in, no more."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.campaigns.models import Campaign
from thereafter.campaigns.rules.plans import Variant
from thereafter.campaigns.tests.makers import TEMPLATE, make_campaign, make_people
from thereafter.console.tests.tools import signed_in
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
CHECK = "**/check/"


@pytest.fixture
def editor(live_server: LiveServer, browser_page: Page) -> Page:
    cache.clear()
    store = make_store(country="DE")
    make_people(store, 2)
    made = make_campaign(store, variants=(Variant(template=TEMPLATE), Variant(template=TEMPLATE, subject="Other")))
    session = signed_in(make_staff(store, "marketer")).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.goto(f"{live_server.url}/console/stride/campaigns/{made.pk}/edit/")
    expect(browser_page.locator("#check")).to_contain_text("people will get it")
    return browser_page


def late(route: Route) -> None:
    """Later than what was filled in last is kept by itself."""
    route.request.frame.page.wait_for_timeout(1000)
    route.continue_()


@pytest.mark.parametrize("button", ["Remove the last", "Try another version against it"])
def test_a_button_that_only_has_the_focus_adds_and_drops_no_version(editor: Page, button: str) -> None:
    editor.locator("input[name=subject_1]").fill("Mine")
    with editor.expect_response(CHECK):
        editor.get_by_role("button", name=button).focus()
    assert [variant.subject for variant in Campaign.objects.get().settings.variants] == ["", "Mine"]


def test_a_test_is_sent_once(editor: Page) -> None:
    asked: list[str] = []
    editor.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    editor.route("**/test/", late)
    editor.locator("input[name=subject_1]").fill("Mine")
    editor.get_by_role("button", name="Send me a test").click()
    expect(editor.get_by_text("It was made")).to_be_visible()
    assert len([url for url in asked if url.endswith("/test/")]) == 1


def test_a_change_is_kept_and_whom_it_reaches_is_counted_anew(editor: Page) -> None:
    editor.get_by_text("Leave some out").click()
    with editor.expect_response(CHECK):
        editor.get_by_label("Hold out").fill("50")
        editor.keyboard.press("Tab")
    expect(editor.locator("#check")).to_contain_text("people will get it")
    assert Campaign.objects.get().settings.holdout == 50
