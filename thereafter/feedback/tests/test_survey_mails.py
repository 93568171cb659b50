"""The first question stands in the mail: of the survey that this person is asked, in their language."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.feedback.actions import answering, surveys
from thereafter.feedback.blocks import satisfaction, survey_question
from thereafter.feedback.models import Answer, Invitation, Survey
from thereafter.feedback.tests.makers import ASKED, make_invitation, make_survey
from thereafter.feedback.tests.sitting_makers import DOCUMENT, FORM
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.messaging.rendering import Rendered
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "de", "fr", "es", "pt")


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


def mailed(invitation: Invitation, template: str = "") -> Rendered:
    """The mail as it went out."""
    queued = Message.objects.of(invitation.store_id).filter(key=f"survey:{invitation.pk}")
    if template:
        queued.update(template=template)
    with clock.at(ASKED):
        run_until_idle()
    message = queued.select_related("store", "version", "customer", "order").get()
    assert message.state == "sent", message.reason
    return render_again(message)


def score_links(html: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="(http[^"]+/feedback/a/[^"]+)"', html)))


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize(("kind", "scores"), [("csat", range(1, 6)), ("nps", range(11)), ("ces", range(1, 8))])
def test_every_score_has_a_link_that_opens_with_it_chosen(order: Order, kind: str, scores: range) -> None:
    make_survey(order.store, kind)
    mail = mailed(make_invitation(order, survey=kind))
    links = score_links(mail.html)
    assert len(links) == len(scores)
    faces = ["Very bad", "Bad", "Okay", "Good", "Great"]
    for link, score in zip(links, scores, strict=True):
        page = Client().get(local(link)).content.decode()
        assert f"Yes, my answer is “{faces[score - 1] if kind == 'csat' else score}”" in page
    assert [f"{score}: http" in mail.text for score in scores] == [True] * len(scores)


def test_a_form_has_a_button(order: Order) -> None:
    make_survey(order.store, "form", FORM)
    mail = mailed(make_invitation(order, survey="form"))
    (link,) = score_links(mail.html)
    assert "How did you find us?" in mail.html
    assert "How did you find us?" in mail.text
    assert f"Answer now: {link}" in mail.text
    assert Client().get(local(link)).status_code == 200


def test_what_the_shop_wrote_is_said_with_what_is_known(order: Order) -> None:
    make_survey(order.store, "nps", DOCUMENT)
    mail = mailed(make_invitation(order, survey="nps"))
    assert "Would you recommend Stride &amp; Co, John?" in mail.html
    assert "Would you recommend Stride & Co, John?" in mail.text
    assert "Never" in mail.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["survey", "survey_reminder"])
def test_the_mail_and_the_page_it_leads_to_speak_the_reader_s_language(
    order: Order, language: str, template: str
) -> None:
    Customer.objects.update(locale=language)
    make_survey(order.store, "ces")
    mail = mailed(make_invitation(order, survey="ces"), template)
    words = {"en": "easy", "de": "leicht gemacht", "fr": "facile", "es": "fácil", "pt": "facilitou"}
    assert words[language] in mail.html
    assert words[language] in mail.text
    page = Client().get(local(score_links(mail.html)[0]))
    assert page.headers["Content-Language"] == language
    assert words[language] in page.content.decode()


def test_each_of_two_surveys_that_wait_has_its_own_question_in_its_mail(order: Order) -> None:
    make_survey(order.store, "nps", DOCUMENT)
    make_survey(order.store, "ces")
    first = make_invitation(order, survey="nps")
    second = Invitation.objects.create(
        store=order.store,
        survey=Survey.objects.get(key="ces"),
        customer=order.customer,
        order=order,
        source="by hand",
        asked_at=ASKED,
        version=1,
    )
    named = [{"invitation_id": first.pk}, {"invitation_id": second.pk}]
    one, other = survey_question([order.customer] * 2, [order] * 2, named)
    assert one is not None
    assert other is not None
    assert one["question"].startswith("Would you recommend")
    assert "made it easy" in other["question"]


def test_the_five_faces_are_never_those_of_a_survey_with_other_scores(order: Order) -> None:
    make_survey(order.store, "nps")
    make_invitation(order, survey="nps")
    assert satisfaction([order.customer], [order], [{}]) == [None]
    assert survey_question([order.customer], [order], [{}]) != [None]


def test_what_is_answered_is_not_asked_by_the_reminder(order: Order) -> None:
    make_survey(order.store, "nps")
    invitation = make_invitation(order, survey="nps")
    answering.answer(invitation, score=9, now=ASKED)
    assert survey_question([order.customer], [order], [{"invitation_id": invitation.pk}]) == [None]


def test_an_invitation_of_somebody_else_or_another_shop_is_not_asked(order: Order) -> None:
    make_survey(order.store, "nps")
    invitation = make_invitation(order, survey="nps")
    stranger = make_order(order.store, email="eve@example.com")
    elsewhere = make_order(make_store("other"))
    for other in (stranger, elsewhere):
        assert survey_question([other.customer], [other], [{"invitation_id": invitation.pk}]) == [None]


def test_a_hundred_mails_take_as_many_queries_as_one(order: Order, django_assert_max_num_queries: object) -> None:
    survey = make_survey(order.store, "nps", DOCUMENT)
    orders = [make_order(order.store, number=f"n{n}", email=f"n{n}@example.com") for n in range(20)]
    events = [{"invitation_id": make_invitation(one, survey=survey.key, source=one.number).pk} for one in orders]
    customers = [one.customer for one in orders]
    for customer in customers:
        customer.store = order.store  # those of messages come with theirs
    with django_assert_max_num_queries(3):  # type: ignore[operator]  # pytest-django gives the context manager
        facts = survey_question(customers, orders, events)
    assert all(facts)


def test_the_mail_s_score_is_the_answer_of_who_confirms(order: Order) -> None:
    make_survey(order.store, "nps")
    mail = mailed(make_invitation(order, survey="nps"))
    Client().post(local(score_links(mail.html)[0]), {"score": "0"})
    assert Answer.objects.get().score == 0


def test_a_published_question_of_our_first_survey_stands_in_its_mail(order: Order) -> None:
    make_invitation(order, source="first")
    first = Survey.objects.get(key="satisfaction")
    own = {"id": "score", "kind": "score", "required": True, "text": {"en": "Happy?", "de": "Zufrieden?"}}
    surveys.save_draft(first, {"languages": ["en", "de"], "questions": [own]}, now=ASKED)
    surveys.publish(first, by=None, now=ASKED)
    other = make_order(order.store, email="b@example.com")
    mail = mailed(make_invitation(other, source="second"))
    assert "Happy?" in mail.html
    assert len(score_links(mail.html)) == 5
