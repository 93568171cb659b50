"""Publishing journeys, and turning them on and off."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from thereafter.journeys.actions import migrating
from thereafter.journeys.actions.migrating import KEEP, Mapped
from thereafter.journeys.models import Journey, JourneyVersion
from thereafter.journeys.queries import known
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import documents, keeping
from thereafter.journeys.rules.plans import trigger_event
from thereafter.journeys.rules.problems import Problem
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

RECIPES = Path(__file__).parents[1] / "recipes"
Document = Mapping[str, Any]


class BadJourney(ValueError):
    """The document cannot be published; `problems` says everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def check(store: Store | int, document: Any) -> list[Problem]:
    """Everything that keeps a document from being published in this store, with its place."""
    return documents.check(document, known(store))


@transaction.atomic
def save_draft(journey: Journey, document: Document, *, now: datetime) -> list[Problem]:
    """Keeps what is being written, sound or not; returns what is wrong with it so far. Nobody's way changes."""
    Journey.objects.filter(pk=journey.pk).update(draft=document, drafted_at=now)
    journey.draft, journey.drafted_at = document, now
    return check(journey.store_id, document)


@transaction.atomic
def publish(
    journey: Journey,
    document: Document,
    *,
    now: datetime,
    people: str = KEEP,
    mapping: Mapped | None = None,
    by: Staff | None = None,
) -> JourneyVersion:
    """A new version that new people enter. Raises `BadJourney`, and then nothing has changed.

    Who is on the way (`people`) is kept on the version they entered, moved to this one (those at a step that is gone
    go on where `mapping` says, else with the next step that is left), or ended.
    """
    problems = check(journey.store_id, document)
    if problems:
        raise BadJourney(problems)
    locked = Journey.objects.select_for_update().get(pk=journey.pk)
    number = JourneyVersion.objects.filter(journey=locked).count() + 1
    version = JourneyVersion.objects.create(
        store_id=locked.store_id,
        journey=locked,
        number=number,
        trigger=trigger_event(document["trigger"]),
        document=dict(document),
        digest=digest(document),
        published_at=now,
    )
    Journey.objects.filter(pk=locked.pk).update(version=version, draft=None, drafted_at=None)
    journey.version, journey.draft, journey.drafted_at = version, None, None
    migrating.take_along(version, people=people, mapping=mapping or {}, now=now)
    if by:
        audit(
            journey.store,
            by=by,
            verb="journeys.publish",
            now=now,
            subject=journey.name,
            detail={"version": number, "people": people},
        )
    return version


def digest(document: Document) -> str:
    return blake2b(msgspec.json.encode(document, order="sorted"), digest_size=16).hexdigest()


@transaction.atomic
def mend(version: JourneyVersion, document: Document, *, by: Staff | None, now: datetime) -> None:
    """Puts other contents (a template, a text) into a published version, for those on the way too.

    Raises `BadJourney` when the structure would change: steps, their kinds, and where they lead.
    """
    problems = check(version.store_id, document)
    if not problems and _structure(document) != _structure(version.document):
        problems = [Problem("", "This would change the way itself; publish it as a new version.")]
    if problems:
        raise BadJourney(problems)
    version.document, version.digest = dict(document), digest(document)
    version.save(update_fields=["document", "digest"])
    audit(version.journey.store, by=by, verb="journeys.mend", now=now, subject=version.journey.name)


def _structure(document: Document) -> Any:
    """Everything but the contents of steps that do something."""
    contents = {"template", "channels", "reason", "survey", "name", "priority", "value", "tag", "text", "about"}
    kept = [{key: value for key, value in step.items() if key not in contents} for step in document["steps"]]
    return {**{key: value for key, value in document.items() if key not in {"name", "about"}}, "steps": kept}


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
    changed = Journey.objects.filter(pk=journey.pk, archived_at=None).exclude(live=live).update(live=live)
    if changed:
        verb = "journeys.turn_on" if live else "journeys.turn_off"
        audit(journey.store, by=by, verb=verb, now=now, subject=journey.name)


def export(journey: Journey) -> dict[str, Any]:
    """The journey as a file: what is being written, else what is published."""
    document = journey.draft or (journey.version.document if journey.version else None)
    return {"key": journey.key, "name": journey.name, "document": document}


def read_export(text: str | bytes) -> tuple[str, str, Document]:
    """Key, name and document of such a file. Raises `BadJourney`; what the document says is not checked."""
    try:
        told = json.loads(text)
    except ValueError as wrong:
        raise BadJourney([Problem("", f"This is not a JSON file: {wrong}.")]) from None
    except RecursionError:
        raise BadJourney([Problem("", "This file is nested too deeply to be a journey.")]) from None
    trouble = keeping.trouble(text)
    if trouble:
        raise BadJourney([Problem("", trouble)])
    if isinstance(told, Mapping) and isinstance(told.get("steps"), list):
        told = {"document": told}
    if not isinstance(told, Mapping) or not isinstance(told.get("document"), Mapping):
        raise BadJourney([Problem("", 'The file has no journey: {"key": …, "name": …, "document": {…}}.')])
    name = str(told.get("name") or told.get("key") or "Imported journey")
    return str(told.get("key") or ""), name[:100], told["document"]
