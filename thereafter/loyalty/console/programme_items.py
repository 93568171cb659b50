"""Single rules, ways to earn and tiers of the programme: their pages, and taking them out."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.loyalty.console.programme_edit import mark, saved, section
from thereafter.loyalty.console.programme_fields import Document, SectionForm
from thereafter.loyalty.console.programme_rules import RuleForm
from thereafter.loyalty.console.programme_shop import working
from thereafter.loyalty.console.programme_tiers import TierForm
from thereafter.loyalty.console.programme_ways import WayForm
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules import wording
from thereafter.loyalty.rules.programme import BadProgramme
from thereafter.loyalty.rules.ways import WAYS, name_of
from thereafter.loyalty.rules.wording_rules import KINDS


@staff_page("loyalty.write")
def rule(request: StaffRequest) -> HttpResponse:
    """One rule for orders, `?at=` its place; without, a new one."""
    document = working(request.store)
    at = _place(request, document.get("rules"))
    if _moved(request, document.get("rules"), at):
        return _again(request, "bonuses")
    form = RuleForm(request.store, document, at, request.POST or None)
    title = "New rule" if at is None else form.initial["name"] or "Rule"
    return _item(
        request,
        form,
        "bonuses",
        {"page_title": title, "what": "rule", "at": at, "kinds": KINDS, "mark": _mark(document, "rules", at)},
    )


@staff_page("loyalty.write")
def tier(request: StaffRequest) -> HttpResponse:
    """One tier, `?at=` its place; without, a new one."""
    document = working(request.store)
    at = _place(request, document.get("tiers"))
    if _moved(request, document.get("tiers"), at):
        return _again(request, "tiers")
    form = TierForm(request.store, document, at, request.POST or None)
    title = "New tier" if at is None else form.initial["name"]
    return _item(
        request, form, "tiers", {"page_title": title, "what": "tier", "at": at, "mark": _mark(document, "tiers", at)}
    )


@staff_page("loyalty.write")
def way(request: StaffRequest) -> HttpResponse:
    """One way to earn, by its key; without, a new one of the shop's own."""
    key = request.GET.get("key", "")
    document = working(request.store)
    if key and key not in WAYS and key not in (document.get("actions") or {}):
        raise Http404
    form = WayForm(request.store, document, key, request.POST or None)
    is_there = key in form.programme.actions
    title = WAYS[key].name if key in WAYS else name_of(key, form.initial["label"]) if key else "Your own event"
    extra = {"page_title": title, "what": "way", "at": key if is_there else None, "known": WAYS.get(key)}
    return _item(request, form, "ways", extra)


def _place(request: StaffRequest, items: Sequence[Any] | None) -> int | None:
    at = request.GET.get("at", "")
    if not at:
        return None
    if not at.isdigit() or int(at) >= len(items or ()):
        raise Http404
    return int(at)


def _mark(document: Document, name: str, at: int | None) -> str:
    return "" if at is None else mark(document[name][at])


def _moved(request: StaffRequest, items: Sequence[Any] | None, at: int | None) -> bool:
    """Whether another one stands at this place since the form was opened."""
    said = request.POST.get("mark")
    return said is not None and at is not None and items is not None and said != mark(items[at])


def _again(request: StaffRequest, part: str) -> HttpResponse:
    messages.error(request, "Somebody changed this list meanwhile, so nothing was done. Look at it as it is now.")
    return redirect(section(request.store, part))


def _item(request: StaffRequest, form: SectionForm, part: str, extra: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and (said := form.accepted()) is not None:
        return saved(request, said, part)
    context = extra | {
        "form": form,
        "part": part,
        "section": wording.SECTIONS[part],
        "back": section(request.store, part),
    }
    return render(request, "loyalty/console/programme_item.html", context)


@staff_page("loyalty.write")
@require_POST
def change(request: StaffRequest) -> HttpResponse:
    """Takes out, copies, or switches one rule, way or tier."""
    what, at, do = (request.POST.get(name, "") for name in ("what", "at", "do"))
    part = {"rule": "bonuses", "tier": "tiers", "way": "ways"}.get(what)
    document = deepcopy(working(request.store))
    items = document.get({"rule": "rules", "tier": "tiers"}.get(what, ""))
    if part and items and at.isdigit() and int(at) < len(items) and _moved(request, items, int(at)):
        return _again(request, part)
    if part is None or not _changed(document, what, at, do):
        raise Http404
    try:
        rules.read(document, tz=request.store.time_zone)
    except BadProgramme as wrong:
        messages.error(request, f"It is still needed: {wrong.problems[0][1]}")
        return redirect(section(request.store, part))
    return saved(request, document, part)


def _changed(document: Document, what: str, at: str, do: str) -> bool:
    """Whether there was such a thing to change."""
    if what == "way":
        return _changed_way(document.get("actions") or {}, at, do)
    items: list[Any] = document.get("rules" if what == "rule" else "tiers") or []
    if not at.isdigit() or int(at) >= len(items):
        return False
    if do == "drop":
        del items[int(at)]
    elif do == "copy" and what == "rule":
        copied = {**items[int(at)], "name": f"{items[int(at)].get('name') or 'Rule'} (copy)"[:80]}
        items.insert(int(at) + 1, copied)
    else:
        return False
    return True


def _changed_way(actions: Document, key: str, do: str) -> bool:
    if key not in actions:
        return False
    if do == "drop":
        del actions[key]
    elif do == "switch":
        actions[key] = {**actions[key], "is_on": not actions[key].get("is_on", True)}
    else:
        return False
    return True
