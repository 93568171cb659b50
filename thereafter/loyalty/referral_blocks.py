"""What messages say of invitations: the friend's present, and the member's own link."""

from collections.abc import Sequence

from thereafter.commerce.models import Customer, Order
from thereafter.kit import clock
from thereafter.loyalty import inviting, words
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.queries.programmes import Version, programme_now, versions
from thereafter.messaging.blocks import Facts, block
from thereafter.storefront.shell import in_language_of

_CODE = {
    "code": "WELCOME-7Q4K",
    "kind": "percent",
    "percent": 10,
    "amount_minor": None,
    "currency": "EUR",
    "minimum_minor": 4000,
    "until": None,
}


@block(
    "friend_gift",
    of_event=True,
    label="Invitation: the friend's present",
    hint="The code and the points that a friend gets for accepting an invitation",
    sample={"from": "Anna", "points": "100 points", **_CODE},
)
def friend_gift(
    customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts]
) -> Sequence[Facts | None]:
    """Of the invitation that the event is about; None when there is no present, or it is somebody else's."""
    wanted = [event.get("referral_id") or 0 for event in events]
    rows = Referral.objects.filter(pk__in=wanted).select_related("friend_coupon__pool__store", "advocate__customer")
    found = {(one.store_id, one.pk): one for one in rows}
    return [_gift(customer, found.get((customer.store_id, pk))) for customer, pk in zip(customers, wanted, strict=True)]


def _gift(customer: Customer, referral: Referral | None) -> Facts | None:
    if referral is None or referral.friend_id != customer.pk:
        return None
    version = versions(referral.store_id).at(referral.claimed_at)
    terms, coupon = version.programme.referral, referral.friend_coupon
    points = terms.friend_points if terms else 0
    if coupon is None and not points:
        return None
    return {
        "from": referral.advocate.customer.first_name,
        "points": _points(customer, version, points) if points else "",
        **(inviting.coupon_facts(coupon, clock.now()) if coupon else dict.fromkeys(_CODE)),
    }


def _points(customer: Customer, version: Version, count: int) -> str:
    with in_language_of(customer):
        return words.points(version.programme, count)


@block(
    "invite",
    many=True,
    label="Invite friends",
    hint="The member's own link and code, and what both get",
    sample={
        "url": "https://example.com/r/7Q4KMMXA",
        "code": "7Q4KMMXA",
        "friend": "10% off your first order",
        "points": "500 points",
    },
)
def invite(customers: Sequence[Customer], orders: Sequence[Order | None]) -> Sequence[Facts | None]:
    """Nothing for who is no member, and where inviting brings nothing."""
    people = [customer.pk for customer in customers]
    rows = Member.objects.filter(customer__in=people, left_at=None, is_held_out=False)
    members = {one.customer_id: one for one in rows}
    offered = {customer.store_id: programme_now(customer.store_id) for customer in customers}
    return [_invitation(customer, members.get(customer.pk), offered[customer.store_id]) for customer in customers]


def _invitation(customer: Customer, member: Member | None, version: Version) -> Facts | None:
    terms = inviting.offered(version)
    if member is None or terms is None:
        return None
    with in_language_of(customer):
        gift = inviting.promise(customer.store, version, terms)
        return {
            "url": inviting.link_of(customer.store, member),
            "code": member.referral_code,
            "friend": ", ".join(gift.friend),
            "points": words.points(version.programme, terms.points) if terms.points else "",
        }
