"""Who invited whom, what is known of both, and what came of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, Sum

from thereafter.commerce.models import Customer, Identity, Order
from thereafter.commerce.rules.text import normal_phone
from thereafter.loyalty.models import Entry, Lot, Member, Referral
from thereafter.loyalty.rules import referrals as rules
from thereafter.loyalty.rules.referrals import Address, Side
from thereafter.stores.models import Store, StoreQuerySet

State = Referral.State
# A friend stands in one of these at most once in a store; a constraint says the same.
LIVE = (State.CLAIMED, State.QUALIFIED, State.REWARDED, State.UNDONE)
BROUGHT = (State.QUALIFIED, State.REWARDED)
# Under which points of invitations come, and go because a person refused one.
REASONS = ("referral", "referral_refused")
# Of who orders every day the first and the last will do: comparing two thousand addresses finds nothing more.
_MOST_ADDRESSES = 50


def sides(store_id: int, customer_ids: Collection[int]) -> dict[int, Side]:
    """What is known of these people, in three queries."""
    people = Customer.objects.of(store_id).filter(pk__in=customer_ids).only("pk", "name", "email", "phone", "country")
    keys: dict[tuple[int, str], set[str]] = defaultdict(set)
    known = Identity.objects.of(store_id).filter(customer_id__in=customer_ids)
    for customer_id, kind, value in known.values_list("customer_id", "kind", "value"):
        keys[customer_id, kind].add(value)
    sent = _sent_to(store_id, customer_ids)
    return {
        person.pk: Side(
            customer_id=person.pk,
            name=person.name,
            emails=frozenset(keys[person.pk, Identity.Kind.EMAIL] | ({person.email} - {""})),
            phones=frozenset(keys[person.pk, Identity.Kind.PHONE] | ({person.phone} - {""}) | _phones(sent[person.pk])),
            addresses=frozenset(filter(None, (address_of(raw) for raw in sent[person.pk]))),
        )
        for person in people
    }


def _sent_to(store_id: int, customer_ids: Collection[int]) -> dict[int, list[dict[str, str]]]:
    sent: dict[int, list[dict[str, str]]] = defaultdict(list)
    orders = Order.objects.of(store_id).filter(customer_id__in=customer_ids).exclude(shipping_address={})
    for customer_id, raw in orders.order_by("-placed_at").values_list("customer_id", "shipping_address"):
        if len(sent[customer_id]) < _MOST_ADDRESSES:
            sent[customer_id].append(raw)
    return sent


def _phones(sent: Iterable[dict[str, str]]) -> set[str]:
    return {normal_phone(raw.get("phone", ""), raw.get("country", "")) for raw in sent} - {""}


def address_of(raw: dict[str, str]) -> Address | None:
    """A delivery address for comparing; None when it names no street."""
    street, town = raw.get("line1", ""), " ".join(filter(None, (raw.get("postcode", ""), raw.get("city", ""))))
    if not rules.plain(street) or not town:
        return None
    place = rules.plain(f"{street} {raw.get('line2', '')} {raw.get('postcode', '') or town} {raw.get('country', '')}")
    shown = ", ".join(filter(None, (raw.get("name", ""), street, town)))
    return Address(place, rules.plain(raw.get("name", "")), shown)


def first_bought(store_id: int, customer_ids: Collection[int]) -> dict[int, datetime]:
    """When each of them first ordered something that was not cancelled."""
    orders = Order.objects.of(store_id).filter(customer_id__in=customer_ids, cancelled_at=None).order_by()
    return dict(orders.values_list("customer_id").annotate(Min("placed_at")))


def claims_from(store_id: int, network: str | None, *, now: datetime, besides: int | None = None) -> int:
    """How many invitations were accepted from this network in the seven days before, the one asked about included."""
    if network is None:
        return 1
    lately = Referral.objects.of(store_id).filter(ip=network, claimed_at__gt=now - rules.VELOCITY, claimed_at__lte=now)
    return (lately.exclude(pk=besides) if besides else lately).count() + 1


def brought(store_id: int, advocate_ids: Collection[int]) -> dict[int, int]:
    """How many friends of each member bought and count."""
    rows = Referral.objects.of(store_id).filter(advocate_id__in=advocate_ids, state__in=BROUGHT).order_by()
    return defaultdict(int, dict(rows.values_list("advocate_id").annotate(Count("id"))))


@dataclass(frozen=True)
class Sums:
    """What a member has from inviting: friends that bought, points to use and points that still wait."""

    friends: int
    points: int
    pending: int


def of_advocate(member: Member, most: int = 50) -> list[Referral]:
    """The invitations of a member that a friend accepted, newest first. Who was refused is nobody's business."""
    rows = Referral.objects.of(member.store_id).filter(advocate=member).exclude(state=State.REFUSED)
    return list(rows.select_related("friend", "entry").order_by("-claimed_at", "-id")[:most])


def sums_of_advocate(member: Member) -> Sums:
    """By the ledger: an invitation may bring points more than once, and lose them again."""
    entries = Entry.objects.of(member.store_id).filter(account__customer=member.customer_id, reason__in=REASONS)
    waiting = Lot.objects.of(member.store_id).filter(
        account__customer=member.customer_id, entry__reason=REASONS[0], is_active=False, remaining__gt=0
    )
    came = int(entries.aggregate(points=Sum("points"))["points"] or 0)
    pending = int(waiting.aggregate(points=Sum("remaining"))["points"] or 0)
    friends = Referral.objects.of(member.store_id).filter(advocate=member, state__in=BROUGHT)
    return Sums(friends.count(), max(0, came - pending), pending)


def to_look_at(store: Store | int) -> StoreQuerySet[Referral]:
    """Held back, or with doubts that nobody has looked at yet; what was refused by a rule is decided."""
    rows = Referral.objects.of(store).filter(decided_at=None)
    return rows.filter(Q(state=State.HELD) | (~Q(doubts=[]) & ~Q(state__in=(State.REFUSED, State.LAPSED))))
