"""Loyalty by the API: the programme, members and their history, joining. Points are whole numbers, amounts of money
decimals in units of `currency`.

Every call that moves something carries an Idempotency-Key: sent again it changes nothing and answers the same with
`"repeat": true`; another body under the same key is refused with 409.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from thereafter.commerce.queries import find_customer
from thereafter.kit import clock
from thereafter.loyalty import checkout_api, earning_api
from thereafter.loyalty.actions import members
from thereafter.loyalty.api_words import (
    NO_SUCH_CODE,
    REFUSALS,
    BodyKey,
    Declined,
    Key,
    MemberOut,
    Plain,
    RefusedOut,
    Who,
    example,
    find,
    member_told,
    moved,
    refusal,
    store_of,
)
from thereafter.loyalty.models import Account, Entry, Member
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.queries.rewards import in_order
from thereafter.loyalty.rules import rewards as reward_rules
from thereafter.loyalty.rules.programme import Programme
from thereafter.loyalty.rules.ways import name_of
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Loyalty"])
router.add_router("", checkout_api.router)
router.add_router("", earning_api.router)
_reads, _writes = Bearer("loyalty:read"), Bearer("loyalty:write")
MOST = 200


class WayOut(Schema):
    """Points for something else than buying; `action` is its name for `POST /loyalty/actions`."""

    action: str
    name: str
    points: int
    limits: dict[str, int] = {}


class TierRuleOut(Schema):
    """`from_amount` is money (metric "spend") or points (metric "points")."""

    key: str
    name: str
    from_amount: Decimal
    multiplier: Decimal
    entry_points: int
    perks: dict[str, Any]


class RewardOut(Schema):
    """`value` is money in units of `currency`, or for kind "percent" the percent. In steps: `points` are worth
    `value`, again and again up to `most_points`."""

    key: str
    name: str
    text: str
    kind: str
    points: int
    in_steps: bool
    most_points: int | None = None
    value: Decimal
    currency: str
    tiers: list[str]
    left: int | None = None


class ProgrammeOut(Schema):
    """What a shop may show to everybody. `points_per_unit` is per unit of `currency`, before tiers and offers."""

    version: int
    name: str
    currency: str
    time_zone: str
    joining: str
    points_name: dict[str, tuple[str, str]]
    points_per_unit: Decimal
    pending_days: int
    tier_metric: str
    tiers: list[TierRuleOut]
    ways: list[WayOut]
    rewards: list[RewardOut]
    referral: dict[str, Any] | None = None


class LineOut(Schema):
    """A line of the history. `kind` is earn, redeem, expire, clawback, adjust, restore and the like; `points` are
    below zero where some went. `reason` is a word of ours or the shop's own sentence, `expires_at` the end of what
    came with this line."""

    id: str
    at: datetime
    kind: str
    points: int
    reason: str
    order: str = ""
    expires_at: datetime | None = None


class HistoryOut(Schema):
    """The newest first; `next` is the `after` of the page that follows, null on the last one."""

    lines: list[LineOut]
    next: str | None = None


class Paging(Schema):
    after: str = Field("", max_length=20, pattern=r"^\d*$")
    limit: int = Field(50, ge=1, le=MOST)


class JoinIn(Schema):
    """A customer that we know, by e-mail, phone or the shop's own `customer_id` of `source`."""

    model_config = example({"email": "john@example.com"})

    email: Plain = Field("", max_length=254)
    phone: Plain = Field("", max_length=40)
    customer_id: Plain = Field("", max_length=80)
    source: Plain = Field("api", max_length=40)
    key: BodyKey


class JoinedOut(Schema):
    member: MemberOut
    repeat: bool = False


@router.get("/loyalty/programme", auth=_reads, response=ProgrammeOut, summary="Read the programme")
def read_programme(request: HttpRequest) -> dict[str, Any]:
    """Its public side: what earns, tiers, rewards, what an invitation brings."""
    store = store_of(request)
    version = programme_now(store.pk)
    programme = version.programme
    referral = programme.referral
    return {
        "version": version.number,
        "name": programme.name,
        "currency": store.currency,
        "time_zone": programme.tz,
        "joining": programme.joining,
        "points_name": programme.points_name,
        "points_per_unit": programme.rate,
        "pending_days": programme.pending_days,
        "tier_metric": programme.tier.metric,
        "tiers": _tiers(programme),
        "ways": [
            {"action": key, "name": name_of(key, way.label), "points": way.points, "limits": _limits(way)}
            for key, way in programme.actions.items()
            if way.is_on
        ],
        "rewards": _rewards(store, clock.now()),
        "referral": referral.model_dump(include={"points", "friend_points", "min_amount", "on"})
        if referral and referral.is_on
        else None,
    }


def _limits(way: Any) -> dict[str, int]:
    names = ("per_day", "per_week", "per_month", "per_year", "per_order", "total")
    return {name: getattr(way, name) for name in names if getattr(way, name) is not None}


def _tiers(programme: Programme) -> list[dict[str, Any]]:
    return [
        {
            "key": tier.id,
            "name": tier.name,
            "from_amount": tier.min,
            "multiplier": tier.multiplier,
            "entry_points": tier.entry_points,
            "perks": tier.benefits.model_dump(mode="json", exclude_defaults=True),
        }
        for tier in programme.tiers
    ]


def _rewards(store: Store, now: datetime) -> list[dict[str, Any]]:
    plain = "key", "name", "text", "kind", "most_points", "currency", "tiers"
    return [
        {name: getattr(reward, name) for name in plain}
        | {"points": reward.cost, "in_steps": reward.is_stepped, "left": reward.stock, "value": _value(reward)}
        for reward in in_order(store).filter(is_shown=True)
        if reward.is_offered(now)
    ]


def _value(reward: Any) -> Decimal:
    if reward.kind == reward_rules.PERCENT:
        return Decimal(reward.value) / 100
    return standings.money_of(reward, reward.value).amount


@router.get("/loyalty/members", auth=_reads, response={200: MemberOut, 404: RefusedOut}, summary="Find a member")
def find_a_member(request: HttpRequest, who: Query[Who]) -> Any:
    """By exactly one of email, phone, customer_id, card or referral_code: balance, tier, perks, what runs out next and
    the rewards that can be taken. 404 says whether there is no such customer, or only no membership."""
    try:
        return member_told(find(store_of(request), who), clock.now())
    except Declined as refused:
        return refusal(refused)


@router.get("/loyalty/members/{card}", auth=_reads, response={200: MemberOut, 404: RefusedOut}, summary="Read a member")
def read_member(request: HttpRequest, card: str) -> Any:
    """By the code of their card, as `GET /loyalty/members` gives it."""
    try:
        return member_told(_by_card(request, card), clock.now())
    except Declined as refused:
        return refusal(refused)


@router.get(
    "/loyalty/members/{card}/history",
    auth=_reads,
    response={200: HistoryOut, 404: RefusedOut},
    summary="Read a member's history",
)
def read_history(request: HttpRequest, card: str, asked: Query[Paging]) -> Any:
    """Line by line, the newest first, page by page."""
    try:
        member = _by_card(request, card)
    except Declined as refused:
        return refusal(refused)
    accounts = Account.objects.of(member.store_id).filter(customer=member.customer_id, kind="points")
    rows = Entry.objects.of(member.store_id).filter(account__in=accounts).select_related("order", "lot")
    if asked.after:
        last = Entry.objects.of(member.store_id).filter(pk=int(asked.after)).first()
        if last is None:
            raise HttpError(422, "There is no such page; begin again without `after`.")
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    found = list(rows.order_by("-at", "-pk")[: asked.limit + 1])
    page = found[: asked.limit]
    return {"lines": [_line(one) for one in page], "next": str(page[-1].pk) if len(found) > len(page) else None}


def _by_card(request: HttpRequest, card: str) -> Member:
    found = standings.find_member(store_of(request), card=card)
    if found is None:
        raise Declined("not_a_member", NO_SUCH_CODE)
    return found


def _line(entry: Entry) -> dict[str, Any]:
    lot = getattr(entry, "lot", None)
    return {
        "id": str(entry.pk),
        "at": entry.at,
        "kind": entry.kind,
        "points": entry.points,
        "reason": entry.reason,
        "order": entry.order.number if entry.order else "",
        "expires_at": lot.expires_at if lot else None,
    }


@router.post("/loyalty/members", auth=_writes, response={200: JoinedOut, **REFUSALS}, summary="Let a customer join")
def join(request: HttpRequest, wanted: JoinIn, key: Key) -> Any:
    """The customer has to be known: send their first order, or the customer, before. Who is a member stays one."""
    store, now = store_of(request), clock.now()

    def work() -> dict[str, Any]:
        customer = find_customer(
            store, email=wanted.email, phone=wanted.phone, external_id=wanted.customer_id, source=wanted.source
        )
        if customer is None:
            raise Declined("unknown_customer", "There is no such customer yet. Send the customer or an order first.")
        return {"member": member_told(members.join(customer, source=Member.Source.API, now=now), now)}

    return moved(request, "join", key, wanted, work)
