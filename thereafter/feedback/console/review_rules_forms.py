"""What a shop says of a category or a product, and the questions it asks beside the stars."""

import re
from typing import Any

from django import forms
from django.conf import settings as installation
from django.utils.text import slugify

from thereafter.commerce.models import Product
from thereafter.feedback.models import ReviewRule
from thereafter.feedback.rules.reviews import schema_problems
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store

LANGUAGES = dict(installation.LANGUAGES)
# A list to choose from; a shop with more products names the category.
MOST_OFFERED = 500


class RuleForm(forms.Form):
    what = forms.ChoiceField(label="For")
    asks = forms.BooleanField(label="Ask buyers for a review", required=False, initial=True)
    wait_days = forms.IntegerField(
        label="Days after delivery",
        required=False,
        min_value=0,
        max_value=180,
        help_text="Left empty, the shop's usual wait.",
    )

    def __init__(self, store: Store, kept: ReviewRule | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(kept))
        self.store, self.kept = store, kept
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 tells the type checker what stands above
        if kept:
            del self.fields["what"]
        else:
            field.choices = _choices(store)

    def rule(self) -> ReviewRule:
        rule = self.kept or _made(self.store, self.cleaned_data["what"])
        rule.asks, rule.wait_days = self.cleaned_data["asks"], self.cleaned_data["wait_days"]
        return rule


def _initial(kept: ReviewRule | None) -> dict[str, Any]:
    return {"asks": kept.asks, "wait_days": kept.wait_days} if kept else {"asks": True}


def _choices(store: Store) -> list[Any]:
    """Categories and products that have no rule yet."""
    kept = ReviewRule.objects.of(store)
    products = Product.objects.of(store).filter(is_active=True)
    named = products.exclude(category="").exclude(category__in=kept.exclude(category="").values("category"))
    categories = sorted(set(named.values_list("category", flat=True)))
    single = products.exclude(pk__in=kept.filter(product__isnull=False).values("product")).order_by("title")
    return [
        ("", "Choose a category or a product"),
        ("Categories", [(f"category:{name}", name) for name in categories]),
        ("Products", [(f"product:{one.pk}", one.title) for one in single[:MOST_OFFERED]]),
    ]


def _made(store: Store, what: str) -> ReviewRule:
    kind, _, name = what.partition(":")
    if kind == "product":
        return ReviewRule(store=store, product=Product.objects.of(store).get(pk=int(name)))
    return ReviewRule(store=store, category=name)


class AttributeForm(forms.Form):
    kind = forms.ChoiceField(
        label="Kind",
        choices=[("scale", "A scale, from one end to the other"), ("choice", "A choice, in any order")],
        widget=forms.RadioSelect,
        initial="choice",
    )

    def __init__(
        self, store: Store, others: list[dict[str, Any]], before: dict[str, Any] | None, data: Any = None
    ) -> None:
        super().__init__(data, initial={"kind": before["kind"]} if before else None)
        self.others, self.before = [one for one in others if one is not before], before
        self.main = choose_language(store.locale)
        self.languages = sorted(LANGUAGES, key=lambda code: code != self.main)
        for code in self.languages:
            self._add_language(code, before)

    def _add_language(self, code: str, before: dict[str, Any] | None) -> None:
        is_main = code == self.main
        self.fields[f"label_{code}"] = forms.CharField(
            label=f"Question, {LANGUAGES[code]}",
            max_length=120,
            required=is_main,
            initial=before["label"].get(code, "") if before else "",
        )
        options = [option["label"].get(code, "") for option in before["options"]] if before else []
        self.fields[f"options_{code}"] = forms.CharField(
            label=f"Answers, {LANGUAGES[code]}",
            max_length=1000,
            required=is_main,
            initial="\n".join(options).rstrip(),
            help_text="One a line, two to eight." if is_main else "In the same order.",
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        main = self._lines(self.main)
        for code in self.languages:
            lines = self._lines(code)
            if code != self.main and lines and len(lines) != len(main):
                self.add_error(
                    f"options_{code}", f"There are {len(main)} answers in {LANGUAGES[self.main]}, here {len(lines)}."
                )
        if main and not self.errors:
            for problem in schema_problems([*self.others, self.attribute()]):
                self.add_error(None, problem)
        if len(main) > 8:  # noqa: PLR2004 as the page says
            self.add_error(f"options_{self.main}", "Eight answers are the most that anybody reads.")
        return given

    def _lines(self, code: str) -> list[str]:
        return [line.strip() for line in (self.cleaned_data.get(f"options_{code}") or "").splitlines() if line.strip()]

    def attribute(self) -> dict[str, Any]:
        """As it is kept. Keys stay what they were, so that answers of before keep their meaning."""
        lines = {code: self._lines(code) for code in self.languages}
        keys = self._keys(lines[self.main])
        label = {code: self.cleaned_data.get(f"label_{code}") or "" for code in self.languages}
        return {
            "key": self.before["key"] if self.before else _key(label[self.main], [one["key"] for one in self.others]),
            "kind": self.cleaned_data.get("kind") or "choice",
            "label": {code: text for code, text in label.items() if text},
            "options": [
                {"key": key, "label": {code: told[place] for code, told in lines.items() if place < len(told)}}
                for place, key in enumerate(keys)
            ],
        }

    def _keys(self, lines: list[str]) -> list[str]:
        """An answer that stays at its place or keeps its words keeps its key."""
        known = {option["label"].get(self.main, ""): option["key"] for option in (self.before or {}).get("options", [])}
        keys: list[str] = []
        for line in lines:
            keys.append(known.get(line) or _key(line, [*keys, *known.values()]))
        return keys


def _key(text: str, taken: list[str]) -> str:
    base = re.sub(r"-+", "_", slugify(text))[:24].strip("_") or "option"
    place, key = 1, base
    while key in taken:
        place += 1
        key = f"{base}_{place}"
    return key
