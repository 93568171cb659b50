from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class JourneyStarted(ShopperEvent, name="journey.started"):
    """A customer entered a journey."""

    run_id: int
    journey: str


@dataclass(frozen=True, kw_only=True)
class JourneyEnded(ShopperEvent, name="journey.ended"):
    """A customer left a journey: it was finished, or stopped for a reason."""

    run_id: int
    journey: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class JourneyGoalReached(ShopperEvent, name="journey.goal_reached"):
    """What the journey is for happened within its window; `amount_minor` in the shop's currency when money came in."""

    run_id: int
    journey: str
    held_out: bool = False
    amount_minor: int = 0
