"""What staff type about members and their points."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from thereafter.loyalty import words
from thereafter.loyalty.importing import columns
from thereafter.loyalty.models import Import
from thereafter.loyalty.rules.programme import Programme

MOST = 1_000_000
# At the end of the calendar a zone leads out of it.
LAST_YEAR = 2200


class DayInput(forms.DateInput):
    input_type = "date"


class AdjustForm(forms.Form):
    points = forms.IntegerField(
        label="Points",
        min_value=-MOST,
        max_value=MOST,
        help_text="Points to add; with a minus in front, points to take.",
    )
    reason = forms.CharField(label="Reason", max_length=200, help_text="The member reads this in their history.")
    ends_on = forms.DateField(
        label="Can be used until",
        required=False,
        widget=DayInput(format="%Y-%m-%d"),
        help_text="For points you add. Left empty, they end as your programme says.",
    )
    # Makes the second press of the button the same adjustment.
    once = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, today: date, zone: ZoneInfo, **rest: Any) -> None:
        super().__init__(data, **rest)
        self._today, self._zone = today, zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ends = cleaned.get("ends_on")
        if ends and ends < self._today:
            self.add_error("ends_on", "This day is over.")
        if ends and ends.year > LAST_YEAR:
            self.add_error("ends_on", "This day is too far away. Choose an earlier one.")
        if ends and (cleaned.get("points") or 0) < 0:
            self.add_error("ends_on", "Points that are taken have no end. Leave this empty.")
        return cleaned

    @property
    def expires_at(self) -> datetime | None:
        """Points that end on a day can be used all of that day."""
        ends = self.cleaned_data.get("ends_on")
        return datetime.combine(ends + timedelta(days=1), time(0), self._zone) if ends else None


class GrantForm(forms.Form):
    """Points for something the programme rewards and nobody told us of."""

    action = forms.ChoiceField(label="What they did", help_text="With the points and limits of your programme.")
    why = forms.CharField(
        label="How you know", max_length=200, help_text="For your colleagues; members do not read it."
    )
    once = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, programme: Programme, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.fields["action"] = forms.ChoiceField(
            label="What they did",
            help_text="With the points and limits of your programme.",
            choices=[
                (key, f"{words.way_name(key, action)} ({action.points:,} points)")
                for key, action in programme.actions.items()
                if action.is_on and action.points
            ],
        )


class TierForm(forms.Form):
    tier = forms.ChoiceField(label="Tier", required=False)
    why = forms.CharField(label="Reason", max_length=200, help_text="For your colleagues; members do not read it.")

    def __init__(self, data: Any = None, *, programme: Programme, **rest: Any) -> None:
        super().__init__(data, **rest)
        choices = [("", "No tier"), *((tier.id, tier.name) for tier in programme.tiers)]
        self.fields["tier"] = forms.ChoiceField(label="Tier", required=False, choices=choices)


class CancelForm(forms.Form):
    why = forms.CharField(label="Reason", max_length=200, help_text="For your colleagues; members do not read it.")


class FileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="An export of Smile, LoyaltyLion, Yotpo or any other table with a line for each member.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )


class ReadingForm(forms.Form):
    """Which column says what, and what else has to be said to read a file."""

    system = forms.ChoiceField(label="Where it comes from", choices=list(columns.SYSTEMS.items()))
    ends_on = forms.DateField(
        label="Points without an end can be used until",
        required=False,
        widget=DayInput(format="%Y-%m-%d"),
        help_text="Left empty, they end as your programme says for points earned today.",
    )
    again = forms.ChoiceField(
        label="Members who came with other points in an earlier file",
        choices=Import.Again.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, table_columns: list[str], today: date, **rest: Any) -> None:
        super().__init__(data, **rest)
        self._today = today
        choices = [("", "Not in this file"), *((column, column) for column in table_columns if column)]
        for name, label in columns.FIELDS.items():
            self.fields[f"column_{name}"] = forms.ChoiceField(label=label, required=False, choices=choices)

    def clean_ends_on(self) -> date | None:
        ends: date | None = self.cleaned_data["ends_on"]
        if ends and ends < self._today:
            raise forms.ValidationError("This day is over.")
        if ends and ends.year > LAST_YEAR:
            raise forms.ValidationError("This day is too far away. Choose an earlier one.")
        return ends

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if wrong := columns.problem(self.mapping):
            raise forms.ValidationError(wrong)
        return cleaned

    @property
    def mapping(self) -> dict[str, str]:
        return {name: str(self.cleaned_data.get(f"column_{name}") or "") for name in columns.FIELDS}

    def columns(self) -> list[Any]:
        return [self[f"column_{name}"] for name in columns.FIELDS]
