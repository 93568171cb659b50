"""The forms of invitations, and of joining, names and value."""

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms

from thereafter.commerce.models import CouponPool
from thereafter.loyalty.console.programme_fields import (
    LANGUAGES,
    Document,
    SectionForm,
    days_field,
    money_field,
    points_field,
    put,
)
from thereafter.loyalty.rules.wording_figures import zone_name

UTC = "Etc/UTC"


class ReferralForm(SectionForm):
    is_on = forms.BooleanField(label="Reward members who invite friends", required=False)
    on = forms.ChoiceField(
        label="The reward is for",
        choices=[
            ("first_order", "the friend's first order"),
            ("joining", "the friend joining the programme"),
            ("every_order", "each order of the friend"),
        ],
    )
    points = points_field("Points for who invites", required=False)
    friend_points = points_field("Points for the friend", required=False)
    friend_pool = forms.ChoiceField(
        label="Coupon for the friend",
        required=False,
        help_text="From a pool of codes, for the friend's first order. Pools are made under Coupons.",
    )
    min_amount = money_field("Smallest order of the friend", places=2)
    hold_days = days_field("Days until both get their points", help_text="Long enough for a return of the first order.")
    lapse_days = days_field("Days an invitation holds", least=1)
    most_per_member = points_field("Most friends rewarded for one member", required=False, least=1)
    max_per_ip_7d = forms.IntegerField(
        label="Friends a week from one internet connection",
        min_value=1,
        max_value=10_000,
        help_text="More of them wait for you to look at them under Referrals.",
    )
    _PARTS: ClassVar = (
        "is_on", "on", "points", "friend_points", "friend_pool", "min_amount", "hold_days", "lapse_days",
        "most_per_member", "max_per_ip_7d",
    )  # fmt: skip
    PLACES: ClassVar = {name: f"referral.{name}" for name in _PARTS}
    _STARTS: ClassVar = {
        "is_on": False, "on": "first_order", "points": 200, "friend_points": 100, "min_amount": "0", "hold_days": 14,
        "lapse_days": 90, "max_per_ip_7d": 10,
    }  # fmt: skip

    def begun(self) -> dict[str, Any]:
        return super().begun() if self.programme.referral else dict(self._STARTS)

    def arrange(self) -> None:
        pools = CouponPool.objects.of(self.store).order_by("name").values_list("key", "name")
        self.fields["friend_pool"].choices = [("", "No coupon"), *pools]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["min_amount"].label = f"Smallest order of the friend ({self.store.currency})"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_on") and cleaned.get("points") is None and "points" not in self.errors:
            self.add_error("points", "Say how many points who invites gets; 0 is none.")
        return cleaned

    def filled(self) -> Document:
        document = super().filled()
        if not self.cleaned_data["is_on"] and self.document.get("referral") is None:
            document.pop("referral", None)
            return document
        document["referral"].setdefault("points", 0)
        return document


class JoiningForm(SectionForm):
    name = forms.CharField(label="Name of the programme", max_length=60, required=False)
    joining = forms.ChoiceField(
        label="Who takes part",
        widget=forms.RadioSelect,
        choices=[("automatic", "Whoever orders, by itself"), ("asked", "Whoever joins on your pages")],
    )
    reach_back_days = days_field("Orders of so many days before joining count too")
    holdout_percent = forms.IntegerField(
        label="New members left without rewards, percent",
        min_value=0,
        max_value=50,
        help_text="To measure what the programme really brings. 0 leaves nobody out; 10 is enough for most shops.",
    )
    point_value = money_field(
        "What a point counts as in your books",
        places=6,
        help_text="For the liability under Numbers. Empty: as much as your best reward in money pays for it.",
    )
    tz = forms.ChoiceField(label="Time zone", help_text="Where the programme's days, months and years begin.")
    PLACES: ClassVar = {
        name: name for name in ("name", "joining", "reach_back_days", "holdout_percent", "point_value", "tz")
    }
    SHOWN_FOR: ClassVar = {"reach_back_days": ("joining", ("asked",))}

    def begun(self) -> dict[str, Any]:
        names: Mapping[str, tuple[str, str]] = self.programme.points_name
        said = {f"noun_{code}_{at}": names.get(code, ("", ""))[at] for code, _ in LANGUAGES[:5] for at in (0, 1)}
        # UTC is the default of a document, which is not kept; under its other name it is.
        return super().begun() | said | ({"tz": UTC} if self.programme.tz == "UTC" else {})

    def arrange(self) -> None:
        self.fields["tz"].choices = [(zone, zone_name(zone)) for zone in _zones()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["point_value"].label = f"What a point counts as in your books ({self.store.currency})"
        for code, language in LANGUAGES[:5]:
            for at, label in ((0, f"One, in {language}"), (1, f"Many, in {language}")):
                self.fields[f"noun_{code}_{at}"] = forms.CharField(label=label, max_length=30, required=False)

    @property
    def nouns(self) -> list[list[Any]]:
        return [[self[f"noun_{code}_{at}"] for at in (0, 1)] for code, _ in LANGUAGES[:5]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for code, _ in LANGUAGES[:5]:
            both = [cleaned.get(f"noun_{code}_{at}") for at in (0, 1)]
            if any(both) and not all(both):
                self.add_error(f"noun_{code}_{both.index('') if '' in both else 0}", "Say both, one and many.")
        return cleaned

    def filled(self) -> Document:
        document, clean = super().filled(), self.cleaned_data
        ours = [code for code, _ in LANGUAGES[:5]]
        names = {code: both for code, both in (document.get("points_name") or {}).items() if code not in ours}
        for code in ours:
            if clean[f"noun_{code}_0"]:
                names[code] = [clean[f"noun_{code}_0"], clean[f"noun_{code}_1"]]
        put(document, "points_name", names or None)
        return document


def _zones() -> list[str]:
    """The world's zones by their cities, and UTC."""
    return [UTC, *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))]
