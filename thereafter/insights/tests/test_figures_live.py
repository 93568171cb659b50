"""Figures of a shop whose orders and events came in by the doors."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered
from thereafter.insights.export.bringing import bring
from thereafter.insights.figures.delivery import delivery
from thereafter.insights.figures.experiments import control_group, experiments
from thereafter.insights.figures.feelings import satisfaction
from thereafter.insights.figures.orders import orders_figures
from thereafter.insights.figures.outcomes import outcomes
from thereafter.insights.figures.retention import repeat_rate
from thereafter.insights.figures.view import View
from thereafter.insights.rules.days import Days
from thereafter.journeys.actions import publishing
from thereafter.journeys.models import Journey
from thereafter.journeys.rules import proof
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SPRING = Days(date(2026, 3, 1), date(2026, 6, 30))


def order(store: Store, number: int, who: str, day: datetime, **more: Any) -> Order:
    return make_order(store, number=str(number), email=f"{who}@example.com", placed_at=day, **more)


def delivered(order: Order, *, late: bool) -> None:
    record(ParcelDelivered(**_about(order), occurred_at=order.placed_at, parcel_id=order.pk, carrier="dhl", late=late))


def answered(order: Order, score: int, then: int | None = None) -> None:
    told: dict[str, Any] = {**_about(order), "occurred_at": order.placed_at, "answer_id": order.pk}
    record(SurveyAnswered(**told, survey="satisfaction", score=score))
    if then:
        record(SurveyAnswerChanged(**told, survey="satisfaction", score=then, was=score))


def _about(order: Order) -> dict[str, Any]:
    return {"store_id": order.store_id, "customer_id": order.customer_id, "order_id": order.pk}


def test_figures_say_what_came_in() -> None:
    store, march = make_store(), datetime(2026, 3, 1, 12, tzinfo=UTC)
    late, good = order(store, 1, "ada", march), order(store, 2, "bob", march)
    order(store, 3, "bob", march + timedelta(days=20))
    order(store, 4, "cyd", march, status="cancelled")
    delivered(late, late=True)
    delivered(good, late=False)
    answered(late, 5, then=1)
    bring(store, now=NOW)
    view = View(store, SPRING)
    placed = orders_figures(view)
    assert (placed.now.orders, placed.new, placed.returning, placed.days[-1].day) == (3, 2, 1, date(2026, 6, 1))
    assert placed.now.net_minor == 3 * late.total_minor
    parcels = delivery(view)
    assert (parcels.late, parcels.on_time_parcels) == (1, 1)
    assert satisfaction(view).counts == {1: 1, 2: 0, 3: 0, 4: 0, 5: 0}
    again = repeat_rate(view)
    assert (again.n, again.rate, again.thin) == (2, None, "Too few customers whose 90 days ended in this period: "
        "2 so far, and it takes 20 to say something.")  # fmt: skip
    promise = outcomes(view).cuts[0]
    assert [(group.key, group.customers, group.later_orders) for group in promise.groups] == [
        ("late", 1, 0),
        ("on_time", 1, 1),
        ("unknown", 0, 0),
    ]


def test_journeys_that_people_entered_are_listed_with_their_proof(django_assert_max_num_queries: Any) -> None:
    store = make_store()
    made = Journey.objects.create(store=store, key="j", name="A journey", live=True, created_at=NOW)
    steps = [{"id": "rest", "kind": "wait", "days": 1}]
    publishing.publish(made, {"trigger": {"event": "parcel.delivered"}, "steps": steps}, now=NOW)
    Journey.objects.create(store=store, key="k", name="Nobody's", live=True, created_at=NOW)
    with clock.at(NOW):
        delivered(order(store, 1, "ada", NOW), late=False)
        run_until_idle()
    with django_assert_max_num_queries(12):
        (found,) = experiments(store, NOW + timedelta(days=200))
    assert (found.name, found.main.verdict) == ("A journey", proof.NO_HOLDOUT)
    assert control_group(store, NOW) is None
