"""What becomes of members, tiers, rewards and referrals. Amounts of money are minor units."""

from dataclasses import dataclass
from datetime import date

from thereafter.events.base import Event, ShopperEvent


@dataclass(frozen=True, kw_only=True)
class MemberJoined(ShopperEvent, name="loyalty.joined"):
    """The customer takes part in the programme from now on."""

    member_id: int
    source: str


@dataclass(frozen=True, kw_only=True)
class MemberLeft(ShopperEvent, name="loyalty.left"):
    """The customer does not want to take part any more."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class TierReached(ShopperEvent, name="tier.reached"):
    """A member rose. `tier` is the key, `tier_name` what members read."""

    member_id: int
    tier: str
    tier_name: str
    was: str = ""


@dataclass(frozen=True, kw_only=True)
class TierLost(ShopperEvent, name="tier.lost"):
    """A member fell to `tier`, "" for none."""

    member_id: int
    tier: str
    tier_name: str
    was: str


@dataclass(frozen=True, kw_only=True)
class TierEndsSoon(ShopperEvent, name="tier.ends_soon"):
    """The member will lose the tier on that day unless `missing` more is reached: minor units of money, or points."""

    member_id: int
    tier: str
    tier_name: str
    on: date
    missing: int
    metric: str


@dataclass(frozen=True, kw_only=True)
class RewardTaken(ShopperEvent, name="reward.taken"):
    """A member took a reward. Other rooms hand over what is theirs by `kind`: store credit, a seat, a product."""

    redemption_id: int
    reward_id: int
    kind: str
    reward: str
    points: int
    value_minor: int = 0
    currency: str = ""
    products: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class RewardHandedOver(ShopperEvent, name="reward.handed_over"):
    """A gift was sent, a seat confirmed, a donation made."""

    redemption_id: int
    kind: str
    reward: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RewardCancelled(ShopperEvent, name="reward.cancelled"):
    """A reward was taken back and its points are in their lots again."""

    redemption_id: int
    kind: str
    reward: str
    points: int


@dataclass(frozen=True, kw_only=True)
class MilestoneReached(ShopperEvent, name="loyalty.milestone_reached"):
    """A birthday, an anniversary with the shop, the tenth order. `key` is birthday:2026, anniversary:3, orders:10.

    `kind` and `number` say the same apart: birthday, anniversary or orders, and which year, years or orders.
    """

    member_id: int
    key: str
    points: int = 0
    kind: str = ""
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class ReferralClaimed(ShopperEvent, name="referral.claimed"):
    """A friend accepted an invitation; the event stands on the friend's timeline."""

    referral_id: int
    advocate_id: int


@dataclass(frozen=True, kw_only=True)
class ReferralHeld(ShopperEvent, name="referral.held"):
    """Something speaks against an invitation; a person looks at it. On the advocate's timeline."""

    referral_id: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReferralQualified(ShopperEvent, name="referral.qualified"):
    """The friend bought; the advocate's reward waits until the order cannot come back. On the advocate's timeline."""

    referral_id: int
    points: int
    active_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralRewarded(ShopperEvent, name="referral.rewarded"):
    """The advocate's reward can be used."""

    referral_id: int
    points: int


@dataclass(frozen=True, kw_only=True)
class ReferralUndone(ShopperEvent, name="referral.undone"):
    """The friend's order came back, and with it the reward."""

    referral_id: int


@dataclass(frozen=True, kw_only=True)
class ProgrammePublished(Event, name="loyalty.programme_published"):
    """A new version of the rules is in force."""

    version: int
