"""The rules of a draft: one on its page, and what can be done with each in the list."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.console import conditions
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.returns.actions import policies
from thereafter.returns.console import policy_action_forms
from thereafter.returns.console.policy import EDIT, working
from thereafter.returns.console.policy_fees import is_usual
from thereafter.returns.console.policy_order import Rules, stronger, weaker
from thereafter.returns.models import ReturnSettings
from thereafter.returns.rules.policy.policies import check
from thereafter.returns.rules.policy.policy_checks import MOST_RULES
from thereafter.returns.rules.policy.vocabulary import SCHEMA

NEW: dict[str, Any] = {"name": "", "then": []}


@staff_page("returns.settings")
def rule(request: StaffRequest) -> HttpResponse:
    """`?at=` is the place of a rule in the draft; without it a new one is written."""
    document = dict(working(request.store))
    rules = list(document.get("rules", []))
    at = _place(request.GET.get("at", ""), rules)
    was = NEW if at is None else rules[at]
    if request.method != "POST":
        editor = conditions.stored(request.store, SCHEMA, was.get("if", ""))
        return _shown(request, was, editor, {}, at)
    editor = conditions.posted(request.store, SCHEMA, request.POST)
    said, errors = _entered(request, was, str(document.get("currency", "EUR")))
    said["if"] = editor.text
    if editor.pressed or "add" in request.POST or "drop_action" in request.POST:
        # Only a row or an action more or less: what is unfinished is not complained about.
        return _shown(request, said, editor, {}, at)
    where = len(rules) if at is None else at
    if not said["if"]:
        del said["if"]
    document["rules"] = [*rules[:where], said, *rules[where + 1 :]]
    errors |= _problems(document, where)
    if editor.error or errors:
        return _shown(request, said, editor, errors, at)
    policies.save_draft(request.store, document, by=request.staff, now=clock.now())
    messages.success(request, f"“{said['name']}” is in the draft.")
    return redirect(f"{url(EDIT, request.store.slug)}#rules")


def _place(text: str, rules: Rules) -> int | None:
    if not text:
        return None
    if not text.isdigit() or int(text) >= len(rules):
        raise Http404
    return int(text)


def _entered(request: StaffRequest, was: Mapping[str, Any], currency: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The rule as it was entered; errors by the setting, those of actions as in `_problems`."""
    data = request.POST
    actions, wrong = policy_action_forms.read(data, currency, _language(request))
    said = {**was, "name": data.get("name", "").strip(), "then": actions}
    errors = {f"then.{where}": sentence for where, sentence in wrong.items()}
    about, priority = data.get("about", "").strip()[:300], data.get("priority", "").strip() or "0"
    said.pop("about", None)
    if about:
        said["about"] = about
    try:
        said["priority"] = int(priority)
    except ValueError:
        errors["priority"] = "The priority is a whole number."
    said.pop("off", None)
    if "off" in data:
        said["off"] = True
    return said, errors


def _problems(document: Mapping[str, Any], at: int) -> dict[str, str]:
    """What is wrong with this rule, by setting: "name", "if", "then", "then.0.flat"."""
    return {one.setting or "name": one.text for one in reversed(check(document)) if one.where == f"rules.{at}"}


def _shown(
    request: StaffRequest, said: Mapping[str, Any], editor: conditions.Editor, errors: Mapping[str, str], at: int | None
) -> HttpResponse:
    wrong = {name.removeprefix("then."): text for name, text in errors.items() if name.startswith("then.")}
    destinations = ReturnSettings.objects.of(request.store).values_list("destinations", flat=True).first() or {}
    context = {
        "said": said,
        "editor": editor,
        "actions": policy_action_forms.forms(said["then"], wrong, _language(request)),
        "shelves": list(policy_action_forms.shelves()),
        "errors": errors,
        "at": at,
        "destinations": sorted(destinations),
        "page_title": said.get("name") or "New rule",
    }
    return render(request, "returns/console/policy_rule.html", context)


def _language(request: StaffRequest) -> str:
    return request.store.locale.partition("-")[0] or "en"


@staff_page("returns.settings")
@require_POST
def change(request: StaffRequest) -> HttpResponse:
    """up, down, switch, copy, drop: what a button in the list of rules does."""
    document = dict(working(request.store))
    rules: Rules = list(document.get("rules", []))
    at = _place(request.POST.get("at", ""), rules)
    do = _CHANGES.get(request.POST.get("do", ""))
    if at is None or do is None:
        raise Http404
    document["rules"] = do(rules, at)
    policies.save_draft(request.store, document, by=request.staff, now=clock.now())
    return redirect(f"{url(EDIT, request.store.slug)}#rules")


def _listed(rules: Rules) -> list[int]:
    return [at for at, one in enumerate(rules) if not is_usual(one)]


def _switched(rules: Rules, at: int) -> Rules:
    turned = {name: value for name, value in rules[at].items() if name != "off"}
    if not rules[at].get("off"):
        turned["off"] = True
    return [*rules[:at], turned, *rules[at + 1 :]]


def _copied(rules: Rules, at: int) -> Rules:
    names = {one.get("name") for one in rules}
    name = rules[at]["name"][:280]
    free = next(f"{name} ({n})" for n in range(2, MOST_RULES + 3) if f"{name} ({n})" not in names)
    return [*rules[: at + 1], {**rules[at], "name": free}, *rules[at + 1 :]]


_CHANGES: dict[str, Callable[[Rules, int], Rules]] = {
    "up": lambda rules, at: stronger(rules, at, _listed(rules)),
    "down": lambda rules, at: weaker(rules, at, _listed(rules)),
    "switch": _switched,
    "copy": _copied,
    "drop": lambda rules, at: [*rules[:at], *rules[at + 1 :]],
}
