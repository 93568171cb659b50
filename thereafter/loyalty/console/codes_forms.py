"""What a merchant types in for a QR code."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from thereafter.loyalty.actions.codes import CodeSettings
from thereafter.loyalty.models import EarningCode
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.ways import name_of
from thereafter.stores.models import Store

# Points for these come from what happens, so that a code would pay twice.
BY_THEMSELVES = ("joined", "newsletter", "survey", "exchange")
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class CodeForm(forms.Form):
    label = forms.CharField(
        label="Title",
        max_length=100,
        help_text="Members read it on the page and on the poster, such as “Repair café in March”.",
    )
    action = forms.ChoiceField(label="Gives the points of", help_text="How many is said in the programme.")
    how_often = forms.ChoiceField(label="Counts", choices=EarningCode.HowOften.choices, widget=forms.RadioSelect)
    starts_at = forms.DateTimeField(label="From", required=False, widget=_MOMENT)
    ends_at = forms.DateTimeField(label="Until", required=False, widget=_MOMENT)
    most_uses = forms.IntegerField(
        label="Uses in all", required=False, min_value=1, max_value=10_000_000, help_text="Left empty, no limit."
    )

    def __init__(self, store: Store, programme: Programme, code: EarningCode | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(code))
        self.used = code.uses if code else 0
        self.ways = _ways(programme, code.action if code else "")
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 tells the type checker what stands above
        field.choices = self.ways

    def clean_most_uses(self) -> int | None:
        most: int | None = self.cleaned_data["most_uses"]
        if most is not None and most < self.used:
            raise forms.ValidationError(f"It was used {self.used} times already. Give that number or more.")
        return most

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "It would end before it begins.")
        return given

    def settings(self) -> CodeSettings:
        names = ("label", "action", "how_often", "starts_at", "ends_at", "most_uses")
        return CodeSettings(**{name: self.cleaned_data[name] for name in names})


def _ways(programme: Programme, kept: str) -> list[tuple[str, str]]:
    """What the programme gives points for; the one that a code has stays, even when it is switched off."""
    return [
        (key, f"{name_of(key, action.label)} ({action.points:,} points{'' if action.is_on else ', switched off'})")
        for key, action in programme.actions.items()
        if key == kept
        or (action.is_on and action.points and key not in BY_THEMSELVES and not key.startswith(("social_", "review")))
    ]


def _initial(code: EarningCode | None) -> dict[str, Any]:
    if code is None:
        return {"action": "qr", "how_often": EarningCode.HowOften.ONCE}
    names = ("label", "action", "how_often", "most_uses")
    kept = {name: getattr(code, name) for name in names}
    return kept | {name: _local(getattr(code, name)) for name in ("starts_at", "ends_at")}


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None
