"""One review: what it says, why it is labelled, what happened to it, and what may be done."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import appeals, follow_ups, mending, moderating, pinning, replying
from thereafter.feedback.actions.follow_ups import NothingSaid
from thereafter.feedback.console import review_forms as forms
from thereafter.feedback.console import reviews_words as words
from thereafter.feedback.console.reviews import rows
from thereafter.feedback.models import Decision, FollowUp, Review, ReviewPhoto
from thereafter.feedback.queries import moderation as queries
from thereafter.feedback.queries.review_rules import rules_of, settings_of
from thereafter.feedback.rules import moderation as rules
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.feedback.rules.reviews import in_language
from thereafter.kit import clock
from thereafter.kit.pages import render

State, Held = Review.State, Decision.State
Act = Callable[..., str]


@require_safe
@staff_page("feedback.read")
def review(request: StaffRequest, review_id: int) -> HttpResponse:
    return _page(request, found(request, review_id))


def found(request: StaffRequest, review_id: int) -> Review:
    along = ("product", "variant", "customer", "order", "replied_by", "store")
    return get_object_or_404(Review.objects.of(request.store).select_related(*along), pk=review_id)


def _page(request: StaffRequest, one: Review, status: int = 200, **forms_shown: Any) -> HttpResponse:
    (row,) = rows(request.store, [one])
    decisions = queries.decisions_of(one)
    versions = list(one.versions.select_related("staff").order_by("-number"))
    letters = list(one.letters.select_related("by").order_by("-at"))
    proposal = next((made for made in decisions if made.state == Held.PROPOSED and made.photo is None), None)
    context = {
        "page_title": f"Review of {one.product}",
        "one": one,
        "row": row,
        "hints": queries.hints(one.store_id, [one])[one.pk],
        "attributes": _attributes(one),
        "history": words.history(one, versions, decisions, letters),
        "decisions": decisions,
        "proposal": proposal,
        "hidden_by": next((made for made in decisions if made.state == Held.HOLDS and made.what == "hide"), None),
        "photo_decisions": {made.photo.pk: made for made in reversed(decisions) if made.photo},
        "appeal": _open_appeal(decisions),
        "reports": [(words.reported(code), times) for code, times in queries.open_reports(one)],
        "reporters": queries.reporters_words(one),
        "follow_up": FollowUp.objects.of(request.store).filter(review=one).order_by("-pk").first(),
        "takes_two": rules.needs_second(one.rating),
        "has_colleague": len(appeals.moderators(one.store_id)) > 1,
        "can_hide": one.state in moderating.OPEN and proposal is None,
        "why_no_update": replying.why_no_update(one),
        "reasons": list(rules.REASONS.values()),
        "hide_form": forms.HideForm(),
        "reply_form": forms.ReplyForm(initial={"text": one.reply}),
        "private_form": forms.PrivateForm(),
        "update_form": forms.UpdateForm(),
        "mend_form": forms.MendForm(initial={"title": one.title, "body": one.body}),
        "reason": words.reason,
    }
    return render(request, "feedback/console/review.html", context | forms_shown, status=status)


def _attributes(review: Review) -> list[tuple[str, str]]:
    """What was asked beside the stars, in the shop's words."""
    schema = rules_of(settings_of(review.store_id), [review.product])[review.product_id].attributes
    told = []
    for attribute in schema:
        chosen = review.attributes.get(str(attribute["key"]))
        option = next((one for one in attribute["options"] if one["key"] == chosen), None)
        if option:
            told.append((in_language(attribute["label"], "en"), in_language(option["label"], "en")))
    if review.recommends is not None:
        told.append(("Recommends it", "Yes" if review.recommends else "No"))
    return told


def _open_appeal(decisions: list[Decision]) -> Any:
    objections = [made.appeal for made in decisions if hasattr(made, "appeal")]
    return next((one for one in objections if not one.outcome), None)


def _changes(verb: str = "feedback.moderate") -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """A change by one press: what it says when it is done, or why it cannot be."""

    def wrap(act: Act) -> Callable[..., HttpResponseBase]:
        @require_POST
        @staff_page(verb)
        def view(request: StaffRequest, review_id: int, **more: int) -> HttpResponse:
            one = found(request, review_id)
            try:
                messages.success(request, act(request, one, **more))
            except (CannotDecide, NothingSaid) as why:
                messages.error(request, str(why))
            return redirect(_back(request, one))

        return view

    return wrap


def _back(request: StaffRequest, one: Review) -> str:
    return reverse("feedback_console:review", args=[request.store.slug, one.pk])


@_changes()
def publish(request: StaffRequest, one: Review) -> str:
    now = clock.now()
    if one.state == State.HIDDEN:
        moderating.publish_hidden(one, by=request.staff, note=request.POST.get("note", ""), now=now)
        return "It is shown again."
    if not moderating.approve(request.store, [one.pk], by=request.staff, now=now):
        raise CannotDecide("It is published already, or waits for a second person.")
    return "Published."


@_changes()
def hide(request: StaffRequest, one: Review) -> str:
    form = _valid(forms.HideForm(request.POST))
    made = moderating.hide(one, reason=form["reason"], note=form["note"], by=request.staff, now=clock.now())
    return _hidden(made)


def _hidden(made: Decision) -> str:
    if made.state == Held.PROPOSED:
        return "Proposed. Nothing changes until a colleague has had a second look."
    return "Hidden. The author is told why, and may object."


@_changes()
def hide_photo(request: StaffRequest, one: Review, review_photo_id: int) -> str:
    picture = _photo(one, review_photo_id)
    form = _valid(forms.HideForm(request.POST))
    made = moderating.hide_photo(picture, reason=form["reason"], note=form["note"], by=request.staff, now=clock.now())
    return _hidden(made)


@_changes()
def show_photo(request: StaffRequest, one: Review, review_photo_id: int) -> str:
    picture = _photo(one, review_photo_id)
    hidden = Decision.objects.of(request.store).filter(photo=picture, what="hide", state=Held.HOLDS).first()
    if hidden is None:
        raise CannotDecide("This picture is not hidden.")
    moderating.lift(hidden, by=request.staff, note="", now=clock.now())
    return "The picture is shown again."


def _photo(one: Review, photo_id: int) -> ReviewPhoto:
    picture = one.photos.filter(pk=photo_id).select_related("review").first()
    if picture is None:
        raise Http404
    return picture


@_changes()
def seen(request: StaffRequest, one: Review) -> str:
    moderating.have_seen(one, now=clock.now())
    return "The reports are settled. The review stays as it is."


@_changes("feedback.answer")
def reply(request: StaffRequest, one: Review) -> str:
    replying.reply(one, _valid(forms.ReplyForm(request.POST))["text"], by=request.staff, now=clock.now())
    return "Your answer stands under the review." if one.state == State.PUBLISHED else "Your answer is kept."


@_changes("feedback.answer")
def remove_reply(request: StaffRequest, one: Review) -> str:
    replying.remove_reply(one, now=clock.now())
    return "Your answer is removed."


@_changes("feedback.answer")
def write(request: StaffRequest, one: Review) -> str:
    replying.write_privately(one, _valid(forms.PrivateForm(request.POST))["text"], by=request.staff, now=clock.now())
    return "Your message is on its way to the author."


@_changes("feedback.answer")
def ask_update(request: StaffRequest, one: Review) -> str:
    replying.ask_update(one, done=_valid(forms.UpdateForm(request.POST))["done"], by=request.staff, now=clock.now())
    return "The author is asked once whether it still says what they think."


@_changes()
def mend(request: StaffRequest, one: Review) -> str:
    form = _valid(forms.MendForm(request.POST))
    mending.mend_typo(one, title=form["title"], body=form["body"], by=request.staff, now=clock.now())
    return "Mended. The author is told, and may take it back."


@_changes()
def pin(request: StaffRequest, one: Review) -> str:
    if one.pinned_at:
        pinning.unpin(one, now=clock.now())
        return "It stands at its place in time again."
    pinning.pin(one, now=clock.now())
    return "It stands first, and says that you put it there."


@_changes("feedback.answer")
def follow_up(request: StaffRequest, one: Review) -> str:
    follow_ups.open_for_review(one, by=request.staff, now=clock.now())
    return "A follow-up is open. It is yours until you hand it on."


def _valid(form: Any) -> dict[str, str]:
    """What was typed; raises `CannotDecide` with what is missing."""
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        raise CannotDecide(f"{form.fields[name].label}: {problems[0]}")
    return {name: str(value) for name, value in form.cleaned_data.items()}
