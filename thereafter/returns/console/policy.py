"""The policy of returns: what holds, the draft and its editor, publishing, and going back to an old version."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.rules.problems import Problem
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import store_policies
from thereafter.returns.actions import policies
from thereafter.returns.console import policy_fees, policy_summary
from thereafter.returns.console.policy_forms import PolicyForm
from thereafter.returns.models import PolicyVersion
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.rules.policy.policies import BadPolicy, Policy, check, compile_policy
from thereafter.stores.models import Store

PAGE, LONGEST_TEXT = "returns_console:policy", 200_000


@staff_page("returns.read")
@require_safe
def policy(request: StaffRequest) -> HttpResponse:
    """What holds now, in sentences."""
    version, holds = store_policies.current(request.store)
    versions = PolicyVersion.objects.of(request.store).published().defer("document").select_related("saved_by")
    context = {
        "version": version,
        "policy": holds,
        "parts": policy_summary.parts(holds),
        "rules": policy_summary.rules(holds),
        "draft": store_policies.draft(request.store),
        "versions": versions[:5],
        "ready": _ready(request.store),
        "may_edit": request.membership.may("returns.settings"),
        "page_title": "Return policy",
    }
    return render(request, "returns/console/policy.html", context)


def _ready(store: Store) -> list[tuple[str, str, str]]:
    """Policies to begin with: key, name, what it is."""
    documents = ((key, ready_policies.document(key, store.currency)) for key in ready_policies.KEYS)
    return [(key, document["name"], document["about"]) for key, document in documents]


@staff_page("returns.settings")
def edit(request: StaffRequest) -> HttpResponse:
    """The draft, or a copy of what holds: nothing changes for shoppers before it is published."""
    document = working(request.store)
    form = PolicyForm(document, request.POST or None)
    preset = request.POST.get("preset", "")
    if request.method == "POST" and form.is_valid():
        said = form.filled()
        if preset in policy_fees.PRESETS:
            said = policy_fees.put(said, preset_values(preset, form.currency))
        problems = check(said)
        form.show(problems)
        if form.is_valid():
            policies.save_draft(request.store, said, by=request.staff, now=clock.now())
            messages.success(request, "Saved as a draft. Shoppers see it once it is published.")
            return redirect("returns_console:review_policy" if "review" in request.POST else EDIT, request.store.slug)
    return render(request, "returns/console/policy_edit.html", _edit_context(request, form, document))


EDIT = "returns_console:edit_policy"


def preset_values(key: str, currency: str) -> dict[str, Any]:
    """The table of a preset in another currency: 4.95 of any that has cents, 495 of one without."""
    values: dict[str, Any] = ready_policies.in_currency(policy_fees.PRESETS[key][2], currency)
    return values


def _edit_context(request: StaffRequest, form: PolicyForm, document: Mapping[str, Any]) -> dict[str, Any]:
    problems = check(document)
    return {
        "form": form,
        "draft": store_policies.draft(request.store),
        "presets": [(key, *words[:2]) for key, words in policy_fees.PRESETS.items()],
        "rules": policy_summary.rules(compile_policy(document)) if not problems else [],
        "problems": told(problems, document),
        "page_title": "Edit the policy",
    }


def working(store: Store) -> Mapping[str, Any]:
    """The document that is being written."""
    draft = store_policies.draft(store)
    return draft.document if draft else store_policies.current_document(store)


def told(problems: list[Problem], document: Mapping[str, Any]) -> list[str]:
    """Problems as sentences that name the rule they are in."""
    rules = document.get("rules", [])
    sentences = []
    for one in problems:
        kind, _, at = one.where.partition(".")
        named = kind == "rules" and at.isdigit() and int(at) < len(rules)
        where = f"Rule “{rules[int(at)].get('name') or int(at) + 1}”" if named else kind.capitalize()
        sentences.append(f"{where}: {one.text}" if where else one.text)
    return sentences


@staff_page("returns.settings")
def as_text(request: StaffRequest) -> HttpResponse:
    """The whole policy as JSON, for those who prefer it."""
    text, problems = json.dumps(working(request.store), indent=2, ensure_ascii=False), []
    if request.method == "POST":
        text = request.POST.get("document", "")[:LONGEST_TEXT]
        document, wrong = _parsed(text)
        problems = [wrong] if wrong else told(check(document), document)
        if not problems:
            policies.save_draft(request.store, document, by=request.staff, now=clock.now())
            messages.success(request, "Saved as a draft.")
            return redirect(EDIT, request.store.slug)
    context = {"text": text, "problems": problems, "page_title": "Policy as text"}
    return render(request, "returns/console/policy_text.html", context)


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as wrong:
        return {}, f"Line {wrong.lineno}, character {wrong.colno}: this is no JSON ({wrong.msg.lower()})."
    except RecursionError:
        return {}, "This is nested too deeply."
    return (document, "") if isinstance(document, dict) else ({}, "A policy is an object: { … }.")


@staff_page("returns.settings")
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """Begins a draft from a ready policy."""
    key = request.POST.get("key", "")
    if key not in ready_policies.KEYS:
        raise Http404
    document = ready_policies.document(key, request.store.currency)
    policies.save_draft(request.store, document, by=request.staff, now=clock.now())
    messages.success(request, f"“{document['name']}” is your draft now. Change what you like.")
    return redirect(EDIT, request.store.slug)


@staff_page("returns.settings")
@require_POST
def discard(request: StaffRequest) -> HttpResponse:
    policies.discard_draft(request.store, by=request.staff, now=clock.now())
    messages.success(request, "The draft is gone. What held still holds.")
    return redirect(PAGE, request.store.slug)


@staff_page("returns.settings")
def review(request: StaffRequest) -> HttpResponse:
    """What the draft changes; publishing it."""
    draft = store_policies.draft(request.store)
    if draft is None:
        messages.info(request, "There is no draft to publish.")
        return redirect(PAGE, request.store.slug)
    if request.method == "POST":
        return _publish(request)
    _, holds = store_policies.current(request.store)
    problems = check(draft.document)
    context = {
        "draft": draft,
        "problems": told(problems, draft.document),
        "changes": [] if problems else policy_summary.changes(holds, compile_policy(draft.document)),
        "page_title": "Publish the policy",
    }
    return render(request, "returns/console/policy_review.html", context)


def _publish(request: StaffRequest) -> HttpResponse:
    try:
        version = policies.publish(request.store, by=request.staff, now=clock.now(), note=request.POST.get("note", ""))
    except BadPolicy:
        messages.error(request, "The draft has problems. Mend them first.")
        return redirect("returns_console:review_policy", request.store.slug)
    messages.success(request, f"Version {version.number} holds from now on. Returns that are under way keep theirs.")
    return redirect(PAGE, request.store.slug)


@staff_page("returns.read")
@require_safe
def versions(request: StaffRequest) -> HttpResponse:
    """All versions, and one of them with what it changed."""
    all_of_them = list(PolicyVersion.objects.of(request.store).published().select_related("saved_by"))
    asked = request.GET.get("number", "")
    shown = next((one for one in all_of_them if str(one.number) == asked), None)
    if asked and shown is None:
        raise Http404
    shown = shown or next(iter(all_of_them), None)
    before = next((one for one in all_of_them if shown and one.number == shown.number - 1), None)
    context: dict[str, Any] = {"versions": all_of_them, "shown": shown, "page_title": "Versions of the policy"}
    if shown:
        holds = store_policies.compiled(shown)
        context |= {
            "policy": holds,
            "parts": policy_summary.parts(holds),
            "rules": policy_summary.rules(holds),
            "changes": policy_summary.changes(_before(request.store, before), holds),
            "is_current": shown is all_of_them[0],
            "may_edit": request.membership.may("returns.settings"),
        }
    return render(request, "returns/console/policy_versions.html", context)


def _before(store: Store, version: PolicyVersion | None) -> Policy:
    return store_policies.compiled(version) if version else store_policies.ready(store_policies.FIRST, store.currency)


@staff_page("returns.settings")
@require_POST
def go_back(request: StaffRequest) -> HttpResponse:
    number = request.POST.get("number", "")
    try:
        version = policies.go_back(
            request.store, int(number) if number.isdigit() else 0, by=request.staff, now=clock.now()
        )
    except PolicyVersion.DoesNotExist:
        raise Http404 from None
    except BadPolicy as wrong:
        messages.error(request, f"This version cannot hold any more: {wrong.problems[0].text}")
        return redirect("returns_console:policy_versions", request.store.slug)
    messages.success(request, f"Version {number} holds again, as version {version.number}.")
    return redirect(PAGE, request.store.slug)
