"""Asks through the database: the budget, what is open, the log, reminders."""

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import CustomerTracked
from thereafter.events.returns import ReturnCancelled, ReturnRequested
from thereafter.feedback.actions import answering, asking, intake, matters, reminding, survey_mails
from thereafter.feedback.actions.asking import Asking, ask
from thereafter.feedback.actions.matters import Matter
from thereafter.feedback.handlers import a_return_is_open, a_return_is_over, another_desk_tells_of_tickets
from thereafter.feedback.models import Ask, AskDecision, Budget, Invitation, OpenMatter, Survey
from thereafter.feedback.rules import budget
from thereafter.feedback.tests.makers import ASKED
from thereafter.messaging.models import Message
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


def survey(order: Order, key: str, **settings: object) -> Survey:
    return Survey.objects.create(store=order.store, key=key, kind="nps", **settings)


def want(order: Order, source: str, key: str = "satisfaction", now: datetime = ASKED) -> Ask:
    ask(order.store_id, [Asking(order.customer_id, source, order.pk, key)], now=now)
    return Ask.objects.of(order.store_id).get(source=source)


def again(one: Ask) -> Ask:
    one.refresh_from_db()
    return one


def test_a_second_question_waits_for_its_days_and_goes_out_by_itself(order: Order) -> None:
    survey(order, "nps")
    first, second = want(order, "a"), want(order, "b", "nps", ASKED + DAY)
    assert (first.state, second.state, second.reason) == ("asked", "waiting", budget.ASKED_LATELY)
    assert second.look_at == ASKED + 3 * DAY
    assert asking.turn(ASKED + 2 * DAY) == 0
    assert asking.turn(ASKED + 3 * DAY) == 1
    assert again(second).state == "asked"
    assert Invitation.objects.of(order.store_id).count() == 2
    assert Message.objects.of(order.store_id).filter(key__startswith="survey:").count() == 2
    lines = AskDecision.objects.of(order.store_id).filter(ask=second).order_by("id")
    assert list(lines.values_list("state", "reason")) == [("waiting", "asked_lately"), ("asked", "")]
    assert not AskDecision.objects.of(order.store_id).filter(ask=first).exists()


def test_what_is_wanted_twice_for_one_reason_is_asked_once(order: Order) -> None:
    want(order, "a")
    want(order, "a", now=ASKED + 9 * DAY)
    assert Ask.objects.of(order.store_id).count() == Invitation.objects.of(order.store_id).count() == 1


def test_the_shops_own_budget_holds(order: Order) -> None:
    Budget.objects.create(store=order.store, most=1, days=60, gap_after_ask=0, gap_after_answer=0, changed_at=ASKED)
    survey(order, "nps")
    want(order, "a")
    skipped = want(order, "b", "nps", ASKED + DAY)
    assert (skipped.state, skipped.reason) == ("skipped", budget.BUDGET)


def test_people_of_one_shop_do_not_use_up_the_budget_of_another(order: Order) -> None:
    other = make_order(make_store("other"))
    assert want(order, "a").state == want(other, "a").state == "asked"


def test_a_return_keeps_us_from_asking_until_it_is_over(order: Order) -> None:
    where = {"store_id": order.store_id, "customer_id": order.customer_id, "order_id": order.pk}
    about = {"case_id": 7, "number": "R7"}
    a_return_is_open(
        [
            ReturnRequested(
                **where,  # type: ignore[arg-type]  # ids
                **about,  # type: ignore[arg-type]  # the same
                occurred_at=ASKED - DAY,
                basis="return",
                outcome="refund",
                method="label",
                value_minor=100,
                currency="EUR",
                units=1,
            )
        ]
    )
    waits = want(order, "a")
    assert (waits.state, waits.reason) == ("waiting", budget.MATTER)
    a_return_is_over([ReturnCancelled(**where, **about, occurred_at=ASKED + DAY)])  # type: ignore[arg-type]  # ids
    asking.turn(ASKED + DAY)
    assert again(waits).state == "asked"


def test_a_ticket_of_a_foreign_desk_is_told_by_the_event_api(order: Order) -> None:
    def tell(topic: str, key: str, at: object) -> None:
        event = CustomerTracked(
            store_id=order.store_id,
            customer_id=order.customer_id,
            occurred_at=at,  # type: ignore[arg-type]  # a time
            topic=topic,
            key=key,
            about={"ticket": "Z-1"},
        )
        another_desk_tells_of_tickets([event])

    tell("ticket_opened", "1", ASKED - DAY)
    assert want(order, "a").reason == budget.MATTER
    tell("ticket_closed", "2", ASKED)
    assert OpenMatter.objects.of(order.store_id).get().closed_at == ASKED


def test_what_closes_before_we_hear_that_it_opened_stays_closed(order: Order) -> None:
    one = Matter(order.customer_id, "ticket", "Z-1", ASKED)
    matters.closed(order.store_id, [one])
    matters.opened(order.store_id, [one._replace(at=ASKED - DAY)])
    assert want(order, "a").state == "asked"
    matters.opened(order.store_id, [one._replace(at=ASKED + DAY)])
    assert OpenMatter.objects.of(order.store_id).get().closed_at is None


def test_an_archived_survey_asks_nobody(order: Order) -> None:
    survey(order, "nps", archived_at=ASKED)
    ask(order.store_id, [Asking(order.customer_id, "a", order.pk, "nps")], now=ASKED)
    assert not Ask.objects.of(order.store_id).exists()


def test_one_reminder_to_who_is_silent_and_none_to_who_answered_or_has_a_ticket(order: Order) -> None:
    survey(order, "nps", remind_after_days=4)
    silent = want(order, "a", "nps")
    answered = make_order(order.store, email="ann@example.com")
    want(answered, "b", "nps")
    answering.answer(Invitation.objects.of(order.store_id).get(source="b"), score=9, now=ASKED + DAY)
    busy = make_order(order.store, email="bea@example.com")
    want(busy, "c", "nps")
    matters.opened(order.store_id, [Matter(busy.customer_id, "ticket", "Z-1", ASKED + DAY)])
    assert reminding.turn(ASKED + 3 * DAY) == 0
    assert reminding.turn(ASKED + 4 * DAY) == 1
    assert reminding.turn(ASKED + 5 * DAY) == 0
    sent = Message.objects.of(order.store_id).filter(template="survey_reminder")
    assert [one.customer_id for one in sent] == [again(silent).customer_id]
    assert again(silent).reminded_at == ASKED + 4 * DAY


def test_an_answer_gives_days_of_quiet(order: Order) -> None:
    survey(order, "nps")
    want(order, "a")
    answering.answer(Invitation.objects.of(order.store_id).get(), score=5, now=ASKED + 4 * DAY)
    waits = want(order, "b", "nps", ASKED + 5 * DAY)
    assert (waits.reason, waits.look_at) == (budget.ANSWERED_LATELY, ASKED + 7 * DAY)


def test_what_was_archived_or_cancelled_while_it_waited_is_asked_nobody(order: Order) -> None:
    survey(order, "nps")
    ces = survey(order, "ces")
    want(order, "a", "nps")
    other = make_order(order.store, email="ann@example.com")
    want(other, "b")
    waits = [want(order, "c", "ces", ASKED + DAY), want(other, "d", "ces", ASKED + DAY)]
    assert [one.state for one in waits] == ["waiting", "waiting"]
    Order.objects.filter(pk=other.pk).update(status="cancelled", cancelled_at=ASKED + 2 * DAY)
    asking.turn(ASKED + 3 * DAY)
    assert [(again(one).state, one.reason) for one in waits] == [("asked", ""), ("skipped", "gone")]
    late = want(order, "e", "ces", ASKED + 4 * DAY)
    Survey.objects.filter(pk=ces.pk).update(archived_at=ASKED + 5 * DAY)
    asking.turn(ASKED + 9 * DAY)
    assert (again(late).state, late.reason) == ("skipped", "gone")
    assert Message.objects.of(order.store_id).filter(key__startswith="survey:").count() == 3


def test_who_is_asked_because_an_order_was_cancelled_is_asked(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="cancelled", cancelled_at=ASKED - DAY)
    assert want(order, "a").state == "asked"


def test_an_answer_by_another_way_gives_quiet_and_no_reminder(order: Order) -> None:
    made = survey(order, "nps", remind_after_days=4)
    mailed = want(order, "a", "nps")
    page = Invitation.objects.create(
        store=order.store, survey=made, customer=order.customer, order=order, source="page:1", asked_at=ASKED
    )
    answering.answer(page, score=9, now=ASKED + DAY)
    assert again(mailed).answered_at == ASKED + DAY
    assert reminding.turn(ASKED + 4 * DAY) == 0


def test_an_answer_that_another_tool_collected_gives_no_reminder(order: Order) -> None:
    survey(order, "nps", remind_after_days=4)
    mailed = want(order, "a", "nps")
    said = {"external_id": "x1", "survey": "nps", "order_number": order.number, "score": 9}
    body = json.dumps({"answers": [said | {"answered_at": ASKED.isoformat()}]})
    inbox.put([Received(order.store_id, intake.ROOM, "api", "answers", "k", body)], ASKED)
    inbox.drain(intake.ROOM, lambda rows: intake.take_calls(rows, now=ASKED + DAY), ASKED + DAY, limit=5)
    assert again(mailed).answered_at == ASKED + DAY
    assert reminding.turn(ASKED + 4 * DAY) == 0


def test_people_who_are_left_alone_keep_no_reminder_from_others(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "_AT_ONCE", 1)
    survey(order, "nps", remind_after_days=4)
    want(order, "a", "nps")
    want(make_order(order.store, email="ann@example.com"), "b", "nps")
    matters.opened(order.store_id, [Matter(order.customer_id, "ticket", "Z-1", ASKED)])
    assert reminding.turn(ASKED + 4 * DAY) == 1


def test_one_ask_that_cannot_be_decided_keeps_nobody_else_waiting(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey(order, "nps")
    others = [order, make_order(order.store, email="ann@example.com"), make_order(make_store("other"))]
    survey(others[2], "nps")
    waits = []
    for number, one in enumerate(others):
        want(one, f"a{number}")
        waits.append(want(one, f"b{number}", "nps", ASKED + DAY))

    def carry_out(store_id: int, asks: Sequence[Ask], *, now: datetime) -> list[Invitation]:
        if any(ask.customer_id == order.customer_id for ask in asks):
            raise ValueError("a bad row")
        return usual(store_id, asks, now=now)

    usual = survey_mails.carry_out
    monkeypatch.setattr(survey_mails, "carry_out", carry_out)
    now = ASKED + 3 * DAY
    asking.turn(now)
    assert [again(one).state for one in waits] == ["waiting", "asked", "asked"]
    assert again(waits[0]).look_at == now + timedelta(hours=1)


def test_who_was_merged_meanwhile_is_asked_as_who_they_are_now(order: Order) -> None:
    other = make_order(order.store, email="ann@example.com")
    was = other.customer
    merge(order.customer, was, ASKED)
    ask(order.store_id, [Asking(was.pk, "a", order.pk)], now=ASKED)
    made = Ask.objects.of(order.store_id).get()
    assert (made.customer_id, made.state) == (order.customer_id, "asked")


def test_a_matter_that_opens_again_stays_open_in_whatever_order_we_hear_of_it(order: Order) -> None:
    one = Matter(order.customer_id, "return", "7", ASKED)
    told = [(matters.opened, 0), (matters.closed, 1), (matters.opened, 2)]
    for number, way in enumerate(permutations(told)):
        mine = one._replace(ref=str(number))
        for tell, days in way:
            tell(order.store_id, [mine._replace(at=ASKED + days * DAY)])
        assert OpenMatter.objects.of(order.store_id).get(ref=mine.ref).closed_at is None, way
    for number, way in enumerate(permutations([*told, (matters.closed, 3)])):
        mine = one._replace(ref=f"x{number}")
        for tell, days in way:
            tell(order.store_id, [mine._replace(at=ASKED + days * DAY)])
        assert OpenMatter.objects.of(order.store_id).get(ref=mine.ref).closed_at == ASKED + 3 * DAY, way


def test_many_matters_are_told_of_in_a_fixed_number_of_queries(
    order: Order, django_assert_max_num_queries: Any
) -> None:
    told = [Matter(order.customer_id, "problem", str(number), ASKED) for number in range(150)]
    for tell in (matters.opened, matters.opened, matters.closed):
        with django_assert_max_num_queries(9):
            tell(order.store_id, told)
    assert not OpenMatter.objects.of(order.store_id).filter(closed_at=None).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_who_want_to_ask_the_same_person_at_once_find_one_place(order: Order) -> None:
    survey(order, "nps")

    def press(number: int) -> None:
        try:
            ask(order.store_id, [Asking(order.customer_id, f"at-once:{number}", order.pk, "nps")], now=ASKED)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(press, range(20)))
    states = Counter(Ask.objects.of(order.store_id).values_list("state", flat=True))
    assert states == {"asked": 1, "waiting": 19}
    assert Message.objects.of(order.store_id).count() == 1
