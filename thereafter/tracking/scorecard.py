"""How well each carrier did, from the store's own parcels: four reads, whatever their number."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, FloatField, Func, Max, Min, Q, QuerySet, Value, When

from thereafter.stores.models import Store
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scorecard import Course, Tally, tally

# No order is promised for later than this; it lets the database begin at the newest orders.
LONGEST_PROMISE = timedelta(days=400)
LOST, DAMAGED = "carrier_lost", "carrier_damaged"
HOURS = 24
AT_ONCE = 5_000
_ON_THE_WAY_BACK = frozenset((states.RETURNING, states.RETURNED))


@dataclass(frozen=True)
class Window:
    """Days of the store, both included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def before(self) -> "Window":
        """As many days, just before."""
        return Window(self.first - timedelta(days=len(self)), self.first - timedelta(days=1))


class Moment(Func):
    """A time as days since a fixed one: reading a number costs a fraction of reading a time."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="julianday(%(expressions)s)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM %(expressions)s)::float8 / 86400)"
        return self.as_sql(compiler, connection, template=template, **context)


class UnderWay(NamedTuple):
    """How many parcels of a kind are on their way now, and of how many the promised day is over."""

    carrier: str
    service: str
    country: str
    parcels: int
    overdue: int


@dataclass(frozen=True)
class Row:
    """A carrier, a service or a country: what became of what was due, the same for the days before, and what is on its
    way now."""

    key: str
    now: Tally
    before: Tally
    under_way: int
    overdue: int


class _Said(NamedTuple):
    """What the scans of a parcel tell, all together."""

    moved: float | None = None
    scans: int = 0
    exception: int = 0
    attempted: int = 0
    lost: int = 0
    damaged: int = 0


def courses(store: Store, window: Window) -> list[Course]:
    """Every parcel that was due in these days; cancelled ones are left out."""
    due = _due(store, window)
    said = _said(store, due)
    rows = due.values_list(
        "pk", "carrier_key", "service", "destination", "promised_on", "delivered_on",
        Moment("ordered_at"), Moment("shipped_at"), Moment("delivered_at"), "status", "reason", "fulfilment_id",
    )  # fmt: skip
    return [_course(row, said.get(row[0], _Said())) for row in rows.iterator(AT_ONCE)]


def _due(store: Store, window: Window) -> QuerySet[Any]:
    earliest = datetime.combine(window.first, time(), UTC) - LONGEST_PROMISE
    due = Parcel.objects.of(store).filter(promised_on__range=(window.first, window.last), ordered_at__gte=earliest)
    rows: QuerySet[Any] = due.exclude(status=states.CANCELLED).order_by()
    return rows


def _said(store: Store, due: QuerySet[Any]) -> dict[int, _Said]:
    scans = Scan.objects.of(store).filter(parcel__in=due.values("pk"), ignored="").order_by()
    rows = scans.values("parcel_id").annotate(
        moved=Min(Moment("occurred_at"), filter=Q(status__in=sorted(states.HANDED_OVER))),
        scans=Count("pk"),
        exception=_ever(status=states.EXCEPTION),
        attempted=_ever(status=states.ATTEMPTED),
        lost=_ever(reason=LOST),
        damaged=_ever(reason=DAMAGED),
    )
    return {pk: _Said(*told) for pk, *told in rows.values_list("parcel_id", *_Said._fields).iterator(AT_ONCE)}


def _ever(**condition: str) -> Max:
    return Max(Case(When(**condition, then=Value(1)), default=Value(0)))


def _course(row: tuple[Any, ...], said: _Said) -> Course:
    _, carrier, service, destination, promised_on, delivered_on, ordered, shipped, delivered, status, reason, told = row
    # Without word of the shop the first scan is all we know of the hand-over, and no time passed between the two.
    silent = _passed(shipped, said.moved) if told else None
    return Course(
        carrier,
        service,
        destination[:2],
        promised_on,
        delivered_on if delivered else None,
        _passed(ordered, delivered),
        _passed(shipped, delivered),
        None if silent is None else silent * HOURS,
        said.scans,
        bool(said.exception) or status == states.EXCEPTION,
        bool(said.attempted),
        bool(said.lost) or reason == LOST,
        bool(said.damaged) or reason == DAMAGED,
        status in _ON_THE_WAY_BACK,
    )


def _passed(since: float | None, until: float | None) -> float | None:
    """In days. What was scanned before it was handed over was scanned at once: nobody's clock is exact."""
    return max(0.0, until - since) if since and until else None


def under_way(store: Store, today: date) -> list[UnderWay]:
    rows = Parcel.objects.of(store).on_the_way().order_by().values_list("carrier_key", "service", "destination")
    counted = rows.annotate(count=Count("pk"), overdue=Count("pk", filter=Q(promised_on__lt=today)))
    return [UnderWay(carrier, service, to[:2], count, overdue) for carrier, service, to, count, overdue in counted]


def names(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """A carrier is called as the shop writes it most often."""
    rows = Parcel.objects.of(store).filter(carrier_key__in=set(keys)).order_by()
    written = rows.values_list("carrier_key", "carrier").annotate(count=Count("pk"))
    best: dict[str, tuple[int, str]] = {}
    for key, name, count in written:
        best[key] = max(best.get(key, (0, "")), (count, name))
    return {key: carrier_name(name) for key, (_, name) in best.items()}


def rows(found: Iterable[Course], open_now: Iterable[UnderWay], window: Window, key: Callable[[Any], str]) -> list[Row]:
    """By `key` of a course (and of what is under way), most parcels first."""
    now: dict[str, list[Course]] = defaultdict(list)
    before: dict[str, list[Course]] = defaultdict(list)
    for course in found:
        (now if course.promised_on in window else before)[key(course)].append(course)
    waiting, overdue = Counter[str](), Counter[str]()
    for kind in open_now:
        waiting[key(kind)] += kind.parcels
        overdue[key(kind)] += kind.overdue
    made = [Row(each, tally(now[each]), tally(before[each]), waiting[each], overdue[each]) for each in {*now, *waiting}]
    return sorted(made, key=lambda row: (-row.now.parcels, -row.under_way, row.key))
