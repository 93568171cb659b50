import json
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from thereafter.journeys.actions.publishing import RECIPES, BadJourney, read_export
from thereafter.journeys.queries import known
from thereafter.journeys.rules import anniversaries, deciding, documents, entries, plans, waits
from thereafter.journeys.rules.deciding import Spot
from thereafter.journeys.rules.settings import Kind, Known
from thereafter.kit.clock import zone

KNOWN = Known(
    events={"order.placed"},
    kinds={
        "send": Kind({"template": "template"}, ("template",)),
        "wait": Kind(),
        "branch": Kind({"if": "condition"}, ("if", "then")),
    },
    templates={"hello"},
)
BERLIN = zone("Europe/Berlin")
LATE = "fact.late"


def document(*steps: dict[str, Any], **trigger: Any) -> dict[str, Any]:
    return {"trigger": {"event": "order.placed"} | trigger, "steps": list(steps)}


def say(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "send", "template": "hello"} | more


@pytest.mark.parametrize(
    ("wrong", "where", "says"),
    [
        ({}, "trigger", "which event"),
        (document(), "", "at least one step"),
        (document(say("a"), event="moon.rose"), "trigger", "no event 'moon.rose'"),
        (document(say("A b")), "A b", "small letters"),
        (document(say("a"), say("a")), "a", "Two steps"),
        (document({"id": "a", "kind": "dance"}), "a", "no kind of step 'dance'"),
        (document({"id": "a", "kind": "send"}), "a", "needs template"),
        (document(say("a", template="bye")), "a", "no template 'bye'"),
        (document(say("a"), say("b", next="a")), "b", "later step"),
        (document({"id": "a", "kind": "wait"}), "a", "how long"),
        (document({"id": "a", "kind": "wait", "days": -1}), "a", "whole numbers"),
        (document({"id": "a", "kind": "wait", "at": "25:00"}), "a", "HH:MM"),
        (
            document({"id": "a", "kind": "branch", "if": "customer.contry == 'DE'", "then": "end"}),
            "a",
            "customer.country",
        ),
        (document(say("a"), **{"if": "late =="}), "trigger", "missing at the end"),
    ],
)
def test_a_wrong_document_is_refused_with_a_place_and_a_reason(wrong: Any, where: str, says: str) -> None:
    (problem,) = documents.check(wrong, KNOWN)
    assert problem.where == where
    assert says in problem.text


@pytest.mark.parametrize(
    "told",
    [
        {"days": 2, "between": ["09:00", "18:00"]},
        {"until": "trait.birthday", "days": -3, "at": "09:00"},
        {"until": "order.promised_on", "hours": -5},
    ],
)
def test_what_the_manual_says_of_waits_can_be_published(told: dict[str, Any]) -> None:
    """By the settings of the real steps, not by those of this file."""
    real = replace(known(), templates={"hello"})
    assert documents.check(document({"id": "rest", "kind": "wait"} | told), real) == []
    hope = {"id": "hope", "kind": "wait_for", "event": "order.placed", "days": 2, "between": ["09:00", "18:00"]}
    assert documents.check(document(hope | {"then": "end", "else": "end"}), real) == []


WRONG: list[Any] = [True, -1, 1.5, 10**18, float("inf"), "x", "\x00", ["a"], [[]], {"a": 1}, [None], [{"if": "x"}]]


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*at, key))


def _with(value: Any, at: tuple[Any, ...], wrong: Any) -> Any:
    if not at:
        return wrong
    made = copy(value)
    made[at[0]] = _with(value[at[0]], at[1:], wrong)
    return made


def test_a_document_with_anything_anywhere_is_refused_or_can_be_walked() -> None:
    whole = document(
        {"id": "rest", "kind": "wait", "until": "trait.birthday", "days": -3, "between": ["09:00", "18:00"]},
        {"id": "fork", "kind": "branch", "ways": [{"if": "order.total > 3", "to": "split"}], "else": "split"},
        {"id": "split", "kind": "split", "ways": [{"name": "a", "weight": 1}, {"name": "b", "weight": 2}]},
        {"id": "tag", "kind": "tag", "tag": "x", "ways": [], "priority": 1},
        say("say", priority=3, channels=["email"]),
        settle_minutes=3,
        once_per="order",
    )
    whole |= {"goal": {"event": "order.placed"}, "late": {"do": "skip"}, "entry": {"again": "never"}, "holdout": 3}
    born = whole | {"trigger": {"date": "trait.birthday", "days": -3, "at": "09:00"}}
    real = replace(known(), templates={"hello"}, segments={"vip"})
    assert documents.check(whole, real) == documents.check(born, real) == []
    for sound in (whole, born, whole | {"trigger": {"segment": "vip"}}):
        for at in _places(sound):
            for wrong in WRONG:
                made = _with(sound, at, wrong)
                if not documents.check(made, real):
                    _walk(made)


def _walk(made: dict[str, Any]) -> None:
    now, walked = datetime(2026, 3, 29, 0, 30, tzinfo=UTC), plans.plan(made)
    entries.entry_key(made["trigger"], customer_id=1, order_id=2, payload={})
    if made["trigger"].get("date"):
        assert now.date() - timedelta(days=anniversaries.spec_of(made["trigger"]).days) != date.min
    for step in walked.steps:
        decision = deciding.decide(walked, Spot(7, step, now, heard=[]), {"trait": {"birthday": "1990-02-29"}}, now)
        assert decision.state in {"waiting", "done", "stopped"}


@pytest.mark.parametrize("recipe", sorted(RECIPES.rglob("*.json")), ids=lambda path: path.stem)
def test_the_recipes_are_sound(recipe: Any) -> None:
    assert documents.check(json.loads(recipe.read_text())["document"], known()) == []


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "settings", "over"),
    [
        ("2026-03-03 15:00", {"days": 3, "at": "10:00"}, "2026-03-06 10:00"),
        ("2026-03-03 08:00", {"days": 3, "at": "10:00"}, "2026-03-06 10:00"),
        ("2026-03-03 08:00", {"at": "10:00"}, "2026-03-03 10:00"),
        ("2026-03-03 15:00", {"at": "10:00"}, "2026-03-04 10:00"),
        ("2026-03-03 15:00", {"hours": 5, "at": "19:00"}, "2026-03-04 19:00"),
        ("2026-03-03 15:00", {"hours": 2}, "2026-03-03 17:00"),
        ("2026-03-28 12:00", {"days": 1}, "2026-03-29 12:00"),  # the clock goes forward in between
        ("2026-10-24 12:00", {"days": 1, "at": "10:00"}, "2026-10-25 10:00"),  # and back
        ("2026-03-28 15:00", {"at": "02:30"}, "2026-03-29 02:30"),  # an hour that is not there
    ],
)
def test_waits_follow_the_shops_calendar(now: str, settings: dict[str, Any], over: str) -> None:
    assert waits.wake_at(local(now), BERLIN, waits.read(settings)) == local(over)


def test_an_old_event_starts_nothing() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    assert entries.is_fresh(now - timedelta(days=3), now, {})
    assert not entries.is_fresh(now - timedelta(days=4), now, {})
    assert entries.is_fresh(now - timedelta(days=4), now, {"fresh_days": 10})


def test_steps_of_missing_rooms_are_left_out_and_pointed_past() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "a", "kind": "branch", "if": LATE, "then": "b", "else": "c"},
        {"id": "b", "kind": "ask", "next": "d"},
        {"id": "c", "kind": "ask"},
        say("d"),
    ]
    kept = documents.without_unknown(document(*steps), ["send", "branch"])["steps"]
    assert [step["id"] for step in kept] == ["a", "d"]
    assert (kept[0]["then"], kept[0]["else"]) == ("d", "d")


def test_a_file_that_is_nested_too_deeply_is_refused_in_words() -> None:
    with pytest.raises(BadJourney, match="nested too deeply"):
        read_export("[" * 100_000)
