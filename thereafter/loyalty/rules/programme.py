"""What a programme says: one document, read and checked whole. Money is decimals in the programme's currency.

The form is that of the worked cases: rates and thresholds are decimal strings, times are ISO 8601 with their offset.
"""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from thereafter.kit import problems
from thereafter.loyalty.rules.order_rules import Money, Part, Points, Rate, Rule

MAIN = "points"

Days = Annotated[int, Field(ge=0, le=3660)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Key = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s:]+$")]


class BadProgramme(ValueError):
    """The document cannot be a programme; `problems` are (where, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(f"{where}: {text}" if where else text for where, text in problems))
        self.problems = problems


class Expiry(Part):
    """When points end: each lot by itself, or the whole balance of who is away for long (`inactivity`)."""

    mode: Literal["never", "days", "months", "end_of_month", "end_of_year", "inactivity"] = "never"
    n: Annotated[int, Field(ge=1, le=3660)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    # So many days before, the member is told; the first one and the last chance.
    warn_days: tuple[Annotated[int, Field(ge=1, le=365)], ...] = (30, 7)

    @model_validator(mode="after")
    def _has_its_number(self) -> "Expiry":
        if self.mode in ("days", "months") and self.n is None:
            raise ValueError("say after how many days or months points end")
        if self.mode == "inactivity" and self.length is None:
            raise ValueError("say after how many months without a purchase points end")
        return self

    @property
    def length(self) -> int | None:
        return self.months if self.months is not None else self.n


class Benefits(Part):
    """What members of a tier have; other rooms ask for it by the trait `loyalty.perks`."""

    free_returns: bool = False
    free_shipping: bool = False
    priority_support: bool = False
    warranty_extra_months: Annotated[int, Field(ge=0, le=240)] = 0
    return_extra_days: Annotated[int, Field(ge=0, le=365)] = 0
    early_access_hours: Annotated[int, Field(ge=0, le=8760)] = 0
    workshop_seats: Annotated[int, Field(ge=0, le=100)] = 0
    birthday_points: Points = 0
    # Promises that a person keeps, in the members' words.
    others: tuple[Annotated[str, Field(max_length=120)], ...] = ()


class Tier(Part):
    name: Name
    key: str = ""
    min: Money
    multiplier: Rate = Decimal(1)
    entry_points: Points = 0
    benefits: Benefits = Benefits()
    # The name in other languages: {"de": "Silber"}.
    words: dict[str, str] = {}
    colour: str = Field("", pattern=r"^(#[0-9a-fA-F]{6})?$")

    @property
    def id(self) -> str:
        return self.key or self.name


class Standing(Part):
    """How tiers are reached, kept and lost."""

    metric: Literal["spend", "points"] = "spend"
    # "rolling_365": of the last 365 days; any number of days will do.
    window: Annotated[str, Field(pattern=r"^(lifetime|calendar_year|rolling_[1-9][0-9]{0,3})$")] = "lifetime"
    # calendar_next: the rest of the year and the next one; days_n: so many days from entry.
    term: Annotated[str, Field(pattern=r"^(none|calendar_next|days_[1-9][0-9]{0,3})$")] = "none"
    downgrade: Literal["to_qualified", "one_down"] = "to_qualified"
    refund: Literal["immediate", "at_review"] = "immediate"
    notice_days: Annotated[int, Field(ge=0, le=365)] = 30

    @property
    def rolling_days(self) -> int | None:
        return int(self.window.removeprefix("rolling_")) if self.window.startswith("rolling_") else None

    @property
    def term_days(self) -> int | None:
        return int(self.term.removeprefix("days_")) if self.term.startswith("days_") else None


class Action(Part):
    """Points for something else than buying."""

    points: Points
    # Of another kind than the programme's usual points, such as "miles".
    currency: Key = MAIN
    per_day: Annotated[int, Field(ge=1)] | None = None
    per_week: Annotated[int, Field(ge=1)] | None = None
    per_month: Annotated[int, Field(ge=1)] | None = None
    per_year: Annotated[int, Field(ge=1)] | None = None
    per_order: Annotated[int, Field(ge=1)] | None = None
    total: Annotated[int, Field(ge=1)] | None = None
    qualifying: bool = False
    pending_days: Days = 0
    is_on: bool = True
    # What the member reads, where the action is the shop's own; by language, "" for all others.
    label: str = Field("", max_length=80)
    words: dict[str, str] = {}
    # Where a social follow leads.
    url: str = Field("", max_length=300, pattern=r"^(https?://[^\s<>\"]+)?$")


class ReferralTerms(Part):
    """What both get for an invitation. The friend gets points, a coupon of a pool, or both."""

    points: Points
    min_amount: Money = Decimal(0)
    hold_days: Days = 14
    max_per_ip_7d: Annotated[int, Field(ge=1, le=10_000)] = 10
    on: Literal["first_order", "joining", "every_order"] = "first_order"
    friend_points: Points = 0
    # The key of the pool of coupons that friends get their code from.
    friend_pool: str = ""
    most_per_member: Annotated[int, Field(ge=1)] | None = None
    lapse_days: Annotated[int, Field(ge=1, le=3660)] = 90
    is_on: bool = True


class Birthday(Part):
    points: Points
    min_notice_days: Days = 30


class Anniversary(Part):
    """So many points on each anniversary with the shop."""

    points: Points


class OrderMilestone(Part):
    """Points for the n-th order that was not returned."""

    orders: Annotated[int, Field(ge=1, le=100_000)]
    points: Points
    name: str = Field("", max_length=60)


class Programme(Part):
    """All rules of a store at a time. Defaults are those of the worked cases."""

    name: str = Field("", max_length=60)
    # What points are called, by language: {"en": ["coin", "coins"]}.
    points_name: dict[str, tuple[str, str]] = {}
    tz: str = "UTC"
    rate: Rate = Decimal(1)
    # How much of the programme's currency one unit of another one is worth; a currency not named counts one to one.
    currencies: dict[str, Rate] = {}
    rounding: Literal["floor", "ceil", "half_up"] = "floor"
    rounding_scope: Literal["order", "line"] = "order"
    stacking: Literal["multiplicative", "additive", "max"] = "multiplicative"
    pending_days: Days = 0
    expiry: Expiry = Expiry()
    clawback: Literal["only_pending", "within_balance", "unlimited"] = "unlimited"
    clawback_basis: Literal["proportional", "by_line"] = "proportional"
    restore: Annotated[str, Field(pattern=r"^(original_expiry|grace_[1-9][0-9]{0,3})$")] = "original_expiry"
    max_per_order: Points | None = None
    # Whether what is paid by gift card earns (then the buying of gift cards should not: exclude them).
    gift_cards_earn: bool = False
    rules: tuple[Rule, ...] = ()
    tiers: tuple[Tier, ...] = ()
    tier: Standing = Standing()
    actions: dict[Key, Action] = {}
    referral: ReferralTerms | None = None
    birthday: Birthday | None = None
    anniversary: Anniversary | None = None
    milestones: tuple[OrderMilestone, ...] = ()
    # Who buys takes part by itself, or has to ask for it; who asks gets the points of the days before.
    joining: Literal["automatic", "asked"] = "automatic"
    reach_back_days: Days = 30
    # Of a hundred new members so many are left without rewards, to see what the programme does.
    holdout_percent: Annotated[int, Field(ge=0, le=50)] = 0
    # What a point is worth in the programme's currency, for the liability; none: as the best money reward pays it.
    point_value: Money | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> "Programme":
        keys = [tier.id for tier in self.tiers]
        if len(set(keys)) < len(keys):
            raise ValueError("two tiers have the same name")
        if [tier.min for tier in self.tiers] != sorted({tier.min for tier in self.tiers}):
            raise ValueError("tiers should stand from the lowest to the highest, each with a higher entry")
        if self.expiry.mode == "days" and (self.expiry.n or 0) < self.pending_days:
            raise ValueError("points would end before they can be used: lengthen their life or shorten the wait")
        unknown = {key for rule in self.rules for key in rule.tiers} - set(keys)
        if unknown:
            raise ValueError(f"a rule names the tier {min(unknown)}, which there is not")
        return self

    @property
    def grace_days(self) -> int | None:
        """So many days points get that come back after their end; None: they end at once."""
        return int(self.restore.removeprefix("grace_")) if self.restore.startswith("grace_") else None

    def rank(self, tier: str) -> int:
        """Where a tier stands, from 0 up; -1 for none or one that is gone."""
        keys = [one.id for one in self.tiers]
        return keys.index(tier) if tier in keys else -1

    def tier_of(self, key: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.id == key), None)

    def fx(self, currency: str) -> Decimal:
        return self.currencies.get(currency, Decimal(1))


def read(document: Mapping[str, Any], *, tz: str = "UTC") -> Programme:
    """The programme of a document; `tz` is the shop's zone where the document names none. Raises `BadProgramme`."""
    try:
        return Programme.model_validate({"tz": tz, **document})
    except ValidationError as wrong:
        raise BadProgramme(problems.of_document(wrong)) from None


def as_document(programme: Programme) -> dict[str, Any]:
    """What differs from the defaults, as plain JSON."""
    return programme.model_dump(mode="json", by_alias=True, exclude_defaults=True)


MIDNIGHT = time(0)
# Before a store has published a programme: a point per unit of money, and thanks for an answer.
DEFAULT: dict[str, Any] = {"rate": "1", "actions": {"survey": {"points": 25}}}
