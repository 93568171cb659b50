import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.surveys import SurveyAsked
from thereafter.feedback.actions import answering, asking
from thereafter.feedback.blocks import satisfaction
from thereafter.feedback.models import Invitation
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.journeys.registry import Go, Visit, steps
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


def visit(order: Order, run_id: int = 1) -> Visit:
    return Visit(order.store_id, run_id, order.customer_id, order.pk, "ask", {}, {}, ASKED)


def test_the_step_asks_once_per_visit(order: Order) -> None:
    ask = steps["ask"].effect
    assert ask
    for _ in range(2):
        assert list(ask([visit(order), visit(order)])) == [Go(), Go()]
    invitation = Invitation.objects.get()
    assert_recorded(SurveyAsked, invitation_id=invitation.pk, order_id=order.pk, survey="satisfaction")
    assert Message.objects.filter(template="satisfaction", key=f"survey:{invitation.pk}").count() == 1


def test_a_batch_of_visits_takes_a_fixed_number_of_queries(order: Order, django_assert_max_num_queries: object) -> None:
    ask = steps["ask"].effect
    assert ask
    orders = [make_order(order.store, email=f"runner{number}@example.com") for number in range(100)]
    with django_assert_max_num_queries(32):  # type: ignore[operator]  # SQLite writes a hundred rows at a time
        ask([visit(one, run_id) for run_id, one in enumerate(orders)])
    assert Invitation.objects.count() == 100


def test_an_unknown_survey_is_an_error_of_the_journey(order: Order) -> None:
    with pytest.raises(asking.UnknownSurvey):
        asking.ask(order.store_id, [asking.Asking(order.customer_id, "x", order.pk, "mystery")], now=ASKED)


def test_the_mail_has_a_link_for_each_score_until_somebody_answered(order: Order) -> None:
    invitation = make_invitation(order)
    (facts,) = satisfaction([order.customer], [order])
    assert len({facts[f"url_{score}"] for score in range(1, 6)}) == 5
    assert all(url.startswith("http") and f"/{invitation.pk}/" not in url for url in list(facts.values())[1:])
    answering.answer(invitation, score=4, now=ASKED)
    assert satisfaction([order.customer], [order]) == [None]


def test_the_mail_goes_out_with_five_links_that_open(order: Order) -> None:
    make_invitation(order)
    with clock.at(ASKED):
        run_until_idle()
    message = Message.objects.select_related("store", "version", "customer", "order").get(template="satisfaction")
    links = set(re.findall(r'href="(http[^"]+/feedback/a/[^"]+)"', render_again(message).html))
    assert len(links) == 5
    assert all(Client().get(urlsplit(link).path).status_code == 200 for link in links)


def test_the_mail_of_one_order_never_has_the_question_of_another(order: Order) -> None:
    make_invitation(order)
    other = make_order(order.store)
    assert satisfaction([order.customer, order.customer], [other, None]) == [None, None]


def test_the_answers_of_a_merged_customer_move_along(order: Order) -> None:
    other = make_order(order.store, email="johnny@example.com")
    invitation = make_invitation(other)
    given = answering.answer(invitation, score=4, now=ASKED)
    merge(order.customer, other.customer, ASKED + timedelta(days=1))
    run_until_idle()
    given.refresh_from_db()
    assert given.customer_id == order.customer_id
