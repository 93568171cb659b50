"""What a merchant types in for coupons."""

from decimal import Decimal
from typing import Any

from django import forms

from thereafter.commerce.actions.coupon_pools import PoolSettings
from thereafter.commerce.connectors.discounts import Field, ShopSystem
from thereafter.commerce.connectors.wire import host_of
from thereafter.commerce.console.coupon_lists import product_choices
from thereafter.commerce.models import CouponPool
from thereafter.commerce.rules.coupons import AMOUNT, LONGEST_PREFIX, PERCENT
from thereafter.kit.money import Money, exponent, to_minor
from thereafter.stores.models import Store

MOST_DAYS = 3650


class PoolForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="For you and your colleagues.")
    kind = forms.ChoiceField(label="What a code gives", choices=CouponPool.Kind.choices, widget=forms.RadioSelect)
    percent = forms.DecimalField(
        label="Percent off", required=False, min_value=Decimal("0.01"), max_value=100, decimal_places=2
    )
    amount = forms.DecimalField(label="Amount off", required=False, min_value=0)
    minimum = forms.DecimalField(
        label="Smallest order", required=False, min_value=0, help_text="Left empty, any order will do."
    )
    products = forms.MultipleChoiceField(
        label="Only on these products", required=False, help_text="None chosen means everything."
    )
    valid_days = forms.IntegerField(
        label="Days it is good for",
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text="To the end of the last day, on the shop's clock. Left empty, it never ends.",
    )
    remind_days = forms.IntegerField(
        label="Remind so many days before",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="Starts journeys that begin with “a coupon expires soon”.",
    )
    per_customer = forms.IntegerField(
        label="Codes per customer", required=False, min_value=1, max_value=1000, help_text="Left empty, no limit."
    )
    beginning = forms.CharField(
        label="Beginning of each code",
        max_length=LONGEST_PREFIX,
        required=False,
        help_text="Such as SPRING; codes are then SPRING-K7QMX-9PWTD.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    combinable = forms.BooleanField(label="May be used together with other codes", required=False)
    personal = forms.BooleanField(label="Only for the customer it was given to", required=False)
    delivery = forms.ChoiceField(
        label="How your checkout knows the codes", choices=CouponPool.Delivery.choices, widget=forms.RadioSelect
    )

    def __init__(self, store: Store, pool: CouponPool | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(store, pool))
        self.store = store
        self.fields["amount"].label = f"Amount off, in {store.currency}"
        kept = pool.products if pool else []
        chosen = self.fields["products"]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101 tells the type checker what stands above
        chosen.choices = product_choices(store, kept)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == PERCENT and not given.get("percent") and "percent" not in self.errors:
            self.add_error("percent", "How much is taken off?")
        if given.get("kind") == AMOUNT and not given.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "How much is taken off?")
        return given

    def settings(self) -> PoolSettings:
        """What was typed in, as the action takes it; the form must be valid."""
        given = self.cleaned_data
        currency = self.store.currency
        values = {
            PERCENT: int((given["percent"] or 0) * 100),
            AMOUNT: to_minor(given["amount"] or 0, currency),
        }
        return PoolSettings(
            name=given["name"].strip(),
            kind=given["kind"],
            value=values.get(given["kind"], 0),
            currency=currency,
            minimum_minor=to_minor(given["minimum"] or 0, currency),
            products=given["products"],
            valid_days=given["valid_days"],
            per_customer=given["per_customer"],
            combinable=given["combinable"],
            personal=given["personal"],
            prefix=given["beginning"].upper().strip("- "),
            delivery=given["delivery"],
            remind_days=given["remind_days"],
        )


def _initial(store: Store, pool: CouponPool | None) -> dict[str, Any]:
    if pool is None:
        return {"kind": PERCENT, "percent": 10, "valid_days": 30, "per_customer": 1, "delivery": "api"}
    names = ("name", "kind", "products", "valid_days", "remind_days", "per_customer")
    kept = {name: getattr(pool, name) for name in (*names, "combinable", "personal", "delivery")}
    kept["beginning"] = pool.prefix
    kept["percent"] = Decimal(pool.value) / 100 if pool.kind == PERCENT else None
    kept["amount"] = Money(pool.value, pool.currency).amount if pool.kind == AMOUNT else None
    kept["minimum"] = pool.minimum.amount if pool.minimum_minor else None
    for name in ("percent", "amount", "minimum"):
        kept[name] = _short(kept[name], exponent(store.currency))
    return kept


def _short(value: Decimal | None, places: int) -> Decimal | None:
    """10 instead of 10.00, 12.50 as it is."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else round(value, max(places, 2))


class CodesForm(forms.Form):
    file = forms.FileField(label="List of codes", help_text="A CSV or text file, one code a line in the first column.")


class AccessForm(forms.Form):
    """What a shop system wants to have typed in; a secret is never shown again, and stays if left empty."""

    def __init__(self, system: ShopSystem, known: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in system.fields:
            self.fields[field.name] = _access_field(field, known)

    def clean_shop(self) -> str:
        shop = str(self.cleaned_data["shop"])
        if not host_of(shop):
            raise forms.ValidationError("Give the name of the host; it is reached by https://.")
        return shop


def _access_field(field: Field, known: dict[str, str]) -> forms.CharField:
    is_kept = field.secret and field.name in known
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    widget = forms.PasswordInput(attrs | {"autocomplete": "new-password"}) if field.secret else forms.TextInput(attrs)
    return forms.CharField(
        label=field.label,
        help_text=f"{field.help} Kept; leave it empty to keep it.".strip() if is_kept else field.help,
        required=field.required and not is_kept,
        max_length=500,
        initial="" if field.secret else known.get(field.name, ""),
        widget=widget,
    )
