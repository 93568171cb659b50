"""What a merchant types in for segments."""

import csv
import io
from typing import Any

from django import forms

LARGEST = 5_000_000


class SegmentForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="For you and your colleagues.")


class SyncForm(forms.Form):
    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="Gets a signed POST with up to 500 people who came or left, beginning with everybody.",
    )


class PeopleForm(forms.Form):
    emails = forms.CharField(
        label="E-mail addresses",
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off"}),
        help_text="One on each line, or with commas between them.",
    )
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        help_text="Any column with e-mail addresses will do.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        text = given.get("emails", "")
        file = given.get("file")
        if file and file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 5 MB. Send it in parts.")
        if file:
            text += "\n" + file.read().decode("utf-8-sig", "replace")
        given["addresses"] = addresses(text)
        if not given["addresses"]:
            raise forms.ValidationError("There is no e-mail address in it.")
        return given


class ListForm(PeopleForm):
    name = forms.CharField(label="Name", max_length=100, help_text="For you and your colleagues.")
    field_order = ("name", "emails", "file")


def addresses(text: str) -> list[str]:
    """Whatever looks like an e-mail address in a table or a list."""
    cells = (cell for line in csv.reader(io.StringIO(text.replace(";", ",").replace("\t", ","))) for cell in line)
    words = (word.strip("<>\"'") for cell in cells for word in cell.split())
    return sorted({word for word in words if "@" in word[1:-1]})
