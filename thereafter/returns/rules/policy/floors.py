"""What the law guarantees for one item of a return: the floor that a policy can only improve on. Plain Python."""

from dataclasses import dataclass
from datetime import date, timedelta

from thereafter.returns.rules.legal import guarantees, withdrawals
from thereafter.returns.rules.legal.guarantees import Conformity
from thereafter.returns.rules.legal.law import Guarantee, Law, Regime
from thereafter.returns.rules.legal.legal_days import add_months
from thereafter.returns.rules.legal.withdrawals import Costs, Purchase, Withdrawal, withdrawal
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.reasons import Reason

# Where nobody tells of the delivery we count from later than most parcels come, lest a right ends too early.
LATE_BUFFER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Floor:
    """`withdrawal` None: no such right for who asks. `undelivered`: the article by which what never came is paid back
    or sent again, "" where that is not the matter."""

    regime: Regime | None
    withdrawal: Withdrawal | None
    costs: Costs | None
    conformity: Conformity | None
    undelivered: str = ""
    undelivered_until: date | None = None

    @property
    def withdraws(self) -> bool:
        return self.withdrawal is not None and self.withdrawal.right


NO_FLOOR = Floor(None, None, None, None)


def floor(snapshot: Snapshot, law: Law, line: Line, asked: Asked, reason: Reason, today: date) -> Floor:
    """The floor under one item; none for a business. Who got a gift has the guarantee, not the right to withdraw."""
    order = snapshot.order
    if order.is_business:
        return NO_FLOOR
    placed_on = order.placed_at.date()
    regime = law.regime(order.country, placed_on)
    covered = _conformity(snapshot, law, line, reason, today)
    undelivered, undelivered_until = _undelivered(snapshot, law, line, reason)
    if undelivered_until and today > undelivered_until:
        undelivered = ""
    if snapshot.is_gift or regime is None:
        return Floor(regime, None, None, covered, undelivered, undelivered_until)
    right = withdrawal(purchase(snapshot, line, asked), today, law)
    costs = withdrawals.costs(regime, informed=order.informed, told_of_postage=order.told_of_postage)
    return Floor(regime, right, costs, covered, undelivered, undelivered_until)


def purchase(snapshot: Snapshot, line: Line, asked: Asked) -> Purchase:
    """The item as the law asks about it: its days count from when the last of the order came."""
    order = snapshot.order
    return Purchase(
        country=order.country,
        region=order.region,
        placed_on=order.placed_at.date(),
        received_on=snapshot.received_on(LATE_BUFFER_DAYS),
        informed=order.informed,
        flags=line.flags,
        unsealed=asked.unsealed,
    )


def _undelivered(snapshot: Snapshot, law: Law, line: Line, reason: Reason) -> tuple[str, date | None]:
    """The article about what never came, and until when: without end where nobody says that it did, else for as long as
    the guarantee lasts, because a parcel that a carrier calls delivered may still be missing or incomplete."""
    order = snapshot.order
    regime, rule = (find(order.country, order.placed_at.date()) for find in (law.regime, law.guarantee_of))
    if reason.arrives or not isinstance(regime, Regime):
        return "", None
    if line.delivered_on is None or not isinstance(rule, Guarantee):
        return regime.articles["undelivered"], None
    return regime.articles["undelivered"], add_months(line.delivered_on, rule.months)


def _conformity(snapshot: Snapshot, law: Law, line: Line, reason: Reason, today: date) -> Conformity | None:
    if not reason.conformity:
        return None
    arrived = line.delivered_on
    if arrived is None and line.fulfilled_on:
        arrived = line.fulfilled_on + timedelta(days=LATE_BUFFER_DAYS)
    if arrived is None:
        return None
    order = snapshot.order
    found = guarantees.conformity(order.country, order.placed_at.date(), arrived, repaired_on=line.repaired_on, law=law)
    return found if found and found.covers(today) else None
