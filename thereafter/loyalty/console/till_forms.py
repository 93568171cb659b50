"""What staff type at the till."""

from decimal import Decimal
from typing import Any

from django import forms

from thereafter.kit.money import exponent, to_minor
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.ways import name_of
from thereafter.stores.models import Store

# What can be done at a counter and seen by who stands there; reviews and surveys come from our own pages.
ELSEWHERE = ("joined", "newsletter", "survey", "review", "exchange", "slower_delivery", "qr")
MOST_STEPS = 60


class PayForm(forms.Form):
    """The steps that the member's points allow, the highest first."""

    points = forms.TypedChoiceField(label="Take off", coerce=int)
    receipt = forms.CharField(
        label="Receipt number",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, reward: Reward | None, choice: rules.Choice, data: Any = None) -> None:
        super().__init__(data, prefix="pay")
        field = self.fields["points"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 tells the type checker what stands above
        field.choices = [(count, _worth(reward, count)) for count in _steps(choice)] if reward else []


def _steps(choice: rules.Choice) -> list[int]:
    """All steps, or of very many the even ones, and always all and the smallest."""
    if not choice.is_open:
        return []
    count = choice.most // choice.step
    stride = -(-count // MOST_STEPS)
    steps = {*range(choice.step * stride, choice.most + 1, choice.step * stride), choice.step, choice.most}
    return sorted(steps, reverse=True)


def _worth(reward: Reward, count: int) -> str:
    worth = standings.money_of(reward, rules.worth(terms_of(reward), count))
    return f"{worth.format('en')} for {count:,} points"


class ReceiptForm(forms.Form):
    amount = forms.DecimalField(
        label="Amount of the receipt",
        min_value=Decimal("0.01"),
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    number = forms.CharField(
        label="Receipt number",
        max_length=40,
        help_text="Each receipt counts once.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, store: Store, data: Any = None) -> None:
        super().__init__(data, prefix="receipt")
        self.currency = store.currency
        places = exponent(store.currency)
        amount = self.fields["amount"]
        amount.label = f"Amount of the receipt, in {store.currency}"
        amount.widget.attrs["step"] = str(Decimal(1).scaleb(-places))

    def clean_number(self) -> str:
        return " ".join(str(self.cleaned_data["number"]).upper().split())

    @property
    def minor(self) -> int:
        return to_minor(self.cleaned_data["amount"], self.currency)


class VisitForm(forms.Form):
    action = forms.ChoiceField(label="What was done")

    def __init__(self, programme: Programme, data: Any = None) -> None:
        super().__init__(data, prefix="visit")
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 tells the type checker what stands above
        field.choices = self.choices_of(programme)

    @staticmethod
    def choices_of(programme: Programme) -> list[tuple[str, str]]:
        return [
            (key, f"{name_of(key, action.label)}: {action.points:,} points")
            for key, action in programme.actions.items()
            if action.is_on and action.points and not key.startswith(("social_", "review_")) and key not in ELSEWHERE
        ]
