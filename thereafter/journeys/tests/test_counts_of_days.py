"""Counts that were added up still know their day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum

from thereafter.commerce.tests.makers import make_order
from thereafter.journeys.actions import publishing, sweeping
from thereafter.journeys.console import listing
from thereafter.journeys.models import Journey, Passage
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
DOCUMENT = {
    "trigger": {"event": "order.placed", "once_per": "order"},
    "steps": [{"id": "rest", "kind": "wait", "days": 300}],
}


def enter(store: Store, number: str, at: datetime) -> None:
    with clock.at(at):
        make_order(store, number=number, placed_at=at)
        run_until_idle()


def test_who_entered_long_ago_did_not_enter_in_the_last_thirty_days() -> None:
    with clock.at(BEGIN):
        store = make_store()
        journey = Journey.objects.create(store=store, key="story", name="Story", live=True, created_at=BEGIN)
        publishing.publish(journey, DOCUMENT, now=BEGIN)
    for day in range(60):
        if day in {0, 1, 50}:
            enter(store, f"#{day}", BEGIN + timedelta(days=day, minutes=1))
        sweeping.add_up_passages(BEGIN + timedelta(days=day, hours=3))
    now = BEGIN + timedelta(days=60)
    assert Passage.objects.filter(step="").aggregate(all=Sum("count"))["all"] == 3
    assert listing.figures(store, now).entered == {journey.pk: 1}
