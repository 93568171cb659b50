"""What is typed in on the page that says how refunds go out."""

from collections.abc import Sequence
from typing import Any

from django import forms

from thereafter.commerce.connectors.discounts import Field
from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.returns.payments.adapters import Provider

ROUTES, BY_ITSELF = "route:", "by_itself"


class AccountForm(forms.Form):
    """A provider's credentials; a secret is never shown again, and stays if left empty."""

    def __init__(self, provider: Provider, known: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in provider.fields:
            self.fields[field.name] = _field(field, known)


def _field(field: Field, known: dict[str, str]) -> forms.CharField:
    is_kept = field.name in known
    attrs = {"autocomplete": "new-password", "spellcheck": "false"}
    return forms.CharField(
        label=field.label,
        help_text=f"{field.help} Kept; leave it empty to keep it." if is_kept else field.help,
        required=field.required and not is_kept,
        max_length=500,
        widget=forms.PasswordInput(attrs) if field.secret else forms.TextInput(attrs),
    )


class RouteForm(forms.Form):
    """Who pays back what was paid in which way."""

    def __init__(self, kinds: Sequence[tuple[str, str, str]], options: Sequence[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        for kind, label, chosen in kinds:
            choices = list(options)
            if chosen and chosen not in dict(choices):
                choices.append((chosen, f"{chosen.title()} (not connected)"))
            self.fields[f"{ROUTES}{kind}"] = forms.ChoiceField(
                label=label, choices=choices, initial=chosen or BY_ITSELF
            )

    def routes(self) -> dict[str, str]:
        """The adapter by way of paying; "" leaves it to us."""
        chosen = self.cleaned_data.items()
        return {name.removeprefix(ROUTES): "" if one == BY_ITSELF else one for name, one in chosen}


class CheckoutForm(forms.Form):
    """At which shop system's checkout store credit is spent."""

    checkout = forms.ChoiceField(label="Store credit is spent", required=False)

    def __init__(self, choices: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checkout"].choices = [("", "Through our API only"), *choices]  # type: ignore[attr-defined]  # a ChoiceField


class HoldForm(forms.Form):
    """Whether new goods leave at once against a hold on the shopper's card."""

    instant_exchange = forms.BooleanField(label="Offer to send the new goods at once", required=False)
    hold_days = forms.IntegerField(
        label="Days until the carrier has to scan the parcel", min_value=3, max_value=60,
        help_text="The shopper is reminded a day before. Without a scan their card is charged.",
    )  # fmt: skip
    hold_kind = forms.ChoiceField(
        label="What is held",
        choices=[("full", "What the goods are worth"), ("token", "A small amount, to prove the card")],
        help_text="A charge that was only proved by a small amount is refused more often.",
    )


class RateForm(forms.Form):
    currency = forms.CharField(
        label="Currency", max_length=3, min_length=3, widget=forms.TextInput(attrs={"autocomplete": "off", "size": "4"})
    )
    on = forms.DateField(label="From this day on", widget=forms.DateInput(attrs={"type": "date"}))
    rate = forms.DecimalField(max_digits=18, decimal_places=8, min_value=0)

    def __init__(self, shop_currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop_currency = shop_currency
        self.fields["rate"].label = f"One unit in {shop_currency}"

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        try:
            exponent(currency)
        except UnknownCurrency:
            raise forms.ValidationError("This is no currency: give its three letters, such as USD.") from None
        if currency == self.shop_currency:
            raise forms.ValidationError("This is your own currency.")
        return currency

    def clean_rate(self) -> Any:
        if not self.cleaned_data["rate"]:
            raise forms.ValidationError("A rate is more than nothing.")
        return self.cleaned_data["rate"]
