"""All of one member, as the console shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.loyalty.models import Account, Lot, Member, Milestone, Redemption, Referral, TierChange
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.tiers import metrics
from thereafter.loyalty.rules import tiers as rules
from thereafter.loyalty.rules.programme import MAIN, Tier
from thereafter.stores.models import Store

MOST = 20


@dataclass(frozen=True)
class Progress:
    """How far a member is: `metric` of what `next` asks for; hundredths of money, or points. No `next`: at the top."""

    tier: Tier | None
    next: Tier | None
    metric: int
    needed: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.metric)


def find(store: Store, customer_id: int) -> Member | None:
    rows = Member.objects.of(store).select_related("customer", "store")
    return rows.filter(customer_id=customer_id, customer__merged_into=None).first()


def accounts(customer: Customer) -> list[Account]:
    """The usual points first, then other kinds that the customer has."""
    rows = Account.objects.of(customer.store_id).filter(customer=customer).order_by("kind")
    return sorted(rows, key=lambda account: account.kind != MAIN)


def progress(member: Member, version: Version, now: datetime) -> Progress | None:
    """None where the programme has no tiers."""
    programme = version.programme
    if not programme.tiers:
        return None
    metric = metrics(member.store_id, [member.customer_id], version, now)[member.customer_id]
    above = programme.tiers[programme.rank(member.tier) + 1 :]
    following = above[0] if above else None
    needed = rules.entry(following, programme.tier) if following else 0
    return Progress(programme.tier_of(member.tier), following, metric, needed)


def lots_left(account: Account) -> Sequence[Lot]:
    """What is left, in the order in which it is spent: what ends first goes first."""
    rows = Lot.objects.of(account.store_id).filter(account=account, remaining__gt=0).select_related("entry__order")
    endless = list(rows.filter(expires_at=None).order_by("active_from", "pk")[:MOST])
    return [*rows.filter(expires_at__isnull=False).order_by("expires_at", "active_from", "pk")[:MOST], *endless]


def redemptions(account: Account) -> Sequence[Redemption]:
    rows = Redemption.objects.of(account.store_id).filter(account=account).select_related("order", "coupon")
    return list(rows.order_by("-made_at", "-pk")[:MOST])


def redemption(store: Store, customer: Customer, redemption_id: int) -> Redemption | None:
    rows = Redemption.objects.of(store).filter(account__customer=customer)
    return rows.select_related("account", "order").filter(pk=redemption_id).first()


def tier_changes(member: Member) -> Sequence[TierChange]:
    rows = TierChange.objects.of(member.store_id).filter(member=member)
    return list(rows.order_by("-at", "-pk")[:MOST])


def milestones(member: Member) -> Sequence[Milestone]:
    rows = Milestone.objects.of(member.store_id).filter(member=member).exclude(key__startswith="tier:")
    return list(rows.order_by("-at", "-pk")[:MOST])


def referrals(member: Member) -> tuple[Sequence[Referral], Referral | None]:
    """(friends they invited, the invitation by which they came)."""
    rows = Referral.objects.of(member.store_id).select_related("friend", "advocate__customer")
    invited = list(rows.filter(advocate=member).order_by("-claimed_at")[:MOST])
    states = (Referral.State.REFUSED, Referral.State.LAPSED)
    by = rows.filter(Q(friend=member.customer_id)).exclude(state__in=states).order_by("claimed_at").first()
    return invited, by
