"""What differs by category or product: whether and when buyers are asked, and what beside the stars."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import review_setup
from thereafter.feedback.console.review_rules_forms import AttributeForm, RuleForm
from thereafter.feedback.models import ReviewRule
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules.ready_attributes import NAMES, READY
from thereafter.feedback.rules.reviews import in_language
from thereafter.kit import clock
from thereafter.kit.pages import render

MOST_ATTRIBUTES = 8
MOST = 500


@require_safe
@staff_page("feedback.read")
def rules(request: StaffRequest) -> HttpResponse:
    kept = ReviewRule.objects.of(request.store).select_related("product").order_by("category", "product__title")[:MOST]
    context = {
        "page_title": "Reviews by product",
        "rows": [_row(one) for one in kept],
        "settings": settings_of(request.store.pk),
    }
    return render(request, "feedback/console/review_rules.html", context)


def _row(rule: ReviewRule) -> dict[str, Any]:
    return {
        "one": rule,
        "name": str(rule.product) if rule.product else rule.category,
        "attributes": [in_language(one["label"], "en") for one in rule.attributes],
    }


@staff_page("feedback.write")
def new(request: StaffRequest) -> HttpResponse:
    form = RuleForm(request.store, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        kept = review_setup.keep_rule(request.store, form.rule(), by=request.staff, now=clock.now())
        messages.success(request, "Kept. Add what you want to know beside the stars, if you like.")
        return redirect("feedback_console:review_rule", request.store.slug, kept.pk)
    return render(request, "feedback/console/review_rule.html", {"page_title": "New rule", "form": form, "row": None})


@staff_page("feedback.write")
def rule(request: StaffRequest, review_rule_id: int) -> HttpResponse:
    found = _rule(request, review_rule_id)
    form = RuleForm(request.store, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        review_setup.keep_rule(request.store, form.rule(), by=request.staff, now=clock.now())
        messages.success(request, "Kept.")
        return redirect("feedback_console:review_rule", request.store.slug, found.pk)
    there = {one["key"] for one in found.attributes}
    context = {
        "page_title": str(found.product or found.category),
        "form": form,
        "row": _row(found),
        "attributes": [_attribute(one) for one in found.attributes],
        "ready": [(key, name) for key, name in NAMES.items() if key not in there],
        "is_full": len(found.attributes) >= MOST_ATTRIBUTES,
    }
    return render(request, "feedback/console/review_rule.html", context)


def _attribute(one: dict[str, Any]) -> dict[str, Any]:
    options = [in_language(option["label"], "en") for option in one["options"]]
    return {"key": one["key"], "label": in_language(one["label"], "en"), "kind": one["kind"], "options": options}


@require_POST
@staff_page("feedback.write")
def remove(request: StaffRequest, review_rule_id: int) -> HttpResponse:
    review_setup.remove_rule(_rule(request, review_rule_id), by=request.staff, now=clock.now())
    messages.success(request, "Removed. What holds for the whole shop holds here too.")
    return redirect("feedback_console:review_rules", request.store.slug)


@require_POST
@staff_page("feedback.write")
def add_ready(request: StaffRequest, review_rule_id: int) -> HttpResponse:
    found = _rule(request, review_rule_id)
    ready = READY.get(request.POST.get("ready", ""))
    if (
        ready
        and len(found.attributes) < MOST_ATTRIBUTES
        and all(one["key"] != ready["key"] for one in found.attributes)
    ):
        found.attributes = [*found.attributes, ready]
        review_setup.keep_rule(request.store, found, by=request.staff, now=clock.now())
        messages.success(request, "Added, in five languages.")
    else:
        messages.error(request, "Choose a question that is not there yet; eight are the most.")
    return redirect("feedback_console:review_rule", request.store.slug, found.pk)


@staff_page("feedback.write")
def attribute(request: StaffRequest, review_rule_id: int) -> HttpResponse:
    """`?key=` is the one to change; without it, a new one."""
    found = _rule(request, review_rule_id)
    key = request.GET.get("key", "")
    before = next((one for one in found.attributes if one["key"] == key), None)
    if key and before is None:
        raise Http404
    form = AttributeForm(request.store, found.attributes, before, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.attribute()
        others = [made if one is before else one for one in found.attributes]
        found.attributes = others if before else [*others, made]
        review_setup.keep_rule(request.store, found, by=request.staff, now=clock.now())
        messages.success(request, "Kept.")
        return redirect("feedback_console:review_rule", request.store.slug, found.pk)
    context = {"page_title": "A question beside the stars", "form": form, "rule": found, "name": _row(found)["name"]}
    return render(request, "feedback/console/review_attribute.html", context)


@require_POST
@staff_page("feedback.write")
def remove_attribute(request: StaffRequest, review_rule_id: int) -> HttpResponse:
    found = _rule(request, review_rule_id)
    key = request.POST.get("key", "")
    found.attributes = [one for one in found.attributes if one["key"] != key]
    review_setup.keep_rule(request.store, found, by=request.staff, now=clock.now())
    messages.success(request, "Removed. What buyers answered before is kept.")
    return redirect("feedback_console:review_rule", request.store.slug, found.pk)


def _rule(request: StaffRequest, review_rule_id: int) -> ReviewRule:
    return get_object_or_404(ReviewRule.objects.of(request.store).select_related("product", "store"), pk=review_rule_id)
