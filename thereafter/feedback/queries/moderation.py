"""Reviews as the shop's people look through them, and what waits for a decision. Sorted by time, never by stars."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from thereafter.commerce.models import Customer
from thereafter.feedback.models import (
    Appeal,
    Decision,
    ProductAnswer,
    ProductQuestion,
    Report,
    Review,
    ReviewPhoto,
    ReviewSettings,
)
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules import screening
from thereafter.feedback.rules.screening import Beside, Hint
from thereafter.stores.models import Store, StoreQuerySet

State, Held = Review.State, Decision.State
TABS = ("check", "second", "published", "hidden", "all", "appeals", "reported")
NEAR = timedelta(days=7)
# So many stand on the page of a customer.
MOST_BESIDE = 10


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. `source` is a way reviews come here, or the system they were brought from."""

    tab: str = "check"
    q: str = ""
    stars: int = 0
    product: int = 0
    verified: str = ""
    photos: str = ""
    language: str = ""
    source: str = ""

    @property
    def is_narrowed(self) -> bool:
        return any((self.q, self.stars, self.product, self.verified, self.photos, self.language, self.source))


def listed(store: Store, asked: Asked) -> StoreQuerySet[Review]:
    """Newest first; what waits, oldest first, so that nobody waits longer for what they said."""
    rows = _narrowed(_of_tab(store, asked.tab), asked)
    order = ("written_at", "pk") if asked.tab in ("check", "appeals", "reported") else ("-written_at", "-pk")
    return rows.select_related("product", "customer", "order").order_by(*order)


def _of_tab(store: Store, tab: str) -> StoreQuerySet[Review]:
    rows = Review.objects.of(store).exclude(state=State.UNCONFIRMED)
    if tab == "published":
        return rows.filter(state=State.PUBLISHED)
    if tab == "hidden":
        return rows.filter(state=State.HIDDEN)
    if tab == "reported":
        return rows.filter(_is_reported(store))
    if tab == "appeals":
        return rows.filter(Exists(open_appeals(store).order_by().filter(decision__review=OuterRef("pk"))))
    return to_check(store) if tab == "check" else rows


def of_customer(customer: Customer) -> list[Review]:
    """The newest ones of a customer."""
    rows = Review.objects.of(customer.store_id).filter(customer=customer).exclude(state=State.UNCONFIRMED)
    return list(rows.select_related("product").order_by("-written_at", "-pk")[:MOST_BESIDE])


def to_check(store: Store) -> StoreQuerySet[Review]:
    """What nobody has decided about; what waits for a second person stands in its own list."""
    proposed = proposals(store).order_by().filter(review=OuterRef("pk"), photo=None)
    return Review.objects.of(store).filter(~Exists(proposed), state=State.PENDING)


def _is_reported(store: Store) -> Exists:
    return Exists(Report.objects.of(store).filter(review=OuterRef("pk"), seen_at=None))


def _narrowed(rows: StoreQuerySet[Review], asked: Asked) -> StoreQuerySet[Review]:
    plain = {"rating": asked.stars, "product": asked.product, "language": asked.language}
    rows = rows.filter(_says(asked.q), **{name: value for name, value in plain.items() if value})
    if asked.verified:
        rows = rows.filter(is_verified=asked.verified == "yes")
    if asked.photos:
        rows = rows.filter(photo_count__gt=0) if asked.photos == "yes" else rows.filter(photo_count=0)
    if asked.source:
        rows = rows.filter(Q(collected=asked.source) | Q(source=asked.source))
    return rows


def _says(q: str) -> Q:
    """In its words, or by name, address, order or product."""
    names = ("title", "body", "shown_name", "email", "customer__name", "customer__email", "order__number")
    found = Q()
    for name in (*names, "product__title") if q else ():
        found |= Q(**{f"{name}__icontains": q})
    return found


def proposals(store: Store) -> StoreQuerySet[Decision]:
    """Hidings that wait for a second person, oldest first; not of what its author took back meanwhile."""
    rows = Decision.objects.of(store).filter(state=Held.PROPOSED, review__state__in=[State.PENDING, State.PUBLISHED])
    return rows.select_related("review__product", "review__customer", "photo", "by").order_by("at", "pk")


def open_appeals(store: Store) -> StoreQuerySet[Appeal]:
    rows = Appeal.objects.of(store).filter(outcome="", decision__review__isnull=False)
    return rows.select_related("decision__review__product", "decision__by").order_by("made_at", "pk")


def counts(store: Store) -> dict[str, int]:
    """How many wait behind each tab that is somebody's work."""
    return {
        "check": to_check(store).count(),
        "second": proposals(store).count(),
        "appeals": open_appeals(store).count(),
        "reported": Review.objects.of(store).filter(_is_reported(store)).count(),
    }


def waiting(store: Store) -> int:
    return sum(counts(store).values())


def waiting_questions(store: Store) -> dict[str, int]:
    """Questions and buyers' answers that nobody has looked at, and those that visitors reported."""
    reports = Report.objects.of(store).filter(seen_at=None)
    return {
        "questions": ProductQuestion.objects.of(store).filter(state=ProductQuestion.State.PENDING).count(),
        "answers": ProductAnswer.objects.of(store).filter(state=ProductAnswer.State.PENDING).count(),
        "reported": reports.filter(Q(question__isnull=False) | Q(answer__isnull=False)).count(),
    }


def choices(store: Store) -> dict[str, list[str]]:
    """Languages and systems that reviews of this shop have, for the filters."""
    rows = Review.objects.of(store)
    return {
        "languages": sorted(rows.exclude(language="").values_list("language", flat=True).distinct().order_by()),
        "sources": sorted(rows.exclude(source="").values_list("source", flat=True).distinct().order_by()),
    }


def hints(store_id: int, reviews: Sequence[Review]) -> dict[int, list[Hint]]:
    """What deserves a look in each, in two queries for all. The stars are not looked at."""
    settings = settings_of(store_id)
    words, networks = _same_words(store_id, reviews), _same_network(store_id, reviews)
    return {
        one.pk: screening.hints(one.title, one.body, _beside(one, words[one.pk], networks[one.pk], settings))
        for one in reviews
    }


def _beside(review: Review, words: int, near: int, settings: ReviewSettings) -> Beside:
    author = review.customer.email if review.customer else review.email
    return Beside(words, near, author, settings.insider_domains)


def _same_words(store_id: int, reviews: Iterable[Review]) -> Counter[int]:
    """How many others say the same in the same words; what the same person said of another order does not count."""
    wanted = {one.body for one in reviews if screening.is_comparable(one.body)}
    told: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    if wanted:
        rows = Review.objects.of(store_id).filter(body__in=wanted).exclude(state=State.WITHDRAWN)
        for pk, customer, body in rows.values_list("pk", "customer", "body"):
            told[body].append((pk, customer))
    return Counter(
        {
            one.pk: sum(pk != one.pk and (who is None or who != one.customer_id) for pk, who in told[one.body])
            for one in reviews
        }
    )


def _same_network(store_id: int, reviews: Collection[Review]) -> Counter[int]:
    """How many others wrote from the same network within a week of it."""
    mine = [one for one in reviews if one.network]
    if not mine:
        return Counter()
    first, last = min(one.written_at for one in mine), max(one.written_at for one in mine)
    rows = Review.objects.of(store_id).filter(
        network__in={one.network for one in mine}, written_at__range=(first - NEAR, last + NEAR)
    )
    near: dict[str, list[tuple[int, int | None, datetime]]] = defaultdict(list)
    for network, pk, customer, at in rows.values_list("network", "pk", "customer", "written_at"):
        near[network].append((pk, customer, at))
    return Counter({one.pk: sum(_is_near(one, *other) for other in near[one.network]) for one in mine})


def _is_near(review: Review, pk: int, customer: int | None, at: datetime) -> bool:
    is_other = pk != review.pk and (customer is None or customer != review.customer_id)
    return is_other and abs(at - review.written_at) <= NEAR


def decisions_of(review: Review) -> list[Decision]:
    rows = Decision.objects.of(review.store_id).filter(review=review).select_related("by", "second", "photo")
    return list(rows.order_by("-at", "-pk"))


def photos_of(store: Store, reviews: Iterable[Review]) -> dict[int, list[ReviewPhoto]]:
    """Pictures by review, without what they weigh; those that are still to be fetched are left out."""
    found: dict[int, list[ReviewPhoto]] = defaultdict(list)
    rows = ReviewPhoto.objects.of(store).filter(review__in=[one.pk for one in reviews]).exclude(fingerprint="")
    for photo in rows.defer("content", "thumbnail").order_by("place", "pk"):
        found[photo.review_id].append(photo)
    return found


def reporters_words(review: Review) -> list[str]:
    """What visitors wrote beside their reports that nobody has looked at."""
    rows = Report.objects.of(review.store_id).filter(review=review, seen_at=None).exclude(text="")
    return list(rows.order_by("-at").values_list("text", flat=True)[:MOST_BESIDE])


def open_reports(review: Review) -> list[tuple[str, int]]:
    """Reasons that visitors gave and nobody has looked at, most named first."""
    rows = Report.objects.of(review.store_id).filter(review=review, seen_at=None)
    named = rows.order_by().values_list("reason").annotate(times=Count("pk"))
    return sorted(((str(reason), times) for reason, times in named), key=lambda one: (-one[1], one[0]))
