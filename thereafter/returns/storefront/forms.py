"""What shoppers may type to withdraw from a contract."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from thereafter.commerce.models import OrderLine
from thereafter.commerce.rules.text import normal_email
from thereafter.returns.statements import Declared

# The receipt goes to an address that anybody may type, so nothing that leads elsewhere goes into it.
_LINK = re.compile(r"https?:|www\.|://", re.IGNORECASE)
_MOST_LINES, _MOST_UNITS = 200, 200


class WithdrawalForm(forms.Form):
    """The three things that the law lets a shop ask for, and two that help but need not be given."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    contract = forms.CharField(
        label=_("Order number"),
        help_text=_("It is in the mail that confirmed your order. Not at hand? Say what you ordered and when."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("The confirmation of your withdrawal goes there."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    items = forms.CharField(
        label=_("Only some of the items"),
        help_text=_("Leave it empty to withdraw from the whole contract."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    postcode = forms.CharField(
        label=_("Postcode of the delivery"),
        help_text=_("It helps us to find an order that was made with another e-mail address."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("name", "contract", "items", "postcode"):
            if _LINK.search(str(given.get(name, ""))):
                self.add_error(name, _("Please leave out addresses of web pages."))
        return given

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_contract(self) -> str:
        return " ".join(str(self.cleaned_data["contract"]).split())

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        if not email:
            raise forms.ValidationError(_("This is no e-mail address. It needs an @ and what stands after it."))
        return email

    def declared(self) -> Declared:
        given = self.cleaned_data
        return Declared(
            name=given["name"],
            contract=given.get("contract", ""),
            email=given["email"],
            postcode=given.get("postcode", ""),
            items=given.get("items", "").strip(),
        )


class OrderWithdrawalForm(WithdrawalForm):
    """The same for an order that a signed link names: its number is known, and its items are there, all chosen."""

    def __init__(self, number: str, lines: Iterable[OrderLine], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.number, self.lines = number, list(lines)[:_MOST_LINES]
        for name in ("contract", "items", "postcode"):
            del self.fields[name]
        picked = dict((initial or {}).get("picks") or ())
        for line in self.lines:
            chosen = picked.get(line.external_id, 0) if picked else line.quantity
            self.fields[_field(line)] = _units(line, chosen)

    def line_fields(self) -> list[str]:
        return [_field(line) for line in self.lines]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self._picked():
            self.add_error(None, _("Choose at least one item."))
        return given

    def declared(self) -> Declared:
        picked = self._picked()
        if all(line.quantity == count for line, count in picked) and len(picked) == len(self.lines):
            picked = []
        return Declared(
            name=self.cleaned_data["name"],
            contract=self.number,
            email=self.cleaned_data["email"],
            picks=tuple((line.external_id, count) for line, count in picked),
            titles=tuple(title_of(line) for line, _count in picked),
        )

    def _picked(self) -> list[tuple[OrderLine, int]]:
        chosen = ((line, int(self.cleaned_data.get(_field(line)) or 0)) for line in self.lines)
        return [(line, count) for line, count in chosen if count]


def _units(line: OrderLine, chosen: int) -> forms.Field:
    """One is chosen or not, of several the number is."""
    if line.quantity == 1:
        return forms.BooleanField(label=title_of(line), required=False, initial=bool(chosen))
    counts = [(str(count), str(count)) for count in range(line.quantity, -1, -1)]
    return forms.ChoiceField(label=title_of(line), choices=counts[-_MOST_UNITS:], initial=str(chosen))


def _field(line: OrderLine) -> str:
    return f"line_{line.pk}"


def title_of(line: OrderLine) -> str:
    return ", ".join(part for part in (line.title, line.variant_title) if part)
