"""`decide` is pure: whatever the document and the facts, everybody sleeps with an end or comes to one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.journeys.rules import documents
from thereafter.journeys.rules.deciding import Decision, Spot, chosen_way, decide
from thereafter.journeys.rules.documents import Kind, Known
from thereafter.journeys.rules.plans import CONTROL, DONE, STOPPED, Plan, plan, share
from thereafter.kit.clock import zone

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
EVENT = "parcel.delivered"
KNOWN = Known(
    events={EVENT, "survey.answered", "order.placed"},
    kinds={kind: Kind({"then": "step", "else": "step"}) for kind in CONTROL | {"say"}},
    templates=(),
)


def made(*steps: dict[str, Any], **parts: Any) -> Plan:
    document = {"trigger": {"event": EVENT}, "steps": list(steps), **parts}
    assert documents.check(document, KNOWN) == []
    return plan(document, seed="one")


def say(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "say", **more}


def at(node: str, **more: Any) -> Spot:
    return Spot(customer_id=7, node=node, since=NOW, **more)


def test_steps_are_walked_until_the_run_sleeps() -> None:
    way = made(say("a"), say("b"), {"id": "rest", "kind": "wait", "days": 3, "at": "10:00"}, say("c"))
    decision = decide(way, at("a", zone="Europe/Berlin"), {}, NOW)
    assert (decision.effects, decision.passages) == (("a", "b"), (("a", "b"), ("b", "rest")))
    assert (decision.node, decision.asleep_at, decision.why) == ("c", "rest", "Waits until 6 Mar 2026, 10:00")
    woken = decide(way, at("c", asleep_at="rest"), {}, decision.due_at or NOW)
    assert (woken.state, woken.effects, woken.passages) == ("done", ("c",), (("rest", "c"), ("c", DONE)))


def test_the_first_way_whose_condition_holds_is_taken() -> None:
    way = made(
        {
            "id": "which",
            "kind": "branch",
            "ways": [{"if": "fact.late == true", "to": "sorry"}, {"if": "fact.carrier == 'dhl'", "to": "end"}],
            "else": "other",
        },
        say("other", next="end"),
        say("sorry"),
    )
    assert decide(way, at("which"), {"fact": {"late": True, "carrier": "dhl"}}, NOW).effects == ("sorry",)
    assert decide(way, at("which"), {"fact": {"late": False, "carrier": "dhl"}}, NOW).effects == ()
    assert decide(way, at("which"), {"fact": {"late": None, "carrier": "ups"}}, NOW).effects == ("other",)


def test_a_condition_behind_a_step_that_does_something_is_asked_with_fresh_facts() -> None:
    way = made(
        say("a"), {"id": "which", "kind": "branch", "if": "fact.late == true", "then": "b", "else": "end"}, say("b")
    )
    decision = decide(way, at("a"), {"fact": {"late": True}}, NOW)
    assert (decision.more, decision.effects, decision.node) == (True, ("a",), "which")


WAIT_FOR = {"id": "hope", "kind": "wait_for", "event": "survey.answered", "days": 4, "then": "glad", "else": "sad"}
HOPING = (WAIT_FOR, say("glad", next="end"), say("sad"))


def test_who_waits_for_an_event_asks_first_whether_it_came() -> None:
    assert decide(made(*HOPING), at("hope"), {}, NOW).listens


def test_an_event_that_does_not_come_has_its_own_way() -> None:
    way = made(*HOPING)
    asleep = decide(way, at("hope", heard=[]), {}, NOW)
    assert (asleep.asleep_at, asleep.node, asleep.waits_for) == ("hope", "hope", "survey.answered")
    assert asleep.why == "Waits for an answer, until 7 Mar 2026, 12:00"
    until = asleep.due_at or NOW
    here = {"asleep_at": "hope", "due_at": until, "heard": []}
    assert decide(way, at("hope", **here), {}, until - timedelta(hours=1)).due_at == until
    assert decide(way, at("hope", **here), {}, until).effects == ("sad",)


def test_an_event_that_came_is_taken_even_if_the_time_is_up_by_now() -> None:
    way = made(WAIT_FOR | {"if": "fact.score >= 9"}, *HOPING[1:])
    late = NOW + timedelta(days=5)
    heard: dict[str, Any] = {"asleep_at": "hope", "due_at": NOW + timedelta(days=4)}
    assert decide(way, at("hope", heard=[{"score": 3.0}, {"score": 10.0}], **heard), {}, late).effects == ("glad",)
    assert decide(way, at("hope", heard=[{"score": 3.0}], **heard), {}, late).effects == ("sad",)


def test_the_time_of_a_first_wait_counts_from_what_let_them_in() -> None:
    told_late = Spot(customer_id=7, node="hope", since=NOW - timedelta(days=5), heard=[])
    assert decide(made(*HOPING), told_late, {}, NOW).effects == ("sad",)


def test_what_was_heard_for_one_wait_is_not_taken_for_the_next() -> None:
    way = made(
        {"id": "one", "kind": "wait_for", "event": "survey.answered", "days": 4},
        {"id": "two", "kind": "wait_for", "event": "survey.answered", "days": 4},
    )
    decision = decide(way, at("one", heard=[{"score": 1.0}]), {}, NOW)
    assert (decision.node, decision.listens) == ("two", True)


def test_guards_end_a_run_before_anything_is_done() -> None:
    way = made(say("a"), stop_if="trait['angry'] == true")
    assert decide(way, at("a"), {"trait": {"angry": True}}, NOW).outcome == "stop_if"
    assert decide(way, at("a"), {"trait": {}}, NOW).effects == ("a",)
    cancelled = decide(way, at("a", asleep_at="", cancelled=True), {}, NOW)
    assert (cancelled.outcome, cancelled.passages, cancelled.effects) == ("order.cancelled", (("a", STOPPED),), ())


def test_the_guard_is_asked_again_after_each_step_that_does_something() -> None:
    way = made(say("a"), say("b"), stop_if="trait['angry'] == true")
    assert decide(way, at("a"), {"trait": {}}, NOW).more


@pytest.mark.parametrize(
    ("told", "days", "until"),
    [
        ("2026-03-20", -3, "2026-03-17 09:00"),
        ("2026-03-20T15:00:00+00:00", 0, "2026-03-21 09:00"),
        ("2026-03-01", 0, None),
        (None, 0, None),
        ("soon", 0, None),
    ],
)
def test_a_wait_until_a_day_that_is_known(told: Any, days: int, until: str | None) -> None:
    way = made(
        {"id": "day", "kind": "wait", "until": "trait.birthday", "days": days, "at": "09:00", "zone": "customer"},
        say("a"),
    )
    decision = decide(way, at("day", own_zone="America/New_York"), {"trait": {"birthday": told}}, NOW)
    local = decision.due_at.astimezone(zone("America/New_York")) if decision.due_at else None
    if until:
        assert local is not None
        assert f"{local:%Y-%m-%d %H:%M}" == until
    elif told == "2026-03-01":  # it has gone by: nobody is kept waiting but for the hour
        assert local is not None
        assert f"{local:%Y-%m-%d %H:%M}" == "2026-03-03 09:00"
    else:
        assert decision.effects == ("a",)


def test_splits_are_sticky_and_fair() -> None:
    ways = [{"name": "a", "weight": 1, "to": "x"}, {"name": "b", "weight": 3, "to": "y"}]
    steps = ({"id": "test", "kind": "split", "ways": ways}, say("x", next="end"), say("y"))
    way = made(*steps)
    drawn = [chosen_way(way, "test", person)["name"] for person in range(4000)]
    assert drawn == [chosen_way(way, "test", person)["name"] for person in range(4000)]
    assert 880 < drawn.count("a") < 1120
    won = plan({"trigger": {"event": EVENT}, "steps": list(steps)}, seed="one", winners={"test": "b"})
    assert {chosen_way(won, "test", person)["name"] for person in range(100)} == {"b"}


def test_two_draws_have_nothing_to_do_with_each_other() -> None:
    both = [share("one", number) < 0.5 and share("two", number) < 0.5 for number in range(4000)]
    assert 880 < sum(both) < 1120


# Any document that may be published, and any facts.

FACTS = st.fixed_dictionaries(
    {"fact": st.dictionaries(st.sampled_from(["late", "score"]), st.none() | st.booleans() | st.floats(0, 10))}
)
CONDITION = st.sampled_from(["fact.late == true", "fact.carrier == 'dhl'", "!(fact.parcel_id > 3)"])


@st.composite
def documents_of_any_kind(draw: Any) -> dict[str, Any]:
    count = draw(st.integers(1, 8))
    names = [f"s{number}" for number in range(count)]
    steps = [draw(_step(name, names[place + 1 :])) for place, name in enumerate(names)]
    document: dict[str, Any] = {"trigger": {"event": EVENT}, "steps": steps}
    if draw(st.booleans()):
        document["stop_if"] = draw(CONDITION)
    return document


def _step(name: str, later: Sequence[str]) -> Any:
    to = st.sampled_from([*later, "end"])
    span = st.fixed_dictionaries({"days": st.integers(0, 3), "hours": st.integers(1, 50)})
    kinds = [
        st.fixed_dictionaries({"kind": st.just("say"), "next": to}),
        st.fixed_dictionaries({"kind": st.just("stop")}),
        st.builds(lambda how: {"kind": "wait", **how}, span),
        st.builds(
            lambda how, yes, no: {"kind": "wait_for", "event": "survey.answered", "then": yes, "else": no, **how},
            span,
            to,
            to,
        ),
        st.builds(lambda cond, yes, no: {"kind": "branch", "if": cond, "then": yes, "else": no}, CONDITION, to, to),
        st.builds(
            lambda one, two: {
                "kind": "split",
                "ways": [{"name": "a", "weight": 1, "to": one}, {"name": "b", "weight": 2, "to": two}],
            },
            to,
            to,
        ),
    ]
    return st.one_of(kinds).map(lambda step: {"id": name, **step})


def live(way: Plan, facts: dict[str, Any], hears: Sequence[bool]) -> list[Decision]:
    """Lives a run to its end, as the engine would; some waits hear their event."""
    decisions, now = [], NOW
    answers = iter(hears)
    spot = at(way.first)
    for _ in range(200):
        decision = decide(way, spot, facts, now)
        assert decision == decide(way, spot, facts, now)
        decisions.append(decision)
        if decision.state != "waiting":
            return decisions
        if decision.listens:
            came = [{"score": 5.0}] if next(answers, False) else []
            here = spot.asleep_at == decision.node
            spot = at(
                decision.node,
                heard=came,
                asleep_at=spot.asleep_at if here else "",
                due_at=spot.due_at if here else None,
            )
        elif decision.more:
            spot = at(decision.node)
        else:
            assert decision.due_at is not None
            assert decision.due_at > now
            assert decision.why
            now = decision.due_at
            spot = Spot(7, decision.node, now, decision.asleep_at, now)
    raise AssertionError("it never ends")


@settings(max_examples=150, deadline=None)
@given(document=documents_of_any_kind(), facts=FACTS, hears=st.lists(st.booleans(), max_size=6))
def test_everybody_comes_to_an_end_and_only_ever_goes_forward(
    document: dict[str, Any], facts: dict[str, Any], hears: list[bool]
) -> None:
    way = plan(document, seed="one")
    order = {step: place for place, step in enumerate(way.steps)}
    decisions = live(way, facts, hears)
    walked = [edge for decision in decisions for edge in decision.passages]
    assert walked[-1][1] in (DONE, STOPPED)
    assert all(order[one] < order[two] for one, two in walked if two in order)
    # Each edge begins where the last one ended, and no step is done twice.
    assert [one for one, _ in walked[1:]] == [two for _, two in walked[:-1]]
    effects = [step for decision in decisions for step in decision.effects]
    assert len(effects) == len(set(effects))


@settings(max_examples=150, deadline=None)
@given(document=documents_of_any_kind(), facts=FACTS, hears=st.lists(st.booleans(), max_size=6))
def test_who_is_alike_is_decided_alike(document: dict[str, Any], facts: dict[str, Any], hears: list[bool]) -> None:
    """`alike` promises that somebody else at the same spot would have gone the same way."""
    way = plan(document, seed="one")
    decision = decide(way, at(way.first), facts, NOW)
    if decision.alike:
        other = Spot(8, way.first, NOW - timedelta(hours=1))
        assert decide(way, other, {"fact": {"late": True, "parcel_id": 9.0}}, NOW) == decision
