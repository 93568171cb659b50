"""What could be offered beside some products, out of the tables built at night. The door for all who offer.

A candidate may have been taken off sale since the last build, and nothing is known here of stock, margin or pins: ask
for more than you show (`most`), read the products, and keep what may be offered.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, QuerySet, Value

from thereafter.commerce.models import Product
from thereafter.recommendations.models import Bestsellers, Neighbours
from thereafter.recommendations.rules import documents

# To complete a basket, or to say what a person buys next.
BASKET, NEXT = "basket", "next"
# What a person bought in years says no more than their last so many products, and each is a document to read.
MOST_SEEDS = 300


class Candidate(NamedTuple):
    """A product to offer. `reason` is together (some orders hold it and the seed `because`), bought (the same people
    bought both, if not at once), category (it sells in the category of `because`), popular or new (`because` is 0).
    Scores compare only within the tiers together and bought, category, popular.
    """

    product_id: int
    score: float
    reason: str
    because: int = 0


@dataclass(frozen=True, slots=True)
class Seeds:
    """What speaks for a context: product to weight, and the category of each, "" or left out where it has none."""

    weights: Mapping[int, float]
    categories: Mapping[int, str] = field(default_factory=dict)
    purpose: str = NEXT
    without: Collection[int] = frozenset()


def candidates(
    store_id: int,
    seeds: Mapping[int, float],
    *,
    most: int,
    without: Collection[int] = frozenset(),
    purpose: str = NEXT,
) -> list[Candidate]:
    """Best first: what goes with the seeds (product to weight), then what is popular in their categories, then in the
    shop; what is newest where nothing was ever sold. Never a seed, nothing of `without`, nothing twice.
    """
    category = dict(Product.objects.of(store_id).filter(pk__in=list(seeds)).values_list("pk", "category"))
    return for_many(store_id, [Seeds(seeds, category, purpose, without)], most=most)[0]


def popular(store_id: int, category: str = "", *, most: int, without: Collection[int] = frozenset()) -> list[Candidate]:
    """What sells now in a category, or in the whole shop for ""; the newest products where nothing was ever sold."""
    taken = set(without)
    rows = Bestsellers.objects.of(store_id).filter(category=category).values_list("document", flat=True)
    found = _kept(_sellers(bytes(rows.first() or b""), "category" if category else "popular"), taken, most)
    if found or category:
        return found
    return _kept(_newest(store_id, most + len(taken)), taken, most)


def for_many(store_id: int, contexts: Sequence[Seeds], *, most: int) -> list[list[Candidate]]:
    """`candidates` for each context, in one statement for all, or two where there is nothing for some."""
    contexts = [_heaviest(one) for one in contexts]
    near, sellers = _read(store_id, contexts)
    found = []
    for one in contexts:
        taken = {*one.weights, *one.without}
        ranked = chain(_together(one, near[one.purpose], most, taken), _in_categories(one, sellers), _in_shop(sellers))
        found.append((_kept(ranked, taken, most), taken))
    if all(chosen for chosen, _ in found):
        return [chosen for chosen, _ in found]
    newest = _newest(store_id, most + max(len(taken) for _, taken in found))
    return [chosen or _kept(newest, taken, most) for chosen, taken in found]


def _heaviest(one: Seeds) -> Seeds:
    if len(one.weights) <= MOST_SEEDS:
        return one
    kept = sorted(one.weights, key=lambda seed: (one.weights[seed], seed))[-MOST_SEEDS:]
    # What is not asked about is still not offered.
    without = {*one.without, *one.weights}
    return Seeds({seed: one.weights[seed] for seed in kept}, one.categories, one.purpose, without)


def _read(store_id: int, contexts: Sequence[Seeds]) -> tuple[dict[str, dict[int, bytes]], dict[str, bytes]]:
    """The documents of neighbours by purpose and product, those of bestsellers by category."""
    names = {"", *chain.from_iterable(one.categories.values() for one in contexts)}
    sellers = Bestsellers.objects.of(store_id).filter(category__in=names)
    told = sellers.annotate(seed=_number(0), kind=_text("")).values_list("seed", "kind", "category", "document")
    asked = {one.purpose for one in contexts if one.weights}
    rows = told.union(*(_near(store_id, contexts, purpose) for purpose in asked), all=True) if asked else told
    near: dict[str, dict[int, bytes]] = {BASKET: {}, NEXT: {}}
    popular: dict[str, bytes] = {}
    for seed, purpose, category, document in rows:
        if seed:
            near[purpose][seed] = bytes(document)
        else:
            popular[category] = bytes(document)
    return near, popular


def _near(store_id: int, contexts: Sequence[Seeds], purpose: str) -> QuerySet[Neighbours, tuple[Any, ...]]:
    seeds = {seed for one in contexts if one.purpose == purpose for seed in one.weights}
    kept = Neighbours.objects.of(store_id).filter(product_id__in=seeds)
    return kept.annotate(kind=_text(purpose), category=_text("")).values_list("product_id", "kind", "category", purpose)


def _number(value: int) -> Value:
    return Value(value, output_field=BigIntegerField())


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _together(one: Seeds, near: Mapping[int, bytes], most: int, taken: Collection[int]) -> Iterable[Candidate]:
    kept = {seed: near[seed] for seed in one.weights if seed in near}
    for offer in documents.offers(kept, one.weights, most=most, without=taken):
        yield Candidate(offer.product, offer.score, "together" if offer.orders else "bought", offer.because)


def _in_categories(one: Seeds, sellers: Mapping[str, bytes]) -> Iterable[Candidate]:
    """By what sells most in all of them; the heaviest seed of a category speaks for it."""
    spoken: dict[str, int] = {}
    for seed in sorted(one.weights, key=lambda number: (-one.weights[number], number)):
        spoken.setdefault(one.categories.get(seed, ""), seed)
    of_each = (_sellers(sellers.get(category, b""), "category", seed) for category, seed in spoken.items() if category)
    yield from merge(*of_each, key=lambda row: (-row.score, -row.product_id))


def _in_shop(sellers: Mapping[str, bytes]) -> Iterable[Candidate]:
    yield from _sellers(sellers.get("", b""), "popular")


def _sellers(document: bytes, reason: str, seed: int = 0) -> Iterable[Candidate]:
    """Best first, as they are kept; made as they are asked for."""
    rows = documents.unpack(document)
    for product, score in zip(rows["product"].tolist(), rows["score"].tolist(), strict=True):
        yield Candidate(product, score, reason, seed)


def _newest(store_id: int, most: int) -> list[Candidate]:
    active = Product.objects.of(store_id).filter(is_active=True).order_by("-pk")
    return [Candidate(product, 0.0, "new") for product in active.values_list("pk", flat=True)[:most]]


def _kept(found: Iterable[Candidate], taken: set[int], most: int) -> list[Candidate]:
    """The first `most` that are not taken; they are taken from then on."""
    kept: list[Candidate] = []
    if most <= 0:
        return kept
    for candidate in found:
        if candidate.product_id not in taken:
            taken.add(candidate.product_id)
            kept.append(candidate)
            if len(kept) == most:
                break
    return kept
