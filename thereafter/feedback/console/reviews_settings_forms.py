"""What a shop says about asking for reviews."""

import re
from typing import Any

from django import forms
from django.conf import settings as installation

from thereafter.commerce.models import CouponPool
from thereafter.feedback.models import ReviewSettings
from thereafter.kit.wording import asks_for_stars
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store

LANGUAGES = dict(installation.LANGUAGES)
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
_COUNTRY = re.compile(r"[A-Z]{2}")
INCENTIVES = [("", "Nothing"), ("points", "Points of the loyalty programme"), ("coupon", "A coupon code")]


class SettingsForm(forms.Form):
    asks = forms.BooleanField(label="Ask buyers for a review after delivery", required=False)
    wait_days = forms.IntegerField(
        label="Days after delivery",
        min_value=0,
        max_value=180,
        help_text="A category or a product may have a wait of its own: furniture a month, socks five days.",
    )
    remind_after_days = forms.IntegerField(
        label="Remind once after so many days",
        required=False,
        min_value=1,
        max_value=60,
        help_text="Left empty, nobody is reminded.",
    )
    not_in = forms.CharField(
        label="Countries where nobody is asked",
        required=False,
        max_length=300,
        help_text="Two-letter codes such as DE, AT, where your lawyer says so.",
    )
    checks_first = forms.BooleanField(
        label="Somebody looks at each review before it is seen",
        required=False,
        help_text=(
            "Without this, reviews are seen at once whatever their stars; only what looks like personal data, links, "
            "insults or copies waits for a look. Publishing by the number of stars is unlawful, so there is no switch."
        ),
    )
    open_to_all = forms.BooleanField(
        label="Anybody with a confirmed address may write on a product's page",
        required=False,
        help_text="They are labelled as not verified. Buyers may always write.",
    )
    kind = forms.ChoiceField(
        label="What a review brings",
        required=False,
        choices=INCENTIVES,
        help_text="Given for any review as soon as it is written, whatever it says. Shoppers see that it was.",
    )
    pool = forms.ChoiceField(label="From which coupons", required=False)
    insider_domains = forms.CharField(
        label="Addresses of your own people and agencies",
        required=False,
        max_length=2000,
        help_text="One domain a line, such as stride.example. What they write is labelled.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, store: Store, kept: ReviewSettings, data: Any = None) -> None:
        super().__init__(data, initial=_initial(kept))
        self.main = choose_language(store.locale)
        pools = CouponPool.objects.of(store).filter(archived_at=None).order_by("name").values_list("key", "name")
        field = self.fields["pool"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 tells the type checker what stands above
        field.choices = [("", "Choose coupons"), *pools]
        self.languages = sorted(LANGUAGES, key=lambda code: code != self.main)
        for code in self.languages:
            self._add_words(code, kept)

    def _add_words(self, code: str, kept: ReviewSettings) -> None:
        """What shoppers read, in each language."""
        self.fields[f"says_{code}"] = forms.CharField(
            label=f"What is said of it, {LANGUAGES[code]}",
            required=False,
            max_length=150,
            initial=(kept.incentive.get("says") or {}).get(code, ""),
        )
        self.fields[f"note_{code}"] = forms.CharField(
            label=f"Your own words, {LANGUAGES[code]}",
            required=False,
            max_length=1500,
            initial=kept.policy_note.get(code, ""),
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean_not_in(self) -> list[str]:
        codes = re.findall(r"[^\s,;]+", self.cleaned_data["not_in"].upper())
        wrong = [code for code in codes if not _COUNTRY.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"{wrong[0]} is no two-letter code of a country.")
        return list(dict.fromkeys(codes))

    def clean_insider_domains(self) -> list[str]:
        given = re.findall(r"[^\s,;]+", self.cleaned_data["insider_domains"].lower())
        domains = [one.rpartition("@")[2] for one in given]
        wrong = [one for one in domains if not _DOMAIN.fullmatch(one)]
        if wrong:
            raise forms.ValidationError(f"“{wrong[0]}” is no domain. Write it as in an address: stride.example.")
        return list(dict.fromkeys(domains))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") and not given.get(f"says_{self.main}"):
            self.add_error(f"says_{self.main}", "Say what a review brings: shoppers read it before they write.")
        if given.get("kind") == "coupon" and not given.get("pool"):
            self.add_error("pool", "Choose which coupons are given.")
        for code in self.languages:
            for asked in asks_for_stars(given.get(f"says_{code}") or ""):
                self.add_error(f"says_{code}", str(asked))
        return given

    def changes(self) -> dict[str, Any]:
        """As they are kept."""
        given = self.cleaned_data
        names = ("asks", "wait_days", "remind_after_days", "not_in", "checks_first", "open_to_all", "insider_domains")
        changes = {name: given[name] for name in names}
        return changes | {"incentive": self._incentive(), "policy_note": self._by_language("note")}

    def _incentive(self) -> dict[str, Any]:
        kind = self.cleaned_data["kind"]
        if not kind:
            return {}
        pool = {"pool": self.cleaned_data["pool"]} if kind == "coupon" else {}
        return {"kind": kind, "says": self._by_language("says")} | pool

    def _by_language(self, what: str) -> dict[str, str]:
        told = {code: self.cleaned_data[f"{what}_{code}"].strip() for code in self.languages}
        return {code: text for code, text in sorted(told.items()) if text}


def _initial(kept: ReviewSettings) -> dict[str, Any]:
    names = ("asks", "wait_days", "remind_after_days", "checks_first", "open_to_all")
    return {name: getattr(kept, name) for name in names} | {
        "not_in": ", ".join(kept.not_in),
        "insider_domains": "\n".join(kept.insider_domains),
        "kind": kept.incentive.get("kind", ""),
        "pool": kept.incentive.get("pool", ""),
    }
