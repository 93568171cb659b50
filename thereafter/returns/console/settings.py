"""Settings of returns: numbers, days, what shoppers were told, and the portal's own words."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns.actions.return_settings import NumberIsGiven, change_settings
from thereafter.returns.models import ReturnSettings
from thereafter.returns.queries import settings_of

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese"}
# Words of the portal that a shop may say its own way.
WORDS = {
    "welcome": ("Above the first page", "Something not right? Tell us here and we will put it right."),
    "packing": ("How to pack", "Please use the box it came in and close it well."),
    "thanks": ("When it is done", "Thank you! We write to you as soon as your parcel is here."),
}
_LONGEST = 600


class SettingsForm(forms.Form):
    """By the names of `ReturnSettings`; words as word_<language>_<key>."""

    send_within_days = forms.IntegerField(
        label="Days to hand the goods in", min_value=1, max_value=365,
        help_text="After that a return that nobody sent is closed. Who withdraws by law has at least 14 days.",
    )  # fmt: skip
    remind_days = forms.IntegerField(
        label="Remind so many days before the last one", min_value=0, max_value=60, help_text="0: not at all."
    )
    credit_days = forms.IntegerField(
        label="Store credit is good for so many days", required=False, min_value=1, max_value=36_500,
        help_text="Empty: for ever. In some countries credit for a return must not end early; ask your lawyer.",
    )  # fmt: skip
    informs_of_withdrawal = forms.BooleanField(
        label="Shoppers are told of their right of withdrawal before they buy", required=False,
        help_text="Who was not told may withdraw a year longer, and nothing can be kept back for wear.",
    )  # fmt: skip
    tells_of_postage = forms.BooleanField(
        label="The terms say that shoppers pay for the way back", required=False,
        help_text="Who was not told pays nothing for it when they withdraw by law.",
    )  # fmt: skip
    number_prefix = forms.RegexField(
        r"^[A-Za-z0-9-]*$", label="Letters before the number of a return", required=False, max_length=6,
        error_messages={"invalid": "Letters, digits and hyphens only."},
    )  # fmt: skip
    next_number = forms.IntegerField(label="The next return gets number", min_value=1, max_value=2_000_000_000)
    next_credit_note = forms.IntegerField(
        label="The next credit note gets number", min_value=1, max_value=2_000_000_000
    )

    DAYS = ("send_within_days", "remind_days", "credit_days")
    TOLD = ("informs_of_withdrawal", "tells_of_postage")
    NUMBERS = ("number_prefix", "next_number", "next_credit_note")

    def __init__(self, settings: ReturnSettings, data: Any = None) -> None:
        self.settings = settings
        values = {name: getattr(settings, name) for name in self.base_fields}
        for language in LANGUAGES:
            said = settings.words.get(language) or {}
            values |= {f"word_{language}_{key}": said.get(key, "") for key in WORDS}
        super().__init__(data, initial=values)
        for language in LANGUAGES:
            for key, (label, example) in WORDS.items():
                attrs = {"rows": 2, "lang": language}
                if language == "en":
                    attrs["placeholder"] = example
                self.fields[f"word_{language}_{key}"] = forms.CharField(
                    label=label, required=False, max_length=_LONGEST, widget=forms.Textarea(attrs=attrs)
                )

    def words(self) -> list[tuple[str, list[Any]]]:
        """By language; that of the shop is shown first."""
        own = self.settings.store.locale.partition("-")[0]
        names = sorted(LANGUAGES, key=lambda language: language != own)
        return [(LANGUAGES[name], [self[f"word_{name}_{key}"] for key in WORDS]) for name in names]

    def clean_remind_days(self) -> int:
        days: int = self.cleaned_data["remind_days"]
        if days >= self.cleaned_data.get("send_within_days", days + 1):
            raise forms.ValidationError("Remind later than on the first day.")
        return days

    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in self.base_fields}
        # What another room keeps among the words stays.
        words = {language: dict(said) for language, said in self.settings.words.items()}
        for language in LANGUAGES:
            said = words.setdefault(language, {})
            for key in WORDS:
                said[key] = self.cleaned_data[f"word_{language}_{key}"].strip()
            words[language] = {key: text for key, text in said.items() if text}
        return own | {"words": {language: said for language, said in words.items() if said}}


@staff_page("returns.settings")
def settings(request: StaffRequest) -> HttpResponse:
    held = settings_of(request.store)
    held.store = request.store
    form = SettingsForm(held, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(request.store, by=request.staff, now=clock.now(), **form.values())
        except NumberIsGiven as wrong:
            form.add_error("next_number", str(wrong))
        else:
            messages.success(request, "Saved.")
            return redirect("returns_console:settings", request.store.slug)
    return render(request, "returns/console/settings.html", {"form": form, "page_title": "Settings of returns"})
