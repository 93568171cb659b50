"""What callers of the loyalty API send and get, and how they are told no."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, Field, model_validator

from thereafter.commerce.queries import find_customer
from thereafter.kit import clock
from thereafter.loyalty.actions import calls, turning
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.models import Account, Member
from thereafter.loyalty.queries import standings
from thereafter.loyalty.rules.order_rules import MOST_POINTS
from thereafter.stores.models import Store

# No database keeps a NUL character, and PostgreSQL does not even look for one.
Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Key = Annotated[str, Header("", alias="Idempotency-Key", max_length=80, pattern=r"^[^\x00]*$")]
BodyKey = Annotated[Plain, Field("", max_length=80)]
WholePoints = Annotated[int, Field(ge=1, le=MOST_POINTS)]
STATUS = {
    "not_offered": 422,
    "wrong_tier": 422,
    "no_points": 422,
    "unknown_action": 422,
    "unknown_customer": 404,
    "unknown_order": 404,
    "unknown_redemption": 404,
    "not_a_member": 404,
}
CONFLICT = 409
NO_SUCH_CODE = "No member has this code. It may be mistyped, or its member has left."


def example(body: dict[str, Any]) -> ConfigDict:
    """What the documentation of the API shows as the body of a call."""
    return ConfigDict(json_schema_extra={"example": body})


class Declined(ValueError):
    """A call that cannot be carried out; `reason` for programs, the text for people."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Who(Schema):
    """A member, by exactly one of these. `customer_id` is the account in the shop system `source`."""

    email: Plain = Field("", max_length=254, examples=["john@example.com"])
    phone: Plain = Field("", max_length=40)
    customer_id: Plain = Field("", max_length=80)
    source: Plain = Field("api", max_length=40)
    card: Plain = Field("", max_length=60)
    referral_code: Plain = Field("", max_length=40)

    @model_validator(mode="after")
    def _is_one(self) -> "Who":
        if len([one for one in self.named if one]) != 1:
            raise ValueError("say who by exactly one of email, phone, customer_id, card or referral_code")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        return self.email, self.phone, self.customer_id, self.card, self.referral_code


class BalanceOut(Schema):
    """Points: to spend now, on their way, held for a checkout, and owed because they were spent and then taken back."""

    available: int
    pending: int
    reserved: int
    debt: int


class RefusedOut(Schema):
    """`reason` is a word for your program, `message` a sentence for a person. Nothing was moved."""

    reason: str
    message: str


REFUSALS: dict[int, Any] = {404: RefusedOut, 409: RefusedOut, 422: RefusedOut}


class TierOut(Schema):
    """`perks` are what this tier has beyond points, such as {"free_returns": true}. `until` is when it is judged."""

    key: str
    name: str
    since: datetime | None = None
    until: datetime | None = None
    perks: dict[str, Any] = {}


class EndingOut(Schema):
    points: int
    at: datetime


class OfferOut(Schema):
    """A reward as this member sees it. `points` is its price; `most_points` what can go into one that goes in steps
    (whole steps of `points`), and `worth` what that is in money. `reason` says why it cannot be taken now."""

    key: str
    name: str
    kind: str
    points: int
    most_points: int = 0
    worth: Decimal | None = None
    currency: str = ""
    can_be_taken: bool
    reason: str = ""
    missing_points: int = 0


class MemberOut(Schema):
    """`card` addresses the member in other calls. Points are whole numbers."""

    card: str
    referral_code: str
    name: str
    email: str
    joined_at: datetime
    balance: BalanceOut
    tier: TierOut | None = None
    next_to_expire: EndingOut | None = None
    rewards: list[OfferOut] = []


def store_of(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store


def find(store: Store, who: Who) -> Member:
    """Raises `Declined` for who is not known, and tells apart who only does not take part."""
    if who.card or who.referral_code:
        found = standings.find_member(store, card=who.card, referral_code=who.referral_code)
        if found is None:
            raise Declined("not_a_member", NO_SUCH_CODE)
        return found
    customer = find_customer(store, email=who.email, phone=who.phone, external_id=who.customer_id, source=who.source)
    found = standings.member_of(customer)
    if found is None:
        known = "This customer does not take part in the programme." if customer else "There is no such customer yet."
        raise Declined("not_a_member", f"{known} POST /loyalty/members lets somebody join.")
    return found


def refusal(refused: Refused | Declined) -> Status[dict[str, Any]]:
    return Status(STATUS.get(refused.reason, CONFLICT), {"reason": refused.reason, "message": str(refused)})


def moved(request: HttpRequest, operation: str, key: str, body: Schema, work: Callable[[], dict[str, Any]]) -> Any:
    """Answers a call that moves points: once for its key, the same again with `"repeat": true`."""
    given = key or getattr(body, "key", "")
    if not given:
        raise HttpError(422, "Send an Idempotency-Key (as a header, or `key` in the body): it makes a repeat harmless.")
    said = body.model_dump(mode="json", exclude={"key"})
    try:
        answer, repeat = calls.once(store_of(request), calls.Call(operation, given, said), work, now=clock.now())
    except (Refused, Declined) as refused:
        return refusal(refused)
    except calls.KeyReused as mistake:
        return Status(CONFLICT, {"reason": "key_reused", "message": str(mistake)})
    return Status(200, answer | {"repeat": repeat})


def up_to_date(member: Member, now: datetime) -> standings.Standing:
    turning.bring_up_to_date(member.store_id, member.customer_id, now)
    return standings.standing(member, now)


def balance_told(account: Account) -> dict[str, int]:
    return {name: getattr(account, name) for name in ("available", "pending", "reserved", "debt")}


def member_told(member: Member, now: datetime) -> dict[str, Any]:
    one = up_to_date(member, now)
    return {
        "card": member.card_code,
        "referral_code": member.referral_code,
        "name": member.customer.name,
        "email": member.customer.email,
        "joined_at": member.joined_at,
        "balance": balance_told(one.account),
        "tier": _tier(one),
        "next_to_expire": vars(one.ending) if one.ending else None,
        "rewards": [offer_told(offer) for offer in standings.offers(one, now)],
    }


def _tier(one: standings.Standing) -> dict[str, Any] | None:
    if one.tier is None:
        return None
    member = one.member
    named = {"key": one.tier.id, "name": one.tier.name, "perks": one.perks}
    return {**named, "since": member.tier_since, "until": member.tier_until}


def offer_told(offer: standings.Offer) -> dict[str, Any]:
    worth = offer.worth
    return {
        "key": offer.reward.key,
        "name": offer.reward.name,
        "kind": offer.reward.kind,
        "points": offer.reward.cost,
        "most_points": offer.choice.most if offer.reward.is_stepped else 0,
        "worth": worth.amount if worth else None,
        "currency": worth.currency if worth else "",
        "can_be_taken": not offer.why_not,
        "reason": offer.why_not,
        "missing_points": offer.missing,
    }
