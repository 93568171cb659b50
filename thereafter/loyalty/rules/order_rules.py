"""Rules of what orders earn: multipliers and bonuses, when they hold and for which goods."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MOST_POINTS = 1_000_000_000

Points = Annotated[int, Field(ge=0, le=MOST_POINTS)]
Rate = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class When(Part):
    """What a rule asks of an order; nothing asked is always."""

    starts_at: AwareDatetime | None = Field(None, alias="from")
    ends_at: AwareDatetime | None = Field(None, alias="to")
    first_order: bool = False
    min_amount: Money | None = None
    tiers: tuple[str, ...] = ()
    # Names of segments of the store.
    segments: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    # 0 is Monday, in the programme's zone.
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()
    name: str = Field("", max_length=80)
    # A higher number is looked at first; an exclusive rule that holds is the last one of its kind that counts.
    priority: int = 0
    exclusive: bool = False

    def is_on(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


class ForSome(When):
    """A rule for some products: by SKU, by the shop's own id, by category; none named is all."""

    sku: str = ""
    skus: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def is_for_all(self) -> bool:
        return not (self.sku or self.skus or self.products or self.categories)


class Multiplier(ForSome):
    kind: Literal["multiplier"]
    x: Rate


class ProductBonus(ForSome):
    """Points for each piece of some products."""

    kind: Literal["product"]
    points: Points


class Fixed(When):
    """Points for the order as a whole."""

    kind: Literal["fixed"]
    points: Points


class Excluded(ForSome):
    """Products that earn nothing, such as gift cards."""

    kind: Literal["excluded"]


Rule = Annotated[Multiplier | ProductBonus | Fixed | Excluded, Field(discriminator="kind")]
