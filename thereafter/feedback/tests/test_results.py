"""Figures of surveys: whom the question reached, groups, and how it went on."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.console.tiles import Period
from thereafter.feedback import panels
from thereafter.feedback.actions import answering
from thereafter.feedback.console import results_trend
from thereafter.feedback.models import Answer, Invitation, Survey
from thereafter.feedback.queries import figures, groups
from thereafter.feedback.queries.figures import Window
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.feedback.tests.results_makers import arrive, give, make_survey
from thereafter.kit.pages import percent
from thereafter.messaging.actions.receipts import News, take
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
WINDOW = Window(ASKED - timedelta(days=10), ASKED + timedelta(days=2))
EVER = Window(None, ASKED + timedelta(days=900))


@pytest.fixture
def store() -> Store:
    return make_store()


def satisfaction(store: Store) -> Survey:
    return Survey.objects.of(store).get(key="satisfaction")


def invited(store: Store, number: int) -> Invitation:
    order = make_order(store, number=f"7{number}", email=f"{number}@example.com")
    return make_invitation(order, source=f"run:{number}")


def counted(store: Store, dimension: str, window: Window = EVER) -> dict[str, Counter[int]]:
    return dict(groups.counts_by(store, figures.given(store, window), groups.DIMENSIONS[dimension]))


def test_response_is_of_those_whom_the_question_reached(store: Store) -> None:
    asked = [invited(store, number) for number in range(4)]
    run_until_idle(ASKED)
    lost = Message.objects.of(store).get(key=f"survey:{asked[0].pk}")
    take(store.pk, [News(kind="bounced", at=ASKED, key="b1", message_id=lost.pk)], ASKED)
    answering.answer(asked[1], score=5, now=ASKED + timedelta(hours=1))
    found = figures.reach(store, WINDOW)[satisfaction(store).pk]
    assert (found.asked, found.reached, found.answered) == (4, 3, 1)
    assert found.response == pytest.approx(1 / 3)


def test_a_mail_that_waits_has_reached_nobody_and_one_who_answers_anyway_was_reached(store: Store) -> None:
    first, second = invited(store, 1), invited(store, 2)
    Message.objects.of(store).update(state=Message.State.SKIPPED)
    assert Message.objects.of(store).filter(key=f"survey:{second.pk}").exists()
    answering.answer(first, score=5, now=ASKED)
    found = figures.reach(store, WINDOW)[satisfaction(store).pk]
    assert (found.asked, found.reached, found.answered) == (2, 1, 1)


def test_who_found_the_question_on_a_page_is_in_the_score_and_not_in_the_response(store: Store) -> None:
    first, second = invited(store, 1), invited(store, 2)
    Invitation.objects.filter(pk=second.pk).update(channel="page")
    for invitation in (first, second):
        answering.answer(invitation, score=5, now=ASKED)
    found = figures.reach(store, WINDOW)[satisfaction(store).pk]
    assert (found.asked, found.answered, found.answers) == (1, 1, 2)


def test_who_was_asked_by_mail_and_answered_elsewhere_has_answered(store: Store) -> None:
    invitation = invited(store, 1)
    assert invitation.order
    give(invitation.order, [5])
    assert figures.reach(store, WINDOW)[invitation.survey_id].answered == 1


def test_links_that_were_opened_and_never_confirmed_are_counted_apart(store: Store) -> None:
    for number, confirmed in enumerate((True, False, False)):
        invitation = invited(store, number)
        for score in (1, 5):
            answering.note_hit(invitation, score=score, user_agent="scanner", address="203.0.113.9", now=ASKED)
        if confirmed:
            answering.answer(invitation, score=5, now=ASKED)
    found = figures.reach(store, WINDOW)[satisfaction(store).pk]
    assert (found.opened, found.not_counted, found.answers) == (3, 2, 1)


def test_figures_are_of_one_store_and_one_time(store: Store) -> None:
    order = make_order(store)
    give(order, [5, 1])
    give(order, [3], at=ASKED - timedelta(days=30))
    give(make_order(make_store("other")), [2])
    survey = satisfaction(store)
    assert figures.counts(figures.given(store, WINDOW, survey)) == {5: 1, 1: 1}
    assert figures.counts_by_survey(store, WINDOW)[survey.pk] == {5: 1, 1: 1}
    before = Window(ASKED - timedelta(days=35), ASKED - timedelta(days=10)).before
    assert before == Window(ASKED - timedelta(days=60), ASKED - timedelta(days=35))
    assert figures.counts(figures.given(store, EVER, survey)) == {5: 1, 1: 1, 3: 1}
    assert EVER.before is None


def test_late_orders_stand_beside_those_on_time_also_when_they_answered_before_the_parcel_came(store: Store) -> None:
    for late, scores in ((True, [1, 2]), (False, [5]), (None, [3])):
        order = make_order(store)
        give(order, scores)
        arrive(order, late=late)
    assert counted(store, "late") == {"late": {1: 1, 2: 1}, "on_time": {5: 1}, "": {3: 1}}


def test_answers_are_parted_by_what_was_known_when_they_were_given(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(country="DE")
    first = make_order(store, number="1")
    arrive(first, late=False, carrier="DHL")
    give(first, [5])
    later = make_order(store, number="2", placed_at=first.placed_at + timedelta(days=40))
    Order.objects.filter(pk=later.pk).update(shipping_address={"country": "AT", "region": "W"})
    give(later, [2], at=ASKED + timedelta(days=50))
    assert counted(store, "carrier") == {"dhl": {5: 1}, "": {2: 1}}
    assert counted(store, "lane") == {"DE-DE": {5: 1}, "DE-AT": {2: 1}}
    assert counted(store, "region")["AT-W"] == {2: 1}
    assert counted(store, "returning") == {"first": {5: 1}, "returning": {2: 1}}
    assert counted(store, "cohort") == {f"{first.placed_at:%Y-%m}": {5: 1, 2: 1}}
    assert counted(store, "channel") == {"api": {5: 1, 2: 1}}


def test_an_answer_counts_once_for_each_product_of_its_order(store: Store) -> None:
    twice = [SHOES, type(SHOES)(external_id="2", title="Socks", quantity=1, unit_price="9", product_id="sock")]
    again = [*twice, type(SHOES)(external_id="3", title="Socks", quantity=2, unit_price="9", product_id="sock")]
    order = make_order(store, lines=again)
    give(order, [5, 1])
    give(make_order(store), [4])
    found = counted(store, "product")
    names = groups.product_names(store, list(found))
    assert {names[part]: counts for part, counts in found.items()} == {
        "Socks": {5: 1, 1: 1},
        "Trail Runner 2": {5: 1, 1: 1, 4: 1},
    }
    sock = next(part for part, name in names.items() if name == "Socks")
    within = groups.within(store, figures.given(store, EVER), groups.DIMENSIONS["product"], sock)
    assert figures.counts(within) == {5: 1, 1: 1}


@pytest.mark.parametrize("dimension", list(groups.DIMENSIONS))
def test_every_group_holds_what_its_choice_shows(store: Store, dimension: str) -> None:
    order = make_order(store)
    arrive(order, late=True)
    give(order, [5, 1])
    chosen = groups.DIMENSIONS[dimension]
    given = figures.given(store, EVER)
    for part, counts in counted(store, dimension).items():
        assert figures.counts(groups.within(store, given, chosen, part)) == counts
    listed = dict(groups.values_of(store, given, chosen, 5))
    assert listed == {part: sum(counts.values()) for part, counts in counted(store, dimension).items() if part}


def test_weeks_begin_on_the_shops_own_monday(store: Store) -> None:
    Store.objects.filter(pk=store.pk).update(time_zone="America/Sao_Paulo")
    sunday_night = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
    give(make_order(store), [5], at=sunday_night)
    zone = Store.objects.get(pk=store.pk).time_zone
    found = figures.counts_by_step(figures.given(store, EVER), "week", __import__("zoneinfo").ZoneInfo(zone))
    assert list(found[satisfaction(store).pk]) == [date(2026, 3, 9)]


def test_a_line_has_points_of_thirty_answers_only_and_no_bridge_over_a_gap() -> None:
    months = {date(2026, month, 1): {5: 20, 1: size - 20} for month, size in ((1, 40), (2, 29), (3, 30), (5, 31))}
    drawn = results_trend.drawn("csat", months, "month")
    assert drawn is not None
    assert [point["drawn"] for point in drawn["points"]] == [True, False, True, False, True]
    assert [len(piece["line"].split()) for piece in drawn["pieces"]] == [1, 1, 1]
    assert drawn["points"][1]["text"] == "too few to draw: 29 answers"
    assert drawn["points"][3]["text"] == "no answers"
    assert results_trend.drawn("csat", {date(2026, 1, 1): {5: 500}, date(2026, 2, 1): {5: 29}}, "month") is None


def test_the_tile_shows_the_share_and_no_trend_of_few(store: Store) -> None:
    give(make_order(store), [5])
    tile = panels.satisfaction(store, Period(WINDOW.since or ASKED, WINDOW.until))
    assert tile is not None
    assert (tile.value, tile.delta) == (percent(1.0), "")


def test_the_tile_of_recommendation_is_there_once_somebody_answered(store: Store) -> None:
    period = Period(ASKED, ASKED + timedelta(days=30))
    survey = make_survey(store, "nps")
    assert panels.recommendation(store, period) is None
    order = make_order(store)
    give(order, [10] * 60 + [0] * 40, survey=survey.key, at=ASKED - timedelta(days=1))
    give(order, [10] * 90 + [0] * 10, survey=survey.key)
    tile = panels.recommendation(store, period)
    assert tile is not None
    assert (tile.value, tile.delta, tile.good) == ("80", "↑ 60 points better", True)


@pytest.mark.parametrize("size", [1, 40])
def test_figures_take_a_fixed_number_of_queries(store: Store, size: int, django_assert_num_queries: Any) -> None:
    for number in range(3):
        make_survey(store, "nps", f"Survey {number}")
    give(make_order(store), [5] * size)
    with django_assert_num_queries(6):
        found = figures.counts_by_survey(store, WINDOW)
        figures.counts_by_survey(store, WINDOW.before)
        figures.reach(store, WINDOW)
        figures.counts_by_step(figures.given(store, WINDOW), "week", UTC)
    assert sum(sum(counts.values()) for counts in found.values()) == size == Answer.objects.count()
