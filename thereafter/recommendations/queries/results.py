"""What recommendations brought: shown, followed, bought, and those shown something against those held out."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from thereafter.commerce.models import Order
from thereafter.journeys.rules.proof import Arm, Proof, Trial, prove
from thereafter.recommendations.models import BackTest, Bought, Click, Exposure, Showing, Tally
from thereafter.recommendations.queries.histories import returned
from thereafter.recommendations.rules.showing import SLOTS
from thereafter.stores.models import Store

CLICK_WINDOW, SEEN_WINDOW = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SlotResult:
    """One slot in a stretch of time. `bought` are products bought within 30 days of being shown, `after_click` those
    within 7 days of a click; amounts in minor units of the shop's currency. What was cancelled or came back is left
    out."""

    slot: str
    shown: int = 0
    clicked: int = 0
    bought: int = 0
    after_click: int = 0
    amount_minor: int = 0

    @property
    def click_rate(self) -> float | None:
        return self.clicked / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class Results:
    slots: tuple[SlotResult, ...]
    # By template of message, in the order of how often they showed something.
    templates: tuple[tuple[str, int], ...]

    @property
    def whole(self) -> SlotResult:
        names = ("shown", "clicked", "bought", "after_click", "amount_minor")
        return SlotResult("", **{name: sum(getattr(one, name) for one in self.slots) for name in names})


def results(store: Store, *, since: datetime, until: datetime) -> Results:
    """Of each slot in which anything happened. Visitors of the shop's own pages count by looks, customers by page and
    day or by message."""
    found = {slot: SlotResult(slot) for slot in SLOTS}
    span = {"at__gte": since, "at__lt": until}

    def add(rows: Any, **names: str) -> None:
        for row in rows:
            one = found[row["slot"]]
            more = {name: getattr(one, name) + (row[column] or 0) for name, column in names.items()}
            found[row["slot"]] = replace(one, **more)

    showings = Showing.objects.of(store).filter(**span)
    add(showings.order_by().values("slot").annotate(count=Count("pk")), shown="count")
    clicks = Click.objects.of(store).filter(**span)
    add(clicks.order_by().values("slot").annotate(count=Count("pk")), clicked="count")
    visits = Tally.objects.of(store).filter(on__gte=since.date(), on__lt=until.date() + timedelta(days=1))
    sums = visits.order_by().values("slot").annotate(seen=Sum("shown"), followed=Sum("clicked"))
    add(sums, shown="seen", clicked="followed")
    soon = Q(clicked_at__gte=F("at") - CLICK_WINDOW)
    sold = Bought.objects.of(store).filter(**span).exclude(order__status=Order.Status.CANCELLED)
    sold = sold.exclude(pk__in=_came_back(sold))
    counted = sold.order_by().values("slot").annotate(count=Count("pk"), soon=Count("pk", filter=soon))
    add(counted, bought="count", after_click="soon")
    own = sold.filter(currency=store.currency).order_by().values("slot").annotate(amount=Sum("amount_minor"))
    add(own, amount_minor="amount")
    mails = (
        showings.exclude(place="")
        .order_by()
        .values_list("place")
        .annotate(count=Count("pk"))
        .order_by("-count", "place")
    )
    return Results(tuple(one for one in found.values() if one.shown or one.clicked or one.bought), tuple(mails))


def _came_back(sold: QuerySet[Bought]) -> list[int]:
    """Of these those whose money was paid back: by their own lines, or all of the order."""
    of_order: dict[int, dict[int, int]] = defaultdict(dict)
    refunded = sold.filter(order__refunded_minor__gt=0)
    whole = set(refunded.filter(order__refunded_minor__gte=F("order__total_minor")).values_list("pk", flat=True))
    for pk, order_id, product_id in refunded.values_list("pk", "order_id", "product_id"):
        of_order[order_id][product_id] = pk
    back = returned(of_order)
    return sorted(whole | {of_order[order][product] for order, product in back if product in of_order[order]})


def proof(store: Store, now: datetime) -> Proof:
    """Orders within 30 days of the first moment at which there was something to show, by side; whoever was drawn
    counts, whatever they then looked at. Each share of held out is compared within itself."""
    over = Exposure.objects.of(store).filter(at__lte=now - SEEN_WINDOW).order_by()
    people = {
        (holdout, is_held): count
        for holdout, is_held, count in over.values_list("holdout", "is_held").annotate(count=Count("pk"))
    }
    bought = over.filter(
        Q(customer__orders__placed_at__gt=F("at")),
        Q(customer__orders__placed_at__lte=F("at") + SEEN_WINDOW),
        ~Q(customer__orders__status=Order.Status.CANCELLED),
        customer__orders__currency=store.currency,
    )
    money = Sum(F("customer__orders__total_minor") - F("customer__orders__refunded_minor"))
    sums: dict[tuple[int, bool], list[float]] = {key: [0, 0.0, 0.0] for key in people}
    rows = bought.values_list("holdout", "is_held", "customer").annotate(money=money)
    for holdout, is_held, _customer, spent in rows.iterator():
        arm = sums[holdout, is_held]
        arm[0], arm[1], arm[2] = arm[0] + 1, arm[1] + spent, arm[2] + float(spent) ** 2
    arms = {key: Arm(people[key], int(one[0]), one[1], one[2]) for key, one in sums.items()}
    shares = sorted({holdout for holdout, _ in people})
    return prove(
        [Trial(1 - share / 100, arms.get((share, False), Arm()), arms.get((share, True), Arm())) for share in shares]
    )


def anybody_held_out(store: Store) -> bool:
    """Whether there is somebody to compare with."""
    return Exposure.objects.of(store).filter(is_held=True).exists()


def back_test(store: Store) -> BackTest | None:
    """The newest trial of the models on the shop's own last month."""
    return BackTest.objects.of(store).order_by("-at").first()


def still_open(store: Store, now: datetime) -> int:
    """People whose 30 days are not over yet."""
    return Exposure.objects.of(store).filter(at__gt=now - SEEN_WINDOW).count()
