"""The form of a worked case: a programme and what happens, one event after the other. docs/loyalty-cases.md tells it.

Amounts are whole minor units, points are whole numbers, moments are ISO 8601 with their offset.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

Facts = dict[str, Any]
Key = Annotated[str, Field(min_length=1, max_length=60)]
Minor = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Count = Annotated[int, Field(strict=True, ge=1, le=10**9)]
# More threads than that are no question to a ledger but to the machine.
Times = Annotated[int, Field(strict=True, ge=1, le=200)]


class Malformed(ValueError):
    """The case cannot be read or played; the text is a sentence."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Told(Part):
    """What every event says, and what is expected or asked of it."""

    at: AwareDatetime
    member: Key = "M1"
    result: Literal["ok", "duplicate", "refused"] | None = None
    expect: dict[str, Any] | None = None
    answer_shape: dict[str, Any] | None = None


class BoughtLine(Part):
    sku: Key
    amount: Minor
    quantity: Count = 1
    category: str = ""
    excluded: bool = False


class OrderPaid(Told):
    """`amount` is that of one line; `discount` and `points_discount` are off the order, `gift_card` paid a part."""

    type: Literal["order_paid"]
    order: Key
    amount: Minor | None = None
    lines: tuple[BoughtLine, ...] = ()
    discount: Minor = 0
    gift_card: Minor = 0
    points_discount: Minor = 0
    currency: str = ""
    exponent: Annotated[int, Field(ge=0, le=4)] | None = None
    fx: Decimal | None = None
    placed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _has_goods(self) -> "OrderPaid":
        if (self.amount is None) == (not self.lines):
            raise ValueError("an order has either an amount or lines")
        return self

    @property
    def goods(self) -> tuple[BoughtLine, ...]:
        return self.lines or (BoughtLine(sku="item", amount=self.amount or 0),)


class Refund(Told):
    """Money back: an amount, or how many of which SKU."""

    type: Literal["refund"]
    refund: Key
    order: Key
    amount: Minor | None = None
    lines: dict[Key, Count] = {}

    @model_validator(mode="after")
    def _is_for_something(self) -> "Refund":
        if self.amount is None and not self.lines:
            raise ValueError("a refund has an amount or lines")
        return self


class Exchange(Told):
    type: Literal["exchange"]
    exchange: Key
    order: Key
    returned_amount: Minor
    new_amount: Minor


class SetProgram(Told):
    """`set` takes the place of what the programme said under the same names."""

    type: Literal["set_program"]
    set: dict[str, Any]


class Deed(Told):
    type: Literal["action"]
    action: Key
    key: Key
    order: Key | None = None


class Adjust(Told):
    type: Literal["adjust"]
    key: Key
    points: Annotated[int, Field(strict=True)]
    expires_at: AwareDatetime | None = None


class Redeem(Told):
    type: Literal["redeem"]
    key: Key
    points: Annotated[int, Field(strict=True)] | None = None
    reward: Key | None = None


class Reserve(Told):
    type: Literal["reserve"]
    key: Key
    points: Annotated[int, Field(strict=True)]
    ttl_minutes: Count = 30


class Settle(Told):
    """What becomes of points that are held or were spent."""

    type: Literal["capture", "release", "cancel_redemption"]
    key: Key


class TierReview(Told):
    type: Literal["tier_review"]


class BirthdaySet(Told):
    type: Literal["birthday_set"]
    date: Annotated[str, Field(pattern=r"^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$")]


class BirthdayRun(Told):
    type: Literal["birthday_run"]


class Details(Part):
    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str = ""
    tz: str = ""
    name: str = ""
    phone: str = ""


class Profile(Told):
    type: Literal["profile"]
    set: Details


class ReferralClaim(Told):
    type: Literal["referral_claim"]
    advocate: Key
    ip: str = ""


class Merge(Told):
    """The profile `merged` becomes one with the event's member."""

    type: Literal["merge"]
    merged: Key = Field(alias="from")


class Backfill(Told):
    """A multiplier for orders of the past, under a name."""

    type: Literal["backfill"]
    rule: Key
    x: Decimal
    starts_at: AwareDatetime = Field(alias="from")
    ends_at: AwareDatetime = Field(alias="to")


class Request(Part):
    times: Times = 1
    event: dict[str, Any]


class Parallel(Told):
    """Requests at once, each on a connection of its own; `{i}` in their texts is the number of the repetition."""

    type: Literal["parallel"]
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]


class Check(Told):
    type: Literal["check"]


Event = Annotated[
    OrderPaid
    | Refund
    | Exchange
    | SetProgram
    | Deed
    | Adjust
    | Redeem
    | Reserve
    | Settle
    | TierReview
    | BirthdaySet
    | BirthdayRun
    | Profile
    | ReferralClaim
    | Merge
    | Backfill
    | Parallel
    | Check,
    Field(discriminator="type"),
]


class Case(Part):
    program: dict[str, Any] = {}
    events: tuple[Event, ...]

    @property
    def begins_at(self) -> datetime:
        """Before everything that it tells of; a late message is of an order that is older than itself."""
        moments = [event.at for event in self.events]
        moments += [event.placed_at for event in self.events if isinstance(event, OrderPaid) and event.placed_at]
        return min(moments)


_EVENT: TypeAdapter[Any] = TypeAdapter(Event)


def read(given: object) -> Case:
    if not isinstance(given, dict):
        raise Malformed("The case should be an object.")
    try:
        case = Case.model_validate(given)
    except ValidationError as wrong:
        _refuse("", wrong)
    if not case.events:
        raise Malformed("The case has no events.")
    return case


def repeated(request: Request, at: datetime) -> list[Any]:
    """The events of a parallel request, each with its own number."""
    try:
        return [_EVENT.validate_python({"at": at, **_numbered(request.event, i)}) for i in range(request.times)]
    except ValidationError as wrong:
        _refuse("a parallel event", wrong)


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{i}", str(number))
    if isinstance(value, dict):
        return {name: _numbered(inner, number) for name, inner in value.items()}
    return [_numbered(inner, number) for inner in value] if isinstance(value, list) else value


def _refuse(where: str, wrong: ValidationError) -> NoReturn:
    first = wrong.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or where or "the case"
    raise Malformed(f"{place}: {str(first['msg']).removeprefix('Value error, ')}.") from None
