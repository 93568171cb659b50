"""What people type on the pages of templates."""

import copy
from typing import Any

from django import forms

from thereafter.messaging import catalogue, words
from thereafter.messaging.looks import CORNERS, FONTS
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.rules.classes import MARKETING, TRANSACTIONAL
from thereafter.stores.models import Store

_ABOUT = {
    "transactional": "what an order needs; always sent",
    "service": "about a purchase, with a way to end it",
    "marketing": "only to who agreed",
}
FONT_NAMES = {
    "system": "The reader’s own (San Francisco, Segoe, Roboto)",
    "helvetica": "Helvetica",
    "humanist": "Humanist (Seravek, Calibri)",
    "georgia": "Georgia",
    "old_style": "Old style (Palatino)",
    "mono": "Monospaced",
}


class NewTemplateForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autofocus": True}))
    message_class = forms.ChoiceField(
        label="Kind of message",
        initial=MARKETING,
        widget=forms.RadioSelect,
        choices=[(key, f"{label}: {_ABOUT[key]}") for key, label in words.CLASSES.items()],
    )
    like = forms.ChoiceField(label="Begin with", required=False)

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.store = store
        known = [(one.key, one.label) for one in catalogue.templates(store)]
        choices = [("", "An empty page"), *known]
        self.fields["like"].widget = forms.Select(choices=choices)
        self.fields["like"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def document(self) -> documents.Document:
        """What the new template begins with."""
        given = self.cleaned_data
        fields = {"name": given["name"], "class": given["message_class"], "when": "", "group": "own"}
        if given["like"]:
            like = copy.deepcopy(catalogue.document(catalogue.template(self.store, given["like"])))
            return editing.set_head(like, **fields)
        return self._first_page(fields)

    def _first_page(self, fields: dict[str, str]) -> documents.Document:
        """A heading, a text and a button: something to change is easier than nothing."""
        language = self.store.locale[:2] or "en"
        made = editing.set_head(documents.empty(fields["name"], fields["class"], language), **fields)
        for kind in ("heading", "text", "button"):
            made, _ = editing.add(made, kind)
        if fields["class"] != TRANSACTIONAL:
            made = editing.set_block(made, "button", {"link": "{{ store.shop_url }}"})
            made = editing.set_words(made, language, {"button": "Go to the shop"})
        return editing.set_words(made, language, {"button": made["words"][language].get("button") or "See your order"})


class LookForm(forms.Form):
    font = forms.ChoiceField(label="Font", choices=[(key, FONT_NAMES.get(key, key)) for key in FONTS])
    corners = forms.ChoiceField(label="Corners", choices=[(key, key.capitalize()) for key in CORNERS])
    page = forms.CharField(label="Background", widget=forms.TextInput(attrs={"type": "color"}))
    logo_width = forms.IntegerField(label="Width of the logo in pixels", min_value=40, max_value=300)
