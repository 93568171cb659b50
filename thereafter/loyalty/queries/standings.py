"""Where a member stands: who they are, what they have, what they can take. For machines and for people at a till."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.kit.money import Money
from thereafter.loyalty.models import Account, Lot, Member, Redemption, Reward
from thereafter.loyalty.queries.programmes import Version, programme_now
from thereafter.loyalty.queries.rewards import in_order, taken_counts, terms_of
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.programme import Tier
from thereafter.stores.models import Store, StoreQuerySet

# What points are for that took something off a price, without a reward.
CHECKOUT = "checkout"


@dataclass(frozen=True)
class Ending:
    """So many points run out then."""

    points: int
    at: datetime


@dataclass(frozen=True)
class Offer:
    """A reward as a member sees it: how many points it takes, and why it cannot be taken now ("" when it can)."""

    reward: Reward
    choice: rules.Choice
    why_not: str = ""
    missing: int = 0

    @property
    def worth(self) -> Money | None:
        """In money, for as many points as the member may give."""
        return worth_of(self.reward, max(self.choice.most, self.choice.least))


@dataclass(frozen=True)
class Standing:
    member: Member
    account: Account
    version: Version
    tier: Tier | None
    ending: Ending | None

    @property
    def perks(self) -> dict[str, Any]:
        return self.tier.benefits.model_dump(mode="json", exclude_defaults=True) if self.tier else {}


def find_member(store: Store, *, card: str = "", referral_code: str = "") -> Member | None:
    """By what stands on a card or in an invitation, whatever the case; who left is not found."""
    given = (card or referral_code).strip()
    if not given or not given.isprintable():
        return None
    # As written or all in one case, so that the index finds it.
    spelled = {given, given.upper(), given.lower()}
    named = Q(card_code__in=spelled) if card else Q(referral_code__in=spelled)
    return members(store).filter(named).first()


def member_of(customer: Customer | None) -> Member | None:
    return members(customer.store).filter(customer=customer).first() if customer else None


def members(store: Store) -> StoreQuerySet[Member]:
    return Member.objects.of(store).filter(left_at=None).select_related("customer__store")


def find_by_any(store: Store, text: str) -> list[Member]:
    """What somebody at a till scanned or typed: a card (also as the address in its code), an e-mail address, a phone
    number, a code of an invitation, a part of a name. Several only for names."""
    given = text.strip()[:200]
    if not given.isprintable() or not given:
        return []
    last = given.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    bare = last.replace(" ", "")
    found = find_member(store, card=last) or find_member(store, card=bare) or find_member(store, referral_code=bare)
    found = found or member_of(find_customer(store, email=given if "@" in given else "", phone=given))
    return [found] if found else _named(store, given)


def _named(store: Store, text: str) -> list[Member]:
    least = 3
    if len(text) < least or "@" in text:
        return []
    return list(members(store).filter(customer__name__icontains=text).order_by("customer__name", "pk")[:8])


def standing(member: Member, now: datetime) -> Standing:
    version = programme_now(member.store_id)
    account = Account.objects.of(member.store_id).filter(customer=member.customer_id, kind="points").first()
    account = account or Account(store_id=member.store_id, customer_id=member.customer_id, opened_at=now)
    return Standing(member, account, version, version.programme.tier_of(member.tier), _ending(account, now))


def _ending(account: Account, now: datetime) -> Ending | None:
    """The points that run out next, and when."""
    if account.pk is None:
        return None
    left = Lot.objects.of(account.store_id).filter(account=account, remaining__gt=0, is_active=True, expires_at__gt=now)
    first = left.values("expires_at").annotate(points=Sum("remaining")).order_by("expires_at").first()
    lots = Ending(first["points"], first["expires_at"]) if first else None
    if account.expires_at and account.available and (lots is None or account.expires_at <= lots.at):
        return Ending(account.available, account.expires_at)
    return lots


def offers(one: Standing, now: datetime) -> list[Offer]:
    """The rewards a member sees, with what stands in the way of those they cannot take now."""
    rows = in_order(one.member.store_id).filter(is_shown=True)
    shown = [reward for reward in rows if reward.is_offered(now)]
    taken = taken_counts(one.account.pk, one.member.store_id) if one.account.pk else {}
    return [offer(one, reward, taken.get(reward.pk, 0), now) for reward in shown]


def offer(one: Standing, reward: Reward, taken: int, now: datetime) -> Offer:
    choice = rules.choice(terms_of(reward), one.account.available)
    why = ""
    if reward.tiers and one.member.tier not in reward.tiers:
        why = "wrong_tier"
    elif reward.kind == rules.SEAT and rules.is_over(reward.details, now):
        why = "not_offered"
    elif reward.stock == 0:
        why = "out_of_stock"
    elif reward.per_member is not None and taken >= reward.per_member:
        why = "limit_reached"
    elif not choice.is_open:
        why = "insufficient_points"
    return Offer(reward, choice, why, max(0, reward.cost - one.account.available))


def worth_of(reward: Reward, points: int) -> Money | None:
    """What so many points of a reward are in money; None where it is not money off or credit."""
    if reward.kind not in (rules.AMOUNT, rules.CREDIT):
        return None
    return money_of(reward, rules.worth(terms_of(reward), points))


def money_of(reward: Reward, minor: int) -> Money:
    return Money(minor, reward.currency or reward.store.currency)


def paid_by(redemption: Redemption) -> Money | None:
    """What a redemption takes off a price, or gives as credit; None where it is not money."""
    said = redemption.said
    if said.get("kind") not in (CHECKOUT, rules.AMOUNT, rules.CREDIT) or not said.get("currency"):
        return None
    return Money(int(said["value"]), str(said["currency"]))


def paying_reward(store: Store | int, tier: str, now: datetime) -> Reward | None:
    """The reward by which points pay at a checkout: money off in steps, the first one of the list for this tier."""
    rows = in_order(store).filter(kind=Reward.Kind.AMOUNT, is_stepped=True)
    open_to = [reward for reward in rows if reward.is_offered(now) and (not reward.tiers or tier in reward.tiers)]
    return next(iter(open_to), None)
