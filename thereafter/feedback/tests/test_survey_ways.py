"""The other ways in: links for everybody, cards in parcels, and the order's page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.surveys import SurveyAnswered
from thereafter.feedback import links
from thereafter.feedback.actions import surveys
from thereafter.feedback.actions.asking import Asking, ask
from thereafter.feedback.models import Answer, Ask, Invitation, OpenLink, Survey
from thereafter.feedback.panels import open_question
from thereafter.feedback.storefront import answering as first_page
from thereafter.feedback.tests.makers import ASKED, make_invitation, make_survey
from thereafter.feedback.tests.sitting_makers import DOCUMENT, local, post
from thereafter.kit import clock
from thereafter.stores.actions import make_api_key
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
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


# ------------------------------------------------------------------ people we do not know


@pytest.fixture
def link(order: Order) -> str:
    survey = make_survey(order.store, "nps", DOCUMENT)
    made = surveys.open_link(survey, "Till 2", {"place": "till 2"}, now=ASKED)
    return reverse("feedback_storefront:open_link", args=[order.store.slug, made.code])


def key_in(page: str) -> str:
    return re.findall(r'name="key" value="([^"]+)"', page)[0]


def test_anybody_answers_by_an_open_link_and_stays_unknown(client: Client, link: str) -> None:
    key = key_in(client.get(link).content.decode())
    there, _ = post(client, link, score="9", key=key)
    there, _ = post(client, there, reply="4")
    post(client, there, reply="Nice shop")
    given = Answer.objects.get()
    assert (given.score, given.comment, given.replies) == (9, "Nice shop", {"care": 4})
    assert (given.customer_id, given.invitation_id, given.via) == (None, None, "link")
    assert given.external_id.startswith("link:")
    assert given.facts["place"] == "till 2"
    assert_recorded(SurveyAnswered, times=0)
    assert not client.cookies


def test_a_double_click_on_an_open_link_is_one_answer_and_the_next_person_is_another(client: Client, link: str) -> None:
    key = key_in(client.get(link).content.decode())
    for _ in range(2):
        post(client, link, score="9", key=key)
    post(client, link, score="2", key=key_in(client.get(link).content.decode()))
    assert set(Answer.objects.values_list("score", flat=True)) == {2, 9}
    assert Answer.objects.count() == 2


def test_without_the_form_of_the_page_an_open_link_takes_nothing(client: Client, link: str) -> None:
    for key in ("", "forged"):
        client.post(link, {"score": "9", "key": key})
    assert not Answer.objects.exists()


def test_one_network_cannot_flood_an_open_link(client: Client, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_page, "FROM_NETWORK", 3)
    codes: list[int] = []
    with clock.at(ASKED):
        for _ in range(5):
            page = client.get(link).content.decode()
            codes.append(client.post(link, {"score": "9", "key": key_in(page)}).status_code)
    assert codes == [302, 302, 302, 429, 429]
    assert Answer.objects.count() == 3


def test_a_closed_link_opens_nothing(client: Client, link: str) -> None:
    survey = Survey.objects.get(key="nps")
    OpenLink.objects.filter(survey=survey).update(closed_at=ASKED)
    assert client.get(link).status_code == 410


# ------------------------------------------------------------------ cards in parcels, and the order's page


def test_a_card_in_the_parcel_knows_whose_it_is_and_asks_once_it_is_answered(client: Client, order: Order) -> None:
    survey = make_survey(order.store, "nps", DOCUMENT)
    there = local(links.order_survey(order, survey))
    assert client.get(there).status_code == 200
    assert not Invitation.objects.exists()
    for _ in range(2):
        post(client, there, score="9")
    made = Invitation.objects.get()
    assert (made.source, made.channel, made.customer_id) == (f"card:{survey.pk}:{order.pk}", "qr", order.customer_id)
    assert Answer.objects.get().via == "qr"


def test_a_card_of_who_was_asked_by_mail_answers_that(client: Client, order: Order, invitation: Invitation) -> None:
    there = local(links.order_survey(order, invitation.survey))
    post(client, there, score="9")
    given = Answer.objects.get()
    assert (given.invitation_id, given.via) == (invitation.pk, "qr")
    assert Invitation.objects.count() == 1


def test_what_waits_to_be_asked_is_not_asked_once_the_card_was_answered(client: Client, order: Order) -> None:
    survey = make_survey(order.store, "nps", DOCUMENT)
    later = Asking(order.customer_id, "run:9", order.pk, survey.key, due_at=ASKED + timedelta(days=3))
    assert ask(order.store_id, [later], now=ASKED) == []
    post(client, local(links.order_survey(order, survey)), score="9")
    waiting = Ask.objects.get(source="run:9")
    assert (waiting.state, waiting.reason) == ("skipped", "answered")


def test_a_card_of_another_shop_opens_nothing(client: Client, order: Order) -> None:
    survey = make_survey(order.store, "nps", DOCUMENT)
    make_store("other")
    there = local(links.order_survey(order, survey))
    assert client.get(there.replace("/stride/", "/other/")).status_code == 410


def test_the_order_s_page_asks_once_the_parcel_is_there_and_until_it_is_answered(client: Client, order: Order) -> None:
    survey = make_survey(order.store, "nps", DOCUMENT)
    Survey.objects.filter(pk=survey.pk).update(places=["order_page"])
    assert open_question(None, order) is None  # type: ignore[arg-type]  # panels of the order's page know no request
    record(
        ParcelDelivered(
            store_id=order.store_id, customer_id=order.customer_id, order_id=order.pk, occurred_at=ASKED,
            parcel_id=1, carrier="dhl",
        )
    )  # fmt: skip
    panel = open_question(None, order)  # type: ignore[arg-type]  # it looks at no request
    assert panel is not None
    there = local(panel.context["url"])
    post(client, there, score="9")
    assert Answer.objects.get().via == "page"
    assert Invitation.objects.get().source == f"page:{survey.pk}:{order.pk}"
    assert open_question(None, order) is None  # type: ignore[arg-type]  # it looks at no request


def test_who_prints_slips_asks_the_api_for_the_card_of_an_order(client: Client, order: Order) -> None:
    make_survey(order.store, "nps", DOCUMENT)
    _, key = make_api_key(order.store, name="slips", scopes=["feedback:write"], now=ASKED)
    headers = {"Authorization": f"Bearer {key}"}
    said = {"order_number": order.number, "survey": "nps"}
    card = client.get("/api/v1/survey-cards", said, headers=headers).json()
    assert card["qr"].startswith("<svg")
    post(client, local(card["url"]), score="9")
    assert Answer.objects.get().order_id == order.pk
    assert client.get("/api/v1/survey-cards", {"order_number": "no such"}, headers=headers).status_code == 404
    assert client.get("/api/v1/survey-cards", said).status_code == 401
