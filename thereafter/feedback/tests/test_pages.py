"""One tap counts, a scanner does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered
from thereafter.feedback import links
from thereafter.feedback.actions import answering
from thereafter.feedback.models import Answer, Hit, Invitation, Revision
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.kit import clock, tokens
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


@pytest.fixture
def invitation(order: Order) -> Invitation:
    return make_invitation(order)


@pytest.fixture
def client() -> Client:
    """Like a browser inside a mail app: it keeps no cookies, so it has no CSRF token."""
    return Client(enforce_csrf_checks=True)


def path(invitation: Invitation, score: int) -> str:
    token = tokens.sign(links.SCORE, invitation.store_id, invitation.pk, score)
    return reverse("feedback_storefront:answer", args=[invitation.store.slug, token])


def thanks(invitation: Invitation) -> str:
    return reverse("feedback_storefront:thanks", args=[invitation.store.slug, links.thanks_token(invitation)])


def test_opening_every_link_counts_for_nothing(client: Client, invitation: Invitation) -> None:
    for score in range(1, 6):
        client.head(path(invitation, score))
        page = client.get(path(invitation, score), headers={"User-Agent": "SafeLinks"})
        assert page.status_code == 200
    assert not Answer.objects.exists()
    assert sorted(Hit.objects.values_list("score", flat=True)) == [1, 2, 3, 4, 5]
    assert_recorded(SurveyAnswered, times=0)


def test_a_scanner_that_comes_for_ever_fills_no_table(client: Client, invitation: Invitation) -> None:
    for _ in range(60):
        client.get(path(invitation, 3))
    assert Hit.objects.count() == answering.MOST_HITS


def test_pressing_the_button_counts_once(client: Client, invitation: Invitation) -> None:
    for _ in range(2):
        page = client.post(path(invitation, 5), {"score": "5"}, follow=True)
        assert "Thank you" in page.content.decode()
    given = Answer.objects.get()
    assert (given.score, given.customer_id, given.order_id) == (5, invitation.customer_id, invitation.order_id)
    assert_recorded(SurveyAnswered, score=5, invitation_id=invitation.pk, via="email")


def test_another_face_than_the_link_s_counts_as_pressed(client: Client, invitation: Invitation) -> None:
    client.post(path(invitation, 5), {"score": "2"})
    assert Answer.objects.get().score == 2


def test_a_low_score_is_answered_with_a_way_to_a_person(client: Client, invitation: Invitation) -> None:
    page = client.post(path(invitation, 1), {"score": "1"}, follow=True).content.decode()
    assert "We are sorry" in page
    assert "mailto:help@stride.example" in page


def test_words_come_after_the_tap(client: Client, invitation: Invitation) -> None:
    client.post(path(invitation, 4), {"score": "4"})
    page = client.post(thanks(invitation), {"comment": "<script>alert(1)</script> Nice"}, follow=True).content.decode()
    assert Answer.objects.get().comment == "<script>alert(1)</script> Nice"
    assert "<script>alert" not in page
    assert_recorded(SurveyAnswered)
    assert_recorded(SurveyAnswerChanged, score=4, was=4, has_comment=True)


def test_people_may_change_their_mind_for_seven_days(client: Client, invitation: Invitation) -> None:
    client.post(path(invitation, 1), {"score": "1"})
    client.post(thanks(invitation), {"comment": "Late"})
    client.post(thanks(invitation), {"score": "4"})
    given = Answer.objects.get()
    assert (given.score, given.comment) == (4, "Late")
    assert list(Revision.objects.order_by("id").values_list("score", "comment")) == [(1, ""), (1, "Late")]
    with clock.at(given.answered_at + timedelta(days=7, minutes=1)):
        page = client.post(thanks(invitation), {"score": "5"}, follow=True).content.decode()
    assert "seven days" in page
    assert Answer.objects.get().score == 4
    assert_recorded(SurveyAnswered)


@pytest.mark.parametrize("posted", [{"score": "9"}, {"score": "x"}])
def test_a_score_that_is_none_changes_nothing(client: Client, invitation: Invitation, posted: dict[str, str]) -> None:
    client.post(path(invitation, 5), posted)
    assert not Answer.objects.exists()


def test_the_open_question_of_the_order_s_page_has_no_score_of_its_own(client: Client, invitation: Invitation) -> None:
    client.get(path(invitation, 0))
    client.post(path(invitation, 0), {})
    assert not Hit.objects.exists()
    assert not Answer.objects.exists()
    client.post(path(invitation, 0), {"score": "3"})
    assert Answer.objects.get().score == 3


def test_a_forged_or_foreign_link_opens_nothing(client: Client, invitation: Invitation, order: Order) -> None:
    make_store("other")
    good = path(invitation, 5)
    forged = [good[:-2] + "xx", good.replace("/stride/", "/other/"), thanks(invitation)]
    forged.append(
        reverse("feedback_storefront:answer", args=["stride", tokens.sign("order", order.store_id, order.pk)])
    )
    for link in forged:
        page = client.post(link, {"score": "5"})
        assert page.status_code == 410, link
        assert "This link does not open" in page.content.decode()
    assert not Answer.objects.exists()


def test_a_link_runs_out_after_three_months(
    client: Client, invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = path(invitation, 5)
    later = (clock.now() + timedelta(days=91)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.post(link, {"score": "5"}).status_code == 410


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_needs_no_script_and_shows_the_choice(client: Client, invitation: Invitation, language: str) -> None:
    page = client.get(path(invitation, 4) + f"?lang={language}").content.decode()
    assert page.count("<form") >= 2
    assert 'class="chosen"' in page
    assert f'lang="{language}"' in page


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_runs_every_script_answers_nothing(browser_page: Page, live_server: LiveServer) -> None:
    invitation = make_invitation(make_order(make_store()), now=ASKED)
    for score in range(1, 6):
        browser_page.goto(live_server.url + path(invitation, score))
        browser_page.wait_for_load_state("networkidle")
    assert Hit.objects.count() == 5
    assert not Answer.objects.exists()
    browser_page.get_by_role("button", name="Yes, my answer is").click()
    browser_page.get_by_role("heading", name="Thank you").wait_for()
    assert Answer.objects.get().score == 5
