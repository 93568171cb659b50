from collections.abc import Iterator
from datetime import timedelta

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.events.surveys import FollowUpClosed, FollowUpOpened, FollowUpOverdue, FollowUpReplied
from thereafter.feedback.actions import answering, asking, follow_ups
from thereafter.feedback.actions.follow_ups import AlreadyClosed, Ending, NothingSaid
from thereafter.feedback.models import Ask, FollowUp, Survey
from thereafter.feedback.rules.follow_ups import BadEnding
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.kit import clock
from thereafter.stores.models import Staff
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def order() -> Iterator[Order]:
    with clock.at(ASKED):
        yield make_order(make_store())


@pytest.fixture
def clerk(order: Order) -> Staff:
    return make_staff(order.store, role="support")


def unhappy(order: Order, score: int = 1, comment: str = "The sole came off.") -> FollowUp:
    answering.answer(make_invitation(order), score=score, comment=comment, now=ASKED)
    run_until_idle(ASKED)
    return FollowUp.objects.of(order.store_id).get()


def again(one: FollowUp) -> FollowUp:
    one.refresh_from_db()
    return one


def test_a_bad_answer_opens_one_with_order_parcel_and_deadline(order: Order) -> None:
    ship(order, tracking_number="JD1", shipped_at=order.placed_at)
    run_until_idle(ASKED)
    made = unhappy(order)
    assert made.due_at == ASKED + timedelta(hours=48)
    assert_recorded(
        FollowUpOpened,
        follow_up_id=made.pk,
        order_number=order.number,
        score=1,
        comment="The sole came off.",
        parcel="On its way",
        due_by=made.due_at.isoformat(),
    )


@pytest.mark.parametrize("score", [3, 4, 5])
def test_other_answers_open_none(order: Order, score: int) -> None:
    answering.answer(make_invitation(order), score=score, now=ASKED)
    run_until_idle(ASKED)
    assert not FollowUp.objects.of(order.store_id).exists()


def test_a_change_of_mind_for_the_worse_opens_one_and_two_changes_still_one(order: Order) -> None:
    invitation = make_invitation(order)
    for score in (5, 2, 1):
        answering.answer(invitation, score=score, now=ASKED)
        run_until_idle(ASKED)
    assert FollowUp.objects.of(order.store_id).count() == 1


def test_a_survey_may_want_none(order: Order) -> None:
    asking.survey_of(order.store_id, "satisfaction")
    Survey.objects.of(order.store_id).update(low={"follow_up": False})
    answering.answer(make_invitation(order), score=1, now=ASKED)
    run_until_idle(ASKED)
    assert not FollowUp.objects.of(order.store_id).exists()


def test_while_it_is_open_the_customer_is_asked_nothing_else(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    asking.ask(order.store_id, [asking.Asking(order.customer_id, "b", order.pk)], now=ASKED + 5 * DAY)
    waits = Ask.objects.of(order.store_id).get(source="b")
    assert waits.reason == "matter"
    follow_ups.close(made, Ending(reason="quality", outcome="replaced"), by=clerk, now=ASKED + 6 * DAY)
    run_until_idle(ASKED + 6 * DAY)
    asking.turn(ASKED + 6 * DAY)
    waits.refresh_from_db()
    assert waits.state == "asked"


def test_a_reply_goes_to_the_customer_and_makes_it_the_clerks(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    follow_ups.reply(made, "We send a new pair today.", by=clerk, now=ASKED + DAY)
    assert (again(made).state, made.owner, made.first_reply_at) == ("waiting", clerk, ASKED + DAY)
    assert_recorded(FollowUpReplied, follow_up_id=made.pk)
    follow_ups.hear(made, "Thank you!", now=ASKED + 2 * DAY)
    assert again(made).state == "open"
    with pytest.raises(NothingSaid):
        follow_ups.reply(made, "  ", by=clerk, now=ASKED + DAY)


def test_it_ends_once_with_a_reason_and_an_outcome(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    for incomplete in (Ending(reason="", outcome="refund"), Ending(reason="late"), Ending(reason="late", outcome="x")):
        with pytest.raises(BadEnding):
            follow_ups.close(made, incomplete, by=clerk, now=ASKED)
    follow_ups.close(made, Ending(reason="late", outcome="apology"), by=clerk, now=ASKED + DAY)
    assert_recorded(FollowUpClosed, follow_up_id=made.pk, resolved=True, reason="late", outcome="apology")
    with pytest.raises(AlreadyClosed):
        follow_ups.close(made, Ending(reason="late", outcome="apology"), by=clerk, now=ASKED + DAY)
    with pytest.raises(AlreadyClosed):
        follow_ups.reply(made, "One more thing", by=clerk, now=ASKED + DAY)


def test_two_weeks_after_it_was_put_right_the_same_is_asked_again_once(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    follow_ups.close(made, Ending(reason="late", outcome="refund"), by=clerk, now=ASKED + DAY)
    run_until_idle(ASKED + DAY)
    follow_ups.turn(ASKED + 14 * DAY)
    assert Ask.objects.of(order.store_id).count() == 1
    for _ in range(2):
        follow_ups.turn(ASKED + 15 * DAY)
    assert Ask.objects.of(order.store_id).get(source=f"again:{made.pk}").state == "asked"


def test_what_is_dropped_is_not_asked_again(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    follow_ups.close(made, Ending(reason="unknown", resolved=False), by=clerk, now=ASKED + DAY)
    assert again(made).ask_again_at is None


def test_who_is_not_answered_in_time_is_told_of_once(order: Order) -> None:
    made = unhappy(order)
    assert not recorded(FollowUpOverdue)
    for hours in (47, 49, 60):
        follow_ups.turn(ASKED + timedelta(hours=hours))
    assert_recorded(FollowUpOverdue, follow_up_id=made.pk)


def test_who_writes_back_is_answered_in_time_too_and_asked_nothing_meanwhile(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    follow_ups.reply(made, "We send a new pair today.", by=clerk, now=ASKED + DAY)
    follow_ups.close(made, Ending(reason="quality", outcome="replaced"), by=clerk, now=ASKED + 2 * DAY)
    run_until_idle(ASKED + 2 * DAY)
    back = ASKED + 5 * DAY
    follow_ups.hear(made, "It came apart again.", now=back)
    follow_ups.hear(made, "Hello?", now=back + DAY)
    assert (again(made).ask_again_at, made.outcome, made.due_at) == (None, "", back + timedelta(hours=48))
    asking.ask(order.store_id, [asking.Asking(order.customer_id, "b", order.pk)], now=back)
    assert Ask.objects.of(order.store_id).get(source="b").reason == "matter"
    follow_ups.turn(back + timedelta(hours=47))
    assert not recorded(FollowUpOverdue)
    follow_ups.turn(back + timedelta(hours=49))
    assert_recorded(FollowUpOverdue, follow_up_id=made.pk)
    assert again(made).is_overdue(back + timedelta(hours=49))


def test_what_was_closed_too_soon_and_is_open_again_has_its_time_and_its_quiet(order: Order, clerk: Staff) -> None:
    made = unhappy(order)
    follow_ups.close(made, Ending(reason="late", outcome="apology"), by=clerk, now=ASKED + DAY)
    run_until_idle(ASKED + DAY)
    follow_ups.open_again(made, by=clerk, now=ASKED + 4 * DAY)
    assert not again(made).is_overdue(ASKED + 5 * DAY)
    asking.ask(order.store_id, [asking.Asking(order.customer_id, "b", order.pk)], now=ASKED + 5 * DAY)
    assert Ask.objects.of(order.store_id).get(source="b").reason == "matter"
