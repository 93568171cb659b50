"""Which refunds that the shop tells us of are those that we made: nobody is told of one refund twice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from thereafter.commerce.models import Refund
from thereafter.journeys.loading.seats import Seat
from thereafter.returns.models import GrantShare
from thereafter.returns.payments.registry import MANUAL

# What a colleague pays by hand in the shop is told by the shop within these days, with the shop's own name of it.
_BY_HAND = timedelta(days=14)


def are_ours(store_id: int, seats: Sequence[Seat]) -> list[bool | None]:
    """By what started a journey: whether its refund is ours; None for what is no refund. Two queries for all seats."""
    ids = {seat.fact.get("refund_id") for seat in seats} - {None}
    refunds = {one.pk: one for one in Refund.objects.of(store_id).filter(pk__in=ids)} if ids else {}
    shares: dict[int, list[GrantShare]] = defaultdict(list)
    orders = {one.order_id for one in refunds.values()}
    for share in GrantShare.objects.of(store_id).filter(grant__order_id__in=orders).select_related("grant"):
        shares[share.grant.order_id].append(share)
    return [_is_ours(refunds.get(seat.fact.get("refund_id") or 0), shares) for seat in seats]


def _is_ours(refund: Refund | None, shares: dict[int, list[GrantShare]]) -> bool | None:
    return any(_is_of(refund, share) for share in shares[refund.order_id]) if refund else None


def _is_of(refund: Refund, share: GrantShare) -> bool:
    """By its name or our key in its words; what is under way, or was paid by hand, by its amount."""
    if refund.external_id == share.provider_ref or f"thereafter-{share.store_id}-{share.pk}-" in refund.reason:
        return True
    if refund.amount_minor != share.amount_minor:
        return False
    if share.adapter == MANUAL:
        return abs(refund.at - share.changed_at) <= _BY_HAND
    return share.state == GrantShare.State.SENT and not share.provider_ref
