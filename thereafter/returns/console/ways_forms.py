"""What a merchant types in for the ways back."""

from typing import Any

from babel import Locale
from babel.core import get_global
from django import forms
from django.core.files.uploadedfile import UploadedFile

from thereafter.commerce.connectors.discounts import Field
from thereafter.returns.actions.label_accounts import LONGEST
from thereafter.returns.actions.ways import LONGEST_NAME
from thereafter.returns.labels.adapter import Adapter
from thereafter.returns.models import DropOffPoint
from thereafter.stores.models import Store

MOST_BYTES = 8 * 1024 * 1024
_NOT_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"))


def countries(store: Store) -> list[tuple[str, str]]:
    """The shop's own first."""
    names = Locale("en").territories
    found = {code for code in get_global("territory_languages") if len(code) == len("DE")} - _NOT_COUNTRIES
    own = [(store.country, str(names[store.country]))] if store.country in names else [("", "Choose")]
    rest = sorted(((code, str(names[code])) for code in found if code in names), key=lambda row: row[1])
    return own + [row for row in rest if row not in own]


class AddressForm(forms.Form):
    """The same names as in `ReturnSettings.address`."""

    name = forms.CharField(label="Name on the label", max_length=60, help_text="Such as “Returns, Stride & Co”.")
    company = forms.CharField(label="Company", max_length=60, required=False)
    line1 = forms.CharField(label="Street and number", max_length=80)
    line2 = forms.CharField(label="Building, gate, floor", max_length=80, required=False)
    postcode = forms.CharField(label="Postcode", max_length=16)
    city = forms.CharField(label="Town", max_length=60)
    region = forms.CharField(
        label="State or region", max_length=40, required=False, help_text="Where addresses have one, such as OR."
    )
    country = forms.ChoiceField(label="Country")
    phone = forms.CharField(
        label="Telephone", max_length=30, required=False, help_text="Some carriers make no label without one."
    )

    def __init__(self, store: Store, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(store)  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("country") in {"US", "CA", "AU"} and not given.get("region"):
            self.add_error("region", "Addresses in this country need a state or province.")
        return given


class DestinationForm(AddressForm):
    """With the name that policies call it by."""

    field_order = ("called",)
    called = forms.CharField(
        label="Called", max_length=LONGEST_NAME, help_text="The name that your policy uses, such as “Outlet”."
    )

    def __init__(self, store: Store, taken: set[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(store, *args, **kwargs)
        self._taken = taken

    def clean_called(self) -> str:
        name = str(self.cleaned_data["called"]).strip()
        if name in self._taken:
            raise forms.ValidationError("There is a destination of this name.")
        return name


class LabelAccountForm(forms.Form):
    """The adapter's credentials, and what a usual parcel is; a secret is never shown again."""

    def __init__(self, adapter: Adapter, known: dict[str, str], usual: dict[str, Any], data: Any = None) -> None:
        super().__init__(data)
        for field in adapter.fields:
            self.fields[field.name] = _credential(field, known)
        for name, label, value, most in (
            ("weight_g", "Weight of a usual parcel, in grams", 1000, 70_000),
            ("length_mm", "Length, in millimetres", 300, 3_000),
            ("width_mm", "Width, in millimetres", 200, 3_000),
            ("height_mm", "Height, in millimetres", 100, 3_000),
        ):
            self.fields[name] = forms.IntegerField(
                label=label, min_value=1, max_value=most, initial=usual.get(name, value)
            )
        self.fields["service"] = forms.CharField(
            label="Service you prefer", required=False, max_length=60, initial=usual.get("service", ""),
            help_text="Part of the carrier's or service's name, such as “DHL”. Empty: the cheapest.",
        )  # fmt: skip

    def usual(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("weight_g", "length_mm", "width_mm", "height_mm", "service")}


def _credential(field: Field, known: dict[str, str]) -> forms.CharField:
    is_kept = field.secret and field.name in known
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.PasswordInput(attrs | {"autocomplete": "new-password"}) if field.secret else forms.TextInput(attrs)
    return forms.CharField(
        label=field.label,
        help_text=f"{field.help} Kept; leave it empty to keep it.".strip() if is_kept else field.help,
        required=field.required and not is_kept,
        max_length=LONGEST,
        initial="" if field.secret else known.get(field.name, ""),
        widget=widget,
    )


class PointForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes none at run time
    country = forms.ChoiceField(label="Country")
    is_counter = forms.BooleanField(
        label="Scans the shopper's code", required=False,
        help_text="The counter gets a secret link to a page that scans; shoppers need no label there.",
    )  # fmt: skip

    class Meta:
        model = DropOffPoint
        fields = (
            "name", "kind", "carrier", "address", "postcode", "city", "country", "latitude", "longitude",
            "opening_hours", "is_counter",
        )  # fmt: skip
        labels = {
            "kind": "Whose it is",
            "carrier": "Carrier",
            "address": "Street and number",
            "city": "Town",
            "opening_hours": "Opening hours",
        }
        help_texts = {
            "carrier": "Where only parcels of one carrier are taken.",
            "latitude": "Degrees, such as 52.5200: shoppers then see how far it is.",
            "opening_hours": "As shoppers read them, a line each.",
        }
        widgets = {"opening_hours": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, store: Store, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(store)  # type: ignore[attr-defined]  # a ChoiceField
        kinds = [("own", "Ours"), ("partner", "A partner's"), ("carrier", "A carrier's")]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # as above
        for name, most in (("latitude", 90), ("longitude", 180)):
            self.fields[name].required = False
            self.fields[name].min_value, self.fields[name].max_value = -most, most  # type: ignore[attr-defined]  # numbers

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        spot = (given.get("latitude"), given.get("longitude"))
        if (spot[0] is None) != (spot[1] is None):
            self.add_error("longitude", "Give latitude and longitude, or neither.")
        for name, value, most in (("latitude", spot[0], 90), ("longitude", spot[1], 180)):
            if value is not None and abs(value) > most:
                self.add_error(name, f"Between -{most} and {most}.")
        return given


class FileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="The first row names the columns. Up to 50,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> str:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file is longer than 8 MB: cut it in parts.")
        return _text(file.read()).replace("\x00", "")


def _text(raw: bytes) -> str:
    """UTF-8, else what old spreadsheets write."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
