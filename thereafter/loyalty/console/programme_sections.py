"""The sections of the programme's editor that are one form each."""

from decimal import Decimal
from typing import Any, ClassVar

from babel.core import get_global
from django import forms

from thereafter.loyalty.console.programme_fields import (
    Document,
    SectionForm,
    as_json,
    days_field,
    points_field,
    put,
    shown,
)

ROWS = 8


class OrdersForm(SectionForm):
    earn = points_field("Points", least=0)
    per = forms.DecimalField(label="for every", min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    rounding = forms.ChoiceField(
        label="Parts of a point",
        choices=[("floor", "are rounded down"), ("half_up", "are rounded to the nearest"), ("ceil", "are rounded up")],
    )
    rounding_scope = forms.ChoiceField(
        label="Rounded",
        choices=[("order", "once, for the whole order"), ("line", "for each line of the order")],
    )
    max_per_order = points_field(
        "Most points for one order", required=False, help_text="A limit after all multipliers and bonuses."
    )
    gift_cards_earn = forms.BooleanField(
        label="What is paid by gift card earns points too",
        required=False,
        help_text="If so, exclude gift cards under Multipliers and bonuses: else the same money earns twice.",
    )

    PLACES: ClassVar = {
        "rounding": "rounding",
        "rounding_scope": "rounding_scope",
        "max_per_order": "max_per_order",
        "gift_cards_earn": "gift_cards_earn",
    }

    def begun(self) -> dict[str, Any]:
        earn, per = self.programme.rate.as_integer_ratio()
        return super().begun() | {"earn": earn, "per": per} | self._worths()

    def _worths(self) -> dict[str, Any]:
        rows = enumerate(list(self.programme.currencies.items())[:ROWS])
        return {
            f"currency_{at}_{part}": value
            for at, (code, worth) in rows
            for part, value in (("code", code), ("worth", shown(worth)))
        }

    def arrange(self) -> None:
        self.fields["per"].label = f"for every so many {self.store.currency}"
        for at in range(ROWS):
            self.fields[f"currency_{at}_code"] = forms.CharField(label="Currency", max_length=3, required=False)
            self.fields[f"currency_{at}_worth"] = forms.DecimalField(
                label=f"One of it is worth, in {self.store.currency}",
                min_value=Decimal("0.000001"), max_digits=12, decimal_places=6, required=False,
            )  # fmt: skip

    @property
    def rows(self) -> list[list[Any]]:
        """Currencies that are said and one more, empty."""
        said = [at for at in range(ROWS) if self[f"currency_{at}_code"].value()]
        return [[self[f"currency_{at}_{part}"] for part in ("code", "worth")] for at in range(min(len(said) + 1, ROWS))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        earn, per = cleaned.get("earn"), cleaned.get("per")
        if earn is not None and per and Decimal(earn) / per * per != earn:
            self.add_error("per", "This does not divide evenly. Try amounts such as 1, 2, 5 or 10.")
        for at in range(ROWS):
            self._clean_row(at, cleaned)
        return cleaned

    def _clean_row(self, at: int, cleaned: dict[str, Any]) -> None:
        name = f"currency_{at}_code"
        code = cleaned[name] = (cleaned.get(name) or "").upper()
        if code and code not in get_global("all_currencies"):
            self.add_error(name, "Write a currency by its three letters, such as USD.")
        if code and cleaned.get(f"currency_{at}_worth") is None and f"currency_{at}_worth" not in self.errors:
            self.add_error(f"currency_{at}_worth", f"Say how much one {code} is worth.")

    def filled(self) -> Document:
        document, clean = super().filled(), self.cleaned_data
        document["rate"] = as_json(Decimal(clean["earn"]) / clean["per"])
        rows = [(clean[f"currency_{at}_code"], clean[f"currency_{at}_worth"]) for at in range(ROWS)]
        put(document, "currencies", {code: as_json(worth) for code, worth in rows if code} or None)
        return document

    def places(self) -> dict[str, str]:
        return super().places() | {"rate": "earn"}


class StackingForm(SectionForm):
    stacking = forms.ChoiceField(
        label="When several multipliers meet",
        widget=forms.RadioSelect,
        choices=[
            ("multiplicative", "Multiply them"),
            ("additive", "Add up what each brings on top"),
            ("max", "Only the highest counts"),
        ],
    )
    PLACES: ClassVar = {"stacking": "stacking"}


class LifetimeForm(SectionForm):
    pending_days = days_field(
        "Days before points of an order can be used",
        help_text="As long as your customers may return, so that points are safe once they can be spent.",
    )
    mode = forms.ChoiceField(
        label="When points end",
        choices=[
            ("never", "They never end"),
            ("days", "So many days after they were earned"),
            ("months", "So many months after they were earned"),
            ("end_of_month", "With the month in which they were earned"),
            ("end_of_year", "With the year in which they were earned"),
            ("inactivity", "All at once, after so many months without earning or using any"),
        ],
    )
    n = forms.IntegerField(label="How many", min_value=1, max_value=3660)
    warn_days = forms.CharField(
        label="Members are told so many days before",
        max_length=60,
        required=False,
        help_text="With commas between: 30, 7 tells them twice. The last is their last chance.",
    )
    PLACES: ClassVar = {"pending_days": "pending_days", "mode": "expiry.mode"}
    SHOWN_FOR: ClassVar = {
        "n": ("mode", ("days", "months", "inactivity")),
        "warn_days": ("mode", ("days", "months", "end_of_month", "end_of_year", "inactivity")),
    }

    def begun(self) -> dict[str, Any]:
        expiry = self.programme.expiry
        return super().begun() | {"n": expiry.length, "warn_days": ", ".join(map(str, expiry.warn_days))}

    def clean_warn_days(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["warn_days"].split(",") if part.strip()]
        if not all(part.isdigit() and 1 <= int(part) <= 365 for part in parts):  # noqa: PLR2004 days of a year
            raise forms.ValidationError("Write days as numbers with commas between, each from 1 to 365.")
        return sorted({int(part) for part in parts}, reverse=True)

    def filled(self) -> Document:
        document, clean = super().filled(), self.cleaned_data
        expiry = {"mode": clean["mode"], "warn_days": clean["warn_days"]}
        if clean["mode"] in self.SHOWN_FOR["n"][1]:
            expiry["months" if clean["mode"] == "inactivity" else "n"] = clean["n"]
        document["expiry"] = expiry
        return document

    def places(self) -> dict[str, str]:
        return super().places() | {
            # What concerns both, the wait and the end.
            "": "n",
            "expiry": "n",
            "expiry.n": "n",
            "expiry.months": "n",
            "expiry.warn_days": "warn_days",
        }


class RefundsForm(SectionForm):
    clawback = forms.ChoiceField(
        label="When the points were spent already",
        widget=forms.RadioSelect,
        choices=[
            ("unlimited", "They are owed: the next points pay them"),
            ("within_balance", "What is still there is taken, the rest is forgiven"),
            ("only_pending", "Nothing is taken once points could be used"),
        ],
    )
    clawback_basis = forms.ChoiceField(
        label="How much a refund takes back",
        widget=forms.RadioSelect,
        choices=[
            ("proportional", "Its share of the order's money: half the money, half the points"),
            ("by_line", "What the returned items earned, with their own bonuses"),
        ],
    )
    back = forms.ChoiceField(
        label="Points used on an order that is cancelled",
        choices=[
            ("original", "come back with their old end"),
            ("grace", "come back, with days to use those that ended"),
        ],
    )
    grace_days = forms.IntegerField(label="Days to use them", min_value=1, max_value=365)
    PLACES: ClassVar = {"clawback": "clawback", "clawback_basis": "clawback_basis"}
    SHOWN_FOR: ClassVar = {"grace_days": ("back", ("grace",))}

    def begun(self) -> dict[str, Any]:
        grace = self.programme.grace_days
        return super().begun() | {"back": "grace" if grace else "original", "grace_days": grace or 30}

    def filled(self) -> Document:
        document, clean = super().filled(), self.cleaned_data
        document["restore"] = f"grace_{clean['grace_days']}" if clean["back"] == "grace" else "original_expiry"
        return document

    def places(self) -> dict[str, str]:
        return super().places() | {"restore": "grace_days"}
