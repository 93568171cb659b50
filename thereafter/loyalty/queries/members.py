"""Who takes part."""

from collections.abc import Collection, Iterable

from thereafter.commerce.models import Customer
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.programmes import Version


def member_of(customer: Customer) -> Member | None:
    return Member.objects.of(customer.store_id).filter(customer=customer, left_at=None).first()


def members_of(store_id: int, customer_ids: Iterable[int]) -> dict[int, Member]:
    """By customer, also those who left."""
    return {one.customer_id: one for one in Member.objects.of(store_id).filter(customer__in=set(customer_ids))}


def takes_part(store_id: int, customer_ids: Collection[int], version: Version) -> set[int]:
    """Of these customers, who earns: all but those who left or are held out; where one has to join, who joined."""
    members = members_of(store_id, customer_ids)
    earning = {pk for pk, one in members.items() if one.left_at is None and not one.is_held_out}
    if version.programme.joining == "automatic":
        return {pk for pk in customer_ids if pk not in members} | earning
    return earning
