"""Surveys with several questions: one page after the other, what follows depends on what was said, nothing needs a
script."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.surveys import SurveyAnswered, SurveyFinished
from thereafter.feedback import links
from thereafter.feedback.actions import surveys
from thereafter.feedback.models import Answer, AnswerPhoto, Invitation, Revision, Survey
from thereafter.feedback.tests.makers import ASKED, make_invitation, make_survey
from thereafter.feedback.tests.sitting_makers import DOCUMENT, FORM, begin, photo, post
from thereafter.kit import clock
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


@pytest.fixture
def invitation(order: Order) -> Invitation:
    make_survey(order.store, "nps", DOCUMENT)
    return make_invitation(order, survey="nps")


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_low_score_is_asked_why_and_a_high_one_is_not(client: Client, invitation: Invitation) -> None:
    _, page = post(client, begin(invitation), score="3")
    assert "What went wrong?" in page
    _, page = post(client, begin(invitation), score="9")
    assert "How well was it packed?" in page


def test_all_questions_one_after_the_other(client: Client, invitation: Invitation) -> None:
    there, page = post(client, begin(invitation), score="3")
    assert "Question 2 of 4" in page
    there, page = post(client, there, reply=["late", "broken"])
    assert "Can you show us?" in page
    there, page = post(client, there)
    assert "How well was it packed?" in page
    there, page = post(client, there, reply="2")
    assert "You said: It came late, It was broken. Tell us more." in page
    there, page = post(client, there, reply="Two days late.")
    assert "We will call, John." in page
    given = Answer.objects.get()
    assert (given.score, given.comment) == (3, "Two days late.")
    assert given.replies == {"reason": ["late", "broken"], "care": 2}
    assert given.finished_at is not None
    assert given.version == 1
    assert_recorded(SurveyAnswered, score=3, kind="nps", band="low")
    assert_recorded(SurveyFinished, score=3, band="low", has_comment=True)
    assert not Revision.objects.filter(replies={"reason": ["late"]}).exists()


def test_the_score_alone_is_an_answer_that_is_not_finished(client: Client, invitation: Invitation) -> None:
    post(client, begin(invitation), score="9")
    assert Answer.objects.get().finished_at is None
    assert_recorded(SurveyFinished, times=0)


def test_what_is_needed_is_asked_again_and_what_is_not_may_be_left_out(client: Client, invitation: Invitation) -> None:
    there, _ = post(client, begin(invitation), score="3")
    again = client.post(there)
    assert again.status_code == 422
    assert "Please answer this question" in again.content.decode()
    assert client.post(there, {"reply": "nonsense"}).status_code == 422
    there, _ = post(client, there, reply="late")
    there, page = post(client, there)
    assert "Tell us more" in page
    assert "care" not in Answer.objects.get().replies


def test_back_shows_what_was_said_and_a_change_drops_what_is_asked_no_longer(
    client: Client, invitation: Invitation
) -> None:
    there, _ = post(client, begin(invitation), score="3")
    there, page = post(client, there, reply="late")
    back = re.findall(r'href="([^"]+/reason/[^"]*)"', page)[0]
    assert re.search(r'value="late" checked', client.get(back).content.decode())
    first = re.findall(r'href="([^"]+/score/[^"]*)"', client.get(back).content.decode())[0]
    there, page = post(client, first, score="10")
    assert "How well was it packed?" in page
    for said in ({"reply": "5"}, {"reply": "Lovely"}):
        there, page = post(client, there, **said)
    given = Answer.objects.get()
    assert (given.score, given.replies, given.comment) == (10, {"care": 5}, "Lovely")
    assert Revision.objects.filter(replies__reason=["late"]).exists()


def test_replies_can_be_changed_for_seven_days(client: Client, invitation: Invitation) -> None:
    with clock.at(ASKED):
        there, _ = post(client, begin(invitation), score="9")
        post(client, there, reply="5")
    with clock.at(ASKED + timedelta(days=6)):
        post(client, there, reply="4")
    assert Answer.objects.get().replies == {"care": 4}
    with clock.at(ASKED + timedelta(days=8)):
        _, page = post(client, there, reply="1")
    assert "yours stays as it was" in page
    assert Answer.objects.get().replies == {"care": 4}


def test_the_page_speaks_the_reader_s_language_to_the_end_without_a_cookie(invitation: Invitation) -> None:
    forgetful = Client(enforce_csrf_checks=True)
    there = f"{begin(invitation)}?lang=de"
    for said in ({"score": "3"}, {"reply": "late"}, {"reply": "2"}):
        answer = forgetful.post(there, said)
        forgetful.cookies.clear()
        there = answer["Location"]
        assert there.endswith("?lang=de")
    assert "Du sagst: Es kam spät. Erzähl mehr." in forgetful.get(there).content.decode()
    assert Answer.objects.get().language == "de"


def test_photos_come_with_a_plain_form_and_can_be_taken_back(client: Client, invitation: Invitation) -> None:
    there, _ = post(client, begin(invitation), score="3")
    there, _ = post(client, there, reply="broken")
    bad = client.post(there, {"photos": [photo("blue"), SimpleUploadedFile("a.pdf", b"%PDF")]})
    assert bad.status_code == 422
    assert "not a photo" in bad.content.decode()
    assert AnswerPhoto.objects.count() == 1
    post(client, there, photos=[photo("red")])
    assert Answer.objects.get().replies["photo"] == 2
    kept = AnswerPhoto.objects.order_by("id").first()
    assert kept is not None
    client.post(there, {"remove": kept.fingerprint})
    assert AnswerPhoto.objects.count() == 1
    assert Answer.objects.get().replies["photo"] == 1


def test_no_more_than_five_photos_fit(client: Client, invitation: Invitation) -> None:
    there, _ = post(client, begin(invitation), score="3")
    there, _ = post(client, there, reply="broken")
    many = [photo(colour) for colour in ("red", "blue", "green", "white", "black", "yellow")]
    assert client.post(there, {"photos": many}).status_code == 422
    assert AnswerPhoto.objects.count() == 5


def test_a_form_begins_with_its_first_question(client: Client, order: Order) -> None:
    make_survey(order.store, "form", FORM)
    invitation = make_invitation(order, survey="form")
    assert "How did you find us?" in client.get(begin(invitation)).content.decode()
    assert client.post(begin(invitation), {}).status_code == 422
    there, _ = post(client, begin(invitation), reply="friend")
    _, page = post(client, there, reply="No")
    assert "Your answers have reached us." in page
    given = Answer.objects.get()
    assert (given.score, given.replies, given.comment) == (None, {"found": "friend", "more": "No"}, "No")
    assert_recorded(SurveyAnswered, score=None, band="", kind="form")


def test_ces_asks_how_far_one_agrees(client: Client, order: Order) -> None:
    make_survey(order.store, "ces")
    invitation = make_invitation(order, survey="ces")
    page = client.get(begin(invitation)).content.decode()
    assert "Stride &amp; Co made it easy for me to handle my issue." in page
    assert re.findall(r'<button name="score" value="(\d+)"', page) == [str(score) for score in range(1, 8)]
    assert 'aria-label="1, Strongly disagree"' in page


def test_nps_zero_is_a_score_like_any_other(client: Client, invitation: Invitation) -> None:
    page = client.get(begin(invitation, 0)).content.decode()
    assert "Yes, my answer is “0”" in page
    post(client, begin(invitation, 0), score="0")
    assert Answer.objects.get().score == 0


def test_a_version_that_is_published_later_does_not_change_what_was_asked(
    client: Client, invitation: Invitation
) -> None:
    changed = DOCUMENT | {"questions": DOCUMENT["questions"][:1]}
    surveys.save_draft(invitation.survey, changed, now=ASKED)
    surveys.publish(invitation.survey, by=None, now=ASKED)
    _, page = post(client, begin(invitation), score="3")
    assert "What went wrong?" in page
    assert Answer.objects.get().version == 1


def test_who_is_unhappy_reads_until_when_somebody_writes(client: Client, order: Order) -> None:
    make_survey(order.store, "ces")
    with clock.at(ASKED):
        there, _ = post(client, begin(make_invitation(order, survey="ces")), score="1")
        _, page = post(client, there, reply="")
    assert re.search(r"A person will write to you by \w+day", page)
    Survey.objects.filter(key="ces").update(low={"follow_up": False})
    assert "will write to you by" not in client.get(thanks(Answer.objects.get())).content.decode()


def thanks(given: Answer) -> str:
    return reverse("feedback_storefront:thanks", args=[given.store.slug, links.given_token(given)])


def test_only_a_happy_member_is_invited_to_tell_a_friend_and_nobody_to_a_review(
    client: Client, order: Order, invitation: Invitation
) -> None:
    set_traits(order.store, {order.customer_id: {"loyalty.member": True, "loyalty.referral_code": "ANNA7"}})
    Survey.objects.filter(key="nps").update(high={"referral": True})
    post(client, begin(invitation), score="10")
    page = client.get(thanks(Answer.objects.get())).content.decode()
    assert "/r/ANNA7" in page
    post(client, begin(invitation), score="7")
    below = client.get(thanks(Answer.objects.get())).content.decode()
    assert "/r/ANNA7" not in below
    assert "review" not in (page + below).lower()


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_by_keyboard_alone(browser_page: Page, live_server: LiveServer) -> None:
    order = make_order(make_store())
    make_survey(order.store, "nps", DOCUMENT)
    invitation = make_invitation(order, survey="nps")
    browser_page.set_viewport_size({"width": 360, "height": 740})
    browser_page.goto(live_server.url + begin(invitation))
    rows = {round(box["y"]) for one in browser_page.locator(".scores button").all() if (box := one.bounding_box())}
    assert len(rows) == 2
    assert browser_page.evaluate("document.documentElement.scrollWidth <= 360")
    browser_page.get_by_role("button", name="0, Never").focus()
    browser_page.keyboard.press("Enter")
    browser_page.get_by_role("heading", name="What went wrong?").wait_for()
    browser_page.get_by_label("It came late").focus()
    browser_page.keyboard.press("Space")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_role("heading", name="How well was it packed?").wait_for()
    assert Answer.objects.get().replies == {"reason": ["late"]}
