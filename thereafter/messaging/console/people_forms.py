"""What staff type in about one address or one person."""

import re

from django import forms

from thereafter.messaging.rules.contact_rules import CHANNELS
from thereafter.messaging.words import CHANNELS as LABELS

_WAYS = [(channel, LABELS[channel]) for channel in CHANNELS]


class ClosingForm(forms.Form):
    channel = forms.ChoiceField(label="Channel", choices=[pair for pair in _WAYS if pair[0] != "push"])
    address = forms.CharField(label="Address or number", max_length=254)
    scope = forms.ChoiceField(
        label="Closed to", choices=[("all", "everything"), ("marketing", "offers, news and surveys")]
    )
    note = forms.CharField(label="Why", max_length=300, help_text="Such as: asked for it by phone on 3 March.")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        is_mail = self.data.get("channel") == "email"
        if is_mail and "@" not in address:
            raise forms.ValidationError("This is no e-mail address.")
        if not is_mail and not re.fullmatch(r"\+[\d ()/.-]{7,20}", address):
            raise forms.ValidationError("Give the number with its country, such as +49 170 1234567.")
        return address


class ImportForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="With a column address (or email), and if you like channel, scope, reason and note.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class ReopenForm(forms.Form):
    note = forms.CharField(label="Why", max_length=300)


class ConsentForm(forms.Form):
    """What a person told somebody of the shop."""

    channel = forms.ChoiceField(label="By", choices=_WAYS)
    purpose = forms.ChoiceField(
        label="For",
        choices=[("marketing", "Offers and news"), ("surveys", "Questions and reviews"), ("orders", "News of orders")],
    )
    granted = forms.ChoiceField(
        label="They say", choices=[("yes", "Yes, they want it"), ("no", "No, they do not")], widget=forms.RadioSelect
    )
    why = forms.CharField(
        label="How you know",
        max_length=300,
        help_text="It is kept as evidence: when, where and in which words they said it.",
    )
