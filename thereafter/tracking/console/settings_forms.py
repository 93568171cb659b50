"""What a merchant sets for tracking, as forms: each takes the settings apart and puts them together again."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

import holidays
from babel import Locale
from django import forms
from msgspec.structs import replace

from thereafter.console import zones
from thereafter.stores.models import Store
from thereafter.tracking.rules.settings import Alerts, Carrier, Settings, Warehouse

_WEEK = [(day, name) for day, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))]
MOST_CLOSED = 60


class Weekdays(forms.TypedMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple(attrs={"class": "inline"})

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=_WEEK, coerce=int, **given)


class Lines(forms.CharField):
    """One thing on each line."""

    def __init__(self, **given: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **given)

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]


class Percent(forms.IntegerField):
    """Typed as 95, kept as 0.95."""

    def prepare_value(self, value: Any) -> Any:
        return round(value * 100) if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        whole = super().clean(value)
        return None if whole is None else whole / 100


class Part(forms.Form):
    """A part of the settings; `store` fills in what holds where nothing is said."""

    def __init__(self, store: Store, settings: Settings, *args: Any, **given: Any) -> None:
        given["initial"] = self.taken_from(settings)
        super().__init__(*args, **given)
        self.store, self.settings = store, settings

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        raise NotImplementedError

    def put_into(self, settings: Settings) -> Settings:
        raise NotImplementedError


class WarehouseForm(Part):
    cut_off = forms.TimeField(
        label="Cut-off time",
        help_text="Orders until then leave as if placed that working day, on the warehouse's clock.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    weekdays = Weekdays(label="Days on which you pack")
    least = forms.IntegerField(
        label="Working days to pack, at least",
        min_value=0,
        max_value=90,
        help_text="0 when it usually leaves the same day. Used until your own hand-overs have taught us better.",
    )
    most = forms.IntegerField(label="Working days to pack, at most", min_value=0, max_value=90)
    keeps_holidays = forms.BooleanField(label="Closed on public holidays", required=False)
    country = forms.ChoiceField(label="Country", required=False, help_text="Whose public holidays the warehouse keeps.")
    subdivision = forms.CharField(
        label="State or region",
        required=False,
        max_length=6,
        help_text="Only where it has holidays of its own: BY for Bavaria, CA for California.",
    )
    closed = Lines(
        label="Other days off",
        help_text="Stocktaking, company holidays: one day a line, such as 2026-12-24.",
    )
    time_zone = forms.ChoiceField(label="Time zone", required=False, help_text="The clock of the cut-off.")

    def __init__(self, store: Store, *args: Any, **given: Any) -> None:
        super().__init__(store, *args, **given)
        names = Locale("en").territories
        countries = sorted(((code, str(names[code])) for code in _countries()), key=lambda row: row[1])
        home = f"As the shop ({names.get(store.country, 'not set')})"
        self.fields["country"].choices = [("", home), *countries]  # type: ignore[attr-defined]  # a ChoiceField
        own = [("", f"As the shop ({store.time_zone})"), *((name, name.replace("_", " ")) for name in zones.names())]
        self.fields["time_zone"].choices = own  # type: ignore[attr-defined]  # a ChoiceField

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        one = settings.warehouse
        return {
            "cut_off": time.fromisoformat(one.cut_off),
            "weekdays": list(one.weekdays),
            "least": one.processing_days[0],
            "most": one.processing_days[1],
            "keeps_holidays": one.keeps_holidays,
            "country": one.country,
            "subdivision": one.subdivision,
            "closed": "\n".join(day.isoformat() for day in one.closed),
            "time_zone": one.time_zone,
        }

    def clean_subdivision(self) -> str:
        code = str(self.cleaned_data["subdivision"]).strip().upper()
        country = self.cleaned_data.get("country") or self.store.country
        known = holidays.list_supported_countries().get(country, [])
        if code and code not in known:
            few = ", ".join(known[:16]) + (" …" if len(known) > 16 else "")  # noqa: PLR2004  as many as fit a line
            told = f"There, these are known: {few}." if known else "For this country none are known."
            raise forms.ValidationError(f"We know no holidays of “{code}”. {told}")
        return code

    def clean_closed(self) -> tuple[date, ...]:
        return tuple(sorted({_day(line) for line in self.cleaned_data["closed"][:MOST_CLOSED]}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        _in_order(self, "least", "most")
        return given

    def put_into(self, settings: Settings) -> Settings:
        given = self.cleaned_data
        warehouse = Warehouse(
            cut_off=f"{given['cut_off']:%H:%M}",
            weekdays=tuple(given["weekdays"]),
            processing_days=(given["least"], given["most"]),
            keeps_holidays=given["keeps_holidays"],
            country=given["country"],
            subdivision=given["subdivision"],
            closed=given["closed"],
            time_zone=given["time_zone"],
        )
        return replace(settings, warehouse=warehouse)


def _countries() -> Sequence[str]:
    names = Locale("en").territories
    return [code for code in holidays.list_supported_countries(include_aliases=False) if code in names]


def _day(line: str) -> date:
    try:
        return date.fromisoformat(line)
    except ValueError:
        raise forms.ValidationError(f"“{line[:40]}” is not a day. Write it as 2026-12-24.") from None


def _in_order(form: forms.Form, low: str, high: str) -> None:
    """Adds an error when the larger of two is the smaller."""
    least, most = form.cleaned_data.get(low), form.cleaned_data.get(high)
    if least is not None and most is not None and most < least:
        form.add_error(high, "This must not be less than the field before it.")


class CarrierForm(Part):
    of = forms.CharField(widget=forms.HiddenInput, max_length=60)
    pickup = Weekdays(label="Comes to the warehouse on")
    delivery = Weekdays(label="Delivers on")
    keeps_holidays = forms.BooleanField(label="Rests on public holidays", required=False)
    least = forms.IntegerField(
        label="Working days on the way, at least",
        required=False,
        min_value=0,
        max_value=90,
        help_text="What the carrier states for your own country. Used until your own deliveries have taught us better.",
    )
    most = forms.IntegerField(label="Working days on the way, at most", required=False, min_value=0, max_value=90)

    def __init__(self, store: Store, settings: Settings, key: str, *args: Any, **given: Any) -> None:
        self.key = key
        super().__init__(store, settings, *args, prefix=key, **given)

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        one = settings.carriers.get(self.key) or Carrier()
        least, most = one.transit_days or (None, None)
        return {
            "of": self.key,
            "pickup": list(one.pickup_weekdays),
            "delivery": list(one.delivery_weekdays),
            "keeps_holidays": one.keeps_holidays,
            "least": least,
            "most": most,
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (given.get("least") is None) != (given.get("most") is None):
            self.add_error("most", "Give both or neither.")
        _in_order(self, "least", "most")
        return given

    def put_into(self, settings: Settings) -> Settings:
        given = self.cleaned_data
        carrier = Carrier(
            pickup_weekdays=tuple(given["pickup"]),
            delivery_weekdays=tuple(given["delivery"]),
            keeps_holidays=given["keeps_holidays"],
            transit_days=None if given["least"] is None else (given["least"], given["most"]),
        )
        return replace(settings, carriers=settings.carriers | {self.key: carrier})


class DatesForm(Part):
    on_time = Percent(
        label="Promises that hold, in percent",
        min_value=60,
        max_value=99,
        help_text="95 means that 19 of 20 parcels come by the promised day. More is safer, and promises later days.",
    )
    coverage = Percent(
        label="Ranges that hold, in percent",
        min_value=50,
        max_value=98,
        help_text="How many parcels come between the first and the last day that we show. More makes ranges longer.",
    )
    model = forms.ChoiceField(
        label="How we predict",
        choices=[
            ("auto", "Whichever did better on your own past (recommended)"),
            ("lane", "Lane tables: the days that parcels to the same place took"),
            ("lightgbm", "LightGBM: learns from all of a parcel, where it is installed"),
        ],
        widget=forms.RadioSelect,
    )
    carrier = forms.ChoiceField(
        label="The carrier's own day",
        choices=[
            ("auto", "Shown where it was closer than ours, and while we can only guess (recommended)"),
            ("always", "Always shown"),
            ("never", "Never shown"),
        ],
        widget=forms.RadioSelect,
    )

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        return {name: getattr(settings.dates, name) for name in self.base_fields}

    def put_into(self, settings: Settings) -> Settings:
        return replace(settings, dates=replace(settings.dates, **self.cleaned_data))


class AlertsForm(Part):
    might_be_late = Percent(
        label="Say “might be late” on the page, from a chance of",
        min_value=10,
        max_value=95,
        help_text="Percent. Only shown on the order's page; nobody gets a mail.",
    )
    tell = Percent(
        label="Write to the shopper and raise an alert, from a chance of",
        min_value=20,
        max_value=98,
        help_text="Percent. The parcel comes on the watch list, and the journey “Delay expected” begins.",
    )
    fulfilment_hours = forms.IntegerField(
        label="Nothing has left the warehouse for",
        min_value=12,
        max_value=1_000,
        help_text="Hours after the order, counted on the warehouse's working days.",
    )
    pre_transit_hours = forms.IntegerField(
        label="The carrier has not scanned it for",
        min_value=12,
        max_value=1_000,
        help_text="Hours after you handed it over, on days on which the carrier comes: a forgotten label.",
    )
    transit_hours = forms.IntegerField(
        label="On its way, no scan for",
        min_value=12,
        max_value=1_000,
        help_text="Hours since the last scan, on days on which the carrier delivers.",
    )

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        return {name: getattr(settings.alerts, name) for name in self.base_fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        _in_order(self, "might_be_late", "tell")
        return given

    def put_into(self, settings: Settings) -> Settings:
        return replace(settings, alerts=Alerts(**self.cleaned_data))
