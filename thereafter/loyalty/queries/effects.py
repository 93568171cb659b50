"""Members with rewards beside those who were drawn to go without, as counts for `rules.effect`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, FloatField, OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from thereafter.commerce.models import Order
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.programmes import Versions, versions
from thereafter.loyalty.rules.effect import WINDOW_DAYS, Arm
from thereafter.stores.models import Store, StoreQuerySet

WINDOW = timedelta(days=WINDOW_DAYS)
NOBODY = Arm()


@dataclass(frozen=True)
class Trial:
    """Members who joined while the holdout was as it is now and whose days are over.

    `percent` 0: nobody is held out, and both arms are empty. `waiting` joined too short a while ago to count.
    """

    percent: int
    since: datetime | None = None
    rewarded: Arm = NOBODY
    held: Arm = NOBODY
    waiting: int = 0


def trial(store: Store, now: datetime) -> Trial:
    """Only the newest stretch with one and the same share: where the share changed on the way, the two sides would
    stand for different times. Who came with an import was not drawn and is on neither side."""
    percent, since = _stretch(versions(store.pk))
    if not percent or since is None:
        return Trial(0)
    drawn = Member.objects.of(store).filter(joined_at__gte=since).exclude(source=Member.Source.IMPORT)
    over = drawn.filter(joined_at__lte=now - WINDOW)
    return Trial(
        percent=percent,
        since=since,
        rewarded=_arm(store, over.filter(is_held_out=False)),
        held=_arm(store, over.filter(is_held_out=True)),
        waiting=drawn.filter(joined_at__gt=now - WINDOW).count(),
    )


def _stretch(known: Versions) -> tuple[int, datetime | None]:
    """The share that is held out now, and since when it is that."""
    percent, since = known.newest.programme.holdout_percent, None
    for version in reversed(known.listed):
        if version.programme.holdout_percent != percent:
            break
        since = version.from_at
    return percent, since


def _arm(store: Store, members: StoreQuerySet[Member]) -> Arm:
    """Everybody counts on the side they were drawn for, also who left the programme since."""
    sums = members.annotate(spent=_spent(store)).aggregate(
        people=Count("pk"),
        again=Count("spent"),
        money=Sum("spent"),
        # As floats: squares of large amounts are more than an integer of a database holds.
        squares=Sum(Cast("spent", FloatField()) * Cast("spent", FloatField())),
    )
    return Arm(sums["people"], sums["again"], sums["money"] or 0, sums["squares"] or 0.0)


def _spent(store: Store) -> Subquery:
    """What a member bought after joining and within the window, in the shop's own money; None: nothing.

    The order by which somebody joined is not after it.
    """
    ends: Combinable = OuterRef("joined_at") + WINDOW
    orders = (
        Order.objects.of(store)
        .filter(customer=OuterRef("customer"), placed_at__gt=OuterRef("joined_at"), placed_at__lte=ends)
        .filter(currency=store.currency)
        .exclude(status=Order.Status.CANCELLED)
    )
    net = Sum(F("total_minor") - F("refunded_minor"))
    return Subquery(orders.order_by().values("customer").annotate(net=net).values("net"))
