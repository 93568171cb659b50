"""Where a room counts from its own tables what the overview counts from the log, both say the same."""

from datetime import timedelta

import pytest

from thereafter.commerce.tests.makers import make_order
from thereafter.console.tiles import Period
from thereafter.feedback.actions.answering import answer
from thereafter.feedback.queries import results as feedback
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.feedback.tests.results_makers import give, make_survey
from thereafter.insights import queries
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


def test_satisfaction_of_the_room_and_of_the_log_are_one_figure() -> None:
    store = make_store()
    for n, scores in enumerate([(5,), (4,), (3,), (1,), (2, 5), (5, 1)]):
        invitation = make_invitation(make_order(store, number=str(n), email=f"{n}@example.com"), source=f"run:{n}")
        for step, score in enumerate(scores):
            answer(invitation, score=score, now=ASKED + timedelta(hours=step))
    period = Period(ASKED - timedelta(days=1), ASKED + timedelta(days=2))
    given = queries.answers(store, queries.days_of(store, period))
    share = sum(given.happy_by_day.values()) / sum(given.by_day.values())
    assert given.by_score == {1: 2, 3: 1, 4: 1, 5: 2}
    assert feedback.csat(store, period.since, period.until).share == pytest.approx(share)


def test_answers_on_another_scale_are_not_counted_as_satisfaction() -> None:
    store = make_store()
    order = make_order(store)
    give(order, [5, 1])
    give(order, [0, 2, 9, 10], survey=make_survey(store, "nps").key)
    period = Period(ASKED - timedelta(days=1), ASKED + timedelta(days=2))
    assert queries.answers(store, queries.days_of(store, period)).by_score == {1: 1, 5: 1}
    assert len(queries.unhappy_answers(store, period.since)) == 1
    assert feedback.csat(store, period.since, period.until).n == 2
