"""How forms read a programme's document and write back into it: fields and the places where they stand."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from thereafter.loyalty.rules.programme import BadProgramme, Programme, read
from thereafter.loyalty.rules.wording_figures import plain
from thereafter.stores.models import Store

Document = dict[str, Any]
Problems = Sequence[tuple[str, str]]
MOST_DAYS = 3660
LANGUAGES = [
    ("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish"), ("pt", "Portuguese"),
    ("it", "Italian"), ("nl", "Dutch"), ("pl", "Polish"), ("da", "Danish"), ("sv", "Swedish"),
]  # fmt: skip
NAMED = ("de", "fr", "es", "pt")


class SectionForm(forms.Form):
    """A part of the document. `PLACES` says where a field stands; what is empty is left to the default."""

    PLACES: ClassVar[Mapping[str, str]] = {}
    # Fields that are shown only for some values of another: {"n": ("mode", ("days", "months"))}.
    SHOWN_FOR: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {}

    def __init__(self, store: Store, document: Document, data: Any = None) -> None:
        self.store, self.document = store, document
        self.programme: Programme = read(document, tz=store.time_zone)
        super().__init__(data, initial=self.begun())
        self.arrange()
        ask_where_shown(self, self.SHOWN_FOR)

    def arrange(self) -> None:
        """Fields that depend on the shop or the document."""

    def begun(self) -> dict[str, Any]:
        return {name: shown(look(self.programme, place)) for name, place in self.PLACES.items()}

    def filled(self) -> Document:
        """The document with what was entered; what the form does not know stays as it is."""
        document = deepcopy(self.document)
        for name, place in self.PLACES.items():
            put(document, place, as_json(self.cleaned_data[name]))
        return document

    def places(self) -> dict[str, str]:
        """Which field shows a problem of which place."""
        return {place: name for name, place in self.PLACES.items()}

    def show(self, problems: Problems) -> None:
        """Each problem beside its field; what has none here is said above."""
        fields = self.places()
        for where, text in problems:
            near = [place for place in fields if where == place or where.startswith(f"{place}.")]
            self.add_error(fields[max(near, key=len)] if near else None, text)

    def accepted(self) -> Document | None:
        """The new document where it is a programme; else the form says why not."""
        if not self.is_valid():
            return None
        document = self.filled()
        try:
            read(document, tz=self.store.time_zone)
        except BadProgramme as wrong:
            self.show(wrong.problems)
            return None
        return document


def ask_where_shown(form: forms.Form, shown_for: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    """A field that is shown for some values of another is needed only then."""
    for name, (other, values) in shown_for.items():
        if form.is_bound and form.data.get(form.add_prefix(other)) not in values:
            form.fields[name].required = False


def look(value: Any, place: str) -> Any:
    """What stands at "expiry.mode" of a programme; None where a part is missing."""
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if value is None:
            return None
    return value


def put(document: Document, place: str, value: Any) -> None:
    """Writes a value, or takes it out when there is none."""
    *parts, last = place.split(".")
    for name in parts:
        inner = document.get(name)
        document[name] = inner = dict(inner) if isinstance(inner, Mapping) else {}
        document = inner
    if value is None or value == "":
        document.pop(last, None)
    else:
        document[last] = value


def shown(value: Any) -> Any:
    return plain(value).replace(",", "") if isinstance(value, Decimal) else value


def as_json(value: Any) -> Any:
    return shown(value) if isinstance(value, Decimal) else value


def points_field(label: str, *, required: bool = True, least: int = 0, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=1_000_000_000, required=required, help_text=help_text
    )


def days_field(label: str, *, least: int = 0, most: int = MOST_DAYS, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


def money_field(label: str, *, required: bool = False, places: int = 4, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=14, decimal_places=places, required=required, help_text=help_text
    )


def decimal_field(label: str, *, least: float = 0, most: int = 1000, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(str(least)), max_value=most, max_digits=12, decimal_places=6, help_text=help_text
    )


def words_fields(most: int = 60) -> dict[str, forms.CharField]:
    """A name in the languages that shoppers' pages speak."""
    names = dict(LANGUAGES)
    return {
        f"name_{code}": forms.CharField(label=f"In {names[code]}", max_length=most, required=False) for code in NAMED
    }


def words_begun(words: Mapping[str, str]) -> dict[str, str]:
    return {f"name_{code}": words.get(code, "") for code in NAMED}


def words_filled(cleaned: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
    """With the languages that have no field here as they were."""
    kept = {code: text for code, text in words.items() if code not in NAMED}
    return kept | {code: cleaned[f"name_{code}"] for code in NAMED if cleaned.get(f"name_{code}")}
