"""The journey that asked only the happy for a review stands still after the upgrade; others go on."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps

from thereafter.journeys.actions.publishing import install_recipes
from thereafter.journeys.models import Journey, JourneyVersion
from thereafter.stores.tests.makers import make_store

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_who_asks_only_the_happy_is_paused_and_nobody_else() -> None:
    store = make_store()
    install_recipes(store, NOW)
    # As the release before published it; today it is refused.
    journey = Journey.objects.create(store=store, key="review", name="Write a review", live=True, created_at=NOW)
    steps = [{"id": "split", "kind": "branch", "then": [{"id": "ask", "kind": "send", "template": "review"}]}]
    document = {"trigger": {"event": "survey.answered", "if": "fact.score >= 4"}, "steps": steps}
    given = {"number": 1, "trigger": "survey.answered", "document": document, "published_at": NOW}
    journey.version = JourneyVersion.objects.create(store=store, journey=journey, **given)
    journey.save()
    going_on = set(Journey.objects.of(store).filter(live=True).exclude(pk=journey.pk).values_list("key", flat=True))
    import_module("thereafter.journeys.migrations.0006_no_asking_only_the_happy").pause(apps, None)
    journey.refresh_from_db()
    assert not journey.live
    assert journey.paused_at
    assert set(Journey.objects.of(store).filter(live=True).values_list("key", flat=True)) == going_on
