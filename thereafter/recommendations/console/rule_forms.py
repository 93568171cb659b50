"""What a merchant fills in for a rule, and for the settings of the shop."""

from typing import Any

from django import forms

from thereafter.commerce.models import Product
from thereafter.recommendations.console import words
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.rules import showing as rules
from thereafter.stores.models import Store

# A list to choose from; a shop with more products names the category.
MOST_OFFERED = 500
Choices = list[Any]


class RuleForm(forms.Form):
    kind = forms.ChoiceField(label="What it does", choices=list(words.KINDS.items()))
    what = forms.ChoiceField(label="Product or category")
    slots = forms.MultipleChoiceField(
        label="Where",
        choices=list(words.SLOTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: everywhere.",
    )
    beside = forms.ChoiceField(
        label="Only beside", required=False, help_text="What the shopper looks at, has in the cart or ordered."
    )
    place = forms.IntegerField(
        label="Place",
        required=False,
        min_value=1,
        max_value=rules.MOST_PLACES,
        help_text="For a product that is always shown: 1 is the first.",
    )
    weight = forms.FloatField(
        label="How much",
        required=False,
        min_value=0,
        max_value=100,
        help_text="For “more or less often” how many times as strong, such as 2 or 0.5; for a margin the percent.",
    )

    def __init__(self, store: Store, kept: rules.Rule | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(kept))
        self.kept = kept
        offered = _offered(store, kept)
        self._choose("what", [("", "Choose …"), *offered])
        self._choose("beside", [("", "Anything"), *offered])

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 tells the type checker what stands above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") in (rules.BOOST, rules.MARGIN) and given.get("weight") is None and "weight" in given:
            self.add_error("weight", "Say how much.")
        return given

    def rule(self) -> rules.Rule:
        given = self.cleaned_data
        product, category = _named(given["what"])
        beside_product, beside_category = _named(given["beside"])
        return rules.Rule(
            key=self.kept.key if self.kept else "",
            kind=given["kind"],
            slots=tuple(given["slots"]),
            product_id=product,
            category=category,
            beside_product_id=beside_product,
            beside_category=beside_category,
            place=given["place"] or 1,
            weight=given["weight"] if given["weight"] is not None else 1.0,
        )


def _named(what: str) -> tuple[int, str]:
    kind, _, name = what.partition(":")
    return (int(name), "") if kind == "product" else (0, name)


def _name(product_id: int, category: str) -> str:
    return f"product:{product_id}" if product_id else f"category:{category}" if category else ""


def _initial(kept: rules.Rule | None) -> dict[str, Any]:
    if kept is None:
        return {"kind": rules.PIN, "place": 1}
    return {
        "kind": kept.kind,
        "what": _name(kept.product_id, kept.category),
        "slots": list(kept.slots),
        "beside": _name(kept.beside_product_id, kept.beside_category),
        "place": kept.place if kept.kind == rules.PIN else None,
        "weight": kept.weight if kept.kind in (rules.BOOST, rules.MARGIN) else None,
    }


def _offered(store: Store, kept: rules.Rule | None) -> Choices:
    """What a kept rule speaks of is among them, also when it is not on sale any more."""
    products = Product.objects.of(store).filter(is_active=True)
    categories = set(products.exclude(category="").values_list("category", flat=True))
    shown = list(products.order_by("title", "pk")[:MOST_OFFERED])
    if kept:
        categories |= {kept.category, kept.beside_category} - {""}
        spoken = {kept.product_id, kept.beside_product_id} - {one.pk for one in shown}
        shown += Product.objects.of(store).filter(pk__in=spoken)
    return [
        ("Categories", [(f"category:{name}", name) for name in sorted(categories)]),
        ("Products", [(f"product:{one.pk}", one.title) for one in shown]),
    ]


class SettingsForm(forms.Form):
    holdout = forms.IntegerField(
        label="Hold out, in percent",
        min_value=0,
        max_value=50,
        help_text="So many customers are shown no recommendations, always the same ones. What they buy anyway shows "
        "what recommendations really bring. Who was drawn once stays on their side.",
    )
    excludes_owned = forms.BooleanField(
        label="Leave out what the customer has", required=False, help_text="What is used up may be shown again."
    )
    excludes_returned = forms.BooleanField(label="Leave out what the customer sent back", required=False)
    one_of_a_kind = forms.BooleanField(
        label="No second one of things that people own one of",
        required=False,
        help_text="Learnt by category from who bought two; rules can say otherwise.",
    )
    counts_clicks = forms.BooleanField(
        label="Count clicks",
        required=False,
        help_text="Links then lead past us to the product. Machines, prefetching and mail scanners are not counted.",
    )
    sites = forms.CharField(
        label="Sites that may show the widget",
        required=False,
        max_length=6_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, such as https://shop.example. Your shop's own address always may.",
    )

    def clean_sites(self) -> list[str]:
        return str(self.cleaned_data["sites"]).split()


def settings_form(kept: ShowSettings) -> SettingsForm:
    initial: dict[str, Any] = {name: getattr(kept, name) for name in SettingsForm.base_fields}
    return SettingsForm(initial=initial | {"sites": "\n".join(kept.sites)})
