"""What a shopper on the way through the portal may choose, with what each choice comes to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from thereafter.commerce.models import Order, OrderLine, Product, Variant
from thereafter.kit.clock import day_in
from thereafter.returns import order_snapshots, pricing, snapshots, store_policies
from thereafter.returns.actions.opening import Wish
from thereafter.returns.actions.visits import Item, items_of
from thereafter.returns.models import DropOffPoint, Visit
from thereafter.returns.queries import settings_of, usual_days
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.money.bought import Bought
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Offers, Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS
from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.stores.models import StoreQuerySet

# What these cost is known in the shop's own currency only.
_OTHER_GOODS = ("exchange_product", "exchange_shop")
# So many sizes and colours a list of other goods shows at once.
SHOWN = 120


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An item of the visit with what is offered for it."""

    item: Item
    line: OrderLine
    offer: LineOffer


@dataclass(frozen=True, kw_only=True)
class Way:
    """One outcome for a bundle. `price` is what it comes to by the cheapest way back, None while goods are missing."""

    outcome: str
    option: Option
    price: pricing.Price | None
    # Other variants of the same product, for an exchange; what was chosen instead, for one for other goods.
    variants: Sequence[Variant] = ()
    goods: Sequence[tuple[Variant, int]] = ()
    # What other goods may cost without anything on top.
    worth: int = 0
    # When it has usually come to its end.
    usually_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Items that end in the same way."""

    place: int
    items: Sequence[Wanted]
    ways: Sequence[Way]
    chosen: Way | None = None

    @property
    def is_sent_back(self) -> bool:
        return bool(self.chosen and self.chosen.option.is_sent_back)


@dataclass(frozen=True, kw_only=True)
class Total:
    """What all of it comes to, by one way back."""

    method: str
    prices: Sequence[pricing.Price] = field(default_factory=tuple)

    def sum(self, part: str) -> int:
        return sum(getattr(price, part) for price in self.prices)


class Looked:
    """A visit as it stands today: everything a page of it shows."""

    def __init__(self, visit: Visit, now: datetime) -> None:
        self.visit, self.order = visit, visit.order
        self.today = today_of(visit.order, now)
        self.settings = settings_of(visit.order.store)
        self._paces: dict[str, int] = {}

    @cached_property
    def offers(self) -> Offers:
        return offers_for(self.order, items_of(self.visit), self.today, is_gift=self.visit.is_gift)

    @cached_property
    def bought(self) -> Bought:
        return snapshots.bought(self.order)

    @cached_property
    def wanted(self) -> list[Wanted]:
        rows = self.order.lines.select_related("product", "variant")
        lines = {line.external_id: line for line in rows}
        pairs = zip(items_of(self.visit), self.offers.lines, strict=False)
        return [Wanted(item=item, line=lines[item.line], offer=offer) for item, offer in pairs if item.line in lines]

    @property
    def open(self) -> list[Wanted]:
        return [one for one in self.wanted if one.offer.allowed]

    @property
    def closed(self) -> list[Wanted]:
        return [one for one in self.wanted if not one.offer.allowed]

    @cached_property
    def bundles(self) -> list[Bundle]:
        groups: dict[object, list[Wanted]] = {}
        for number, one in enumerate(self.open):
            key = number if self.visit.apart else _alike(one)
            groups.setdefault(key, []).append(one)
        return [self._bundle(place, items) for place, items in enumerate(groups.values())]

    @property
    def can_be_apart(self) -> bool:
        return len(self.open) > 1

    @property
    def is_chosen(self) -> bool:
        return bool(self.bundles) and all(bundle.chosen for bundle in self.bundles)

    def _bundle(self, place: int, items: Sequence[Wanted]) -> Bundle:
        said = self.visit.choices.get(str(place), {})
        ways = list(self._ways(items, said))
        chosen = next((way for way in ways if way.outcome == said.get("outcome")), None)
        if chosen and chosen.outcome in EXCHANGES and not chosen.goods:
            chosen = None
        return Bundle(place=place, items=items, ways=ways, chosen=chosen)

    def _ways(self, items: Sequence[Wanted], said: Mapping[str, object]) -> Iterator[Way]:
        first = items[0].offer
        for option in first.options:
            others = [one.offer.option(option.outcome) for one in items]
            if not all(others):
                continue
            goods = _goods(self.order, said) if said.get("outcome") == option.outcome else []
            variants = list(_other_variants(items)) if option.outcome == "exchange_variant" else []
            if option.outcome == "exchange_variant" and not variants:
                continue
            if option.outcome in _OTHER_GOODS and self.order.currency != self.order.store.currency:
                continue
            yield Way(
                outcome=option.outcome,
                option=option,
                price=self.priced(items, option.outcome, goods, self._cheapest(items, option)),
                variants=variants,
                goods=goods,
                worth=self._worth(items, option.outcome),
                usually_on=self._usually_on(option),
            )

    def _usually_on(self, option: Option) -> date:
        release = option.release if option.is_sent_back else "at_once"
        if release not in self._paces:
            self._paces[release] = usual_days(self.order.store_id, release)
        return self.today + timedelta(days=self._paces[release])

    def _worth(self, items: Sequence[Wanted], outcome: str) -> int:
        """What other goods may cost: the value of what comes back, and the bonus for staying."""
        if outcome not in EXCHANGES:
            return 0
        dear = pricing.Goods(gross=10**12)
        found = self._price(items, outcome, dear, "none")
        return 10**12 - found.charge if found else 0

    def _cheapest(self, items: Sequence[Wanted], option: Option) -> str:
        """The way back that costs the shopper least."""
        if not option.is_sent_back:
            return "none"
        ways = self.methods_of(items)
        paid = {method for fee in option.fees for method in fee.methods}
        return next((method for method in ways if method not in paid), ways[0])

    def methods_of(self, items: Iterable[Wanted]) -> list[str]:
        """Ways back that are open to all of them, in the policy's order."""
        offered = [set(one.offer.methods) for one in items if set(one.offer.methods) != {"none"}]
        common = set.intersection(*offered) - self._not_here if offered else set()
        return [name for name in METHODS if name in common and name != "none"] or ["own_carrier"]

    @cached_property
    def _not_here(self) -> set[str]:
        """Ways that a policy names and this shop does not have: nobody would take it there."""
        counters = DropOffPoint.objects.of(self.order.store_id).counters().exists()
        missing = set() if counters else {"counter"}
        return missing if self.settings.label_adapter or counters else {*missing, "qr", "pickup"}

    @property
    def methods(self) -> list[str]:
        """For what was chosen; nothing where nothing is to be sent."""
        sent = [one for bundle in self.bundles if bundle.is_sent_back for one in bundle.items]
        return self.methods_of(sent) if sent else []

    def priced(
        self, items: Sequence[Wanted], outcome: str, goods: Sequence[tuple[Variant, int]], method: str
    ) -> pricing.Price | None:
        """What it comes to; None while it is not known what is wanted instead, or nothing is left to give."""
        if outcome in EXCHANGES and not goods and outcome != "exchange_variant":
            return None
        gross = sum((variant.price_minor or 0) * count for variant, count in goods)
        return self._price(items, outcome, pricing.Goods(gross=gross, same=outcome == "exchange_variant"), method)

    def _price(self, items: Sequence[Wanted], outcome: str, goods: pricing.Goods, method: str) -> pricing.Price | None:
        chosen = [
            pricing.Chosen(line=one.item.line, quantity=one.item.quantity, reason=one.item.reason, option=option)
            for one in items
            if (option := one.offer.option(outcome))
        ]
        wish = pricing.Wish(
            chosen=chosen,
            method=method,
            shipping=self.offers.refund_shipping,
            goods=goods,
            informed=self.settings.informs_of_withdrawal,
            told_of_postage=self.settings.tells_of_postage,
        )
        try:
            return pricing.price(self.bought, wish)
        except Refused:
            return None

    def total(self, method: str) -> Total:
        """All bundles as they were chosen, by this way back."""
        prices = []
        for bundle in self.bundles:
            if bundle.chosen:
                way = method if bundle.is_sent_back else "none"
                priced = self.priced(bundle.items, bundle.chosen.outcome, bundle.chosen.goods, way)
                prices += [priced] if priced else []
        return Total(method=method, prices=prices)

    def wishes(self) -> list[Wish]:
        """What the cases are opened with; goods go with the first item of their bundle."""
        made = []
        for bundle in self.bundles:
            way = bundle.chosen
            for number, one in enumerate(bundle.items):
                goods = tuple((variant.pk, count) for variant, count in way.goods) if way and not number else ()
                made.append(
                    Wish(
                        line=one.item.line,
                        quantity=one.item.quantity,
                        reason=one.item.reason,
                        outcome=way.outcome if way else "refund",
                        method=self.visit.method if bundle.is_sent_back else "",
                        note=one.item.note,
                        unsealed=one.item.unsealed,
                        goods=goods,
                    )
                )
        return made


def today_of(order: Order, now: datetime) -> date:
    return day_in(now, order.store.time_zone)


def offers_for(order: Order, items: Sequence[Item], today: date, *, is_gift: bool) -> Offers:
    """What is offered today for these items; without any, for everything that is left."""
    asked = [Asked(line=one.line, quantity=one.quantity, reason=one.reason, unsealed=one.unsealed) for one in items]
    _version, policy = store_policies.current(order.store)
    return decide(policy, order_snapshots.snapshot(order, asked=asked, is_gift=is_gift), law.current(), today)


def _alike(one: Wanted) -> tuple[object, ...]:
    """Items with the same outcomes on the same grounds can end together; another size is chosen product by product."""
    ways = tuple((option.outcome, option.basis, option.is_sent_back) for option in one.offer.options)
    has_sizes = one.offer.option("exchange_variant") is not None
    return ways, one.line.product_id if has_sizes else 0


def _goods(order: Order, said: Mapping[str, object]) -> list[tuple[Variant, int]]:
    wanted = said.get("goods")
    counted = {int(pk): int(count) for pk, count in wanted} if isinstance(wanted, list) else {}
    rows = Variant.objects.of(order.store_id).filter(pk__in=counted).select_related("product")
    return [(variant, counted[variant.pk]) for variant in rows]


def _other_variants(items: Sequence[Wanted]) -> Iterable[Variant]:
    """Of the product that comes back, all but the one that did; only where the bundle is of one product."""
    lines = {one.line.product_id: one.line for one in items}
    if len(lines) != 1:
        return []
    (line,) = lines.values()
    if line.product is None:
        return []
    rows = Variant.objects.of(line.store_id).filter(product=line.product).exclude(pk=line.variant_id or 0)
    own = line.sku
    return [variant for variant in rows.order_by("pk") if not own or variant.sku != own]


def by_product(variants: Iterable[Variant]) -> list[list[Variant]]:
    """Sizes and colours of a product together, as they stand."""
    found: dict[int, list[Variant]] = {}
    for variant in variants:
        found.setdefault(variant.product_id, []).append(variant)
    return list(found.values())


def other_goods(order: Order, *, like: Product | None, q: str) -> StoreQuerySet[Variant]:
    """What can be had instead: of the same category as a product, or of the whole shop."""
    rows = Variant.objects.of(order.store_id).filter(product__is_active=True, price_minor__gt=0)
    if like is not None and like.category:
        rows = rows.filter(product__category=like.category)
    if q:
        rows = rows.filter(product__title__icontains=q)
    return rows.select_related("product").order_by("product__title", "pk")
