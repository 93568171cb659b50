"""What to offer with an order: two queries, however many orders are asked for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, CharField, F, OuterRef, Subquery, Value

from thereafter.commerce.models import Order, OrderLine, Variant
from thereafter.recommendations import rules
from thereafter.recommendations.models import Build, Pair, Popular
from thereafter.stores.models import Store, StoreQuerySet

MOST = 3


@dataclass(frozen=True)
class Pick:
    """A product to offer. `reason` is together, category or popular; `because` the title or category it names."""

    title: str
    url: str
    image_url: str
    price_minor: int | None
    reason: str
    because: str


@dataclass(frozen=True, slots=True)
class _Offered:
    """A product as the second query tells it."""

    title: str
    url: str
    image_url: str
    price_minor: int | None
    category: str


@dataclass(frozen=True, slots=True)
class _Line:
    order_id: int
    customer_id: int
    product_id: int
    category: str
    title: str


def picks(order: Order, most: int = MOST) -> list[Pick]:
    return picks_for(order.store_id, [order], most)[order.pk]


def picks_for(store_id: int, orders: Sequence[Order], most: int = MOST) -> dict[int, list[Pick]]:
    """Products for each order that its customer does not own, by order id; best first."""
    lines = _lines(store_id, {order.customer_id for order in orders})
    of_order: dict[int, list[_Line]] = defaultdict(list)
    owned: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        of_order[line.order_id].append(line)
        owned[line.customer_id].add(line.product_id)
    bought = [line for order in orders for line in of_order[order.pk]]
    shelf, offered = _shelf(store_id, bought)
    chosen = {}
    for order in orders:
        mine = {line.product_id: line for line in of_order[order.pk]}
        categories = {product: line.category for product, line in mine.items()}
        choices = rules.choose(shelf, bought=categories, owned=owned[order.customer_id], most=most)
        chosen[order.pk] = [_pick(choice, offered[choice.other], mine) for choice in choices]
    return chosen


def _lines(store_id: int, customer_ids: Iterable[int]) -> list[_Line]:
    """All that these customers ever bought here."""
    of_people = OrderLine.objects.filter(order__store_id=store_id, order__customer_id__in=customer_ids)
    columns = ("order_id", "order__customer_id", "product_id", "product__category", "title")
    return [_Line(*row) for row in of_people.filter(product__isnull=False).values_list(*columns)]


def _shelf(store_id: int, bought: Sequence[_Line]) -> tuple[rules.Shelf, dict[int, _Offered]]:
    """Everything that could be offered with these products, and how it is called: one statement."""
    pairs = Pair.objects.of(store_id).filter(product_id__in={line.product_id for line in bought})
    sellers = Popular.objects.of(store_id).filter(category__in={"", *(line.category for line in bought)})
    of_pair = pairs.annotate(why=Value("", output_field=CharField()), price=_price())
    of_seller = sellers.annotate(of=Value(0, output_field=BigIntegerField()), price=_price())
    told = ("other__title", "other__url", "other__image_url", "price", "other__category")
    active = {"other__is_active": True}
    rows = (
        of_pair.filter(**active)
        .values_list("other_id", "score", "product_id", "why", *told)
        .union(of_seller.filter(**active).values_list("other_id", "score", "of", "category", *told), all=True)
    )
    together: dict[int, list[tuple[int, float]]] = defaultdict(list)
    popular: dict[str, list[tuple[int, float]]] = defaultdict(list)
    offered: dict[int, _Offered] = {}
    for other, score, product, category, *of_other in rows:
        offered[other] = _Offered(*of_other)
        if product:
            together[product].append((other, score))
        else:
            popular[category].append((other, score))
    return rules.Shelf(together, popular), offered


def _price() -> Subquery:
    """The lowest price of a product's variants."""
    variants = Variant.objects.filter(product_id=OuterRef("other_id"), price_minor__isnull=False)
    return Subquery(variants.order_by("price_minor").values("price_minor")[:1])


def _pick(choice: rules.Choice, offered: _Offered, mine: dict[int, _Line]) -> Pick:
    because = {"together": mine[choice.because].title if choice.because else "", "category": offered.category}
    return Pick(
        title=offered.title,
        url=offered.url,
        image_url=offered.image_url,
        price_minor=offered.price_minor,
        reason=choice.reason,
        because=because.get(choice.reason, ""),
    )


def strongest(store: Store) -> StoreQuerySet[Pair]:
    """The pairs of the shop that belong together most, each once."""
    pairs = Pair.objects.of(store).filter(product_id__lt=F("other_id"))
    return pairs.select_related("product", "other").order_by("-score", "-id")


def last_build(store: Store) -> Build | None:
    return Build.objects.of(store).first()
