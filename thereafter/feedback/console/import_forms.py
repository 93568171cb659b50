"""Forms of bringing reviews in and taking them along."""

from collections.abc import Mapping
from typing import Any

from django import forms

from thereafter.feedback.queries.review_imports import Missing
from thereafter.feedback.queries.review_products import Shelf
from thereafter.feedback.rules.review_formats.formats import CHOICES

# More names than that nobody goes through by hand.
MOST_PRODUCTS = 60
LINES = "lines"


class FileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="As it came from the other app: up to 20 MB and 100,000 reviews.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    system = forms.ChoiceField(
        label="Where it comes from",
        required=False,
        choices=[("", "Told by its columns"), *CHOICES.items()],
    )


class MendedForm(forms.Form):
    file = forms.FileField(
        label="The mended rows",
        help_text="What was brought in already is known and stays as it is.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )


class ReadingForm(forms.Form):
    """How a file is read: its format, the order of its dates, and which of our products it speaks of."""

    system = forms.ChoiceField(label="Where it comes from", choices=list(CHOICES.items()))
    date_order = forms.ChoiceField(
        label="In 3/4/2026, what comes first?",
        choices=[("dmy", "The day: 3 April"), ("mdy", "The month: 4 March")],
        widget=forms.RadioSelect,
    )

    def __init__(
        self, data: Any = None, *, missing: Mapping[str, Missing], products: Shelf, has_order: bool, **rest: Any
    ) -> None:
        super().__init__(data, **rest)
        if not has_order:
            # Each date of the file can be read in one way only.
            del self.fields["date_order"]
        self._shelf = products
        self.names = list(missing)[:MOST_PRODUCTS]
        for at, name in enumerate(self.names):
            one, chosen = missing[name], products.chosen.get(name)
            label = one.title if one.title == name else f"{one.title} ({name})" if one.title else name
            self.fields[f"product_{at}"] = forms.CharField(
                label=label,
                required=False,
                max_length=300,
                initial=products.offered(chosen) if chosen else "",
                help_text=f"{one.rows:,} review{'' if one.rows == 1 else 's'}",
                widget=forms.TextInput(attrs={"list": "our-products", "autocomplete": "off"}),
            )
            self.fields[f"leave_{at}"] = forms.BooleanField(
                label="Leave its reviews out", required=False, initial=chosen == 0
            )

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each product that is not known, with the box that leaves it out."""
        return [(self[f"product_{at}"], self[f"leave_{at}"]) for at in range(len(self.names))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen: dict[str, int] = {}
        for at, name in enumerate(self.names):
            text = str(cleaned.get(f"product_{at}") or "")
            if cleaned.get(f"leave_{at}"):
                chosen[name] = 0
            elif text:
                product = self._shelf.named(text)
                chosen |= {name: product} if product else {}
                if product is None:
                    self.add_error(f"product_{at}", "Your shop has no product of this name, number or SKU.")
        cleaned["products"] = chosen
        return cleaned


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label="For which app?",
        choices=[*CHOICES.items(), (LINES, "Everything, as JSON lines")],
    )
