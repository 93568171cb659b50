"""Who invited whom, what is known of both, and what came of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, Sum

from thereafter.commerce.models import Customer, Identity, Order
from thereafter.commerce.rules.text import normal_phone
from thereafter.loyalty.models import Entry, Member, Referral
from thereafter.loyalty.rules import referrals as rules
from thereafter.loyalty.rules.referrals import Address, Side
from thereafter.stores.models import Store, StoreQuerySet

State = Referral.State
# A friend stands in one of these at most once in a store; a constraint says the same.
LIVE = (State.CLAIMED, State.QUALIFIED, State.REWARDED, State.UNDONE)
BROUGHT = (State.QUALIFIED, State.REWARDED)
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
    return lately.exclude(pk=besides).count() + 1


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
    points = _points_of(Referral.objects.of(member.store_id).filter(advocate=member, state=State.REWARDED))
    pending = _points_of(Referral.objects.of(member.store_id).filter(advocate=member, state=State.QUALIFIED))
    friends = Referral.objects.of(member.store_id).filter(advocate=member, state__in=BROUGHT)
    return Sums(friends.count(), points, pending)


def _points_of(rows: StoreQuerySet[Referral]) -> int:
    return int(rows.aggregate(points=Sum("entry__points"))["points"] or 0)


def to_look_at(store: Store | int) -> StoreQuerySet[Referral]:
    """Held back, or with doubts that nobody has looked at yet; what was refused by a rule is decided."""
    rows = Referral.objects.of(store).filter(decided_at=None)
    return rows.filter(Q(state=State.HELD) | (~Q(doubts=[]) & ~Q(state__in=(State.REFUSED, State.LAPSED))))


@dataclass(frozen=True)
class Numbers:
    """What inviting brought a store within a time; money in minor units of the store's currency."""

    claimed: int
    bought: int
    revenue_minor: int
    points: int
    friend_points: int
    coupons_used: int
    refused: dict[str, int]

    @property
    def conversion(self) -> float | None:
        return self.bought / self.claimed if self.claimed else None


def numbers(store: Store, *, since: datetime, until: datetime) -> Numbers:
    """Of invitations accepted in that time: what has come of them by now."""
    rows = Referral.objects.of(store).filter(claimed_at__gte=since, claimed_at__lt=until)
    counted = rows.filter(state__in=BROUGHT)
    friend_points = Entry.objects.of(store).filter(
        source__in=[f"referral:{pk}:friend" for pk in rows.values_list("pk", flat=True)[:10_000]]
    )
    return Numbers(
        claimed=rows.exclude(state=State.REFUSED).count(),
        bought=counted.count(),
        revenue_minor=_revenue(store, counted),
        points=_points_of(counted),
        friend_points=int(friend_points.aggregate(points=Sum("points"))["points"] or 0),
        coupons_used=rows.filter(friend_coupon__redeemed_at__isnull=False).count(),
        refused=_refused(rows),
    )


def _revenue(store: Store, rows: StoreQuerySet[Referral]) -> int:
    """All that friends bought since they accepted, after refunds, in the store's own currency."""
    total = 0
    claimed = dict(rows.filter(friend__isnull=False).values_list("friend_id", "claimed_at"))
    bought = Order.objects.of(store).filter(customer_id__in=claimed, cancelled_at=None, currency=store.currency)
    for customer_id, placed_at, paid, back in bought.values_list(
        "customer_id", "placed_at", "total_minor", "refunded_minor"
    ):
        if placed_at >= claimed[customer_id]:
            total += max(0, paid - back)
    return total


def _refused(rows: StoreQuerySet[Referral]) -> dict[str, int]:
    """How many were refused or held for which reason, the most frequent first."""
    found: dict[str, int] = defaultdict(int)
    for doubts, by in rows.filter(state__in=(State.REFUSED, State.HELD)).values_list("doubts", "decided_by"):
        found["by_hand" if by or not doubts else doubts[0]["reason"]] += 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))
