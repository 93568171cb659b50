"""How a survey is asked, and what becomes of what people say."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import surveys as actions
from thereafter.feedback.console.survey_desk import Desk, survey_or_404
from thereafter.feedback.models import Survey
from thereafter.feedback.queries import surveys as queries
from thereafter.feedback.rules import follow_ups
from thereafter.feedback.rules.survey_sentences import BAND_NAMES
from thereafter.feedback.rules.survey_settings import INVITATIONS, PLACES, SurveySettings, high, low
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.scores import SCALES

PRIORITIES = {1: "1, last", 5: "5, as most", 9: "9, first"}
WHEN = ("priority", "good_for_days", "again_after_days", "remind_after_days", "places")
LOW = ("follow_up", "hours", "ask_again_days")


class SettingsForm(forms.Form):
    priority = forms.TypedChoiceField(
        label="Priority",
        coerce=int,
        choices=[(rank, PRIORITIES.get(rank, str(rank))) for rank in range(1, 10)],
        help_text="Nobody is asked more than the budget allows. The higher number gets a person's next place.",
    )
    good_for_days = forms.IntegerField(
        label="Good for, in days",
        min_value=1,
        max_value=365,
        help_text="Who has no free place in their budget for so long is not asked any more.",
    )
    again_after_days = forms.IntegerField(
        label="Same person again after, in days",
        min_value=0,
        max_value=365,
        help_text="0: each time something asks, within the budget.",
    )
    remind_after_days = forms.IntegerField(
        label="One reminder after, in days",
        min_value=1,
        max_value=60,
        required=False,
        help_text="For who has not answered. Left empty, there is none.",
    )
    places = forms.MultipleChoiceField(
        label="It also stands open on",
        required=False,
        choices=list(PLACES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="There people come by themselves; it costs none of their budget.",
    )
    follow_up = forms.BooleanField(
        label="Open a follow-up for somebody of the shop",
        required=False,
        help_text="With the order, the parcel and a deadline. While it is open, this person is asked nothing else.",
    )
    hours = forms.IntegerField(label="Answer within, in hours", min_value=1, max_value=720)
    ask_again_days = forms.IntegerField(
        label="Days until it is asked again, once it is solved",
        min_value=0,
        max_value=365,
        help_text="0: do not ask again.",
    )
    counts_opens = forms.BooleanField(
        label="Count a link of the mail that somebody opened, without the button on the page",
        required=False,
        help_text="Ten minutes later, and only where nothing speaks for a machine: gateways open every link of a mail. "
        "A pressed button always wins. The share that is filtered out stands among the results.",
    )
    invitations = forms.MultipleChoiceField(
        label="Invite them, on the page that says thanks",
        required=False,
        choices=list(INVITATIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Never to a review: those are asked of everybody alike, whatever they scored.",
    )

    def __init__(self, survey: Survey, data: Any = None) -> None:
        super().__init__(data, initial=_initial(survey))
        self.survey = survey
        if survey.kind not in SCALES:
            for name in (*LOW, "invitations", "counts_opens"):
                del self.fields[name]

    def settings(self) -> SurveySettings:
        said = self.cleaned_data
        wanted = {name: said[name] for name in WHEN if name != "places"}
        if self.survey.kind not in SCALES:
            return SurveySettings(**wanted, places=tuple(said["places"]), low=self.survey.low, high=self.survey.high)
        return SurveySettings(
            **wanted,
            places=tuple(said["places"]),
            low=low(**{name: said[name] for name in LOW}),
            high=high(dict.fromkeys(said["invitations"], True)),
            counts_opens=said["counts_opens"],
        )


def _initial(survey: Survey) -> dict[str, Any]:
    return {
        **{name: getattr(survey, name) for name in WHEN},
        "follow_up": survey.low.get("follow_up", True),
        "hours": survey.low.get("hours") or follow_ups.HOURS,
        "ask_again_days": follow_ups.ask_again_days(survey.low),
        "counts_opens": survey.counts_opens,
        "invitations": [name for name in INVITATIONS if survey.high.get(name, True)],
    }


@staff_page("feedback.write")
def settings(request: StaffRequest, survey_id: int) -> HttpResponse:
    survey = survey_or_404(request, survey_id)
    desk = Desk(survey)
    form = SettingsForm(survey, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_settings(survey, form.settings(), by=request.staff, now=clock.now())
        messages.success(request, "Kept. It holds for everybody who is asked from now on.")
        return redirect(desk.address("survey_settings"))
    bands = BAND_NAMES.get(survey.kind, {})
    context = desk.context(request, "survey_settings") | {
        "form": form,
        "when": WHEN,
        "low_fields": LOW,
        "low_scores": bands.get("low", ""),
        "high_scores": bands.get("high", ""),
        "uses": queries.uses_of(survey),
        "may_make_journey": request.membership.may("journeys.edit"),
    }
    return render(request, "feedback/console/survey_settings.html", context)
