"""What shoppers have bought, sent back, kept and claimed before, as a policy asks: in a few queries for many people."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from thereafter.commerce.models import Customer as Person
from thereafter.commerce.models import Order, OrderLine, Refund, Tender
from thereafter.journeys.loading.customers import tags_of
from thereafter.journeys.models import SegmentMember
from thereafter.returns.models import Case, CaseUnit, GrantShare
from thereafter.returns.rules.policy.snapshots import Customer, Perks, Risk

# Came to nothing: it does not count against anybody.
NOTHING_CAME = ("declined", "cancelled", "expired")
CLAIMS = ("non_conformity", "carrier_claim")
KEPT = ("keep", "donate")
_FAILED = ("failed", "declined", "error", "failure")
# Of days or months that a programme may add: lest a slip of a digit leaves the calendar.
_MOST = 3660
_RISKS: tuple[Risk, ...] = ("low", "medium", "high")


@dataclass(slots=True)
class PastOrder:
    pk: int
    placed_at: datetime
    units: int = 0
    failed_payments: int = 0


@dataclass(slots=True)
class PastReturn:
    """A case, or a refund of goods that the shop made itself."""

    at: datetime
    order_id: int
    units: int = 0
    basis: str = ""
    outcome: str = ""
    has_bonus: bool = False


@dataclass(slots=True)
class Stay:
    segment: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(slots=True)
class History:
    """One person's; `before` says what was so at a moment."""

    country: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)
    orders: list[PastOrder] = field(default_factory=list)
    returns: list[PastReturn] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)

    def before(self, at: datetime | None) -> Customer:
        orders = [one for one in self.orders if at is None or one.placed_at <= at]
        past = [one for one in self.returns if at is None or one.at < at]
        return Customer(
            country=self.country,
            tags=tuple(tags_of(self.traits)),
            segments=tuple(sorted({one.segment for one in self.stays if _is_in(one, at)})),
            orders=len(orders),
            returns=len(past),
            units_bought=sum(one.units for one in orders),
            units_returned=sum(one.units for one in past),
            kept=sum(one.units for one in past if one.outcome in KEPT),
            bonuses=sum(one.has_bonus for one in past),
            claims=sum(one.basis in CLAIMS for one in past),
            failed_payments=sum(one.failed_payments for one in orders),
            risk=_risk(self.traits),
            perks=perks_of(self.traits),
        )

    def returns_of(self, order_id: int, at: datetime | None) -> int:
        return sum(one.order_id == order_id and (at is None or one.at < at) for one in self.returns)


def histories(store_id: int, people: Collection[int]) -> dict[int, History]:
    """By customer id."""
    found: dict[int, History] = defaultdict(History)
    for row in Person.objects.of(store_id).filter(pk__in=people).values("pk", "country", "traits"):
        found[row["pk"]].country, found[row["pk"]].traits = row["country"], row["traits"]
    owners = _orders(store_id, people, found)
    _cases(store_id, people, found)
    _refunds(store_id, owners, found)
    stays = SegmentMember.objects.of(store_id).filter(customer_id__in=people)
    for customer_id, key, came, left in stays.values_list("customer_id", "segment__key", "entered_at", "left_at"):
        found[customer_id].stays.append(Stay(key, came, left))
    return found


def own_refunds(store_id: int, order_ids: Collection[int]) -> list[Refund]:
    """What the shop paid back by itself, rather than because we asked it to."""
    rows = list(Refund.objects.of(store_id).filter(order_id__in=order_ids).order_by("id"))
    if not rows:
        return rows
    asked = GrantShare.objects.of(store_id).filter(grant__order_id__in=order_ids).exclude(provider_ref="")
    ours = set(asked.values_list("provider_ref", flat=True))
    return [one for one in rows if one.external_id not in ours]


def _orders(store_id: int, people: Collection[int], found: Mapping[int, History]) -> dict[int, int]:
    """Who placed which order; a cancelled one was not bought."""
    rows = Order.objects.of(store_id).filter(customer_id__in=people).exclude(status=Order.Status.CANCELLED)
    owners, past = {}, {}
    for pk, customer_id, placed_at in rows.values_list("pk", "customer_id", "placed_at"):
        owners[pk], past[pk] = customer_id, PastOrder(pk, placed_at)
        found[customer_id].orders.append(past[pk])
    lines = OrderLine.objects.of(store_id).filter(order_id__in=owners)
    for order_id, quantity in lines.values_list("order_id", "quantity"):
        past[order_id].units += quantity
    failed = Tender.objects.of(store_id).filter(order_id__in=owners, status__in=_FAILED)
    for order_id in failed.values_list("order_id", flat=True):
        past[order_id].failed_payments += 1
    return owners


def _cases(store_id: int, people: Collection[int], found: Mapping[int, History]) -> None:
    rows = Case.objects.of(store_id).filter(customer_id__in=people).exclude(state__in=NOTHING_CAME)
    past: dict[int, PastReturn] = {}
    columns = ("pk", "customer_id", "submitted_at", "order_id", "basis", "outcome", "quote__bonus")
    for pk, customer_id, at, order_id, basis, outcome, bonus in rows.values_list(*columns):
        past[pk] = PastReturn(at, order_id, 0, basis, outcome, bool(bonus))
        found[customer_id].returns.append(past[pk])
    units = CaseUnit.objects.of(store_id).filter(case_id__in=past, is_live=True)
    for case_id in units.values_list("case_id", flat=True):
        past[case_id].units += 1


def _refunds(store_id: int, owners: Mapping[int, int], found: Mapping[int, History]) -> None:
    for one in own_refunds(store_id, owners):
        units = sum(max(0, item.get("quantity", 0)) for item in one.lines)
        if units:
            found[owners[one.order_id]].returns.append(PastReturn(one.at, one.order_id, units))


def perks_of(traits: Mapping[str, Any]) -> Perks:
    """What the points programme told of somebody (`loyalty.perks`); what is no number counts as none."""
    told = traits.get("loyalty.perks")
    given = {name: value for name, value in told.items() if value} if isinstance(told, dict) else {}
    return Perks(
        tier=str(traits.get("loyalty.tier") or ""),
        tier_name=str(traits.get("loyalty.tier_name") or ""),
        names=tuple(sorted(given)),
        free_returns=given.get("free_returns") is True,
        extra_days=_whole(given.get("return_extra_days")),
        warranty_months=_whole(given.get("warranty_extra_months")),
    )


def _whole(said: object) -> int:
    return min(said, _MOST) if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0


def _is_in(stay: Stay, at: datetime | None) -> bool:
    if at is None:
        return stay.left_at is None
    return stay.entered_at <= at and not (stay.left_at and stay.left_at <= at)


def _risk(traits: Mapping[str, Any]) -> Risk:
    said = traits.get("risk")
    return next((one for one in _RISKS if one == said), "low")
