"""What to offer where: the one door for pages, messages, the API and the widget. A handful of queries for many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Exists, F, OuterRef, Subquery

from thereafter.commerce.models import Order, Product, Variant
from thereafter.recommendations.models import Build, Pair, ShowSettings, SoldOut
from thereafter.recommendations.queries.candidates import BASKET, NEXT, Candidate, Seeds, for_many, popular
from thereafter.recommendations.queries.histories import History, histories, sides
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules import showing as rules
from thereafter.stores.models import Store, StoreQuerySet

MOST = 3
# More than is shown, because some of it may not be.
ENOUGH = 40
# Of a category that alone may be shown.
MOST_ALONE = 200
# A page and a basket are completed; beside an order, and for a customer, it is about what comes next.
_PURPOSES = {rules.PRODUCT: BASKET, rules.BASKET: BASKET}


@dataclass(frozen=True)
class Pick:
    """A product to offer. `reason` is together, bought, also, category, popular, new or pinned; `because` the title or
    category it names."""

    product_id: int
    title: str
    url: str
    image_url: str
    price_minor: int | None
    reason: str
    because: str
    external_id: str = ""


@dataclass(frozen=True)
class Context:
    """Where and for whom. Beside an order, beside `products` (a page or a basket), or for a customer by themselves."""

    slot: str
    customer_id: int | None = None
    order: Order | None = None
    products: tuple[int, ...] = ()
    most: int = MOST


@dataclass(frozen=True)
class Answer:
    """`picks` are shown, unless the customer is held out: then they are what would have been."""

    picks: list[Pick]
    is_held: bool
    decision: rules.Decision
    # Of every product that was looked at, for who asks why.
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def shown(self) -> list[Pick]:
        return [] if self.is_held else self.picks


@dataclass(frozen=True, slots=True)
class _Told:
    """A product as the last query tells it."""

    thing: rules.Thing
    url: str
    image_url: str
    price_minor: int | None
    external_id: str


@dataclass(frozen=True, slots=True)
class _Asking:
    """A context with all that is known of who looks."""

    context: Context
    seeds: Seeds
    history: History
    is_held: bool


def picks(store_id: int, context: Context) -> Answer:
    return answers(store_id, [context])[0]


def picks_for(store_id: int, orders: Sequence[Order], most: int = MOST) -> dict[int, list[Pick]]:
    """What is shown beside each order, by order id; nothing to those held out."""
    contexts = [Context(rules.ORDER, order.customer_id, order, most=most) for order in orders]
    told = answers(store_id, contexts)
    return {order.pk: answer.shown for order, answer in zip(orders, told, strict=True)}


def answers(store_id: int, contexts: Sequence[Context], kept: ShowSettings | None = None) -> list[Answer]:
    """For each context what is offered, why, and why not the rest. `kept` are settings to try out."""
    kept = kept or settings_of(store_id)
    known = histories(store_id, {one.customer_id for one in contexts if one.customer_id})
    seeds = _seeds(store_id, contexts, known)
    drawn = _drawn(store_id, kept, known)
    asked = [
        _Asking(one, of_context, known.get(one.customer_id or 0, History()), drawn.get(one.customer_id or 0, False))
        for one, of_context in zip(contexts, seeds, strict=True)
    ]
    ranking = [_ranked(rows) for rows in for_many(store_id, seeds, most=ENOUGH)]
    made = _decided(store_id, kept.terms, asked, ranking)
    # Where nearly all that was ranked may not be shown, such as to who has it all, there is more to look at.
    thin = [at for at, rows in enumerate(ranking) if len(rows) >= ENOUGH and len(made[at].picks) < contexts[at].most]
    if thin:
        few, seen = [asked[at] for at in thin], [ranking[at] for at in thin]
        anew = _decided(store_id, kept.terms, few, _longer(store_id, kept.terms, few, seen))
        for at, answer in zip(thin, anew, strict=True):
            made[at] = answer
    return made


def _decided(
    store_id: int, terms: rules.Terms, asked: Sequence[_Asking], ranking: Sequence[Sequence[rules.Ranked]]
) -> list[Answer]:
    pinned = {rule.product_id for rule in terms.rules if rule.kind == rules.PIN}
    wanted = pinned.union(
        *({one.product_id for one in rows} for rows in ranking), *(one.seeds.weights for one in asked)
    )
    told = _told(store_id, wanted)
    things = {number: one.thing for number, one in told.items()}
    made = []
    for one, rows in zip(asked, ranking, strict=True):
        decision = rules.decide(_asked(one.context, one.seeds, one.history, things), rows, things, terms)
        made.append(
            Answer(
                picks=[_pick(shown, told, one.context) for shown in decision.shown],
                is_held=one.is_held,
                decision=decision,
                titles={number: thing.title for number, thing in things.items()},
            )
        )
    return made


def _longer(
    store_id: int, terms: rules.Terms, asked: Sequence[_Asking], ranking: Sequence[list[rules.Ranked]]
) -> list[list[rules.Ranked]]:
    """Further candidates after those that were ranked, without what these people may not be shown, and what sells in
    categories that alone may be shown."""
    barred = [
        _barred(one, terms).union(row.product_id for row in rows) for one, rows in zip(asked, ranking, strict=True)
    ]
    seeds = [replace(one.seeds, without=without) for one, without in zip(asked, barred, strict=True)]
    alone = {rule.category for rule in terms.rules if rule.kind == rules.ONLY}
    of_these = _ranked(row for name in sorted(alone) for row in popular(store_id, name, most=MOST_ALONE))
    found = []
    for rows, more, without in zip(ranking, for_many(store_id, seeds, most=ENOUGH), barred, strict=True):
        found.append([*rows, *_ranked(more), *(row for row in of_these if row.product_id not in without)])
    return found


def _barred(one: _Asking, terms: rules.Terms) -> frozenset[int]:
    history, order = one.history, one.context.order
    has = {line.product_id for line in history.lines if not line.replenish_days} & history.owned
    back = history.returned if terms.excludes_returned else frozenset()
    return history.coming(but=order.pk if order else None).union(back, has if terms.excludes_owned else ())


def _drawn(store_id: int, kept: ShowSettings, known: Mapping[int, History]) -> dict[int, bool]:
    """Who is held out: as they were drawn once, else as they would be now."""
    new = sides(store_id, [number for number, history in known.items() if not history.lines])
    drawn = {number: new.get(number, history.is_held) for number, history in known.items()}
    return {number: kept.holds_out(number) if side is None else side for number, side in drawn.items()}


def _seeds(store_id: int, contexts: Sequence[Context], known: Mapping[int, History]) -> list[Seeds]:
    """What speaks for each context; categories of what nobody here bought are looked up."""
    weights = [_weights(one, known.get(one.customer_id or 0, History())) for one in contexts]
    category = {line.product_id: line.category for history in known.values() for line in history.lines}
    unknown = {number for one in weights for number in one} - set(category)
    if unknown:
        category |= dict(Product.objects.of(store_id).filter(pk__in=unknown).values_list("pk", "category"))
    return [
        Seeds(one, {number: category.get(number, "") for number in one}, purpose_of(context.slot))
        for context, one in zip(contexts, weights, strict=True)
    ]


def purpose_of(slot: str) -> str:
    return _PURPOSES.get(slot, NEXT)


def _ranked(rows: Iterable[Candidate]) -> list[rules.Ranked]:
    return [rules.Ranked(*row) for row in rows]


def _weights(context: Context, history: History) -> dict[int, float]:
    if context.products:
        return dict.fromkeys(context.products, 1.0)
    if context.order:
        return dict.fromkeys(history.of_order(context.order.pk), 1.0)
    return history.taste()


def _asked(context: Context, seeds: Seeds, history: History, things: Mapping[int, rules.Thing]) -> rules.Asked:
    stands_beside = bool(context.products or context.order)
    has = [line for line in history.lines if line.product_id in history.owned]
    decided = context.products if context.slot == rules.BASKET else ()
    durable = [line for line in has if not line.replenish_days]
    return rules.Asked(
        slot=context.slot,
        beside=seeds.categories if stands_beside else {},
        owned=history.owned,
        returned=frozenset(history.returned),
        coming=history.coming(but=context.order.pk if context.order else None),
        titles=_titles(seeds if stands_beside else Seeds({}, {}), things)
        | {rules.plain(line.title) for line in durable},
        categories=frozenset({line.category for line in durable} | {seeds.categories.get(one, "") for one in decided}),
        most=context.most,
    )


def _titles(seeds: Seeds, things: Mapping[int, rules.Thing]) -> frozenset[str]:
    return frozenset(rules.plain(things[number].title) for number in seeds.weights if number in things)


_COLUMNS = (
    "pk",
    "title",
    "category",
    "is_active",
    "sold_out",
    "replenish_days",
    "url",
    "image_url",
    "price",
    "external_id",
)


def _told(store_id: int, product_ids: Collection[int]) -> dict[int, _Told]:
    price = Variant.objects.filter(product_id=OuterRef("pk"), price_minor__isnull=False).order_by("price_minor")
    products = Product.objects.of(store_id).filter(pk__in=product_ids)
    annotated = products.annotate(
        sold_out=Exists(SoldOut.objects.of(store_id).filter(product=OuterRef("pk"))),
        price=Subquery(price.values("price_minor")[:1]),
    )
    found = {}
    for number, title, category, is_active, sold_out, days, *look in annotated.values_list(*_COLUMNS):
        thing = rules.Thing(number, title, category, is_active, not sold_out, bool(days))
        found[number] = _Told(thing, *look)
    return found


def _pick(shown: rules.Shown, told: Mapping[int, _Told], context: Context) -> Pick:
    one = told[shown.product_id]
    reason = _reason(shown.reason, context)
    seed = told[shown.because].thing.title if shown.because in told else ""
    because = {"together": seed, "bought": seed, "also": seed, "category": one.thing.category}
    return Pick(
        product_id=shown.product_id,
        title=one.thing.title,
        url=one.url,
        image_url=one.image_url,
        price_minor=one.price_minor,
        reason=reason,
        because=because.get(reason, ""),
        external_id=one.external_id,
    )


def _reason(reason: str, context: Context) -> str:
    """Who only looks has not bought yet, and who is shown something by their past bought it at another time."""
    if reason == "bought" and context.products:
        return "also"
    return "bought" if reason == "together" and not context.products and not context.order else reason


def strongest(store: Store, words: str = "", product_id: int | None = None) -> StoreQuerySet[Pair]:
    """The pairs of the shop that belong together most, each once; of those that name these words, or one product."""
    pairs = Pair.objects.of(store)
    if product_id:
        pairs = pairs.filter(product_id=product_id)
    elif words:
        pairs = pairs.filter(product__title__icontains=words)
    else:
        pairs = pairs.filter(product_id__lt=F("other_id"))
    return pairs.select_related("product", "other").order_by("-score", "-id")


def last_build(store: Store) -> Build | None:
    return Build.objects.of(store).first()


def model_of(store_id: int, slot: str) -> str:
    """What ranks for a slot; "" before the first build."""
    build = Build.objects.of(store_id).only("models_used").first()
    return str(build.models_used.get(purpose_of(slot), "")) if build else ""


def titles(store_id: int, product_ids: Iterable[int]) -> dict[int, str]:
    return dict(Product.objects.of(store_id).filter(pk__in=list(product_ids)).values_list("pk", "title"))
