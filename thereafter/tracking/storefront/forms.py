"""What shoppers may type on the pages of a delivery."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from thereafter.commerce.rules.text import normal_phone
from thereafter.tracking.models import Report


class MailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class PhoneForm(forms.Form):
    """A mobile number as people in `country` write it."""

    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, country: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country

    def clean_phone(self) -> str:
        phone = normal_phone(self.cleaned_data["phone"], self.country)
        if not phone:
            raise ValidationError(_("This is no phone number we can read. Begin with + and the country's code."))
        return phone


class CodeForm(forms.Form):
    phone = forms.CharField(max_length=40, widget=forms.HiddenInput())
    code = forms.CharField(
        label=_("The code from the text message"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


# Kinds of problems that are about items, not about the parcel as a whole.
ABOUT_ITEMS = frozenset({"damaged", "wrong", "missing"})


class ProblemForm(forms.Form):
    """What happened. `items` and `parcel` are asked for only where there is a choice."""

    kind = forms.ChoiceField(choices=Report.Kind.choices, widget=forms.HiddenInput())
    parcel = forms.ChoiceField(label=_("Which parcel?"), required=False, widget=forms.RadioSelect())
    items = forms.MultipleChoiceField(
        label=_("What is it about?"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    text = forms.CharField(
        label=_("What happened?"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self,
        data: Any,
        *,
        kind: str,
        parcels: list[tuple[str, str]],
        items: list[tuple[str, str]],
        parcel: str = "",
    ) -> None:
        super().__init__(data, initial={"kind": kind, "parcel": parcel})
        self._choose("parcel", parcels, least=2)
        self._choose("items", items if kind in ABOUT_ITEMS else [], least=1)
        self.fields["text"].label, self.fields["text"].required = _TEXT[kind]

    def _choose(self, name: str, choices: list[tuple[str, str]], *, least: int) -> None:
        field = self.fields[name]
        if len(choices) < least or not isinstance(field, forms.ChoiceField):
            del self.fields[name]
        else:
            field.choices = choices


class BuyerForm(forms.Form):
    """Something that only the buyer knows."""

    proof = forms.CharField(
        label=_("E-mail address or postcode"),
        help_text=_("The one you gave when you ordered."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Tracking number"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )


# What is asked for, and whether there is no going on without it.
_TEXT = {
    "damaged": (_("What is damaged, and how?"), True),
    "wrong": (_("What came instead?"), True),
    "missing": (_("What is missing?"), True),
    "not_received": (_("Anything that helps us find it"), False),
    "address": (_("The right address, as it should be on the parcel"), True),
    "other": (_("What happened?"), True),
}
