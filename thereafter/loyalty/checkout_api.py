"""Points at a checkout that asks us: hold them while the shopper pays, take them when paid, give them back if not."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, model_validator

from thereafter.commerce.queries import find_order
from thereafter.kit import clock
from thereafter.loyalty.actions import checkouts, redemptions
from thereafter.loyalty.actions.checkouts import Spending
from thereafter.loyalty.api_words import (
    REFUSALS,
    BalanceOut,
    BodyKey,
    Declined,
    Key,
    Plain,
    Who,
    WholePoints,
    balance_told,
    example,
    find,
    moved,
    store_of,
)
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries import standings
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Loyalty"])
_uses = Bearer("loyalty:use")
LONGEST_HOLD = 24 * 60


class SpendIn(Schema):
    """`points` pay at the checkout; `reward` is the key of a reward, which takes `points` only where it goes in steps.
    `order` is what your shop will call the order: its number or its own id."""

    model_config = example({"member": {"email": "john@example.com"}, "points": 300, "order": "1002"})

    member: Who
    points: WholePoints | None = None
    reward: Plain = Field("", max_length=40)
    order: Plain = Field("", max_length=80)
    key: BodyKey

    @model_validator(mode="after")
    def _says_what(self) -> "SpendIn":
        if self.points is None and not self.reward:
            raise ValueError("say how many points, or which reward")
        return self


class ReserveIn(SpendIn):
    """Held for so many minutes; then the points are the member's again by themselves."""

    model_config = example({"member": {"email": "john@example.com"}, "points": 300, "order": "1002", "minutes": 30})

    minutes: int = Field(30, ge=1, le=LONGEST_HOLD)


class OfReservation(Schema):
    """`reservation` is the Idempotency-Key that it was made with."""

    model_config = example({"reservation": "cart-7"})

    reservation: Plain = Field(min_length=1, max_length=80)
    key: BodyKey


class CaptureIn(OfReservation):
    model_config = example({"reservation": "cart-7", "order": "1002"})

    order: Plain = Field("", max_length=80)


class CancelIn(Schema):
    """`redemption` is the Idempotency-Key that it was made with."""

    model_config = example({"redemption": "reward-3"})

    redemption: Plain = Field(min_length=1, max_length=80)
    key: BodyKey


class MovedOut(Schema):
    """`state` is held, taken, released, lapsed or cancelled. `worth` is what to take off the total, in units of
    `currency`; null where it is not money. `code` is a coupon code, where the reward is one. `repeat`: this was
    answered before, and nothing has moved now."""

    id: str
    state: str
    points: int
    reward: str = ""
    worth: Decimal | None = None
    currency: str = ""
    code: str = ""
    order: str = ""
    held_until: datetime | None = None
    balance: BalanceOut
    repeat: bool = False


_ANSWERS: dict[int, Any] = {200: MovedOut, **REFUSALS}


@router.post("/loyalty/reserve", auth=_uses, response=_ANSWERS, summary="Hold points for a checkout")
def reserve(request: HttpRequest, wanted: ReserveIn, key: Key) -> Any:
    """Nobody else can spend them meanwhile, and they do not run out. When the order that you named arrives here they
    are taken by themselves; when it does not in time they are released."""
    store, now = store_of(request), clock.now()

    def work() -> dict[str, Any]:
        spending = _spending(store, wanted, key, now)
        checkouts.hold(spending, minutes=wanted.minutes, now=now)
        return _told(store, spending.key)

    return moved(request, "reserve", key, wanted, work)


@router.post("/loyalty/capture", auth=_uses, response=_ANSWERS, summary="The order is paid: take what is held")
def capture(request: HttpRequest, wanted: CaptureIn, key: Key) -> Any:
    """Needed only where orders do not reach us by themselves, or carry another number. 409 `reservation_not_held`
    when it has lapsed or was released: the shopper's points are theirs again, so charge the full price."""
    store, now = store_of(request), clock.now()

    def work() -> dict[str, Any]:
        name = _name(wanted.reservation)
        order = find_order(store, wanted.order) if wanted.order else None
        redemptions.capture(store.pk, name, now=now, order_ref=wanted.order, order=order)
        return _told(store, name)

    return moved(request, "capture", key, wanted, work)


@router.post("/loyalty/release", auth=_uses, response=_ANSWERS, summary="It was not needed: let go of what is held")
def release(request: HttpRequest, wanted: OfReservation, key: Key) -> Any:
    """The shopper left the checkout. The points go back to where they came from, with the end they had."""
    return _undo(request, "release", wanted.reservation, (wanted, key), redemptions.release)


@router.post("/loyalty/redeem", auth=_uses, response=_ANSWERS, summary="Spend points, or take a reward, at once")
def redeem(request: HttpRequest, wanted: SpendIn, key: Key) -> Any:
    """Without holding them before. A reward that is a coupon answers with its `code`."""
    store, now = store_of(request), clock.now()

    def work() -> dict[str, Any]:
        spending = _spending(store, wanted, key, now)
        checkouts.spend(spending, now=now)
        return _told(store, spending.key)

    return moved(request, "redeem", key, wanted, work)


@router.post("/loyalty/cancel", auth=_uses, response=_ANSWERS, summary="Undo a redemption")
def cancel(request: HttpRequest, wanted: CancelIn, key: Key) -> Any:
    """The points go back to their lots. 409 when the reward was used or handed over already."""
    return _undo(request, "cancel", wanted.redemption, (wanted, key), redemptions.cancel)


def _undo(request: HttpRequest, operation: str, given: str, call: tuple[Schema, str], undo: Callable[..., Any]) -> Any:
    store, now, (body, key) = store_of(request), clock.now(), call

    def work() -> dict[str, Any]:
        undo(store.pk, _name(given), now=now)
        return _told(store, _name(given))

    return moved(request, operation, key, body, work)


def _spending(store: Store, wanted: SpendIn, key: str, now: datetime) -> Spending:
    member = find(store, wanted.member)
    reward = Reward.objects.of(store).filter(key=wanted.reward).first() if wanted.reward else None
    if wanted.reward and (reward is None or not reward.is_offered(now)):
        raise Declined("not_offered", f"There is no reward {wanted.reward} to take at this time.")
    return Spending(
        member=member,
        key=_name(key or wanted.key),
        points=wanted.points,
        reward=reward,
        order_ref=wanted.order,
        actor="api",
    )


def _name(key: str) -> str:
    """Callers choose their own keys; they do not meet those of our own pages."""
    return f"api:{key}"


def _told(store: Store, name: str) -> dict[str, Any]:
    rows = Redemption.objects.of(store).select_related("account", "reward", "coupon")
    redemption = rows.get(key=name)
    worth = standings.paid_by(redemption)
    return {
        "id": name.removeprefix("api:"),
        "state": redemption.state,
        "points": redemption.points,
        "reward": redemption.reward.key if redemption.reward else "",
        "worth": worth.amount if worth else None,
        "currency": worth.currency if worth else "",
        "code": redemption.coupon.code if redemption.coupon else "",
        "order": redemption.order_ref,
        "held_until": redemption.held_until if redemption.state == Redemption.State.HELD else None,
        "balance": balance_told(redemption.account),
    }
