"""What waits for a second person: hidings of few stars, and authors who object."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import appeals, moderating
from thereafter.feedback.console import review_forms as forms
from thereafter.feedback.console import reviews_words as words
from thereafter.feedback.console.reviews import author
from thereafter.feedback.models import Appeal, Decision
from thereafter.feedback.queries import moderation as queries
from thereafter.feedback.rules.moderation import REASONS, CannotDecide
from thereafter.kit import clock
from thereafter.kit.pages import render

MOST = 100


@require_safe
@staff_page("feedback.read")
def second(request: StaffRequest) -> HttpResponse:
    store = request.store
    proposals = list(queries.proposals(store)[:MOST])
    photos = queries.photos_of(store, [one.review for one in proposals if one.review])
    context = {
        "page_title": "Waiting for a second look",
        "proposals": [_proposal(one, request, photos) for one in proposals],
        "appeals": [_appeal(one, request) for one in queries.open_appeals(store)[:MOST]],
        "has_colleague": len(appeals.moderators(store.pk)) > 1,
        "form": forms.AppealForm(),
    }
    return render(request, "feedback/console/reviews_second.html", context)


def _proposal(one: Decision, request: StaffRequest, photos: dict[int, Any]) -> dict[str, Any]:
    assert one.review is not None  # noqa: S101 the query asks for those with a review
    return {
        "one": one,
        "review": one.review,
        "author": author(one.review),
        "state": words.state(one.review),
        "reason": words.reason(one.reason),
        "meaning": REASONS[one.reason].meaning,
        "photos": [one.photo] if one.photo else photos[one.review.pk],
        "is_mine": one.by_id == request.staff.pk,
        "is_old": one.review.changed_at > one.at,
    }


def _appeal(one: Appeal, request: StaffRequest) -> dict[str, Any]:
    review = one.decision.review
    assert review is not None  # noqa: S101 the query asks for those with a review
    return {
        "one": one,
        "review": review,
        "author": author(review),
        "reason": words.reason(one.decision.reason),
        "may_judge": appeals.may_judge(one.decision, request.staff),
    }


@require_POST
@staff_page("feedback.moderate")
def confirm(request: StaffRequest, decision_id: int) -> HttpResponse:
    decision = _decision(request, decision_id)
    try:
        moderating.confirm(decision, by=request.staff, now=clock.now())
        messages.success(request, "Hidden. The author is told why, and may object.")
    except CannotDecide as why:
        messages.error(request, str(why))
    return redirect("feedback_console:reviews_second", request.store.slug)


@require_POST
@staff_page("feedback.moderate")
def refuse(request: StaffRequest, decision_id: int) -> HttpResponse:
    decision = _decision(request, decision_id)
    try:
        moderating.refuse(decision, by=request.staff, note=request.POST.get("note", "")[:1000], now=clock.now())
        messages.success(request, "It stays as it was. The proposal is closed.")
    except CannotDecide as why:
        messages.error(request, str(why))
    return redirect("feedback_console:reviews_second", request.store.slug)


def _decision(request: StaffRequest, decision_id: int) -> Decision:
    along = ("review", "photo", "by")
    return get_object_or_404(Decision.objects.of(request.store).select_related(*along), pk=decision_id)


@require_POST
@staff_page("feedback.moderate")
def judge(request: StaffRequest, appeal_id: int) -> HttpResponse:
    """`outcome` is upheld or rejected."""
    along = ("decision__review", "decision__photo")
    appeal = get_object_or_404(Appeal.objects.of(request.store).select_related(*along), pk=appeal_id)
    upheld, answer = request.POST.get("outcome") == "upheld", request.POST.get("answer", "")
    try:
        appeals.decide(appeal, upheld=upheld, answer=answer, by=request.staff, now=clock.now())
        messages.success(request, "It is shown again." if upheld else "It stays hidden. The author is told why.")
    except CannotDecide as why:
        messages.error(request, str(why))
    return redirect("feedback_console:reviews_second", request.store.slug)
