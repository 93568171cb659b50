"""Editing and drawing documents: whatever is done, the journey can be drawn, leads forward and loses nobody."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from thereafter.journeys.rules import editing, graph, layout
from thereafter.journeys.rules.editing import CannotEdit
from thereafter.journeys.rules.graph import END, JOIN, NEXT, Exit

FORKS = {"branch": ("then", "else", "ways"), "wait_for": ("then", "else"), "split": ("ways",)}
EMPTY: dict[str, Any] = {"trigger": {"event": "order.placed"}, "steps": []}
KINDS: dict[str, dict[str, Any]] = {
    "send": {"template": "shipped"},
    "wait": {"days": 1},
    "stop": {},
    "branch": {"if": "true"},
    "wait_for": {},
    "split": {"ways": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]},
}

# A document is built in many small steps, which on a busy machine takes its time.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def spots(document: Mapping[str, Any]) -> list[Exit]:
    pieces = layout.draw(graph.load(document, FORKS)).pieces
    return [(piece.step, piece.way) for piece in pieces if piece.what == "spot"]


def put(document: Mapping[str, Any], spot: Exit, kind: str) -> dict[str, Any]:
    return editing.insert(document, spot, kind, KINDS[kind], FORKS)[0]


def copied(document: Mapping[str, Any], step: str, spot: Exit) -> dict[str, Any]:
    return editing.copy(document, step, spot, FORKS)[0]


def ids(document: Mapping[str, Any]) -> list[str]:
    return [step["id"] for step in document["steps"]]


@st.composite
def documents(draw: st.DrawFn, most: int = 9) -> dict[str, Any]:
    """Built as a person builds one: a step at a time, at any spot."""
    document = EMPTY
    for _ in range(draw(st.integers(0, most))):
        document = put(document, draw(st.sampled_from(spots(document))), draw(st.sampled_from(sorted(KINDS))))
    return document


def is_sound(document: Mapping[str, Any]) -> bool:
    """Drawable, forward only, every step once on the picture and written down as it is read back."""
    made = graph.load(document, FORKS)
    places = {one: place for place, one in enumerate(ids(document))} | {END: len(made.steps)}
    forward = all(places[to] > places[at] for at, ways in made.exits.items() for to in ways.values())
    drawn = [piece.step for piece in layout.draw(made).pieces if piece.what == "node" and piece.step]
    return (
        not graph.drawable(document)
        and forward
        and sorted(drawn) == sorted(made.steps)
        and graph.dump(made, document) == document
    )


@unhurried
@given(documents())
def test_what_is_built_step_by_step_is_sound(document: dict[str, Any]) -> None:
    assert is_sound(document)


@unhurried
@given(documents(), st.data())
def test_every_change_leaves_a_sound_document(document: dict[str, Any], data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        if not document["steps"]:
            return
        step = data.draw(st.sampled_from(ids(document)))
        spot = data.draw(st.sampled_from(spots(document)))
        ways = sorted(graph.load(document, FORKS).exits[step]) or [NEXT]
        todo: list[Callable[[Any], dict[str, Any]]] = [
            partial(editing.remove, step=step, forks=FORKS),
            partial(editing.remove, step=step, forks=FORKS, keep=ways[0]),
            partial(editing.move, step=step, spot=spot, forks=FORKS),
            partial(copied, step=step, spot=spot),
            partial(editing.up, step=step, forks=FORKS),
            partial(editing.down, step=step, forks=FORKS),
            partial(editing.lead, exit_=(step, ways[-1]), to=END, forks=FORKS),
            partial(editing.remove_way, step=step, place=0, forks=FORKS),
        ]
        try:
            document = todo[data.draw(st.integers(0, len(todo) - 1))](document)
        except CannotEdit:
            continue
        assert is_sound(document)


@unhurried
@given(documents(), st.data())
def test_moving_loses_and_doubles_no_step(document: dict[str, Any], data: st.DataObject) -> None:
    if not document["steps"]:
        return
    step, spot = data.draw(st.sampled_from(ids(document))), data.draw(st.sampled_from(spots(document)))
    try:
        moved = editing.move(document, step, spot, FORKS)
    except CannotEdit:
        return
    assert sorted(ids(moved)) == sorted(ids(document))
    if not any(one["kind"] == "stop" for one in document["steps"]):
        assert graph.load(moved, FORKS).loose == []


@unhurried
@given(documents(), st.data())
def test_a_step_put_in_and_taken_out_again_changes_nothing(document: dict[str, Any], data: st.DataObject) -> None:
    spot = data.draw(st.sampled_from(spots(document)))
    assume(not graph.load(document, FORKS).loose)
    more, name = editing.insert(document, spot, "send", {}, FORKS)
    assert editing.remove(more, name, FORKS) == document


@unhurried
@given(documents())
def test_pieces_never_lie_on_each_other(document: dict[str, Any]) -> None:
    drawing = layout.draw(graph.load(document, FORKS))
    cells = [
        (x, y)
        for piece in drawing.pieces
        if piece.what == "node"
        for x in (piece.x - 1, piece.x)
        for y in range(piece.y, piece.y + layout.NODE)
    ]
    assert len(cells) == len(set(cells))
    assert all(0 <= x < drawing.columns and 0 <= y < drawing.rows for x, y in cells)


@unhurried
@given(documents(most=14))
def test_the_same_document_gives_the_same_drawing(document: dict[str, Any]) -> None:
    first, second = (layout.draw(graph.load(document, FORKS)) for _ in range(2))
    assert first == second


def chain() -> dict[str, Any]:
    """wait, then a branch with a message in each way, then another wait."""
    steps = [
        {"id": "rest", "kind": "wait", "days": 1},
        {"id": "vip", "kind": "branch", "if": "true", "then": "gift", "else": "offer"},
        {"id": "gift", "kind": "send", "next": "later"},
        {"id": "offer", "kind": "send"},
        {"id": "later", "kind": "wait", "days": 2},
    ]
    return {"trigger": {"event": "order.placed"}, "steps": steps}


def leads(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return graph.load(document, FORKS).exits


def test_a_document_reads_back_as_it_was_written() -> None:
    assert graph.dump(graph.load(chain(), FORKS), chain()) == chain()


def test_the_ways_of_a_branch_lie_side_by_side_and_meet_again() -> None:
    drawing = layout.draw(graph.load(chain(), FORKS))
    at = {piece.step: piece for piece in drawing.pieces if piece.what == "node"}
    assert at["gift"].y == at["offer"].y > at["vip"].y
    assert at["gift"].x < at["vip"].x < at["offer"].x
    assert at["later"].x == at["vip"].x == at["rest"].x
    assert [piece.step for piece in drawing.pieces if piece.what == "node"] == [
        "",
        "rest",
        "vip",
        "gift",
        "offer",
        "later",
    ]


def test_a_way_that_ends_early_has_its_own_end() -> None:
    document = chain() | {"steps": [
        {"id": "a", "kind": "branch", "then": "b", "else": "later"},
        {"id": "b", "kind": "branch", "then": "stop", "else": "later"},
        {"id": "stop", "kind": "send", "next": "end"},
        {"id": "later", "kind": "send"},
    ]}  # fmt: skip
    pieces = layout.draw(graph.load(document, FORKS)).pieces
    assert [piece.what for piece in pieces].count("end") == 2
    assert "jump" not in {piece.what for piece in pieces}


def test_a_way_into_the_middle_of_another_lane_is_told_in_words() -> None:
    document = chain() | {"steps": [
        {"id": "a", "kind": "split", "ways": [{"to": "b"}, {"to": "c"}, {"to": "d"}]},
        {"id": "b", "kind": "send", "next": "d"},
        {"id": "c", "kind": "send", "next": "e"},
        {"id": "d", "kind": "send"},
        {"id": "e", "kind": "send"},
    ]}  # fmt: skip
    jumps = [piece for piece in layout.draw(graph.load(document, FORKS)).pieces if piece.what == "jump"]
    assert [piece.to for piece in jumps] == ["d"]


def test_steps_that_nobody_comes_to_are_shown_beside_the_others() -> None:
    document = editing.lead(chain(), ("rest", NEXT), END, FORKS)
    pieces = layout.draw(graph.load(document, FORKS)).pieces
    assert [piece.step for piece in pieces if piece.what == "loose"] == ["vip"]
    assert sorted(ids(document)) == sorted(ids(chain()))


def test_a_step_behind_a_fork_takes_in_all_its_ways() -> None:
    after = put(chain(), ("vip", JOIN), "send")
    assert leads(after)["gift"] == leads(after)["offer"] == {NEXT: "send"}
    assert leads(after)["send"] == {NEXT: "later"}


def test_a_fork_put_between_two_steps_leads_on_to_the_second_by_all_its_ways() -> None:
    after = put(chain(), ("rest", NEXT), "split")
    assert leads(after)["split"] == {"ways.0": "vip", "ways.1": "vip"}


def test_removing_a_step_keeps_what_follows() -> None:
    after = editing.remove(chain(), "rest", FORKS)
    assert ids(after) == ["vip", "gift", "offer", "later"]


def test_removing_a_fork_keeps_the_way_one_chooses_or_none() -> None:
    assert ids(editing.remove(chain(), "vip", FORKS, keep="then")) == ["rest", "gift", "later"]
    assert ids(editing.remove(chain(), "vip", FORKS)) == ["rest", "later"]


def test_a_fork_moves_with_its_lanes() -> None:
    assert ids(editing.up(chain(), "vip", FORKS)) == ["vip", "gift", "offer", "rest", "later"]
    assert ids(editing.down(chain(), "vip", FORKS)) == ["rest", "later", "vip", "gift", "offer"]


def test_a_fork_cannot_be_moved_into_itself() -> None:
    with pytest.raises(CannotEdit, match="one of its own ways"):
        editing.move(chain(), "vip", ("gift", NEXT), FORKS)


def test_the_first_of_a_lane_moves_out_before_the_fork_and_the_last_behind_it() -> None:
    assert leads(editing.up(chain(), "gift", FORKS))["rest"] == {NEXT: "gift"}
    after = leads(editing.down(chain(), "gift", FORKS))
    assert after["vip"]["then"] == "gift" or after["offer"] == {NEXT: "gift"}
    assert after["gift"] == {NEXT: "later"}


def test_a_copy_has_ids_of_its_own_and_stands_behind() -> None:
    after, name = editing.copy(chain(), "vip", editing.behind(chain(), "vip", FORKS), FORKS)
    assert name == "vip_2"
    assert ids(after) == ["rest", "vip", "gift", "offer", "vip_2", "gift_2", "offer_2", "later"]


def test_a_yes_or_no_gets_a_third_way_and_loses_it_again() -> None:
    more = editing.add_way(chain(), "vip", {"if": "false"}, FORKS)
    row = next(step for step in more["steps"] if step["id"] == "vip")
    assert row["ways"] == [{"if": "true", "to": "gift"}, {"if": "false", "to": "later"}]
    assert row["else"] == "offer"
    assert ids(editing.remove_way(more, "vip", 0, FORKS)) == ["rest", "vip", "offer", "later"]


def test_settings_change_without_touching_where_a_step_leads() -> None:
    after = editing.set_step(chain(), "vip", {"if": "false"}, FORKS)
    assert leads(after) == leads(chain())
    assert after["steps"][1]["if"] == "false"


def test_ways_only_lead_forward() -> None:
    with pytest.raises(CannotEdit, match="only goes forward"):
        editing.lead(chain(), ("gift", NEXT), "rest", FORKS)


def test_what_somebody_else_removed_meanwhile_is_said_in_a_sentence() -> None:
    with pytest.raises(CannotEdit, match="somebody changed"):
        put(chain(), ("gone", NEXT), "send")
    with pytest.raises(CannotEdit, match="no longer there"):
        editing.remove(chain(), "gone", FORKS)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "a trigger and steps"),
        ({"trigger": {}, "steps": {}}, "list of objects"),
        ({"trigger": {}, "steps": [{"kind": "send"}]}, "Step 1 needs an id"),
        ({"trigger": {}, "steps": [{"id": "a"}]}, "what kind of step"),
        ({"trigger": {}, "steps": [{"id": "a", "kind": "x"}, {"id": "a", "kind": "x"}]}, "Two steps"),
        ({"trigger": {}, "steps": [{"id": "a", "kind": "x", "ways": {}}]}, "ways of step"),
    ],
)
def test_what_cannot_be_drawn_says_why(document: Any, says: str) -> None:
    assert says in graph.drawable(document)


def test_choices_within_choices_without_end_are_refused_before_the_stack_is_full() -> None:
    rows = [{"id": f"b{at}", "kind": "branch", "then": f"b{at + 1}", "else": "end"} for at in range(200)]
    with pytest.raises(layout.TooDeep, match="more than 60 choices"):
        layout.draw(graph.load(chain() | {"steps": [*rows, {"id": "b200", "kind": "wait"}]}, FORKS))
