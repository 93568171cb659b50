"""What people type on the console's pages."""

import json
import re
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password

from thereafter.stores import rules
from thereafter.stores.models import Staff, Store

_MAY = {
    "orders:write": "Post orders, shipments and refunds",
    "events:write": "Tell what happened, and let customers into journeys",
    "orders:read": "Read orders",
    "tracking:write": "Post scans of parcels",
    "feedback:write": "Post answers to surveys, and reviews",
    "feedback:read": "Read reviews",
    "customers:read": "Read customers",
    "products:write": "Post products",
    "coupons:use": "Check coupon codes and use them up",
    "credit:use": "Look store credit up and spend it",
    "returns:read": "Read returns",
    "returns:write": "Open returns and take them back",
    "loyalty:read": "Look members up, their points and their history",
    "loyalty:use": "Hold, spend and give back points at a checkout",
    "loyalty:write": "Let customers join, give points, adjust them",
    "recommendations:read": "Ask what to recommend",
    "recommendations:write": "Say what can be had and what is sold out",
}
_HOST = re.compile(r"(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    stay = forms.BooleanField(label="Stay signed in on this device", required=False)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label="Recovery code",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )


class NameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class FormOfPerson(forms.Form):
    """A form that must know who fills it in."""

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff


class NewPasswordForm(FormOfPerson):
    new = forms.CharField(
        label="New password",
        strip=False,
        help_text="At least ten characters. A few words in a row are easy to remember and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_new(self) -> str:
        password: str = self.cleaned_data["new"]
        validate_password(password, self.staff)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError("The two passwords differ.")
        return again


class OwnPasswordForm(FormOfPerson):
    """Asks for the person's password before something that a stranger at an open screen must not do."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.staff.check_password(password):
            raise forms.ValidationError("This is not your password.")
        return password


class ChangePasswordForm(OwnPasswordForm, NewPasswordForm):
    field_order = ["password", "new", "again"]


class ShopForm(forms.Form):
    """A store's settings by name, as `stores.actions.change_settings` takes them."""

    name = forms.CharField(label="Shop name", max_length=100)
    shop_url = forms.URLField(label="Address of the shop", required=False, max_length=300, assume_scheme="https")
    currency = forms.CharField(
        label="Currency", max_length=3, help_text="Three letters, such as EUR. Orders keep the currency they came in."
    )
    locale = forms.ChoiceField(label="Language", help_text="What shoppers read unless they choose another.")
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Decides which day an order, a scan or an answer counts for."
    )
    country = forms.CharField(label="Country", required=False, max_length=2, help_text="Two letters, such as DE.")
    support_email = forms.EmailField(
        label="Support e-mail", required=False, help_text="Shoppers are told to write here."
    )
    sender_email = forms.EmailField(label="Sender of e-mails", required=False, help_text="What stands in From.")
    legal_address = forms.CharField(
        label="Legal name and address",
        required=False,
        max_length=300,
        help_text="Stands under every e-mail and page; the law asks for it in most countries.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    domain = forms.CharField(
        label="Own domain",
        required=False,
        max_length=200,
        help_text="Point a CNAME such as help.yourshop.com at this server, then type the name here.",
    )

    def __init__(self, store: Store, zones: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.store = store
        self.fields["locale"].choices = _with(list(settings.LANGUAGES), store.locale)  # type: ignore[attr-defined]  # the stubs know only the base class
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]  # the stubs know only the base class

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country and country not in Locale("en").territories:
            raise forms.ValidationError("Give the two letters of ISO 3166, such as DE.")
        return country

    def clean_domain(self) -> str | None:
        domain = str(self.cleaned_data["domain"]).strip().lower().rstrip(".")
        if not domain:
            return None
        if not _HOST.fullmatch(domain):
            raise forms.ValidationError("This is not a domain name. Leave out spaces and https://.")
        if Store.objects.filter(domain=domain).exclude(pk=self.store.pk).exists():
            raise forms.ValidationError("Another store here has this domain already.")
        return domain


def _with(choices: list[tuple[str, Any]], value: str) -> list[tuple[str, Any]]:
    """The choices, and what is set now if it is none of them (en-GB)."""
    return choices if value in dict(choices) else [(value, value), *choices]


class BrandForm(forms.Form):
    brand_colour = forms.CharField(label="Brand colour", help_text="Buttons and marks on shoppers' pages and mails.")
    accent_colour = forms.CharField(label="Accent colour", help_text="Small highlights, such as points and badges.")
    logo_url = forms.URLField(
        label="Address of the logo",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="An image the shop already shows somewhere; without one we write the shop's name.",
    )

    def __init__(self, *args: Any, preview: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = {
            "type": "color",
            "hx-get": preview,
            "hx-trigger": "input changed delay:120ms",
            "hx-include": "closest form",
        }
        for name in ("brand_colour", "accent_colour"):
            self.fields[name].widget = forms.TextInput(attrs=live | {"hx-target": "#preview"})


class PersonForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100)
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(label="Role", choices=[(role, role.title()) for role in rules.ROLES], initial="support")


class KeyForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="Who will use it, such as “Warehouse scanner”.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(scope, f"{_MAY.get(scope, 'Use')} ({scope})") for scope in rules.SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )


class SecretForm(forms.Form):
    secret = forms.CharField(
        label="Secret",
        max_length=12_000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, their_secret: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if their_secret:
            # It may be a key of several lines.
            self.fields["secret"].widget = forms.Textarea(
                attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "class": "mono"}
            )
        self.fields["secret"].required = their_secret
        self.fields["secret"].help_text = "As they show it." if their_secret else "Leave empty and we make one."


class BodyForm(forms.Form):
    """The body of a refused call, mended by hand. `was` is the text as it was shown."""

    body = forms.CharField(
        label="Body", strip=False, widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "class": "mono"})
    )

    def __init__(self, *args: Any, is_json: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_json = is_json

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n")
        if self.is_json:
            try:
                json.loads(body)
            except ValueError as error:
                raise forms.ValidationError(f"This is not JSON any more: {error}.") from None
        return body
