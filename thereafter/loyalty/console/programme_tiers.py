"""The forms of one tier, and of what all tiers have in common."""

from copy import deepcopy
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify

from thereafter.loyalty.console.programme_fields import (
    Document,
    SectionForm,
    as_json,
    days_field,
    decimal_field,
    points_field,
    shown,
    words_begun,
    words_fields,
    words_filled,
)
from thereafter.stores.models import Store

MOST_OTHERS = 10
_SWITCHES = {
    "free_returns": "Free returns",
    "free_shipping": "Free shipping",
    "priority_support": "Support answers them first",
}
_AMOUNTS = {
    "warranty_extra_months": ("More months of warranty", 240),
    "return_extra_days": ("More days to return", 365),
    "early_access_hours": ("Hours of early access", 8760),
    "workshop_seats": ("Free workshop seats a year", 100),
    "birthday_points": ("More points on the birthday", 1_000_000),
}


class TierForm(SectionForm):
    """One tier with its benefits; `at` is its place, None is a new one."""

    name = forms.CharField(label="Name", max_length=60)
    min = forms.DecimalField(label="Begins at", min_value=0, max_digits=12, decimal_places=2)
    multiplier = decimal_field("Times the points", help_text="1 is as everybody, 1.5 half as much again.")
    entry_points = points_field("Points on entry", help_text="Once for each rise to it.")
    colour = forms.CharField(label="Colour", required=False, widget=forms.TextInput(attrs={"type": "color"}))
    others = forms.CharField(
        label="Other promises",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, as members read it. People keep these: A handwritten card at Christmas.",
    )
    MAIN_FIELDS: ClassVar = ("name", "min", "multiplier", "entry_points", "colour")
    BENEFITS: ClassVar = (*_SWITCHES, *_AMOUNTS, "others")

    def __init__(self, store: Store, document: Document, at: int | None, data: Any = None) -> None:
        self.at = at
        super().__init__(store, document, data)

    def begun(self) -> dict[str, Any]:
        if self.at is None:
            last = self.programme.tiers[-1].min if self.programme.tiers else Decimal(0)
            start = {"min": shown(last * 2 or Decimal(200)), "multiplier": "1", "entry_points": 0, "colour": "#8a8f98"}
            return start | dict.fromkeys(_AMOUNTS, 0)
        tier = self.programme.tiers[self.at]
        values = {name: shown(getattr(tier, name)) for name in self.MAIN_FIELDS}
        values |= {name: getattr(tier.benefits, name) for name in (*_SWITCHES, *_AMOUNTS)}
        values["colour"] = tier.colour or "#8a8f98"
        return values | {"others": "\n".join(tier.benefits.others)} | words_begun(tier.words)

    def arrange(self) -> None:
        unit = self.store.currency if self.programme.tier.metric == "spend" else "points"
        self.fields["min"].label = f"Begins at ({unit})"
        for name, label in _SWITCHES.items():
            self.fields[name] = forms.BooleanField(label=label, required=False)
        for name, (label, most) in _AMOUNTS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=most, required=False)
        self.fields |= words_fields()

    def clean_others(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()]
        if len(lines) > MOST_OTHERS or any(len(line) > 120 for line in lines):  # noqa: PLR2004 as the programme has it
            raise forms.ValidationError(f"At most {MOST_OTHERS} promises of 120 characters each.")
        return lines

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        others = [tier for at, tier in enumerate(self.programme.tiers) if at != self.at]
        name = str(cleaned.get("name", "")).lower()
        if any(tier.name.lower() == name for tier in others):
            self.add_error("name", "Another tier has this name.")
        if any(tier.min == cleaned.get("min") for tier in others):
            self.add_error("min", "Another tier begins there already.")
        return cleaned

    def filled(self) -> Document:
        document = deepcopy(self.document)
        tiers: list[Document] = list(document.get("tiers") or ())
        old = {} if self.at is None else tiers[self.at]
        tier = self._tier(old)
        if self.at is None:
            tiers.append(tier)
        else:
            tiers[self.at] = tier
        return {**document, "tiers": sorted(tiers, key=lambda one: Decimal(str(one["min"])))}

    def _tier(self, old: Document) -> Document:
        clean = self.cleaned_data
        tier: Document = {name: as_json(clean[name]) for name in self.MAIN_FIELDS}
        # Its key stays when the name changes: members have it.
        tier["key"] = old.get("key") or old.get("name") or self._free_key(clean["name"])
        benefits = {name: clean[name] for name in self.BENEFITS if clean[name]}
        words = words_filled(clean, old.get("words") or {})
        return {**tier, **({"benefits": benefits} if benefits else {}), **({"words": words} if words else {})}

    def _free_key(self, name: str) -> str:
        taken = {tier.id for tier in self.programme.tiers}
        wished = (slugify(name) or "tier")[:30]
        return next(key for key in (wished, *(f"{wished}-{n}" for n in range(2, 100))) if key not in taken)

    def places(self) -> dict[str, str]:
        at = len(self.programme.tiers) if self.at is None else self.at
        own = {f"tiers.{at}.{name}": name for name in self.fields}
        return own | {f"tiers.{at}.benefits.{name}": name for name in self.BENEFITS} | {"": "min", "tiers": "min"}


class StandingForm(SectionForm):
    """What tiers count, over which time, and how they are lost."""

    metric = forms.ChoiceField(
        label="Tiers count", choices=[("spend", "what was spent"), ("points", "points that were earned")]
    )
    window = forms.ChoiceField(
        label="Over which time",
        choices=[
            ("lifetime", "since the first order"),
            ("calendar_year", "in the calendar year"),
            ("rolling", "the last so many days"),
        ],
    )
    window_days = forms.IntegerField(label="How many days back", min_value=1, max_value=9999)
    term = forms.ChoiceField(
        label="Once reached, a tier is kept",
        choices=[
            ("none", "as long as it is reached"),
            ("calendar_next", "for the rest of the year and the next one"),
            ("days", "for so many days at least"),
        ],
    )
    term_days = forms.IntegerField(label="For how many days", min_value=1, max_value=9999)
    downgrade = forms.ChoiceField(
        label="Who no longer reaches it falls",
        choices=[("to_qualified", "to the tier they still reach"), ("one_down", "one tier at a time")],
    )
    refund = forms.ChoiceField(
        label="A refund that takes somebody below counts",
        choices=[("immediate", "at once"), ("at_review", "at the next review, at night")],
    )
    notice_days = days_field("Days of notice before falling", most=365)
    PLACES: ClassVar = {name: f"tier.{name}" for name in ("metric", "downgrade", "refund", "notice_days")}
    SHOWN_FOR: ClassVar = {"window_days": ("window", ("rolling",)), "term_days": ("term", ("days",))}

    def begun(self) -> dict[str, Any]:
        standing = self.programme.tier
        own = {
            "window": "rolling" if standing.rolling_days else standing.window,
            "window_days": standing.rolling_days or 365,
            "term": "days" if standing.term_days else standing.term,
            "term_days": standing.term_days or 365,
        }
        return super().begun() | own

    def filled(self) -> Document:
        document, clean = super().filled(), self.cleaned_data
        window = f"rolling_{clean['window_days']}" if clean["window"] == "rolling" else clean["window"]
        term = f"days_{clean['term_days']}" if clean["term"] == "days" else clean["term"]
        document["tier"] |= {"window": window, "term": term}
        return document

    def places(self) -> dict[str, str]:
        return super().places() | {"tier.window": "window_days", "tier.term": "term_days"}
