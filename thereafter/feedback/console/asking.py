"""How much one person is asked, what was decided, and whom a survey would reach."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback import ask_words
from thereafter.feedback.actions import budgets
from thereafter.feedback.models import Ask, Survey
from thereafter.feedback.queries import asks as queries
from thereafter.feedback.queries import reach as reaching
from thereafter.feedback.rules.budget import Policy
from thereafter.kit import clock
from thereafter.kit.pages import number, percent, render
from thereafter.stores.models import StoreQuerySet

PAGE = 50
DAYS = 90
STATES = {"": "All", "asked": "Asked", "waiting": "Waiting", "skipped": "Not asked"}
TONES = {"asked": "good", "waiting": "info", "skipped": "neutral"}


class BudgetForm(forms.Form):
    most = forms.IntegerField(label="At most this many questions for one person", min_value=1, max_value=50)
    days = forms.IntegerField(label="Within this many days", min_value=1, max_value=365)
    gap_after_ask = forms.IntegerField(label="Days of quiet after we asked", min_value=0, max_value=90)
    gap_after_answer = forms.IntegerField(label="Days of quiet after they answered", min_value=0, max_value=90)
    quiet_while = forms.MultipleChoiceField(
        label="Ask nothing while",
        choices=list(ask_words.QUIET.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    holdout_percent = forms.IntegerField(
        label="Never ask this share of people, in percent",
        help_text="Always the same people, so that who is asked can be compared with who is not. Usually 0.",
        min_value=0,
        max_value=50,
    )

    def policy(self) -> Policy:
        given = self.cleaned_data
        return Policy(**(given | {"quiet_while": frozenset(given["quiet_while"])}))


@staff_page("feedback.read")
def asking(request: StaffRequest) -> HttpResponse:
    """The budget, what it did in the last 90 days, and what a changed one would have done (`try`)."""
    now = clock.now()
    policy = queries.policy_of(request.store.pk)
    form = BudgetForm(request.POST or None, initial=_initial(policy))
    tried = None
    if request.method == "POST" and request.membership.may("feedback.write") and form.is_valid():
        if request.POST.get("do") != "try":
            budgets.save(request.store, form.policy(), by=request.staff, now=now)
            messages.success(request, "Saved. Who waits is looked at again with it.")
            return redirect("feedback_console:asking", request.store.slug)
        tried = reaching.tried(request.store, form.policy(), now, now - timedelta(days=DAYS))
    figures = reaching.figures(request.store, now - timedelta(days=DAYS))
    context = {
        "page_title": "Asking",
        "form": form,
        "policy": policy,
        "tried": tried,
        "tried_reasons": _bars(tried.reasons) if tried else [],
        "counts": _counts(figures),
        "reasons": _bars(Counter({why: times for state, why, times in figures if state == "skipped"}).most_common()),
        "surveys": _surveys(request, policy),
        "why": ask_words.why,
    }
    return render(request, "feedback/console/asking.html", context, 422 if form.errors else 200)


def _initial(policy: Policy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in BudgetForm.base_fields} | {
        "quiet_while": sorted(policy.quiet_while)
    }


def _counts(figures: list[tuple[str, str, int]]) -> dict[str, int]:
    counts = Counter[str]()
    for state, _, times in figures:
        counts[state] += times
    return {"all": counts.total(), **{state: counts[state] for state in STATES if state}}


def _bars(reasons: list[tuple[str, int]]) -> list[dict[str, Any]]:
    total = sum(times for _, times in reasons)
    return [
        {"label": ask_words.why(reason), "value": times, "text": f"{number(times)} · {percent(times / total)}"}
        for reason, times in reasons
    ]


def _surveys(request: StaffRequest, policy: Policy) -> list[dict[str, Any]]:
    """Each survey with whom it would reach today."""
    found = Survey.objects.of(request.store).filter(archived_at=None).order_by("-priority", "key")
    return [
        {
            "name": str(survey).replace("_", " ").capitalize(),
            "survey": survey,
            "reach": reaching.reach(request.store, survey, policy, clock.now()),
        }
        for survey in found[:8]
    ]


@staff_page("feedback.read")
def decisions(request: StaffRequest) -> HttpResponse:
    """Everything that was wanted, and what became of it."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    page = Paginator(_decided(request, state), PAGE).get_page(request.GET.get("page"))
    q = request.GET.get("q", "").strip()
    context = {
        "page_title": "Who was asked, and who was not",
        "tabs": [{"label": name, "url": f"?state={key}", "current": key == state} for key, name in STATES.items()],
        "rows": [_row(ask) for ask in page],
        "page": page,
        "q": q,
        "state": state,
        "query": f"?state={state}&q={q}&page=",
    }
    return render(request, "feedback/console/decisions.html", context)


def _decided(request: StaffRequest, state: str) -> StoreQuerySet[Ask]:
    found = Ask.objects.of(request.store).select_related("customer", "order", "survey").order_by("-id")
    if state:
        found = found.filter(state=state)
    if q := request.GET.get("q", "").strip():
        found = found.filter(customer__name__icontains=q) | found.filter(customer__email__icontains=q)
    return found


def _row(ask: Ask) -> dict[str, Any]:
    return {
        "ask": ask,
        "what": ask_words.what(ask),
        "state": "Not asked" if ask.state == "skipped" else ask.get_state_display(),
        "tone": TONES[ask.state],
        "why": ask_words.why(ask.reason) if ask.reason else "",
    }
