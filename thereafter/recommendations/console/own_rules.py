"""The merchant's rules: what is pinned, never shown, weighed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.http import wants_fragment
from thereafter.kit.pages import number, render
from thereafter.recommendations.actions import rules_of_shop
from thereafter.recommendations.console import words
from thereafter.recommendations.console.rule_forms import RuleForm
from thereafter.recommendations.console.trying import tried
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.queries.picks import titles
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules import showing


@require_safe
@staff_page("recommendations.read")
def rules(request: StaffRequest) -> HttpResponse:
    kept = settings_of(request.store.pk)
    wishes = kept.wishes
    named = titles(request.store.pk, {number for one in wishes for number in (one.product_id, one.beside_product_id)})
    context = {
        "page_title": "Rules for recommendations",
        "rows": [_row(one, named) for one in sorted(wishes, key=lambda one: showing.KINDS.index(one.kind))],
        "durables": _durables(kept),
    }
    return render(request, "recommendations/console/rules.html", context)


def _row(rule: showing.Rule, named: dict[int, str]) -> dict[str, Any]:
    beside = named.get(rule.beside_product_id, "") or rule.beside_category
    return {
        "key": int(rule.key),
        "does": words.KINDS[rule.kind],
        "what": named.get(rule.product_id, "A product that is gone") if rule.product_id else rule.category,
        "is_category": bool(rule.category),
        "how": _how(rule),
        "where": ", ".join(words.SLOTS[slot] for slot in rule.slots) or "Everywhere",
        "beside": f"beside {beside}" if beside else "",
    }


def _how(rule: showing.Rule) -> str:
    return {
        showing.PIN: f"in place {rule.place}",
        showing.BOOST: words.times(rule.weight),
        showing.MARGIN: f"{rule.weight:g} %",
    }.get(rule.kind, "")


def _durables(kept: ShowSettings) -> list[dict[str, Any]]:
    """Categories of which people own one, and what says so."""
    told = {rule.category for rule in kept.wishes if rule.kind == showing.ONE_EACH}
    rows = []
    for name in sorted(kept.terms.durables):
        buyers, twice = kept.habits.get(name, (0, 0))
        why = "Your rule" if name in told else f"{number(twice)} of {number(buyers)} buyers have two"
        rows.append({"name": name, "why": why})
    return rows


@staff_page("recommendations.write")
def new(request: StaffRequest) -> HttpResponse:
    return _edit(request, None)


@staff_page("recommendations.write")
def rule(request: StaffRequest, pick_rule_id: int) -> HttpResponse:
    return _edit(request, _found(request, pick_rule_id))


def _edit(request: StaffRequest, kept: showing.Rule | None) -> HttpResponse:
    """Saves, or with `try` shows what it would do."""
    form = RuleForm(request.store, kept, request.POST or None)
    is_sound = request.method == "POST" and form.is_valid()
    is_trial = "try" in request.POST or wants_fragment(request)
    if is_sound and not is_trial:
        try:
            rules_of_shop.keep_rule(request.store, form.rule(), by=request.staff, now=clock.now())
        except rules_of_shop.BadRule as wrong:
            form.add_error({"product": "what", "category": "what"}.get(wrong.field, wrong.field) or None, str(wrong))
        else:
            messages.success(request, "Kept. It holds from now on.")
            return redirect("recommendations_console:rules", request.store.slug)
    beside = request.POST.get("try_beside", "")
    draft = form.rule() if is_sound and is_trial else kept
    context = {
        "page_title": words.KINDS[kept.kind] if kept else "New rule",
        "form": form,
        "kept": kept,
        "kinds": [(words.KINDS[kind], words.KIND_HELP[kind]) for kind in showing.KINDS],
        "beside": beside,
        "trial": tried(request, beside, "", draft),
    }
    if wants_fragment(request):
        return render(request, "recommendations/console/_trial.html", context)
    status = 422 if request.method == "POST" and form.errors and not is_trial else 200
    return render(request, "recommendations/console/rule.html", context, status=status)


@require_POST
@staff_page("recommendations.write")
def remove(request: StaffRequest, pick_rule_id: int) -> HttpResponse:
    if not rules_of_shop.remove_rule(request.store, str(pick_rule_id), by=request.staff, now=clock.now()):
        raise Http404
    messages.success(request, "Removed.")
    return redirect("recommendations_console:rules", request.store.slug)


def _found(request: StaffRequest, pick_rule_id: int) -> showing.Rule:
    wishes = settings_of(request.store.pk).wishes
    found = next((one for one in wishes if one.key == str(pick_rule_id)), None)
    if found is None:
        raise Http404
    return found
