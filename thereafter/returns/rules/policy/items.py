"""One item of a return with everything that a decision about it looks at. Plain Python."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from thereafter.returns.rules.policy.floors import Floor
from thereafter.returns.rules.policy.policies import Policy
from thereafter.returns.rules.policy.settled import Settled
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.policy.windows import Span
from thereafter.returns.rules.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`span` is the window for a change of mind, `claims` that for problems; `is_whole`: with this return nothing of
    the order is left with the shopper."""

    policy: Policy
    snapshot: Snapshot
    line: Line
    asked: Asked
    reason: Reason
    settled: Settled
    span: Span
    claims: Span
    floor: Floor
    today: date
    is_whole: bool
    # Of this line in the whole return, which may name it several times with different reasons.
    units: int

    @property
    def is_claim(self) -> bool:
        """Something was wrong, rather than that somebody changed their mind."""
        return self.reason.basis != "voluntary"

    @property
    def is_here(self) -> bool:
        """It was sent, so that there is something that can come back."""
        return bool(self.line.delivered_on or self.line.fulfilled_on)

    @property
    def is_unsure(self) -> bool:
        """By law a defect is no longer presumed to have been there from the start: somebody has to look."""
        covered = self.floor.conformity
        return bool(covered and not covered.is_presumed(self.today))

    def likeness(self) -> tuple[Any, ...]:
        """Items of one return with the same likeness are offered the same."""
        line = self.line
        stock = line.other_variants == 0, line.in_stock, line.repairable, line.warranty_until, self.is_here
        units = line.left, line.cancelled >= line.quantity, self.units, self.asked.quantity
        return id(self.settled), id(self.floor), self.reason.key, self.span, self.claims, *stock, *units

    @property
    def is_refused(self) -> bool:
        """The shop does not take it back of its own will."""
        settled = self.settled
        return any(settled.value((name,)) for name in ("reject", "final_sale", "hide"))
