"""The actions of a rule as small forms: what each asks, what was entered, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from babel.core import Locale
from django.http import QueryDict

from thereafter.kit.pages import humanise
from thereafter.returns.console import policy_amounts
from thereafter.returns.console.policy_forms import SINCE, plain
from thereafter.returns.rules.policy.outcomes import FEES, METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.policy_actions import KINDS
from thereafter.returns.rules.policy.policy_checks import MOST_ACTIONS
from thereafter.returns.rules.reasons import GROUPS

Action = Mapping[str, Any]
Choices = tuple[tuple[str, str], ...]
Shape = Literal["number", "percent", "amount", "text", "texts", "date", "choice", "many", "flag"]
LANGUAGES = ("en", "de", "fr", "es", "pt")

# By when one thinks of them, for the menu.
SHELVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Whether it comes back", ("reject", "allow", "bypass_final_sale", "window", "goodwill", "hide", "show")),
    ("What it ends in", ("outcomes", "keep", "donate", "require_shipping")),
    ("What it costs and brings", ("fee", "bonus", "credit", "refund_shipping")),
    ("How it goes", ("methods", "release", "destination", "review", "no_review", "reasons", "tier")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a setting is asked by."""

    label: str
    shape: Shape
    choices: Choices = ()
    help: str = ""


def _pairs(names: Mapping[str, str]) -> Choices:
    return tuple(names.items())


_ANY = (("", "Usual"),)
_SETTINGS: dict[str, Asked] = {
    "days": Asked("Days", "number"),
    "from": Asked("Counted from", "choice", tuple(SINCE)),
    "buffer_days": Asked("Days on the way, where nobody tells of the delivery", "number"),
    "until": Asked("At least until", "date"),
    "percent": Asked("Percent", "percent"),
    "flat": Asked("Amount", "amount"),
    "most": Asked("At most", "amount"),
    "for": Asked("What it is for", "choice", _pairs(FEES)),
    "of": Asked("Percent of", "choice", (("net", "The price without tax"), ("gross", "The price with tax"))),
    "waived": Asked("No fee at all", "flag"),
    "on": Asked("When", "choice", _pairs(RELEASES)),
    "share": Asked("How much of it", "choice", _pairs(SHIPPING)),
    "group": Asked("Which reasons", "choice", tuple((name, humanise(name)) for name in GROUPS)),
    "why": Asked("What the shopper reads", "texts"),
    "to": Asked("Where to", "text", help="The name of a destination in the settings of returns."),
    "name": Asked("Name of the tier", "text"),
    "note": Asked("What the shopper reads", "texts"),
    "outcomes": Asked("Only for", "many", _pairs(OUTCOMES), "None chosen: for all it makes sense for."),
    "methods": Asked("Only with", "many", _pairs(METHODS), "None chosen: with every way back."),
    "only": Asked("Only these", "many"),
    "add": Asked("These too", "many"),
    "remove": Asked("Not these", "many"),
}
_LISTS = {"outcomes": OUTCOMES, "methods": METHODS}
_OTHERWISE: dict[tuple[str, str], Asked] = {
    ("review", "why"): Asked("Why, for your people", "text"),
    ("keep", "percent"): Asked("Percent of the value that is paid back", "percent", help="Empty: all of it."),
    ("donate", "percent"): Asked("Percent of the value that is paid back", "percent", help="Empty: all of it."),
    **{
        (do, name): Asked(_SETTINGS[name].label, "many", _pairs(names))
        for do, names in _LISTS.items()
        for name in ("only", "add", "remove")
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Control:
    """A setting of an action on the page. `text` is what stands in it; `texts` by language; `chosen` of many."""

    name: str
    asked: Asked
    value: Any
    is_needed: bool
    error: str
    language: str

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def text(self) -> str:
        if self.asked.shape == "amount":
            return policy_amounts.as_text(self.value)
        if isinstance(self.value, Mapping):
            return str(self.value.get(self.language) or self.value.get("") or next(iter(self.value.values()), ""))
        return "" if self.value is None else str(self.value)

    @property
    def chosen(self) -> list[str]:
        return [str(one) for one in self.value] if isinstance(self.value, list | tuple) else []

    @property
    def others(self) -> list[tuple[str, str, str]]:
        """(language, its name, the text in it) beside that of the shop."""
        said = self.value if isinstance(self.value, Mapping) else {}
        rest = dict.fromkeys([*LANGUAGES, *said])
        return [(one, _tongue(one), str(said.get(one, ""))) for one in rest if one and one != self.language]

    @property
    def tongue(self) -> str:
        return _tongue(self.language)


@dataclass(frozen=True, slots=True)
class ActionForm:
    at: int
    do: str
    label: str
    controls: list[Control]
    error: str


def forms(actions: list[Action], errors: Mapping[str, str], language: str) -> list[ActionForm]:
    """`errors` are sentences by "0.flat" (the action's place and the setting)."""
    return [_form(at, action, errors, language) for at, action in enumerate(actions) if action.get("do") in KINDS]


def _form(at: int, action: Action, errors: Mapping[str, str], language: str) -> ActionForm:
    do = action["do"]
    kind = KINDS[do]
    controls = [
        Control(
            f"then.{at}.{name}", _asked(do, name), action.get(name), name in kind.needs,
            errors.get(f"{at}.{name}", ""), language,
        )
        for name in (*kind.needs, *kind.may)
    ]  # fmt: skip
    return ActionForm(at, do, kind.label, controls, errors.get(f"{at}.do", ""))


def read(data: QueryDict, currency: str, language: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The actions that were entered, without those that were taken off, and what is no amount or number."""
    actions: list[dict[str, Any]] = []
    errors: dict[str, str] = {}
    dropped = data.get("drop_action", "")
    for place in range(MOST_ACTIONS):
        do = data.get(f"then.{place}.do", "")
        if do not in KINDS or dropped == str(place):
            continue
        at, action = len(actions), {"do": do}
        for name in (*KINDS[do].needs, *KINDS[do].may):
            try:
                value = _value(data, f"then.{place}.{name}", _asked(do, name), currency, language)
            except ValueError as wrong:
                errors[f"{at}.{name}"] = str(wrong)
                value = data.get(f"then.{place}.{name}", "")
            if value not in (None, "", [], False):
                action[name] = value
        actions.append(action)
    added = data.get("add_action", "") if "add" in data else ""
    if added in KINDS and len(actions) < MOST_ACTIONS:
        actions.append({"do": added})
    return actions, errors


def _value(data: QueryDict, name: str, asked: Asked, currency: str, language: str) -> Any:
    text = data.get(name, "").strip()
    if asked.shape == "many":
        known = dict(asked.choices)
        return [one for one in data.getlist(name) if one in known]
    if asked.shape == "flag":
        return name in data
    if asked.shape == "texts":
        return _texts(data, name, text, language)
    return _of_text(text, asked.shape, currency) if text else None


def _of_text(text: str, shape: Shape, currency: str) -> Any:
    if shape == "amount":
        return policy_amounts.read(text, currency)
    return _number(text, whole=shape == "number") if shape in {"number", "percent"} else text


def _number(text: str, *, whole: bool) -> Any:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or (whole and number != number.to_integral()):
        raise ValueError("Write a whole number." if whole else "Write a number, such as 10 or 7.5.")
    return plain(number)


def _texts(data: QueryDict, name: str, text: str, language: str) -> Any:
    """One text for all, or texts by language when somebody wrote others too."""
    prefix = f"{name}:"
    others = {key.removeprefix(prefix): data.get(key, "").strip() for key in data if key.startswith(prefix)}
    said = {one: value for one, value in others.items() if value}
    return {language: text, **said} if said and text else said or text


def _asked(do: str, name: str) -> Asked:
    return _OTHERWISE.get((do, name)) or _SETTINGS[name]


def _tongue(language: str) -> str:
    try:
        return Locale.parse(language, sep="-").english_name or language
    except ValueError:
        return language


def shelves() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for name, kinds in SHELVES:
        yield name, [(kind, KINDS[kind].label) for kind in kinds]
