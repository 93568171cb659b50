"""What members and those who want to be type in."""

from typing import Any

from babel.dates import get_month_names
from django import forms
from django.utils.translation import gettext_lazy as _

from thereafter.commerce.rules.text import normal_email
from thereafter.kit.pages import language
from thereafter.loyalty.rules.birthdays import is_day
from thereafter.loyalty.rules.rewards import ADDRESS_NEEDED


class JoinForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    # People do not see it; programs that fill in every field do.
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class FriendForm(forms.Form):
    """Where a friend's present goes. The newsletter is another matter, and nobody's yes is taken for granted."""

    email = forms.CharField(
        label=_("Your e-mail address"),
        help_text=_("Your code goes there. It is used for this invitation only."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    wants_news = forms.BooleanField(required=False)
    # No person sees it; programs that fill in forms do.
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *given: Any, promise: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["wants_news"].label = promise

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        if not email:
            raise forms.ValidationError(_("This is no e-mail address. It needs an @ and what stands after it."))
        return email


class CodeForm(forms.Form):
    """A code that somebody was told."""

    code = forms.RegexField(
        r"^[\s\w-]{3,24}$",
        label=_("Code of the invitation"),
        error_messages={"invalid": _("A code has letters and digits only, such as ANNA7K.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


def _months() -> list[tuple[str, str]]:
    names = get_month_names("wide", "stand-alone", locale=language())
    return [("", "–"), *((str(number), names[number]) for number in range(1, 13))]


def _days() -> list[tuple[str, str]]:
    return [("", "–"), *((str(number), str(number)) for number in range(1, 32))]


class BirthdayForm(forms.Form):
    """Day and month; nobody needs to know the year."""

    day = forms.TypedChoiceField(label=_("Day"), choices=_days, coerce=int)
    month = forms.TypedChoiceField(label=_("Month"), choices=_months, coerce=int)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("day") and given.get("month") and not is_day(given["month"], given["day"]):
            raise forms.ValidationError(_("There is no such day."))
        return given


class AddressForm(forms.Form):
    """Where a gift goes."""

    name = forms.CharField(label=_("Name"), max_length=200)
    line1 = forms.CharField(label=_("Street and number"), max_length=200)
    line2 = forms.CharField(label=_("Flat, floor, company"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=100)
    country = forms.ChoiceField(label=_("Country"))

    def __init__(self, *given: Any, countries: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 it is one, three lines above
        field.choices = countries
        for key, hint in _HINTS.items():
            self.fields[key].widget.attrs["autocomplete"] = hint
        for key in self.fields:
            self.fields[key].required = key in ADDRESS_NEEDED


_HINTS = {
    "name": "name",
    "line1": "address-line1",
    "line2": "address-line2",
    "postcode": "postal-code",
    "city": "address-level2",
    "country": "country",
}
