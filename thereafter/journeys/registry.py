"""The kinds of step a journey is made of: `@step("award")` in a module's `steps.py`.

A step gets a list of visits (one customer at one step) and answers each with what comes next. It does database work
only, in the engine's transaction. A visit may come twice: give what you call `visit.source`, which is unique to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer arriving at one step. `settings` are the step's own, `facts` what the run knows (plain values)."""

    store_id: int
    run_id: int
    customer_id: int
    order_id: int | None
    step: str
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    now: datetime

    @property
    def source(self) -> str:
        return f"run:{self.run_id}:{self.step}"


@dataclass(frozen=True, slots=True)
class Go:
    """On to the next step, or down the branch named `to`."""

    to: str = ""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Sleep; at `at` the run goes on with the step after this one."""

    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The journey ends here for this customer."""

    outcome: str


Next = Go | WaitUntil | Stop


@dataclass(frozen=True)
class Step:
    kind: str
    label: str
    required: frozenset[str]
    run: Callable[[Sequence[Visit]], Sequence[Next]]


steps: dict[str, Step] = {}
StepWork = Callable[[Sequence[Visit]], Sequence[Next]]


def step(kind: str, *, label: str, required: Sequence[str] = ()) -> Callable[[StepWork], StepWork]:
    """Adds a kind of step. `label` is what the marketer reads; `required` names the settings a document must give."""

    def add(run: StepWork) -> StepWork:
        if kind in steps:
            raise TypeError(f"two steps are named {kind}")
        steps[kind] = Step(kind, label, frozenset(required), run)
        return run

    return add
