"""Publishing journeys, and turning them on and off."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from thereafter.journeys.models import Journey, JourneyVersion
from thereafter.journeys.queries import known
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import documents
from thereafter.journeys.rules.problems import Problem
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

RECIPES = Path(__file__).parents[1] / "recipes"


class BadJourney(ValueError):
    """The document cannot be published; `problems` says everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@transaction.atomic
def publish(journey: Journey, document: Mapping[str, Any], *, now: datetime) -> JourneyVersion:
    """A new version that new people enter; who is on the way stays on the old one. Raises `BadJourney`."""
    problems = documents.check(document, known())
    if problems:
        raise BadJourney(problems)
    locked = Journey.objects.select_for_update().get(pk=journey.pk)
    number = JourneyVersion.objects.filter(journey=locked).count() + 1
    version = JourneyVersion.objects.create(
        store_id=locked.store_id,
        journey=locked,
        number=number,
        trigger=document["trigger"]["event"],
        document=dict(document),
        published_at=now,
    )
    Journey.objects.filter(pk=locked.pk).update(version=version)
    journey.version = version
    return version


@transaction.atomic
def install_recipes(store: Store, now: datetime) -> list[Journey]:
    """The journeys that come with Thereafter; those the store has already are left as they are."""
    mine = set(Journey.objects.of(store).values_list("key", flat=True))
    recipes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RECIPES.glob("*.json"))]
    return [_install(store, recipe, now) for recipe in recipes if recipe["key"] not in mine]


def _install(store: Store, recipe: Mapping[str, Any], now: datetime) -> Journey:
    journey = Journey.objects.create(
        store=store, key=recipe["key"], name=recipe["name"], live=recipe.get("live", True), created_at=now
    )
    publish(journey, documents.without_unknown(recipe["document"], steps), now=now)
    return journey


@transaction.atomic
def turn(journey: Journey, *, live: bool, by: Staff | None, now: datetime) -> None:
    """Lets people in from now on, or no longer; who is on the way goes on either way."""
    changed = Journey.objects.filter(pk=journey.pk).exclude(live=live).update(live=live)
    if changed:
        verb = "journeys.turn_on" if live else "journeys.turn_off"
        audit(journey.store, by=by, verb=verb, now=now, subject=journey.name)
