"""Scanners open every link of a mail, some in a real browser that runs every script: no answer may come of it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered
from thereafter.feedback import links
from thereafter.feedback.actions import answering, openings
from thereafter.feedback.models import Answer, Ask, Hit, Invitation, Survey
from thereafter.feedback.tests.makers import ASKED, make_invitation, make_survey
from thereafter.feedback.tests.test_scanner_rules import PHONE
from thereafter.kit import clock, tokens
from thereafter.messaging.models import Message
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
SENT = ASKED + timedelta(minutes=5)
READ = SENT + timedelta(hours=2)


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


@pytest.fixture
def invitation(order: Order) -> Invitation:
    """To an NPS, whose mail went out at SENT; the shop counts what people opened."""
    return asked(order)


def asked(order: Order, key: str = "nps") -> Invitation:
    known = Survey.objects.of(order.store).filter(key=key).first() or make_survey(order.store, "nps", key=key)
    made = make_invitation(order, survey=known.key, source=f"run:{order.pk}:{key}")
    Message.objects.of(order.store).filter(key=f"survey:{made.pk}").update(sent_at=SENT, state="sent")
    Survey.objects.of(order.store).filter(key=key).update(counts_opens=True)
    return made


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def path(invitation: Invitation, score: int) -> str:
    token = tokens.sign(links.SCORE, invitation.store_id, invitation.pk, score)
    return reverse("feedback_storefront:answer", args=[invitation.store.slug, token])


def opens(client: Client, invitation: Invitation, score: int, at: datetime = READ) -> None:
    with clock.at(at):
        page = client.get(path(invitation, score), headers={"User-Agent": PHONE})
    assert page.status_code == 200


def later(minutes: int = 11) -> None:
    openings.turn(READ + timedelta(minutes=minutes))


def test_who_only_asks_for_the_head_is_not_even_noted(client: Client, invitation: Invitation) -> None:
    with clock.at(READ):
        assert client.head(path(invitation, 9)).status_code == 200
    later()
    assert not Hit.objects.exists()
    assert not Answer.objects.exists()


def test_all_eleven_links_in_two_seconds_are_a_sweep(client: Client, invitation: Invitation) -> None:
    for score in range(11):
        opens(client, invitation, score, READ + timedelta(seconds=0.18 * score))
    later()
    assert not Answer.objects.exists()
    assert set(Hit.objects.values_list("why_not", flat=True)) == {"sweep"}


def test_one_link_that_a_person_opened_counts_after_ten_minutes(client: Client, invitation: Invitation) -> None:
    opens(client, invitation, 9)
    later(9)
    assert not Answer.objects.exists()
    later(11)
    given = Answer.objects.get()
    assert (given.score, given.via, given.answered_at) == (9, "email_open", READ)
    assert given.facts["channel"] == "mail"
    assert Hit.objects.get().why_not == ""
    assert_recorded(SurveyAnswered, score=9, via="email_open")


def test_where_the_shop_does_not_count_opens_they_are_judged_all_the_same(
    client: Client, invitation: Invitation
) -> None:
    Survey.objects.update(counts_opens=False)
    opens(client, invitation, 9)
    later()
    assert not Answer.objects.exists()
    assert Hit.objects.get().why_not == "not_counted"


def test_no_survey_counts_opens_unless_the_shop_says_so(order: Order) -> None:
    assert make_survey(order.store, "nps").counts_opens is False


def test_too_soon_after_sending_it_was_a_machine(client: Client, invitation: Invitation) -> None:
    opens(client, invitation, 9, SENT + timedelta(seconds=20))
    later()
    assert Hit.objects.get().why_not == "too_soon"


def test_a_gateway_that_reads_many_people_s_mail_is_no_person(client: Client) -> None:
    store = make_store()
    for number in range(3):
        order = make_order(store, number=f"{number}", email=f"p{number}@example.com")
        opens(client, asked(order), 9, READ + timedelta(seconds=number))
    later()
    assert not Answer.objects.exists()
    assert list(Hit.objects.values_list("why_not", flat=True)) == ["crowd"] * 3


def test_what_is_still_being_opened_is_not_decided(client: Client, invitation: Invitation) -> None:
    opens(client, invitation, 9)
    opens(client, invitation, 2, READ + timedelta(minutes=8))
    later(11)
    assert not Hit.objects.exclude(why_not="").exists()
    later(19)
    assert set(Hit.objects.values_list("why_not", flat=True)) == {"several_scores"}
    assert not Answer.objects.exists()


def test_the_button_always_wins_over_an_opened_link(client: Client, invitation: Invitation) -> None:
    opens(client, invitation, 9)
    with clock.at(READ + timedelta(minutes=1)):
        client.post(path(invitation, 9), {"score": "3"})
    later()
    assert Answer.objects.get().score == 3
    assert Hit.objects.get().why_not == "answered"


def test_the_button_wins_later_too_however_late(client: Client, invitation: Invitation) -> None:
    opens(client, invitation, 9)
    later()
    with clock.at(READ + timedelta(days=20)):
        client.post(path(invitation, 9), {"score": "3"})
    given = Answer.objects.get()
    assert (given.score, given.via) == (3, "email")
    assert_recorded(SurveyAnswerChanged, score=3, was=9)
    assert_recorded(SurveyAnswered)


def test_an_opened_link_changes_no_answer(client: Client, invitation: Invitation) -> None:
    answering.answer(invitation, score=2, now=READ)
    opens(client, invitation, 9, READ + timedelta(minutes=1))
    later(12)
    assert Answer.objects.get().score == 2


def test_a_mail_that_was_passed_on_has_the_last_person_s_answer(client: Client, invitation: Invitation) -> None:
    with clock.at(READ):
        client.post(path(invitation, 9), {"score": "9"}, REMOTE_ADDR="203.0.113.9")
    with clock.at(READ + timedelta(hours=1)):
        client.post(path(invitation, 4), {"score": "4"}, REMOTE_ADDR="198.51.100.7")
    assert Answer.objects.get().score == 4
    assert_recorded(SurveyAnswered)


def test_a_double_click_is_one_answer(client: Client, invitation: Invitation) -> None:
    for _ in range(2):
        with clock.at(READ):
            client.post(path(invitation, 9), {"score": "9"})
    assert Answer.objects.count() == 1
    assert_recorded(SurveyAnswered)
    assert_recorded(SurveyAnswerChanged, times=0)


def test_a_link_that_was_answered_shows_the_answer_and_takes_another_for_seven_days(
    client: Client, invitation: Invitation
) -> None:
    with clock.at(READ):
        client.post(path(invitation, 9), {"score": "9"})
    with clock.at(READ + timedelta(days=6)):
        assert "So far your answer is “9”" in client.get(path(invitation, 2)).content.decode()
        client.post(path(invitation, 2), {"score": "2"})
    with clock.at(READ + timedelta(days=8)):
        assert client.get(path(invitation, 7)).status_code == 302
        assert "seven days" in client.post(path(invitation, 7), {"score": "7"}, follow=True).content.decode()
    assert Answer.objects.get().score == 2


def test_an_expired_link_takes_nothing(client: Client, invitation: Invitation, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path(invitation, 9)
    over = (clock.now() + timedelta(days=91)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: over)
    assert client.get(link).status_code == client.post(link, {"score": "9"}).status_code == 410
    assert not Hit.objects.exists()
    assert not Answer.objects.exists()


def test_a_post_that_presses_no_button_of_ours_takes_nothing(client: Client, invitation: Invitation) -> None:
    client.post(path(invitation, 9), {})
    client.post(path(invitation, 9), {"List-Unsubscribe": "One-Click"})
    assert not Answer.objects.exists()


def test_an_answer_ends_the_reminders(invitation: Invitation) -> None:
    answering.answer(invitation, score=9, now=READ)
    assert Ask.objects.get(pk=invitation.ask_id or 0).answered_at == READ


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_runs_every_script_and_waits_answers_nothing(browser: Browser, live_server: LiveServer) -> None:
    invitation = asked(make_order(make_store()))
    context = browser.new_context()
    sent: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: sent.append(request.method))
    for score in range(11):
        page.goto(live_server.url + path(invitation, score))
        page.wait_for_load_state("networkidle")
        page.mouse.move(200, 300)
        page.mouse.wheel(0, 600)
    page.wait_for_timeout(1500)
    context.close()
    assert "GET" in sent
    # A scanner that sends what scripts send has nothing to send: no script of these pages posts.
    assert not {"POST", "PUT", "PATCH", "DELETE"} & set(sent)
    openings.turn(clock.now() + timedelta(minutes=20))
    assert Hit.objects.count() == 11
    assert not Hit.objects.filter(why_not="").exists()
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_person_taps_in_the_mail_and_once_on_the_page(browser_page: Page, live_server: LiveServer) -> None:
    invitation = asked(make_order(make_store()))
    browser_page.goto(live_server.url + path(invitation, 9))
    browser_page.get_by_role("button", name="Yes, my answer is “9”").click()
    browser_page.get_by_role("heading", name="Anything you want to add?").wait_for()
    assert Answer.objects.get().score == 9
