"""What a merchant types in about channels."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from thereafter.messaging.actions.channels import LONGEST
from thereafter.messaging.channels.letters import Field

_PAIR = re.compile(r"\s*([A-Za-z]{2})\s*[:=]\s*(\S.{0,40})\s*")
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class AccountForm(forms.Form):
    """A secret is never shown again, and stays when its field is left empty."""

    def __init__(self, wanted: Sequence[Field], known: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        for field in wanted:
            self.fields[field.name] = _form_field(field, known)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for field in self.wanted:
            value = cleaned.get(field.name)
            if field.kind == "flag":
                cleaned[field.name] = "1" if value else ""
            elif field.kind == "pairs":
                cleaned[field.name] = self._pairs(field.name, str(value or ""))
        return cleaned

    def _pairs(self, name: str, text: str) -> str:
        found = [(line, _PAIR.fullmatch(line)) for line in text.splitlines() if line.strip()]
        wrong = next((line for line, match in found if match is None), "")
        if wrong:
            self.add_error(name, f"“{wrong.strip()[:40]}” is no country and sender. Write it as DE: Stride.")
        pairs = {match[1].upper(): match[2].strip() for _, match in found if match}
        return json.dumps(pairs) if pairs else ""


def _form_field(field: Field, known: Mapping[str, str]) -> forms.Field:
    is_kept = field.secret and field.name in known
    help_text = f"{field.help} Kept; leave it empty to keep it.".strip() if is_kept else field.help
    value = "" if field.secret else known.get(field.name, field.default if not known else "")
    if field.kind == "flag":
        return forms.BooleanField(label=field.label, help_text=help_text, required=False, initial=bool(value))
    return forms.CharField(
        label=field.label,
        help_text=help_text,
        required=field.required and not is_kept,
        max_length=LONGEST,
        initial=_lines(value) if field.kind == "pairs" else value,
        widget=_widget(field),
    )


def _widget(field: Field) -> forms.Widget:
    if field.secret:
        return forms.PasswordInput(_PLAIN | {"autocomplete": "new-password"})
    return forms.Textarea(_PLAIN | {"rows": 3}) if field.kind in {"pairs", "long"} else forms.TextInput(_PLAIN)


def _lines(value: str) -> str:
    pairs: Mapping[str, str] = json.loads(value) if value else {}
    return "\n".join(f"{country}: {sender}" for country, sender in pairs.items())


class MailTestForm(forms.Form):
    to = forms.EmailField(label="To", max_length=254)


class PhoneTestForm(forms.Form):
    to = forms.CharField(label="To", max_length=40, help_text="A number with its country's code, such as +4917012345.")


class HookTestForm(forms.Form):
    url = forms.CharField(label="Address", max_length=500, help_text="Begins with https://.", widget=forms.URLInput())


class SecretForm(forms.Form):
    secret = forms.CharField(label="Secret", max_length=400, widget=forms.PasswordInput({"autocomplete": "off"}))


class PlaceForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="As your team calls it, such as Support room.")
    url = forms.CharField(
        label="Address for Apprise",
        max_length=1_000,
        help_text="It begins with the service's name, such as slack://…, msteams://…, tgram://… or mailto://….",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )


class WhatsappForm(forms.Form):
    template = forms.ChoiceField(label="Our template")
    language = forms.ChoiceField(label="Language")
    content_sid = forms.RegexField(
        r"HX[0-9a-fA-F]{32}",
        label="Content SID",
        help_text="Twilio, Content Template Builder: it begins with HX.",
        error_messages={"invalid": "It begins with HX, and 32 letters and digits follow."},
    )
    variables = forms.CharField(
        label="What fills its places",
        required=False,
        max_length=500,
        help_text="One to a line for {{1}}, {{2}} and so on, such as customer.first_name or order.number.",
        widget=forms.Textarea({"rows": 3} | _PLAIN),
    )

    def __init__(self, templates: Sequence[tuple[str, str]], languages: Sequence[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        for name, choices in (("template", templates), ("language", languages)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(choices)

    def clean_variables(self) -> list[str]:
        found = [line.strip().strip("{} ") for line in str(self.cleaned_data["variables"]).splitlines()]
        return [name for name in found if name]
