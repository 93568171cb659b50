"""How many published reviews a product has, with its group: counted again after whatever changes what is shown.

Never added to or taken from: what is counted cannot drift.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F

from thereafter.feedback.models import GroupedProduct, ProductQuestion, Rating, Review, ReviewPhoto

# So many products are counted with one set of queries; SQLite takes a limited number of values in one.
AT_ONCE = 400
STARS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
COUNTED = (*STARS.values(), "photos", "questions")
Counts = dict[str, int]


def recount(store_id: int, product_ids: Iterable[int], *, now: datetime) -> None:
    """Counts anew what is shown of these products and of those they share their reviews with.

    Call it in the transaction that changed a review, photo, question or group, after the change. A product that leaves
    a group is named here beside one that stays. The pages made of an older generation are then made anew.
    """
    asked = sorted(set(product_ids))
    for first in range(0, len(asked), AT_ONCE):
        _recount(store_id, asked[first : first + AT_ONCE], now)


@transaction.atomic
def _recount(store_id: int, product_ids: Collection[int], now: datetime) -> None:
    families = _families(store_id, product_ids)
    # Locked before they are counted: of two who count at once the second sees what the first did.
    rows = _locked(store_id, sorted(families), now)
    counted = _counted(store_id, families)
    for row in rows:
        for name in COUNTED:
            setattr(row, name, counted[row.product_id][name])
        row.generation, row.changed_at = F("generation") + 1, now
    Rating.objects.bulk_update(rows, [*COUNTED, "generation", "changed_at"], batch_size=100)


def _locked(store_id: int, product_ids: list[int], now: datetime) -> list[Rating]:
    missing = [Rating(store_id=store_id, product_id=one, changed_at=now) for one in product_ids]
    Rating.objects.bulk_create(missing, ignore_conflicts=True)
    wanted = Rating.objects.of(store_id).filter(product__in=product_ids)
    return list(wanted.select_for_update().order_by("pk"))


def _families(store_id: int, product_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Each product, and each of its group, with all whose reviews it shows, itself among them."""
    grouped = GroupedProduct.objects.of(store_id)
    groups = grouped.filter(product__in=product_ids).values("group")
    members: dict[int, set[int]] = defaultdict(set)
    for group, product in grouped.filter(group__in=groups).values_list("group", "product"):
        members[group].add(product)
    alone = {one: frozenset((one,)) for one in product_ids}
    return alone | {one: frozenset(family) for family in members.values() for one in family}


def _counted(store_id: int, families: Mapping[int, frozenset[int]]) -> dict[int, Counts]:
    """The counts of each product with its family's in them."""
    of_each: dict[int, Counts] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    everybody = {one for family in families.values() for one in family}
    for product, name, times in _counts(store_id, everybody):
        of_each[product][name] = times
    return {
        product: {name: sum(of_each[one][name] for one in family) for name in COUNTED}
        for product, family in families.items()
    }


def _counts(store_id: int, product_ids: Collection[int]) -> Iterator[tuple[int, str, int]]:
    """(product, what, how many) of what everybody can see."""
    reviews = Review.objects.of(store_id).filter(product__in=product_ids, state=Review.State.PUBLISHED)
    for product, rating, times in reviews.order_by().values_list("product", "rating").annotate(Count("pk")):
        yield product, STARS[rating], times
    yield from _per_product(
        visible_photos(store_id).filter(review__product__in=product_ids), "review__product", "photos"
    )
    questions = ProductQuestion.objects.of(store_id).filter(
        product__in=product_ids, state=ProductQuestion.State.PUBLISHED
    )
    yield from _per_product(questions, "product", "questions")


def _per_product(rows: Any, product: str, name: str) -> Iterator[tuple[int, str, int]]:
    for one, times in rows.order_by().values_list(product).annotate(Count("pk")):
        yield one, name, times


def visible_photos(store_id: int) -> Any:
    """Photos that are here, not hidden, and of a review that can be seen."""
    shown = ReviewPhoto.objects.of(store_id).filter(is_hidden=False, review__state=Review.State.PUBLISHED)
    return shown.exclude(fingerprint="")


def wrong(store_id: int) -> list[int]:
    """Products whose kept numbers are not what counting gives; always none, which a nightly job proves."""
    found: list[int] = []
    kept = {row.product_id: row for row in Rating.objects.of(store_id)}
    reviewed = Review.objects.of(store_id).filter(state=Review.State.PUBLISHED).values_list("product", flat=True)
    asked = sorted(kept.keys() | set(reviewed.order_by().distinct()))
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        counted = _counted(store_id, _families(store_id, some))
        found += [one for one in some if _differs(kept.get(one), counted[one])]
    return found


def _differs(row: Rating | None, counted: Counts) -> bool:
    return row is None or any(getattr(row, name) != counted[name] for name in COUNTED)


def prove(now: datetime) -> int:
    """Counts every product of every shop anew beside what is kept; what differs is mended and told as how many."""
    mended = 0
    for store_id in Rating.objects.order_by().values_list("store", flat=True).distinct():
        products = wrong(store_id)
        recount(store_id, products, now=now)
        mended += len(products)
    return mended
