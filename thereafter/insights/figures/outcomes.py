"""Customers by what happened after their first order: what made them come back, or not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import ENOUGH, Figure, cut, too_few
from thereafter.insights.figures.view import View
from thereafter.insights.metrics import outcomes as metrics
from thereafter.insights.rules.intervals import Estimate, difference
from thereafter.kit.shares import Share, share

COUNTED = (
    "Customers whose {days} days after the first order ended in this period, by what happened on that order within "
    "these days: delivered late (at least one parcel after the promised day), sent back, claimed (defect, damage, "
    "loss, warranty), answered to a survey with a low or a high score (CSAT 1-2 and 4-5, NPS 0-6 and 9-10, CES 1-3 and "
    "5-7), a contact with you (ticket, problem reported, follow-up opened by hand). Bought again: another net order in "
    "these days; money is of these later orders, less refunds. A first order that was wholly sent back counts as one."
)
CAUTION = (
    "This shows what goes together, not what causes what: who orders the large and slow goods differs from others, and "
    "some second orders were placed before the parcel of the first was late."
)
LOWER, HIGHER, SAME, FEW = (
    "They come back less often.",
    "They come back more often.",
    "No difference beyond chance.",
    "Too few to compare.",
)


@dataclass(frozen=True)
class OutcomeGroup:
    """Customers to whom it happened alike. `again` is None for fewer than 20."""

    key: str
    name: str
    customers: int
    again: Share | None
    later_orders: int
    later_net_minor: int

    @property
    def net_each_minor(self) -> float | None:
        return self.later_net_minor / self.customers if self.customers else None


@dataclass(frozen=True)
class Cut:
    """`difference` is of the shares who bought again: the first group less the second."""

    key: str
    name: str
    groups: list[OutcomeGroup]
    difference: Estimate | None
    difference_words: str


@dataclass(frozen=True, kw_only=True)
class Outcomes(Figure):
    customers: int
    again: Share | None
    cuts: list[Cut]
    within_days: int
    caution: str


@dataclass(frozen=True)
class _Group:
    key: str
    name: str
    holds: Callable[[Row], bool]


def _is(column: str, value: int) -> Callable[[Row], bool]:
    return lambda row: bool(row[column] == value)


# What is compared first: the harm with its absence.
_CUTS = (
    (
        "delivery",
        "The promise",
        (
            _Group("late", "Late", _is("delivery", 1)),
            _Group("on_time", "On time", _is("delivery", 0)),
            _Group("unknown", "No promise, or not delivered", _is("delivery", -1)),
        ),
    ),
    (
        "returned",
        "Sent back",
        (_Group("returned", "Sent back", _is("returned", 1)), _Group("kept", "Kept", _is("returned", 0))),
    ),
    (
        "claimed",
        "Claims",
        (_Group("claimed", "Claimed", _is("claimed", 1)), _Group("sound", "No claim", _is("claimed", 0))),
    ),
    (
        "score",
        "What they said",
        (
            _Group("low", "Low score", _is("score", 0)),
            _Group("high", "High score", _is("score", 2)),
            _Group("middle", "In between", _is("score", 1)),
            _Group("none", "Said nothing", _is("score", -1)),
        ),
    ),
    (
        "contacted",
        "Contact with you",
        (_Group("contacted", "Needed help", _is("contacted", 1)), _Group("quiet", "Did not", _is("contacted", 0))),
    ),
)


def outcomes(view: View, within_days: int = 90) -> Outcomes:
    """Unit: share of customers, minor units per customer."""
    view = cut(view)
    rows = ask(view, metrics.after_first_order(view.scope, within_days))
    everybody = _group(_Group("all", "All", lambda row: True), rows)
    return Outcomes(
        n=everybody.customers,
        thin=too_few(everybody.customers, f"customers whose {within_days} days ended in this period"),
        definition=COUNTED.format(days=within_days),
        customers=everybody.customers,
        again=everybody.again,
        cuts=[_cut(key, name, groups, rows) for key, name, groups in _CUTS],
        within_days=within_days,
        caution=CAUTION,
    )


def _cut(key: str, name: str, groups: Sequence[_Group], rows: Sequence[Row]) -> Cut:
    counted = [_group(group, rows) for group in groups]
    gap = difference(counted[0].again, counted[1].again)
    return Cut(key, name, counted, gap, _words(gap))


def _group(group: _Group, rows: Sequence[Row]) -> OutcomeGroup:
    mine = [row for row in rows if group.holds(row)]
    customers, again, later, net = (
        sum(row[name] for row in mine) for name in ("customers", "again", "later_orders", "later_net_minor")
    )
    return OutcomeGroup(group.key, group.name, customers, share(again, customers, ENOUGH), later, net)


def _words(gap: Estimate | None) -> str:
    if gap is None:
        return FEW
    if not gap.is_sure_of_its_sign:
        return SAME
    return HIGHER if gap.value > 0 else LOWER
