"""What shoppers may type."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LookUpForm(forms.Form):
    number = forms.CharField(
        label=_("Order number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "1001", "inputmode": "text"}),
    )
    proof = forms.CharField(
        label=_("E-mail address, phone number or postcode"),
        help_text=_("The one you gave when you ordered."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )


class SignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
