"""Answers that were collected elsewhere."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events.surveys import SurveyAnswered
from thereafter.feedback.models import Answer
from thereafter.kit import clock
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import OPENED, make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LATER = PLACED + timedelta(days=20)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store, number="1001")


def answer(name: str = "a1", **fields: Any) -> dict[str, Any]:
    return {
        "external_id": name,
        "order": "order-1001",
        "score": 5,
        "comment": "Muito bom, chegou antes do prazo",
        "answered_at": "2026-03-10T10:00:00Z",
        **fields,
    }


def post(store: Store, *answers: Any, scopes: tuple[str, ...] = ("feedback:write",)) -> Any:
    _, token = make_api_key(store, name="test", scopes=scopes, now=OPENED)
    body = json.dumps({"answers": list(answers)})
    headers = {"Authorization": f"Bearer {token}"}
    with clock.at(LATER):
        response = Client().post("/api/v1/answers", body, content_type="application/json", headers=headers)
        run_until_idle()
    return response


def refusals(store: Store) -> list[str]:
    return [row.reason.split(":")[0] for row in inbox.refused(store)]


def test_an_answer_is_taken_with_its_order_and_words(store: Store, order: Order) -> None:
    response = post(store, answer())
    assert (response.status_code, response.json()) == (202, {"received": 1, "duplicate": False})
    given = Answer.objects.get()
    assert (given.order_id, given.customer_id, given.score, given.via) == (order.pk, order.customer_id, 5, "api")
    assert given.comment == "Muito bom, chegou antes do prazo"
    assert_recorded(SurveyAnswered, answer_id=given.pk, has_comment=True, order_id=order.pk)


def test_the_order_may_be_named_by_its_number(store: Store, order: Order) -> None:
    post(store, answer(order="", order_number="#1001"))
    assert Answer.objects.get().order_id == order.pk


def test_the_same_call_and_the_same_answer_again_change_nothing(store: Store, order: Order) -> None:
    assert not post(store, answer()).json()["duplicate"]
    assert post(store, answer()).json()["duplicate"]
    post(store, answer(), answer("a2", score=1), answer("a2", score=2))
    assert list(Answer.objects.order_by("id").values_list("external_id", "score")) == [("a1", 5), ("a2", 1)]
    assert_recorded(SurveyAnswered, times=2)


def test_an_order_may_have_several_answers_also_before_it_arrived(store: Store, order: Order) -> None:
    post(store, answer("a1"), answer("a2", score=1, answered_at="2026-03-03T11:00:00Z"))
    assert Answer.objects.filter(order=order).count() == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"score": 6}, "bad_score"),
        ({"score": "great"}, "not_an_answer"),
        ({"external_id": " "}, "no_id"),
        ({"external_id": "x" * 101}, "no_id"),
        ({"answered_at": "2026-03-10T10:00:00"}, "no_time_zone"),
        ({"answered_at": "2031-01-01T00:00:00Z"}, "in_the_future"),
        ({"order": ""}, "no_order"),
        ({"survey": "mystery"}, "unknown_survey"),
        ({"order": "", "order_number": "777"}, "unknown_order"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason_and_the_others_go_in(
    store: Store, order: Order, fields: dict[str, Any], reason: str
) -> None:
    post(store, answer("good"), answer("bad") | fields)
    assert Answer.objects.get().external_id == "good"
    assert refusals(store) == [reason]


def test_a_refused_answer_can_be_mended_and_sent_again(store: Store, order: Order) -> None:
    post(store, answer("good"), answer("bad", score=7))
    row = inbox.refused(store).get()
    with clock.at(LATER):
        inbox.replay(store, row.pk, LATER, row.body.replace("7", "4", 1))
        run_until_idle()
    assert Answer.objects.get(external_id="bad").score == 4


@pytest.mark.parametrize("beside", [[], [{"external_id": "b2", "order": "order-1001"}]])
def test_an_answer_waits_for_its_order(store: Store, order: Order, beside: list[dict[str, str]]) -> None:
    post(store, answer(order="order-2002"), *(answer() | other for other in beside))
    assert Answer.objects.count() == len(beside)
    assert refusals(store) == []
    assert Inbound.objects.filter(state=Inbound.State.KEPT).count() == 1
    late = make_order(store, number="2002")
    with clock.at(LATER + timedelta(days=400)):
        run_until_idle()
    assert Answer.objects.get(external_id="a1").order_id == late.pk


def test_an_answer_finds_no_order_of_another_store(store: Store) -> None:
    make_order(make_store("other"), number="1001")
    post(store, answer(order="", order_number="1001"))
    assert not Answer.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", '{"answers": []}', "{", '{"answers": 5}'])
def test_a_call_that_is_no_list_of_answers_is_refused_at_the_door(store: Store, body: str) -> None:
    _, token = make_api_key(store, name="test", scopes=["feedback:write"], now=OPENED)
    headers = {"Authorization": f"Bearer {token}"}
    response = Client().post("/api/v1/answers", body, content_type="application/json", headers=headers)
    assert response.status_code == 422
    assert not Inbound.objects.exists()


def test_more_than_a_thousand_are_too_many(store: Store) -> None:
    assert post(store, *[answer(str(number)) for number in range(1001)]).status_code == 422


def test_a_key_without_the_scope_stays_outside(store: Store, order: Order) -> None:
    assert post(store, answer(), scopes=("orders:write",)).status_code == 403
    assert not Answer.objects.exists()


def test_a_thousand_answers_take_a_fixed_number_of_queries(
    store: Store, order: Order, django_assert_max_num_queries: Any
) -> None:
    # SQLite writes 60 to 200 rows at a time, handler by handler, and every job looks for work in each of fifteen turns;
    # one query per answer would be 1,000 more.
    with django_assert_max_num_queries(1600):
        post(store, *[answer(str(number), score=number % 5 + 1) for number in range(1000)])
    assert Answer.objects.count() == 1000
