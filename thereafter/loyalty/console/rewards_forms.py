"""What a merchant types in for a reward: a form for each kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from thereafter.commerce.models import CouponPool
from thereafter.commerce.rules.coupons import LONGEST_PREFIX
from thereafter.kit.money import to_minor
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.console.rewards_begun import KEPT, begun
from thereafter.loyalty.models import Reward
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Store

MOST_POINTS = 1_000_000_000
MOST_DAYS = 3650
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese"}
_LOCAL = "%Y-%m-%dT%H:%M"
_WORTH = {
    rules.AMOUNT: "Taken off",
    rules.PRODUCT: "Price of the product",
    rules.CREDIT: "Credit",
    rules.DONATION: "Given",
}
_SUCH_AS = {
    rules.AMOUNT: "€5 off your next order",
    rules.PERCENT: "10% off your next order",
    rules.PRODUCT: "A pair of socks for free",
    rules.GIFT: "Our enamel cup",
    rules.SEAT: "A seat at the spring workshop",
    rules.DONATION: "Plant a tree",
}
# What only some kinds have.
_ONLY = {
    "amount": rules.MONEY,
    "percent": (rules.PERCENT,),
    "is_stepped": rules.STEPPED,
    "most_points": rules.STEPPED,
    "minimum": rules.COUPONS,
    "products": (rules.AMOUNT, rules.PERCENT, rules.PRODUCT),
    "valid_days": rules.COUPONS,
    "remind_days": rules.COUPONS,
    "refund_when_expired": rules.COUPONS,
    "combinable": rules.COUPONS,
    "beginning": rules.COUPONS,
    "delivery": rules.COUPONS,
    "own_cost": (rules.PERCENT, rules.SHIPPING, rules.PRODUCT, rules.GIFT, rules.SEAT),
    "event_starts": (rules.SEAT,),
    "event_ends": (rules.SEAT,),
    "event_place": (rules.SEAT,),
    "event_note": (rules.SEAT,),
    "recipient": (rules.DONATION,),
}
# Fields of ours by what the action calls them.
PLACES = {
    "value": ("amount", "percent"),
    "minimum_minor": ("minimum",),
    "prefix": ("beginning",),
    "currency": ("amount",),
}


def _when(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)
    return forms.DateTimeField(label=label, required=False, widget=widget, help_text=help_text)


class RewardForm(forms.Form):
    """`kind` decides which fields there are. `settings()` is what was typed in, as the action takes it."""

    name = forms.CharField(label="Name", max_length=100, help_text="Members read it.")
    text = forms.CharField(
        label="A sentence about it", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    image_url = forms.URLField(
        label="Address of a picture", required=False, max_length=500, assume_scheme="https", help_text="From your shop."
    )
    cost = forms.IntegerField(label="Points", min_value=1, max_value=MOST_POINTS)
    is_stepped = forms.BooleanField(
        label="Members choose how many points they give, in steps",
        required=False,
        help_text="The points above are one step, and each step is worth the same again.",
    )
    most_points = forms.IntegerField(
        label="Most points at once", required=False, min_value=1, max_value=MOST_POINTS, help_text="Only with steps."
    )
    amount = forms.DecimalField(label="Worth", min_value=0, max_digits=14)
    percent = forms.DecimalField(label="Percent off", min_value=Decimal("0.01"), max_value=100, decimal_places=2)
    products = forms.MultipleChoiceField(
        label="Only on these products", required=False, help_text="None chosen means everything."
    )
    minimum = forms.DecimalField(
        label="Smallest order", required=False, min_value=0, help_text="Left empty, any order will do."
    )
    event_starts = _when("Begins", "On the shop's clock.")
    event_ends = _when("Ends")
    event_place = forms.CharField(label="Where", max_length=200, required=False, help_text="An address, or a link.")
    event_note = forms.CharField(
        label="What to know", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    recipient = forms.CharField(label="Who gets the money", max_length=100)
    own_cost = forms.DecimalField(
        label="What one costs you", required=False, min_value=0, help_text="For your numbers; members never see it."
    )
    stock = forms.IntegerField(
        label="How many there are", required=False, min_value=0, max_value=1_000_000, help_text="Empty is no limit."
    )
    stock_was = forms.IntegerField(required=False, widget=forms.HiddenInput)
    per_member = forms.IntegerField(
        label="How often for each member", required=False, min_value=1, max_value=1000, help_text="Empty is no limit."
    )
    tiers = forms.MultipleChoiceField(
        label="Only for these tiers",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen is everybody.",
    )
    starts_at = _when("Offered from", "Empty is at once.")
    ends_at = _when("Offered until", "Empty is no end.")
    is_shown = forms.BooleanField(
        label="Show it on members' pages", required=False, help_text="Else it is taken through the API only."
    )
    valid_days = forms.IntegerField(
        label="Days the code is good for",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="To the end of the last day, on the shop's clock. Empty is no end.",
    )
    remind_days = forms.IntegerField(
        label="Remind so many days before", required=False, min_value=1, max_value=MOST_DAYS
    )
    refund_when_expired = forms.BooleanField(
        label="If the code ends unused, the points go back", required=False, help_text="Else they stay spent."
    )
    combinable = forms.BooleanField(label="May be used together with other codes", required=False)
    beginning = forms.CharField(
        label="Beginning of each code",
        max_length=LONGEST_PREFIX,
        required=False,
        help_text="Such as CLUB; codes are then CLUB-K7QMX-9PWTD.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    delivery = forms.ChoiceField(
        label="How your checkout knows the codes", choices=CouponPool.Delivery.choices, widget=forms.RadioSelect
    )

    def __init__(  # noqa: PLR0913 a form of one shop's rewards needs what the shop has
        self,
        store: Store,
        kind: str,
        reward: Reward | None = None,
        data: Any = None,
        *,
        tiers: Sequence[tuple[str, str]] = (),
        products: Sequence[tuple[str, str]] = (),
        delivery: str = CouponPool.Delivery.API,
    ) -> None:
        self.store, self.kind, self.reward = store, kind, reward
        super().__init__(data, initial=begun(store, kind, reward, delivery))
        for name in [name for name, kinds in _ONLY.items() if kind not in kinds]:
            del self.fields[name]
        self._offer("tiers", tiers)
        self._offer("products", products)
        self._word()
        self.languages = [code for code in LANGUAGES if code != store.locale.split("-")[0]]
        for code in self.languages:
            self._add_language(code)

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields.get(name)
        if name == "products" and self.kind == rules.PRODUCT:
            field = forms.ChoiceField(label="Product", choices=[("", "Choose a product"), *choices])
            self.fields[name] = field
        elif isinstance(field, forms.MultipleChoiceField):
            field.choices = list(choices)
            if not choices:
                del self.fields[name]

    def _word(self) -> None:
        if self.kind in _SUCH_AS:
            self.fields["name"].help_text = f"Members read it, such as “{_SUCH_AS[self.kind]}”."
        code = self.currency
        if "amount" in self.fields:
            self.fields["amount"].label = f"{_WORTH[self.kind]}, in {code}"
        if self.kind == rules.PRODUCT:
            self.fields[
                "amount"
            ].help_text = "The code takes this off, once, and only with the product: left empty, today's price."
            self.fields["amount"].required = False
        for name in {"own_cost", "minimum"} & set(self.fields):
            self.fields[name].label = f"{self.fields[name].label}, in {code}"
        if "valid_days" not in self.fields:
            self.fields["stock"].help_text = "Empty is no limit. A cancelled one counts again."
        if self.kind == rules.SEAT:
            self.fields["stock"].label = "Seats"
            self.fields["event_starts"].required = True

    def _add_language(self, code: str) -> None:
        said = (self.reward.words if self.reward else {}).get(code, {})
        label = LANGUAGES[code]
        self.fields[f"name_{code}"] = forms.CharField(
            label=f"Name in {label}", max_length=100, required=False, initial=said.get("name", "")
        )
        self.fields[f"text_{code}"] = forms.CharField(
            label=f"Sentence in {label}", max_length=400, required=False, initial=said.get("text", "")
        )

    @property
    def currency(self) -> str:
        return (self.reward.currency if self.reward else "") or self.store.currency

    def settings(self) -> RewardSettings:
        given = self.cleaned_data
        needs_money = self.kind in rules.MONEY or given.get("minimum")
        return RewardSettings(
            kind=self.kind,
            value=self._value(given),
            currency=self.currency if needs_money else "",
            minimum_minor=self._minor("minimum"),
            products=_listed(given.get("products")),
            stock_was=given.get("stock_was"),
            words=self._words(given),
            details=self._details(given),
            valid_days=given.get("valid_days"),
            cost_minor=self._minor("own_cost") if given.get("own_cost") is not None else None,
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            checkout=self._checkout(given),
            **{name: given[name] for name in KEPT if name in given and name != "tiers"},
            tiers=_listed(given.get("tiers")),
        )

    def _value(self, given: Mapping[str, Any]) -> int:
        return int((given["percent"] or 0) * 100) if self.kind == rules.PERCENT else self._minor("amount")

    def _minor(self, name: str) -> int:
        return to_minor(self.cleaned_data.get(name) or 0, self.currency)

    def _words(self, given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        kept = dict(self.reward.words) if self.reward else {}
        for code in self.languages:
            said = {part: given[f"{part}_{code}"].strip() for part in ("name", "text") if given[f"{part}_{code}"]}
            kept = {**kept, code: said} if said else {key: value for key, value in kept.items() if key != code}
        return kept

    def _details(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What only some kinds have; the choice to give points back stays there once it was made, as yes or no."""
        kept = dict(self.reward.details) if self.reward else {}
        named = {"place": "event_place", "note": "event_note", "recipient": "recipient"}
        kept |= {key: given[name].strip() for key, name in named.items() if name in given}
        times = {"starts_at": "event_starts", "ends_at": "event_ends"}
        kept |= {key: _iso(given[name]) for key, name in times.items() if name in given}
        if given.get("refund_when_expired") or "refund_when_expired" in kept:
            kept["refund_when_expired"] = bool(given.get("refund_when_expired"))
        return {key: value for key, value in kept.items() if value not in ("", None)}

    def _checkout(self, given: Mapping[str, Any]) -> Checkout:
        if self.kind not in rules.COUPONS:
            return Checkout()
        return Checkout(
            delivery=given["delivery"],
            combinable=given["combinable"],
            prefix=given["beginning"].upper().strip("- "),
            remind_days=given["remind_days"],
        )


def _listed(given: Any) -> list[str]:
    """A choice of one or of many, as a list."""
    return [given] if isinstance(given, str) and given else list(given or [])


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
