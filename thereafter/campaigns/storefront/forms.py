from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from thereafter.commerce.rules.text import normal_email


class NewsletterForm(forms.Form):
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    name = forms.CharField(
        label=_("First name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    # No person sees it; programs that fill in forms do.
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, asks_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_name:
            del self.fields["name"]

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        if not email:
            raise forms.ValidationError(_("This is no e-mail address. It needs an @ and what stands after it."))
        return email
