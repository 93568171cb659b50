"""How a shop treats what is said of it: what it hides and why, how long it takes, and what came of objections."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from thereafter.feedback.models import Appeal, Decision, Review
from thereafter.feedback.rules.hide_rates import HideRates, hide_rates
from thereafter.feedback.rules.moderation import FEW_STARS
from thereafter.kit.shares import Spread, spread
from thereafter.stores.models import Store, StoreQuerySet

State = Review.State


@dataclass(frozen=True)
class Days:
    """Hours from writing to being seen, of reviews of few stars and of many; what still waits, of each."""

    few: Spread | None
    many: Spread | None
    few_wait: int
    many_wait: int


@dataclass(frozen=True)
class HowWeModerate:
    """Of the reviews that came between two moments."""

    rates: HideRates
    reasons: list[tuple[str, int]]
    hours: Days
    proposed: int
    refused: int
    appeals: dict[str, int]

    @property
    def came(self) -> int:
        return sum(group.came for group in self.rates.by_stars.values())

    @property
    def hidden(self) -> int:
        return sum(group.hidden for group in self.rates.by_stars.values())


def report(store: Store, since: datetime | None, until: datetime) -> HowWeModerate:
    rows = _of_period(store, since, until)
    reasons = Counter(
        dict(rows.filter(state=State.HIDDEN).values_list("hidden_for").annotate(n=Count("pk")).order_by())
    )
    proposals = _decided(store, since, until).filter(what=Decision.What.HIDE, second__isnull=False)
    return HowWeModerate(
        rates=_rates(rows),
        reasons=reasons.most_common(),
        hours=_hours(rows),
        proposed=proposals.count(),
        refused=proposals.filter(state=Decision.State.REFUSED).count(),
        appeals=_appeals(store, since, until),
    )


def _of_period(store: Store, since: datetime | None, until: datetime) -> StoreQuerySet[Review]:
    """What authors took back themselves, or never confirmed, was not the shop's to show."""
    rows = Review.objects.of(store).exclude(state__in=[State.UNCONFIRMED, State.WITHDRAWN])
    rows = rows.filter(written_at__lte=until)
    return rows.filter(written_at__gte=since) if since else rows


def _rates(rows: StoreQuerySet[Review]) -> HideRates:
    counted = (
        rows.order_by().values_list("rating").annotate(n=Count("pk"), gone=Count("pk", filter=Q(state=State.HIDDEN)))
    )
    told = [(stars, came, gone) for stars, came, gone in counted]
    return hide_rates({stars: came for stars, came, _ in told}, {stars: gone for stars, _, gone in told})


def _hours(rows: StoreQuerySet[Review]) -> Days:
    """Imported reviews were seen elsewhere before."""
    own = rows.exclude(collected=Review.Collected.IMPORTED)
    took: dict[bool, list[float]] = {True: [], False: []}
    seen = own.filter(published_at__isnull=False).values_list("rating", "written_at", "published_at")
    for rating, written, published in seen.iterator(chunk_size=5000):
        if published is not None:
            took[rating <= FEW_STARS].append((published - written).total_seconds() / 3600)
    wait = own.filter(state=State.PENDING)
    few = wait.filter(rating__lte=FEW_STARS).count()
    return Days(spread(took[True]), spread(took[False]), few, wait.count() - few)


def _appeals(store: Store, since: datetime | None, until: datetime) -> dict[str, int]:
    rows = Appeal.objects.of(store).filter(made_at__lte=until)
    rows = rows.filter(made_at__gte=since) if since else rows
    return dict(rows.order_by().values_list("outcome").annotate(n=Count("pk")))


def _decided(store: Store, since: datetime | None, until: datetime) -> StoreQuerySet[Decision]:
    rows = Decision.objects.of(store).filter(at__lte=until)
    return rows.filter(at__gte=since) if since else rows


def log(store: Store, since: datetime | None, until: datetime) -> Iterator[Decision]:
    """Every decision, oldest first."""
    rows = _decided(store, since, until).select_related(
        "review__product", "question__product", "answer__question__product", "by", "second", "appeal", "photo"
    )
    return rows.order_by("at", "pk").iterator(chunk_size=1000)
