"""When a prediction is worth showing: the four conditions that Klaviyo's users know, each with what is missing."""

from dataclasses import dataclass

BUYERS, DAYS, IDLE_DAYS, ORDERS = 500, 180, 30, 3


@dataclass(frozen=True)
class Standing:
    """What a shop has: customers with an order, days from the first order to today, days since the last one, and how
    many customers have three orders or more."""

    buyers: int
    days: int
    idle_days: int | None
    loyal: int


@dataclass(frozen=True)
class Gate:
    """`wanted` is the condition; `said` is how the shop stands to it."""

    wanted: str
    said: str
    holds: bool


def gates(standing: Standing) -> tuple[Gate, ...]:
    idle = standing.idle_days
    return (
        Gate(f"At least {BUYERS} buyers", f"{standing.buyers:,} so far", standing.buyers >= BUYERS),
        Gate(f"At least {DAYS} days of orders", f"{standing.days:,} so far", standing.days >= DAYS),
        Gate(
            f"An order in the last {IDLE_DAYS} days",
            "none yet" if idle is None else _ago(idle),
            idle is not None and idle <= IDLE_DAYS,
        ),
        Gate(
            f"Some customers with {ORDERS} or more orders",
            f"{standing.loyal:,} so far" if standing.loyal else "nobody yet",
            standing.loyal > 0,
        ),
    )


def _ago(days: int) -> str:
    return {0: "the last one came today", 1: "the last one came yesterday"}.get(days, f"the last was {days:,} days ago")


def missing(standing: Standing) -> tuple[Gate, ...]:
    return tuple(gate for gate in gates(standing) if not gate.holds)
