"""Orders as a policy sees them: `snapshot(order)`, or `snapshots_of(orders)` in a few queries for many.

Days are those of the shop's zone. With a moment everything is as it was then: what was asked for later has not come
back yet, and who bought more later had not bought it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from thereafter.commerce.models import Order, OrderLine, Tender, Variant
from thereafter.commerce.rules import after_sale
from thereafter.commerce.rules.after_sale import AfterSale
from thereafter.commerce.rules.orders import EARLIEST
from thereafter.kit.clock import day_in, zone
from thereafter.returns.arrivals import Arrival, arrivals
from thereafter.returns.models import CaseUnit, Grant, ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.returns.rules.legal.legal_days import add_months
from thereafter.returns.rules.policy import snapshots as rules
from thereafter.returns.rules.policy.snapshots import Asked, Channel, Snapshot
from thereafter.returns.shopper_histories import NOTHING_CAME, History, histories, own_refunds, perks_of
from thereafter.returns.snapshots import paid
from thereafter.stores.models import Store

Moments = Mapping[int, datetime]
# Grants of cases begin so (`Case.grant_source`); their units are counted by the case.
_OF_CASE = "case:"
_PAID = ("captured", "paid", "settled", "success")


def snapshot(
    order: Order, *, asked: Sequence[Asked] = (), channel: Channel = "portal", is_gift: bool = False
) -> Snapshot:
    """The order as it is now, with what somebody wants of it."""
    (found,) = snapshots_of([order], asked={order.pk: asked}, channel=channel, is_gift=is_gift).values()
    return found


def snapshots_of(
    orders: Collection[Order],
    *,
    asked: Mapping[int, Sequence[Asked]] | None = None,
    at: Moments | None = None,
    channel: Channel = "portal",
    is_gift: bool = False,
) -> dict[int, Snapshot]:
    """By order id. `at`: the moment for which each is wanted, without one it is now."""
    by_store: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        by_store[order.store_id].append(order)
    found: dict[int, Snapshot] = {}
    for store_id, own in by_store.items():
        past = _Past(store_id, own, at or {})
        for order in own:
            found[order.pk] = Snapshot(
                order=past.order(order),
                lines=past.lines(order),
                customer=past.history(order).before(past.at.get(order.pk)),
                asked=tuple((asked or {}).get(order.pk, ())),
                channel=channel,
                is_gift=is_gift,
            )
    return found


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of a line that came back, or was asked for, and since when."""

    line_id: int
    at: datetime
    repaired_at: datetime | None = None


class _Past:
    """Everything that is known of some orders of one store."""

    def __init__(self, store_id: int, orders: Sequence[Order], at: Moments) -> None:
        self.at = at
        self._store = Store.objects.get(pk=store_id)
        self._settings: ReturnSettings = settings_of(store_id)
        ids = [order.pk for order in orders]
        self._rows: dict[int, list[OrderLine]] = defaultdict(list)
        for row in OrderLine.objects.of(store_id).filter(order_id__in=ids).select_related("product").order_by("id"):
            self._rows[row.order_id].append(row)
        self._arrived = arrivals(store_id, self._store.time_zone, orders, self._rows)
        self._histories = histories(store_id, {order.customer_id for order in orders})
        self._back = self._units(store_id, ids)
        self._variants = _variants(store_id, self._rows.values())
        self._tenders: dict[int, list[str]] = defaultdict(list)
        tenders = Tender.objects.of(store_id).filter(order_id__in=ids, status__in=_PAID).order_by("id")
        for order_id, kind in tenders.values_list("order_id", "kind"):
            self._tenders[order_id].append(kind)

    def history(self, order: Order) -> History:
        return self._histories[order.customer_id]

    def order(self, order: Order) -> rules.Order:
        address = order.shipping_address if isinstance(order.shipping_address, dict) else {}
        history = self.history(order)
        return rules.Order(
            number=order.number,
            currency=order.currency,
            # Where nobody said, the shopper's own country, else that of the shop: some law always holds.
            country=str(address.get("country") or history.country or self._store.country).upper(),
            placed_at=order.placed_at.astimezone(zone(self._store.time_zone)),
            total_minor=order.total_minor,
            subtotal_minor=order.subtotal_minor,
            discount_minor=order.discount_minor,
            shipping_minor=order.shipping_minor,
            region=str(address.get("region") or ""),
            channel=order.channel,
            codes=tuple(map(str, order.discount_codes)),
            paid_with=tuple(dict.fromkeys(self._tenders[order.pk])),
            returns=history.returns_of(order.pk, self.at.get(order.pk)),
            is_business=history.traits.get("is_business") is True,
            informed=self._settings.informs_of_withdrawal,
            told_of_postage=self._settings.tells_of_postage,
        )

    def lines(self, order: Order) -> tuple[rules.Line, ...]:
        rows, at = self._rows[order.pk], self.at.get(order.pk)
        found = []
        for row, (discount, gross) in zip(rows, paid(order, rows), strict=True):
            units = [unit for unit in self._back[row.pk] if at is None or unit.at < at]
            found.append(self._line(order, row, (discount, gross), units))
        return tuple(found)

    def _line(self, order: Order, row: OrderLine, money: tuple[int, int], units: Sequence[_Unit]) -> rules.Line:
        arrival, product = self._arrived[row.pk], row.product
        said = after_sale.read(product.after_sale) if product else AfterSale()
        return rules.Line(
            id=row.external_id,
            quantity=row.quantity,
            price_minor=row.unit_price_minor,
            paid_minor=money[1],
            discount_minor=money[0],
            returned=min(row.quantity, len(units)),
            cancelled=max(0, row.quantity - arrival.shipped) if order.is_cancelled else 0,
            sku=row.sku,
            title=row.title,
            product_id=product.external_id if product else "",
            product_type=said.product_type,
            vendor=said.vendor,
            category=product.category if product else "",
            tags=said.tags,
            flags=said.flags,
            final_sale=said.final_sale or bool(product and not product.returnable),
            fulfilled_on=arrival.fulfilled_on,
            delivered_on=arrival.delivered_on,
            other_variants=self._others(row),
            in_stock=product is None or product.is_active,
            repairable=said.repairable,
            warranty_until=_warranty(row, arrival, self._perks(order).warranty_months),
            repaired_on=tuple(self._day(unit.repaired_at) for unit in units if unit.repaired_at),
        )

    def _perks(self, order: Order) -> rules.Perks:
        return perks_of(self.history(order).traits)

    def _others(self, row: OrderLine) -> int | None:
        """None where the shop never told us of the product itself: we only know what was bought of it."""
        if row.product is None or row.product.changed_at <= EARLIEST:
            return None
        if not row.product.is_active:
            return 0
        return len(self._variants[row.product.pk] - {row.variant_id})

    def _day(self, moment: datetime) -> date:
        return day_in(moment, self._store.time_zone)

    def _units(self, store_id: int, ids: Collection[int]) -> dict[int, list[_Unit]]:
        """By line id: units of cases, of promises without a case, and of refunds that the shop made itself."""
        found: dict[int, list[_Unit]] = defaultdict(list)
        cases = CaseUnit.objects.of(store_id).filter(line__order_id__in=ids, is_live=True)
        cases = cases.exclude(case__state__in=NOTHING_CAME)
        columns = ("line_id", "case__submitted_at", "case__outcome", "case__resolved_at")
        for line_id, at, outcome, resolved_at in cases.values_list(*columns):
            found[line_id].append(_Unit(line_id, at, resolved_at if outcome == "repair" else None))
        names = {(row.order_id, row.external_id): row.pk for rows in self._rows.values() for row in rows}
        for order_id, name, count, at in (*_promised(store_id, ids), *_paid_back(store_id, ids)):
            line_id = names.get((order_id, name))
            if line_id:
                found[line_id] += [_Unit(line_id, at)] * max(0, count)
        return found


_Count = tuple[int, str, int, datetime]


def _promised(store_id: int, ids: Collection[int]) -> Iterable[_Count]:
    rows = Grant.objects.of(store_id).filter(order_id__in=ids, withdrawn_at=None).exclude(source__startswith=_OF_CASE)
    for order_id, items, at in rows.values_list("order_id", "items", "granted_at"):
        yield from ((order_id, item["line"], item["units"], at) for item in items)


def _paid_back(store_id: int, ids: Collection[int]) -> Iterable[_Count]:
    for one in own_refunds(store_id, ids):
        yield from ((one.order_id, item["line"], item["quantity"], one.at) for item in one.lines)


def _variants(store_id: int, rows: Iterable[Sequence[OrderLine]]) -> dict[int, set[int | None]]:
    products = {row.product_id for some in rows for row in some if row.product_id}
    found: dict[int, set[int | None]] = defaultdict(set)
    known = Variant.objects.of(store_id).filter(product_id__in=products)
    for product_id, pk in known.values_list("product_id", "pk"):
        found[product_id].add(pk)
    return found


def _warranty(row: OrderLine, arrival: Arrival, extra: int) -> date | None:
    """`extra` months are a perk of the buyer; what has no warranty gets none by it."""
    months = row.product.warranty_months if row.product else None
    since = arrival.delivered_on or arrival.fulfilled_on
    return add_months(since, months + extra) if months and since else None
