"""Bad answers and who looks after them: the list, one of them, and what is done about it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import follow_ups as actions
from thereafter.feedback.console.follow_up_forms import EndingForm, OwnerForm, WordsForm
from thereafter.feedback.models import FollowUp, FollowUpNote
from thereafter.feedback.queries import follow_ups as queries
from thereafter.feedback.queries.parcels import where_parcels_are
from thereafter.feedback.rules.follow_ups import OUTCOMES, REASONS, BadEnding, ask_again_days
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.scores import SCALES

PAGE = 25
FIGURES_DAYS = 90
TONES = {"open": "warn", "waiting": "info", "resolved": "good", "dropped": "neutral"}
Kind = FollowUpNote.Kind


@staff_page("feedback.read")
def follow_ups(request: StaffRequest) -> HttpResponse:
    view = request.GET.get("view", "open")
    view = view if view in queries.VIEWS else "open"
    now = clock.now()
    counts = queries.counts(request.store, me=request.staff, now=now)
    page = Paginator(queries.listed(request.store, view, me=request.staff, now=now), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page_title": "Follow-ups",
        "tabs": [
            {"label": name, "url": f"?view={key}", "count": counts.get(key), "current": key == view}
            for key, name in queries.VIEWS.items()
        ],
        "rows": [_row(one, now) for one in page],
        "page": page,
        "query": f"?view={view}&page=",
        "view": view,
        "is_new": not FollowUp.objects.of(request.store).exists(),
        "figures": queries.figures(request.store, now - timedelta(days=FIGURES_DAYS)),
    }
    return render(request, "feedback/console/follow_ups.html", context)


def _row(one: FollowUp, now: datetime) -> dict[str, Any]:
    return {
        "one": one,
        "said": _said(one),
        "words": one.answer.comment if one.answer else one.review.body if one.review else "",
        "state": one.get_state_display(),
        "tone": TONES[one.state],
        "is_overdue": one.is_overdue(now),
    }


def _said(one: FollowUp) -> str:
    """What was said, in few words: "2 of 5, Satisfaction"."""
    if one.answer:
        scale = SCALES.get(one.answer.survey.kind)
        name = str(one.answer.survey).replace("_", " ")
        return f"{one.answer.score} of {scale.high}, {name[:1].upper()}{name[1:]}" if scale else name
    if one.review:
        return f"Review of {one.review.product.title}"
    return "Opened by hand"


@staff_page("feedback.read")
def follow_up(request: StaffRequest, follow_up_id: int) -> HttpResponse:
    return _page(request, _found(request, follow_up_id))


def _page(request: StaffRequest, one: FollowUp, form: EndingForm | None = None, status: int = 200) -> HttpResponse:
    now = clock.now()
    days = ask_again_days(one.answer.survey.low) if one.answer else 0
    parcels = where_parcels_are(request.store.pk, {one.order_id}) if one.order_id else {}
    context = {
        "page_title": f"Follow-up, {one.customer.display_name}",
        **_row(one, now),
        "notes": [_note(note) for note in queries.notes(one)],
        "parcel": parcels.get(one.order_id or 0, ""),
        "owner_form": OwnerForm(store=request.store, initial={"owner": one.owner_id}),
        "ending_form": form or EndingForm(asks=bool(one.answer), initial={"ask_again_days": days}),
        "reason": REASONS.get(one.reason, ""),
        "outcome": OUTCOMES.get(one.outcome, ""),
    }
    return render(request, "feedback/console/follow_up.html", context, status)


def _note(note: FollowUpNote) -> dict[str, Any]:
    titles = {Kind.NOTE: "Note", Kind.TO_CUSTOMER: "To the customer", Kind.FROM_CUSTOMER: "From the customer"}
    by = note.by.name if note.by else ""
    title = note.text if note.kind == Kind.CHANGE else titles[Kind(note.kind)]
    return {
        "title": title,
        "by": by,
        "text": "" if note.kind == Kind.CHANGE else note.text,
        "at": note.at,
        "icon": {Kind.TO_CUSTOMER: "mail", Kind.FROM_CUSTOMER: "chat"}.get(Kind(note.kind), "people"),
    }


@require_POST
@staff_page("feedback.answer")
def take(request: StaffRequest, follow_up_id: int) -> HttpResponse:
    one = _found(request, follow_up_id)
    form = OwnerForm(request.POST, store=request.store)
    if form.is_valid():
        actions.take(one, owner=form.chosen(), by=request.staff, now=clock.now())
        messages.success(request, "Saved.")
    return _back(request, one)


@require_POST
@staff_page("feedback.answer")
def write(request: StaffRequest, follow_up_id: int) -> HttpResponse:
    """To the customer, or for colleagues only."""
    one = _found(request, follow_up_id)
    form = WordsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a few words first.")
    elif request.POST.get("to") == "colleagues":
        actions.note(one, form.cleaned_data["text"], by=request.staff, now=clock.now())
        messages.success(request, "Noted. Only colleagues see it.")
    else:
        try:
            actions.reply(one, form.cleaned_data["text"], by=request.staff, now=clock.now())
            messages.success(request, "Sent. It is on their timeline too.")
        except actions.AlreadyClosed:
            messages.error(request, "This follow-up is closed. Open it again before you write.")
    return _back(request, one)


@require_POST
@staff_page("feedback.answer")
def close(request: StaffRequest, follow_up_id: int) -> HttpResponse:
    one = _found(request, follow_up_id)
    form = EndingForm(request.POST, asks=bool(one.answer))
    if not form.is_valid():
        return _page(request, one, form, 422)
    try:
        actions.close(one, form.ending(), by=request.staff, now=clock.now())
        messages.success(request, "Closed.")
    except BadEnding as missing:
        form.add_error(None, str(missing))
        return _page(request, one, form, 422)
    except actions.AlreadyClosed:
        messages.info(request, "It was closed already.")
    return _back(request, one)


@require_POST
@staff_page("feedback.answer")
def open_again(request: StaffRequest, follow_up_id: int) -> HttpResponse:
    one = _found(request, follow_up_id)
    actions.open_again(one, by=request.staff, now=clock.now())
    messages.success(request, "It is open again.")
    return _back(request, one)


def _found(request: StaffRequest, follow_up_id: int) -> FollowUp:
    one = queries.one(request.store, follow_up_id)
    if one is None:
        raise Http404
    return one


def _back(request: StaffRequest, one: FollowUp) -> HttpResponse:
    return redirect("feedback_console:follow_up", request.store.slug, one.pk)
