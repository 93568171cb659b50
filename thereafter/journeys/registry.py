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
    journey_id: int = 0
    # How often somebody of the shop put the run here again; 1 is the first time.
    visit: int = 1

    @property
    def source(self) -> str:
        again = f":{self.visit}" if self.visit > 1 else ""
        return f"run:{self.run_id}:{self.step}{again}"

    @property
    def origin(self) -> str:
        """What a message says it comes from."""
        return f"journey:{self.journey_id}:{self.step}"


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
class Setting:
    """One setting of a step, as the builder asks for it and the check reads it.

    `kind` is one of `SETTING_KINDS`; `choices` are (value, label) for a choice; `hint` is the line under the field.
    `offers` gives the (value, label) that a store has to choose from, by its id.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    offers: Callable[[int], Sequence[tuple[str, str]]] | None = None


# fmt: off
SETTING_KINDS = (
    "text", "long_text", "number", "percent", "flag", "choice", "hour", "weekdays", "duration", "template", "channels",
    "condition", "event", "segment", "trait", "moment", "step", "ways", "survey", "pool", "url",
)
# fmt: on


@dataclass(frozen=True)
class Step:
    """A kind of step. `group` is its shelf in the builder; `effect` is None for those that `decide` walks itself.

    `sends` is the template of the message it queues when no setting names one: a rehearsal then knows what goes out.
    `alike`: everybody must come to it the same way, whatever they said of the shop (see `rules.alike`).
    """

    kind: str
    label: str
    settings: tuple[Setting, ...]
    effect: Callable[[Sequence[Visit]], Sequence[Next]] | None
    icon: str = "settings"
    group: str = "Do"
    sends: str = ""
    alike: bool = False

    @property
    def required(self) -> frozenset[str]:
        return frozenset(setting.name for setting in self.settings if setting.required)


steps: dict[str, Step] = {}
# Messages that nobody is chosen for by what they said: whatever step sends them, everybody must come to it alike.
alike_templates: set[str] = set()
StepWork = Callable[[Sequence[Visit]], Sequence[Next]]
GROUPS = ("Wait", "Choose", "Message", "Reward", "Customer", "Do")


def step(  # noqa: PLR0913 what a kind of step may say of itself
    kind: str,
    *,
    label: str,
    settings: Sequence[Setting] = (),
    icon: str = "settings",
    group: str = "Do",
    sends: str = "",
    alike: bool = False,
) -> Callable[[StepWork], StepWork]:
    """Adds a kind of step that does something. `label` is what the marketer reads."""

    def add(effect: StepWork) -> StepWork:
        _add(Step(kind, label, tuple(settings), effect, icon, group, sends, alike))
        return effect

    return add


def control(kind: str, *, label: str, settings: Sequence[Setting] = (), icon: str, group: str) -> None:
    """Adds a kind of step that only says where and when to go on: `decide` walks it without touching anything."""
    _add(Step(kind, label, tuple(settings), None, icon, group))


def _add(made: Step) -> None:
    if made.kind in steps:
        raise TypeError(f"two steps are named {made.kind}")
    steps[made.kind] = made
