"""The builder's forms: made from a step's settings, read back into its part of the document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from thereafter.journeys.console import conditions
from thereafter.journeys.console.choices import Choices, Group
from thereafter.journeys.registry import Setting
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.old_conditions import as_text
from thereafter.journeys.rules.problems import Problem
from thereafter.journeys.rules.waits import UNITS, WEEKDAYS

CHANNELS_ASKED = 4
# How long a wait takes is one question, though the document says it in four numbers.
SPAN = Setting("span", "How long", "span")
_BETWEEN = "between"


@dataclass(frozen=True)
class Input:
    """One field of a form: its setting, what stands in it, what can be chosen, and what is wrong with it."""

    setting: Setting
    value: Any
    groups: Sequence[Group] = ()
    problem: str = ""
    # Of a condition: the editor that conditions bring.
    editor: Any = None

    @property
    def id(self) -> str:
        return f"set-{self.setting.name.replace('.', '-')}"

    @property
    def known(self) -> bool:
        """Whether what stands in it is one of what can be chosen."""
        return any(value == self.value for _, options in self.groups for value, _ in options)


def as_asked(setting: Setting) -> Setting:
    """A window of the day is asked by two hours, though its setting is a text."""
    return replace(setting, kind=_BETWEEN) if setting.name == _BETWEEN else setting


@dataclass(frozen=True)
class Form:
    """What a form is about: the part of the document it shows, what is wrong with that, and what `fact` is in it.

    `posted` is what somebody sent without scripts to get another row of a condition.
    """

    values: Mapping[str, Any]
    choices: Choices
    event: str = ""
    problems: Sequence[Problem] = ()
    posted: QueryDict | None = None

    def inputs(self, settings: Sequence[Setting]) -> list[Input]:
        """A field for each setting. Names with a dot look into a part: "entry.if"."""
        return [self._input(setting, settings) for setting in _asked(settings)]

    def _input(self, setting: Setting, settings: Sequence[Setting]) -> Input:
        wrong = {problem.setting: problem.text for problem in self.problems}
        if setting is SPAN:
            units = [unit for unit in UNITS if unit in {one.name for one in settings}]
            problem = next((wrong[unit] for unit in units if unit in wrong), "")
            return Input(setting, [(unit, self.values.get(unit, "")) for unit in units], problem=problem)
        value = look(self.values, setting.name)
        editor = self._editor(setting, value) if setting.kind == "condition" else None
        return Input(setting, value, self.choices.of(setting), wrong.get(setting.name, ""), editor)

    def _editor(self, setting: Setting, value: Any) -> conditions.Editor:
        store, schema = self.choices.store, vocabulary.journey(self.event)
        if self.posted is not None and f"{setting.name}.mode" in self.posted:
            return conditions.posted(store, schema, self.posted, name=setting.name)
        text = value if isinstance(value, str) or not value else as_text(value)
        return conditions.stored(store, schema, text or "", name=setting.name)

    def read(self, settings: Sequence[Setting], data: QueryDict) -> dict[str, Any]:
        """What a form says, by setting; what was left empty is left out."""
        found = {setting.name: self._read(as_asked(setting), data) for setting in settings}
        return {name: value for name, value in found.items() if value is not False and value not in ("", None, [])}

    def _read(self, setting: Setting, data: QueryDict) -> Any:
        if setting.kind != "condition":
            return _READERS.get(setting.kind, _text)(data, setting.name)
        if f"{setting.name}.mode" not in data:
            return data.get(setting.name, "").strip()
        schema = vocabulary.journey(self.event)
        editor = conditions.posted(self.choices.store, schema, data, name=setting.name)
        # Half a row says nothing yet: what stood there stays.
        is_half = editor.pressed or (not editor.as_text and bool(editor.error))
        return look(self.values, setting.name) if is_half else editor.text


def pressed(data: QueryDict) -> bool:
    """Whether a button inside a condition was pressed without scripts: the form is to be shown again."""
    return any(
        value and f"{name.removesuffix('.do')}.mode" in data for name, value in data.items() if name.endswith(".do")
    )


def _asked(settings: Sequence[Setting]) -> Iterator[Setting]:
    """What is asked in the panel: where a step leads is drawn, not asked, and the parts of a span are one question."""
    units = [setting for setting in settings if setting.name in UNITS]
    for setting in settings:
        if setting in units:
            if setting == units[0]:
                yield SPAN
        elif setting.kind not in ("step", "ways"):
            yield as_asked(setting)


def _text(data: QueryDict, name: str) -> str:
    return data.get(name, "").strip()


def _number(data: QueryDict, name: str) -> Any:
    text = _text(data, name)
    return number(text) if text else ""


def _several(data: QueryDict, name: str) -> list[str]:
    return list(dict.fromkeys(filter(None, data.getlist(name))))


_READERS: dict[str, Callable[[QueryDict, str], Any]] = {
    "number": _number,
    "percent": _number,
    "flag": lambda data, name: data.get(name) == "1",
    "channels": _several,
    "events": _several,
    "weekdays": lambda data, name: [day for day in WEEKDAYS if day in data.getlist(name)],
    _BETWEEN: lambda data, name: [hour for hour in data.getlist(name) if hour],
}


def number(text: str) -> Any:
    """ "3" as 3 and "2.5" as 2.5; what is no number stays as it was written, and the check says so."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def look(values: Mapping[str, Any], name: str) -> Any:
    """ "entry.if" looks into the part "entry"."""
    within: Any = values
    for part in name.split("."):
        within = within.get(part) if isinstance(within, Mapping) else None
    return within


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """{"goal.event": "order.placed"} as {"goal": {"event": "order.placed"}}."""
    made: dict[str, Any] = {}
    for name, value in flat.items():
        part, _, rest = name.partition(".")
        if rest:
            made.setdefault(part, {})[rest] = value
        else:
            made[name] = value
    return made
