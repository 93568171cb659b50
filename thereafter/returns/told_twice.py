"""Which refunds and parcels that others tell of are those of our cases: nobody is told of one thing twice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from thereafter.commerce.models import Refund
from thereafter.journeys.loading.seats import Seat
from thereafter.returns.models import GrantShare, NewGoods
from thereafter.returns.payments.registry import MANUAL

# What a colleague pays by hand in the shop is told by the shop within these days, with the shop's own name of it.
_BY_HAND = timedelta(days=14)


def refunds_are_ours(store_id: int, seats: Sequence[Seat]) -> list[bool]:
    """By what started a journey: whether its refund is one of ours. Two queries for all seats."""
    ids = {seat.fact.get("refund_id") for seat in seats} - {None}
    refunds = {one.pk: one for one in Refund.objects.of(store_id).filter(pk__in=ids)} if ids else {}
    shares: dict[int, list[GrantShare]] = defaultdict(list)
    orders = {one.order_id for one in refunds.values()}
    for share in GrantShare.objects.of(store_id).filter(grant__order_id__in=orders).select_related("grant"):
        shares[share.grant.order_id].append(share)
    return [_is_ours(refunds.get(seat.fact.get("refund_id") or 0), shares) for seat in seats]


def _is_ours(refund: Refund | None, shares: dict[int, list[GrantShare]]) -> bool:
    return refund is not None and any(_is_of(refund, share) for share in shares[refund.order_id])


def _is_of(refund: Refund, share: GrantShare) -> bool:
    """By its name or our key in its words; what is under way, or was paid by hand, by its amount."""
    if refund.external_id == share.provider_ref or f"thereafter-{share.store_id}-{share.pk}-" in refund.reason:
        return True
    if refund.amount_minor != share.amount_minor:
        return False
    if share.adapter == MANUAL:
        return abs(refund.at - share.changed_at) <= _BY_HAND
    return share.state == GrantShare.State.SENT and not share.provider_ref


def parcels_are_exchanges(store_id: int, seats: Sequence[Seat]) -> list[bool]:
    """By what started a journey: whether its parcel holds new goods of a case. One query for all seats."""
    orders = {seat.order_id for seat in seats if seat.fact.get("parcel_id")}
    left = NewGoods.objects.of(store_id).filter(case__order_id__in=orders, shipped_at__isnull=False)
    rows = left.values_list("case__order_id", "tracking_number", "shipped_at") if orders else ()
    known = {(order, _plain(number) or (left_at and left_at.date())) for order, number, left_at in rows}
    return [(seat.order_id, _plain(seat.fact.get("tracking_number")) or seat.at.date()) in known for seat in seats]


def _plain(number: object) -> str:
    return "".join(sign for sign in str(number or "").upper() if sign.isalnum())
