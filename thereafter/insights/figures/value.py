"""What customers are worth: recency, frequency and money, and how much comes from few."""

from collections import Counter
from dataclasses import dataclass

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import ENOUGH, Figure, cut, histogram, too_few
from thereafter.insights.figures.view import View
from thereafter.insights.metrics import repeat
from thereafter.insights.metrics import value as metrics
from thereafter.insights.rules import rfm
from thereafter.insights.rules.concentration import concentration

RFM = (
    "All who ever ordered, up to the last day. Each gets three scores from 1 to {levels}: how few days since the last "
    "order, how many orders, how much spent less refunds. Scores are cut so that about as many customers lie in each; "
    "who is alike shares a score, so some scores may stay empty. Recency from top to bottom and the mean of the other "
    "two make the six groups. Who moved is compared with the day before this period, by the same cut points."
)
PARETO = (
    "Customers who ever ordered, who spent most first; spent is revenue less refunds, up to the last day. The Gini "
    "coefficient is 0 when all spend alike and near 1 when one spends all. Within steps of one unit of the currency "
    "customers count as alike."
)


@dataclass(frozen=True)
class RfmGroup:
    """Shares are of all customers and of all money, of 1; None of nothing."""

    key: str
    name: str
    meaning: str
    advice: str
    customers: int
    share: float | None
    net_minor: int
    net_share: float | None
    orders: int


@dataclass(frozen=True)
class GridCell:
    """Of one recency and one frequency score, whatever was spent; `group` is where most of them belong."""

    customers: int
    net_minor: int
    group: str


@dataclass(frozen=True)
class Cuts:
    """Rising; days, orders, minor units. As many as scores less one."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    money: tuple[int, ...]


@dataclass(frozen=True)
class Move:
    """Customers by the keys of their groups before the period and at its end."""

    before: str
    now: str
    customers: int


@dataclass(frozen=True, kw_only=True)
class RfmMap(Figure):
    """`grid` by (recency score, frequency score)."""

    groups: list[RfmGroup]
    grid: dict[tuple[int, int], GridCell]
    cuts: Cuts
    levels: int
    moves: list[Move]


def rfm_map(view: View, levels: int = 5) -> RfmMap:
    """Unit: customers. `levels` are 3 or 5."""
    view = cut(view)
    found = cuts_of(view, levels)
    points = (found.recency, found.frequency, found.money)
    cells = ask(view, metrics.cells(view.scope, *points))
    n = sum(row["customers"] for row in cells)
    return RfmMap(
        n=n,
        thin=too_few(n, "customers"),
        definition=RFM.format(levels=levels),
        groups=_groups(cells, levels),
        grid=_grid(cells, levels),
        cuts=found,
        levels=levels,
        moves=_moves(ask(view, metrics.moves(view.scope, *points)), levels),
    )


def cuts_of(view: View, levels: int) -> Cuts:
    """Where the scores of this view's customers are cut, for the map and for traits."""
    scope = view.scope
    recencies = histogram(ask(view, metrics.recencies(scope)), "recency", "customers")
    frequencies = histogram(ask(view, repeat.frequencies(scope)), "orders", "customers")
    money = histogram(ask(view, metrics.spending(scope)), "spent", "customers")
    return Cuts(rfm.cuts(recencies, levels), rfm.cuts(frequencies, levels), rfm.cuts(money, levels))


def _groups(cells: list[Row], levels: int) -> list[RfmGroup]:
    sums: Counter[tuple[str, str]] = Counter()
    for row in cells:
        key = rfm.group(row["r"], row["f"], row["m"], levels)
        for column in ("customers", "net_minor", "orders"):
            sums[key, column] += row[column]
    everybody, money = (sum(row[column] for row in cells) for column in ("customers", "net_minor"))
    return [
        RfmGroup(
            group.key,
            group.name,
            group.meaning,
            group.advice,
            sums[group.key, "customers"],
            sums[group.key, "customers"] / everybody if everybody else None,
            sums[group.key, "net_minor"],
            sums[group.key, "net_minor"] / money if money else None,
            sums[group.key, "orders"],
        )
        for group in rfm.GROUPS
    ]


def _grid(cells: list[Row], levels: int) -> dict[tuple[int, int], GridCell]:
    """Every place of the grid, also the empty ones."""
    found = {}
    for r in range(1, levels + 1):
        for f in range(1, levels + 1):
            here = [row for row in cells if (row["r"], row["f"]) == (r, f)]
            belong: Counter[str] = Counter()
            for row in here:
                belong[rfm.group(r, f, row["m"], levels)] += row["customers"]
            group = belong.most_common(1)[0][0] if belong else rfm.group(r, f, f, levels)
            found[r, f] = GridCell(sum(row["customers"] for row in here), sum(row["net_minor"] for row in here), group)
    return found


def _moves(rows: list[Row], levels: int) -> list[Move]:
    moved: Counter[tuple[str, str]] = Counter()
    for row in rows:
        was = rfm.group(row["r_before"], row["f_before"], row["m_before"], levels)
        moved[was, rfm.group(row["r"], row["f"], row["m"], levels)] += row["customers"]
    return [Move(was, now, customers) for (was, now), customers in moved.most_common()]


@dataclass(frozen=True, kw_only=True)
class Pareto(Figure):
    """`top_fifth`: share of the money of the fifth that spends most; `eighty`: share of customers who make 80 % of it;
    `curve`: (share of customers, share of money), who spends most first."""

    customers: int
    net_minor: int
    top_fifth: float | None
    eighty: float | None
    gini: float | None
    curve: list[tuple[float, float]]


def pareto(view: View) -> Pareto:
    """Unit: shares, of 1."""
    view = cut(view)
    rows = ask(view, metrics.spending(view.scope))
    found = concentration((row["customers"], row["net_minor"]) for row in rows)
    is_enough = found.customers >= ENOUGH
    return Pareto(
        n=found.customers,
        thin=too_few(found.customers, "customers"),
        definition=PARETO,
        customers=found.customers,
        net_minor=found.net_minor,
        top_fifth=found.top_fifth if is_enough else None,
        eighty=found.eighty if is_enough else None,
        gini=found.gini if is_enough else None,
        curve=found.curve if is_enough else [],
    )
