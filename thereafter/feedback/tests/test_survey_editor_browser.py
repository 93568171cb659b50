"""The editor of surveys in a real browser: what scripts add to its plain forms."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.console.tests.tools import signed_in
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.models import Survey
from thereafter.feedback.tests.makers import ASKED
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture
def survey() -> Survey:
    return actions.make(make_store(), kind="csat", name="Workshop", by=None, now=ASKED)


@pytest.fixture
def editor(live_server: LiveServer, browser_page: Page, survey: Survey) -> Page:
    """The editor with the question for words open."""
    session = signed_in(make_staff(survey.store)).cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.goto(f"{live_server.url}/console/stride/feedback/surveys/{survey.pk}/edit/?question=comment")
    return browser_page


def test_the_phone_shows_what_is_being_written_and_the_way_back_stays_short(editor: Page, survey: Survey) -> None:
    before = editor.evaluate("history.length")
    editor.locator("#text-en").fill("What else?")
    expect(editor.frame_locator("iframe[data-phone]").locator("h1")).to_have_text("What else?")
    assert editor.evaluate("history.length") == before
    survey.refresh_from_db()
    assert "What else?" not in str(survey.draft)


def test_who_is_signed_out_keeps_what_a_condition_says(editor: Page) -> None:
    subject = editor.get_by_role("combobox", name="Condition 1")
    subject.select_option("q:score|band")
    expect(editor.get_by_label("1 or 2")).to_be_visible()
    editor.context.clear_cookies()
    with editor.expect_response("**/condition/?*") as answered:
        subject.select_option("")
    assert "hx-redirect" in answered.value.headers
    editor.wait_for_timeout(300)
    expect(editor.get_by_label("1 or 2")).to_be_visible()


def test_the_values_of_a_condition_come_when_its_subject_is_chosen(editor: Page, survey: Survey) -> None:
    editor.get_by_role("combobox", name="Condition 1").select_option("q:score|band")
    editor.get_by_label("1 or 2").check()
    editor.get_by_role("button", name="Save the draft").click()
    expect(editor.get_by_text("is 1 or 2").first).to_be_visible()
    survey.refresh_from_db()
    assert survey.draft is not None
    assert survey.draft["questions"][1]["show_if"] == [{"question": "score", "test": "band", "values": ["low"]}]
