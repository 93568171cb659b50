"""A process that takes part in races: it reads what to do and when, does it at that very moment, and answers."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import transaction

from thereafter.events.base import Event, ShopperEvent
from thereafter.journeys.actions import entering, moving, pausing, publishing, telling
from thereafter.journeys.actions.telling import Told, Who
from thereafter.journeys.models import Journey
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline import outbox
from thereafter.timeline.log import record


def let_in(events: list[Mapping[str, Any]]) -> None:
    """A delivery that is carried out, whoever else carries it out as well."""
    entering.start([_event(one) for one in events], clock.now())


def happen(events: list[Mapping[str, Any]]) -> None:
    """It is told, and carried to whom it concerns at once."""
    with transaction.atomic():
        record(*map(_event, events))
    deliver()


def deliver() -> int:
    """As many rounds as it takes."""
    done = 0
    while taken := outbox.deliver_due(clock.now()):
        done += taken
    return done


def _event(told: Mapping[str, Any]) -> ShopperEvent:
    fields = {**told, "occurred_at": datetime.fromisoformat(told["occurred_at"])}
    made = Event.names[fields.pop("name")](**fields)
    assert isinstance(made, ShopperEvent)
    return made


def call(topic: str, email: str, key: str, given: str = "") -> bool:
    """What the API does with a call, and what the worker does with it later."""
    told = Told(topic=topic, customer=Who(email=email), key=key)
    kept = telling.keep(Store.objects.get(), told, given=given, now=clock.now())
    while telling.drain(clock.now(), 5):
        pass
    deliver()
    return kept


def work(limit: int = 20, rounds: int = 200, ahead: float = 0.0) -> int:
    """Moves people on until there is nobody left to move; `ahead` seconds the clock of this machine is fast."""
    done = 0
    for _ in range(rounds):
        taken = moving.resume(clock.now() + timedelta(seconds=ahead), limit)
        done += taken
        if not taken:
            break
    return done


def publish(document: Mapping[str, Any], people: str) -> None:
    publishing.publish(Journey.objects.get(), document, now=clock.now(), people=people)


def pause() -> None:
    pausing.pause(Journey.objects.get(), by=None, now=clock.now())


def go_on() -> None:
    pausing.go_on(Journey.objects.get(), by=None, now=clock.now())


PARTS: dict[str, Callable[..., Any]] = {
    part.__name__: part for part in (let_in, happen, deliver, call, work, publish, pause, go_on)
}


def take_part(line: str) -> Any:
    asked = json.loads(line)
    time.sleep(max(0.0, asked["at"] - time.time()))
    try:
        with clock.at(datetime.fromisoformat(asked["now"])):
            return {"answer": PARTS[asked["part"]](**asked["given"])}
    except Exception as error:
        return {"error": f"{asked['part']}: {type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(take_part(line)), flush=True)
