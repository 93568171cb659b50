"""The five machines: nothing leads nowhere, and what may not follow is refused."""

import pytest

from thereafter.returns.rules.machines import CASE, MACHINES, MONEY, PARCEL, UNIT, CannotGo, follow

STARTS = {
    "case": {"draft"},
    "parcel": {"label_requested"},
    "unit": {"expected", "extra"},
    "money": {"granted"},
    "goods": {"reserved"},
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_known_and_can_be_reached(name: str) -> None:
    machine, reached, edge = MACHINES[name], set(STARTS[name]), set(STARTS[name])
    while edge:
        edge = {to for state in edge for to in machine[state]} - reached
        reached |= edge
    assert reached == set(machine)


@pytest.mark.parametrize(
    ("machine", "state", "to"),
    [
        (CASE, "submitted", "approved"),
        (UNIT, "destroy", "restock"),
        (PARCEL, "lost", "delivered"),
        (MONEY, "failed", "rerouted"),
    ],
)
def test_what_happens_in_warehouses_may_follow(machine: str, state: str, to: str) -> None:
    follow(machine, state, to)


@pytest.mark.parametrize(
    ("machine", "state", "to"),
    [(CASE, "declined", "open"), (MONEY, "settled", "sent"), (UNIT, "expected", "accepted"), (CASE, "nowhere", "open")],
)
def test_what_may_not_follow_is_refused_in_words(machine: str, state: str, to: str) -> None:
    with pytest.raises(CannotGo, match=f"A {machine} that is {state} cannot become {to}"):
        follow(machine, state, to)
