"""Points for what happens outside: custom events, adjustments; and what a basket would earn."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AwareDatetime, Field

from thereafter.commerce.queries import find_order
from thereafter.kit import clock, money
from thereafter.kit.money import NotMoney, UnknownCurrency
from thereafter.loyalty.actions import earning, points
from thereafter.loyalty.api_words import (
    REFUSALS,
    BalanceOut,
    BodyKey,
    Declined,
    Key,
    OfferOut,
    Plain,
    RefusedOut,
    Who,
    balance_told,
    example,
    find,
    moved,
    offer_told,
    refusal,
    store_of,
    up_to_date,
)
from thereafter.loyalty.models import Member, Reward
from thereafter.loyalty.queries import quotes, standings
from thereafter.loyalty.queries.rewards import terms_of
from thereafter.loyalty.rules import rewards as reward_rules
from thereafter.loyalty.rules.earning import Line
from thereafter.loyalty.rules.order_rules import MOST_POINTS
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Loyalty"])
_reads, _writes = Bearer("loyalty:read"), Bearer("loyalty:write")
MOST_ITEMS = 500
# Clocks of other machines are never quite ours.
AHEAD = timedelta(minutes=5)
# At the ends of the calendar a zone leads out of it, and nobody could read the ledger any more.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1990, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]


class ActionIn(Schema):
    """`action` is one of the programme's ways to earn. `at` is when it happened, now if left out; `order` the number
    of the order it belongs to, for ways that are limited per order. The key makes it the same event."""

    model_config = example({"member": {"card": "K7QMX9PWTDHB2CRF"}, "action": "recycling"})

    member: Who
    action: Plain = Field(min_length=1, max_length=40)
    at: Moment | None = None
    order: Plain = Field("", max_length=80)
    key: BodyKey


class EarnedOut(Schema):
    """What it brought; the points may be pending for a while, as the programme says."""

    action: str
    points: int
    balance: BalanceOut
    repeat: bool = False


class AdjustIn(Schema):
    """Points to add, or below zero to take. The member reads `reason`. `expires_at` ends what is added; left out it
    ends as the programme says."""

    model_config = example({"member": {"email": "john@example.com"}, "points": 50, "reason": "Sorry for the wait"})

    member: Who
    points: Annotated[int, Field(ge=-MOST_POINTS, le=MOST_POINTS)]
    reason: Plain = Field(min_length=1, max_length=200)
    expires_at: Moment | None = None
    key: BodyKey


class AdjustedOut(Schema):
    points: int
    balance: BalanceOut
    repeat: bool = False


class ItemIn(Schema):
    """One line of the basket, `unit_price` after its own discount, in units of the currency."""

    product_id: Plain = Field("", max_length=80)
    sku: Plain = Field("", max_length=80)
    category: Plain = Field("", max_length=200)
    quantity: int = Field(1, ge=1, le=100_000)
    unit_price: Decimal = Field(ge=0)


class QuoteIn(Schema):
    """A basket. `discount` is taken off it as a whole; leave shipping out, it earns nothing. Without `member` the
    answer is for somebody new."""

    model_config = example(
        {
            "member": {"email": "john@example.com"},
            "items": [{"product_id": "shoe", "sku": "TR2-42", "quantity": 1, "unit_price": "89.90"}],
        }
    )

    member: Who | None = None
    items: list[ItemIn] = Field(min_length=1, max_length=MOST_ITEMS)
    discount: Decimal = Field(Decimal(0), ge=0)
    currency: Plain = Field("", max_length=3)
    channel: Plain = Field("", max_length=40)


class PayingOut(Schema):
    """How points pay here: so many `step` points are worth `step_worth`. `most_points` is what this member can put
    into this basket, worth `most_worth`."""

    step: int
    step_worth: Decimal
    currency: str
    most_points: int = 0
    most_worth: Decimal = Decimal(0)
    least_basket: Decimal = Decimal(0)


class QuoteOut(Schema):
    """`earns` is what the order would bring if it were placed now; `worth` what those points pay, where points pay."""

    earns: int
    worth: Decimal | None = None
    currency: str
    paying: PayingOut | None = None
    balance: BalanceOut | None = None
    rewards: list[OfferOut] = []


@router.post("/loyalty/actions", auth=_writes, response={200: EarnedOut, **REFUSALS}, summary="Something was done")
def act(request: HttpRequest, wanted: ActionIn, key: Key) -> Any:
    """Gives what the programme gives for it. 422 when the programme knows no such action, 409 when its limits are
    reached: then nothing is given, and the same call may succeed later."""
    store, now = store_of(request), clock.now()
    if wanted.at is not None and wanted.at > now + AHEAD:
        raise HttpError(422, "`at` is in the future: send what has happened.")

    def work() -> dict[str, Any]:
        member = find(store, wanted.member)
        order = find_order(store, wanted.order) if wanted.order else None
        if wanted.order and order is None:
            raise Declined("unknown_order", f"There is no order {wanted.order} in this store.")
        earned = earning.earn(
            member.customer,
            wanted.action,
            key=f"api:{key or wanted.key}",
            at=min(wanted.at or now, now),
            now=now,
            order_id=order.pk if order else None,
        )
        if earned.result == "refused":
            raise Declined(earned.reason, _why(earned.reason, wanted.action))
        return {"action": wanted.action, "points": earned.points, "balance": _balance(member, now)}

    return moved(request, "action", key, wanted, work)


def _why(reason: str, action: str) -> str:
    sentences = {
        "unknown_action": f"The programme gives nothing for {action}. Switch it on there, or check the name.",
        "not_a_member": "This customer does not take part in the programme.",
    }
    return sentences.get(reason, f"The programme's limit for {action} is reached, so nothing was given.")


@router.post("/loyalty/adjust", auth=_writes, response={200: AdjustedOut, **REFUSALS}, summary="Adjust points by hand")
def adjust(request: HttpRequest, wanted: AdjustIn, key: Key) -> Any:
    """For what no rule covers, such as goodwill. Nobody's balance goes below zero: 409 `insufficient_points`."""
    store, now = store_of(request), clock.now()

    def work() -> dict[str, Any]:
        member = find(store, wanted.member)
        try:
            points.adjust(
                member.customer,
                points=wanted.points,
                reason=wanted.reason,
                source=f"adjust:api:{key or wanted.key}",
                by=None,
                now=now,
                expires_at=wanted.expires_at,
            )
        except points.NotEnoughPoints as short:
            raise Declined("insufficient_points", str(short)) from None
        except points.ZeroPoints as nothing:
            raise Declined("no_points", str(nothing)) from None
        return {"points": wanted.points, "balance": _balance(member, now)}

    return moved(request, "adjust", key, wanted, work)


def _balance(member: Member, now: datetime) -> dict[str, int]:
    return balance_told(standings.standing(member, now).account)


@router.post(
    "/loyalty/quote",
    auth=_reads,
    response={200: QuoteOut, 404: RefusedOut, 422: RefusedOut},
    summary="What would this basket earn, and what could points pay?",
)
def quote(request: HttpRequest, wanted: QuoteIn) -> Any:
    """Changes nothing. For the line "you earn 89 points" beside the basket and for the choice of points to pay with."""
    store, now = store_of(request), clock.now()
    try:
        member = find(store, wanted.member) if wanted.member else None
    except Declined as refused:
        return refusal(refused)
    try:
        basket = _basket(wanted, store)
    except (NotMoney, UnknownCurrency) as wrong:
        return Status(422, {"reason": "bad_money", "message": str(wrong)})
    return _quoted(store, member, basket, now)


def _basket(wanted: QuoteIn, store: Store) -> quotes.Basket:
    currency = wanted.currency.upper() or store.currency
    lines = tuple(
        Line(
            name=str(at),
            value_minor=money.to_minor(one.unit_price * one.quantity, currency),
            quantity=one.quantity,
            sku=one.sku,
            product=one.product_id,
            category=one.category,
        )
        for at, one in enumerate(wanted.items)
    )
    off = money.to_minor(wanted.discount, currency)
    return quotes.Basket(lines=lines, currency=currency, off_minor=off, channel=wanted.channel)


def _quoted(store: Store, member: Member | None, basket: quotes.Basket, now: datetime) -> dict[str, Any]:
    decided = quotes.would_earn(store, member, basket, now)
    reward = standings.paying_reward(store, member.tier if member else "", now)
    one = up_to_date(member, now) if member else None
    worth = standings.worth_of(reward, decided.points) if reward else None
    return {
        "earns": decided.points,
        "worth": worth.amount if worth else None,
        "currency": basket.currency,
        "paying": _paying(reward, one, basket) if reward else None,
        "balance": balance_told(one.account) if one else None,
        "rewards": [offer_told(offer) for offer in standings.offers(one, now)] if one else [],
    }


def _paying(reward: Reward, one: standings.Standing | None, basket: quotes.Basket) -> dict[str, Any]:
    step = standings.money_of(reward, reward.value)
    most = _most(reward, one, basket) if one else 0
    return {
        "step": reward.cost,
        "step_worth": step.amount,
        "currency": reward.currency,
        "most_points": most,
        "most_worth": standings.money_of(reward, reward_rules.worth(terms_of(reward), most)).amount if most else 0,
        "least_basket": standings.money_of(reward, reward.minimum_minor).amount,
    }


def _most(reward: Reward, one: standings.Standing, basket: quotes.Basket) -> int:
    """No more than the member has, the reward allows, and the basket costs."""
    total = sum(line.value_minor for line in basket.lines) - basket.off_minor
    if basket.currency != reward.currency or total < max(1, reward.minimum_minor):
        return 0
    choice = reward_rules.choice(terms_of(reward), one.account.available)
    fits = total // reward.value * reward.cost if reward.value else 0
    return min(choice.most, fits) if choice.is_open else 0
