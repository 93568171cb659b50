"""Two records turn out to be one person: their ways through journeys become those of one."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from thereafter.journeys.actions import moving
from thereafter.journeys.models import Run
from thereafter.journeys.rules.entries import key_of_another

SAME_PERSON = "the same person was in it already"
At = tuple[int, str]


@transaction.atomic
def follow(keep_id: int, merged_id: int, store_id: int, now: datetime) -> None:
    """The runs of the record that goes are those of the one that stays, under its keys: nobody enters once more for
    what the other had entered for. Of two that are on the way for the same thing, the younger one ends."""
    turns, waiting = _theirs(keep_id, store_id)
    younger: list[Run] = []
    for run in Run.objects.of(store_id).filter(customer_id=merged_id).order_by("turn", "pk"):
        at = run.journey_id, key_of_another(run.entry_key, merged_id, keep_id)
        if at[1] == run.entry_key:
            continue
        turns[at] = max(run.turn, turns[at] + 1)
        Run.objects.of(store_id).filter(pk=run.pk).update(entry_key=at[1], turn=turns[at])
        if run.state == Run.State.WAITING:
            pair = sorted([run, *waiting.get(at, [])], key=lambda one: (one.started_at, one.pk))
            waiting[at] = pair[:1]
            younger += pair[1:]
    moving.move_to(keep_id, merged_id, store_id)
    moving.end(younger, SAME_PERSON, now)


def _theirs(customer_id: int, store_id: int) -> tuple[dict[At, int], dict[At, list[Run]]]:
    """The last turn of a customer, and who of them is on the way, by journey and key."""
    turns: dict[At, int] = defaultdict(int)
    waiting: dict[At, list[Run]] = {}
    for run in Run.objects.of(store_id).filter(customer_id=customer_id).order_by("turn"):
        turns[run.journey_id, run.entry_key] = run.turn
        if run.state == Run.State.WAITING:
            waiting[run.journey_id, run.entry_key] = [run]
    return turns, waiting
