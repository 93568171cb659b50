"""What an order earns and loses: looked up anew each time under the account's lock, so that it does not matter in which
order the shop's news of it are handled.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum

from thereafter.commerce.models import Order
from thereafter.loyalty.actions import ledger, members, sheets, tiers
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.actions.reversing import Undoing, take_back
from thereafter.loyalty.models import Entry, Member, OrderEarning
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.ledger import money_back
from thereafter.loyalty.queries.purchases import purchases, with_people
from thereafter.loyalty.queries.tiers import tiers_at
from thereafter.loyalty.rules import calendar, earning
from thereafter.loyalty.rules.earning import Purchase
from thereafter.loyalty.rules.refunds import Back
from thereafter.timeline.rows import insert

# Reasons of what was taken back of an order; what an exchange takes is counted with the exchange.
UNDONE = ("refund", "cancellation")
BROUGHT = ("order", "exchange", "backfill")


@dataclass(frozen=True, slots=True)
class News:
    """Something happened to an order at a time. Money that went back has its name: "refund:7" as the shop told it,
    "grant:3" of a return here, "exchange:x" of goods that took the place of others; a cancellation or a new order has
    none."""

    order_id: int
    at: datetime
    refund: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is needed to settle some orders; `earned` and `taken` grow while they are settled."""

    orders: dict[int, Order]
    bought: dict[int, Purchase]
    tiers: dict[int, str]
    members: dict[int, Member]
    refunds: dict[int, list[Back]]
    earnings: dict[int, OrderEarning]
    earned: dict[int, Entry]
    taken: dict[int, int]


@transaction.atomic
def settle(store_id: int, news: Sequence[News], *, now: datetime) -> None:
    """Orders earn once, by the rule of their day, unless they were cancelled; what was undone is taken back.

    An order that is cancelled before its points are booked never earns any. Where tiers count, each order of a
    customer sees the tier that the one before it led to.
    """
    versions = programmes.versions(store_id)
    for wave in _waves(store_id, news) if versions.know_tiers else [list(news)]:
        _settle(store_id, wave, now=now)


def _waves(store_id: int, news: Sequence[News]) -> Iterator[list[News]]:
    """The news cut so that no customer has two orders in one part; all news of an order stay together."""
    by_order: dict[int, list[News]] = defaultdict(list)
    for one in news:
        by_order[one.order_id].append(one)
    orders = Order.objects.of(store_id).filter(pk__in=by_order).order_by("placed_at", "pk")
    queues: dict[int, list[int]] = defaultdict(list)
    for order_id, customer_id in orders.values_list("pk", "customer_id"):
        queues[customer_id].append(order_id)
    for turn in range(max(map(len, queues.values()), default=0)):
        yield [one for queue in queues.values() if turn < len(queue) for one in by_order[queue[turn]]]


def _settle(store_id: int, news: Sequence[News], *, now: datetime) -> None:
    order_ids = {one.order_id for one in news}
    owned = OrderEarning.objects.of(store_id).filter(order=OuterRef("pk")).values("account__customer_id")
    rows = list(Order.objects.of(store_id).filter(pk__in=order_ids).annotate(earned_by=Subquery(owned)))
    orders: dict[int, Order] = {order.pk: order for order in rows}
    # An order may have become somebody else's since it earned.
    people = {order.customer_id for order in rows} | {order.earned_by for order in rows} - {None}
    sheet = sheets.open_sheet(store_id, people, now=now)
    facts = _look_up(sheet, orders, {one.order_id for one in news if one.refund})
    fresh = [earning for order in facts.orders.values() if (earning := _earn(sheet, order, facts))]
    changed = _take_back(sheet, news, facts)
    sheets.close(sheet)
    insert(fresh)
    known = [one for one in changed if one not in fresh]
    OrderEarning.objects.bulk_update(known, ["due", "kept_minor"], batch_size=ledger.BATCH)
    if sheet.versions.know_tiers:
        _judge(store_id, facts, fresh, known, now=now)


def _judge(
    store_id: int, facts: Facts, fresh: Sequence[OrderEarning], known: Sequence[OrderEarning], *, now: datetime
) -> None:
    """Rises count from the order's own time; what came back may cost a tier at once."""
    moments = {facts.orders[one.order_id].customer_id: one.at for one in fresh}
    tiers.rise_each(store_id, moments, now=now)
    undone = {facts.orders[one.order_id].customer_id for one in known}
    if undone:
        tiers.after_refunds(store_id, undone, now=now)


def _look_up(sheet: Sheet, orders: dict[int, Order], refunded: set[int]) -> Facts:
    store_id = sheet.store_id
    entries = Entry.objects.of(store_id).filter(order_id__in=orders)
    earned = _earned(store_id, orders)
    taken = entries.filter(kind=Kind.CLAWBACK, reason__in=UNDONE).values("order_id")
    moved = taken.annotate(points=-Sum("points"), forgiven=Sum("forgiven"))
    earnings = {one.order_id: one for one in OrderEarning.objects.of(store_id).filter(order_id__in=orders)}
    waiting = [order for order in orders.values() if order.pk not in earnings and not order.is_cancelled]
    part = members.taking_part(sheet, waiting)
    waiting = [order for order in waiting if order.customer_id in part]
    return Facts(
        orders=orders,
        bought=with_people(store_id, waiting, purchases(waiting), sheet.versions),
        tiers=tiers_at(store_id, part, waiting),
        members=part,
        refunds=money_back(store_id, refunded) if refunded else defaultdict(list),
        earnings=earnings,
        earned=earned,
        taken=defaultdict(int, {row["order_id"]: row["points"] + row["forgiven"] for row in moved}),
    )


def _earned(store_id: int, order_ids: Collection[int]) -> dict[int, Entry]:
    """The lines that brought the points of these orders. One that earned nothing by itself may have by an exchange for
    something dearer, or by a back-fill."""
    rows = Entry.objects.of(store_id).filter(order_id__in=order_ids, kind=Kind.EARN, reason__in=BROUGHT)
    found: dict[int, Entry] = {}
    for entry in rows.exclude(source__startswith="action:").select_related("account").order_by("pk"):
        order_id = entry.order_id or 0
        if order_id not in found or entry.source == _source(order_id):
            found[order_id] = entry
    return found


def _source(order_id: int) -> str:
    return f"order:{order_id}"


def _earn(sheet: Sheet, order: Order, facts: Facts) -> OrderEarning | None:
    bought = facts.bought.get(order.pk)
    if bought is None:
        return None
    account = sheet.accounts[order.customer_id]
    version = sheet.versions.at(order.placed_at)
    decided = earning.decide(version.programme, version.number, replace(bought, tier=facts.tiers.get(order.pk, "")))
    kept = OrderEarning(
        store_id=sheet.store_id,
        account=account,
        order=order,
        at=order.placed_at,
        version=version.number,
        snapshot=decided.snapshot,
        points=decided.points,
        due=decided.points,
        spend_minor=decided.spend_minor,
        kept_minor=decided.spend_minor,
    )
    facts.earnings[order.pk] = kept
    if decided.points:
        entry = ledger.entry_for(
            sheet,
            account,
            Kind.EARN,
            points=decided.points,
            at=order.placed_at,
            source=_source(order.pk),
            reason="order",
        )
        entry.order_id, entry.snapshot = order.pk, decided.snapshot
        waits = version.programme.pending_days
        active_from = calendar.days_later(order.placed_at, waits, version.zone) if waits else None
        ledger.credit(sheet, entry, active_from=active_from)
        facts.earned[order.pk] = entry
    return kept


def _take_back(sheet: Sheet, news: Sequence[News], facts: Facts) -> list[OrderEarning]:
    """Books what came back; returns the orders of which less is kept than before."""
    undone = [one for one in news if one.order_id in facts.earnings and _undoes(one, facts)]
    if not undone:
        return []
    ledger.load_lots(sheet, {facts.earnings[one.order_id].account_id for one in undone})
    undone.sort(key=lambda one: _turn(one, facts))
    last = {one.order_id: one for one in undone}
    for one in undone:
        _take_back_one(sheet, one, facts, is_last=one is last[one.order_id])
    for order_id in last:
        _keep(facts.earnings[order_id], facts)
    return [facts.earnings[order_id] for order_id in last]


def _take_back_one(sheet: Sheet, one: News, facts: Facts, *, is_last: bool) -> None:
    kept, earned = facts.earnings[one.order_id], facts.earned.get(one.order_id)
    due = _still_due(one, facts, is_last=is_last)
    points = kept.points - facts.taken[one.order_id] - due
    if points <= 0 or earned is None:
        return
    facts.taken[one.order_id] += points
    undoing = Undoing(
        name=one.refund or f"cancel:{one.order_id}",
        reason="refund" if one.refund else "cancellation",
        at=one.at,
        points=points,
        policy=kept.snapshot.get("clawback", "unlimited"),
        order_id=one.order_id,
    )
    take_back(sheet, earned, undoing)


def _keep(kept: OrderEarning, facts: Facts) -> None:
    """What of the order's points and value is left, as of all that is known."""
    kept.due = kept.points - facts.taken[kept.order_id]
    if facts.orders[kept.order_id].is_cancelled:
        kept.kept_minor = 0
        return
    share = earning.kept_share(
        kept.snapshot, facts.refunds[kept.order_id], exchanged_minor=sum(kept.exchanges.values())
    )
    kept.kept_minor = int(Fraction(kept.spend_minor) * share + Fraction(1, 2))


def _undoes(one: News, facts: Facts) -> bool:
    return bool(one.refund) or facts.orders[one.order_id].is_cancelled


def _turn(one: News, facts: Facts) -> int:
    """Where it stands among all that went back for its order; before all of it for what is none of that."""
    names = [back.name for back in facts.refunds[one.order_id]]
    return names.index(one.refund) if one.refund in names else -1


def _still_due(one: News, facts: Facts, *, is_last: bool) -> int:
    """Refunds that are handled together count up to each, so that each takes its own part; the last takes what is
    left of all that is known, in whatever order we heard of it."""
    if facts.orders[one.order_id].is_cancelled:
        return 0
    known = facts.refunds[one.order_id]
    until = known if is_last else known[: _turn(one, facts) + 1]
    kept = facts.earnings[one.order_id]
    return earning.still_due(kept.snapshot, until, exchanged_minor=sum(kept.exchanges.values()))


def reach_back(store_id: int, customer_ids: Collection[int], *, now: datetime) -> None:
    """Who joined is given the points of what they bought in the days before, as the programme says."""
    version = programmes.programme_now(store_id)
    since = now - timedelta(days=version.programme.reach_back_days)
    bought = Order.objects.of(store_id).filter(customer__in=customer_ids, cancelled_at=None, placed_at__gte=since)
    settle(store_id, [News(order.pk, order.placed_at) for order in bought.order_by("placed_at")], now=now)


@transaction.atomic
def exchange(order: Order, *, name: str, returned_minor: int, new_minor: int, at: datetime, now: datetime) -> int:
    """Goods took the place of others: an even exchange moves no points, an uneven one earns or takes the difference.

    Amounts are in the order's minor units. Returns the points that moved; the same `name` again moves none.
    """
    earned = OrderEarning.objects.of(order.store_id).filter(order=order).values_list("account__customer_id", flat=True)
    sheet = sheets.open_sheet(order.store_id, {order.customer_id, *earned}, now=now)
    kept = OrderEarning.objects.of(order.store_id).filter(order=order).first()
    if kept is None or name in kept.exchanges or order.is_cancelled:
        return 0
    backs = money_back(order.store_id, [order.pk])[order.pk]
    before = earning.still_due(kept.snapshot, backs, exchanged_minor=sum(kept.exchanges.values()))
    kept.exchanges = {**kept.exchanges, name: new_minor - returned_minor}
    exchanged = sum(kept.exchanges.values())
    difference = earning.still_due(kept.snapshot, backs, exchanged_minor=exchanged) - before
    share = earning.kept_share(kept.snapshot, backs, exchanged_minor=exchanged)
    kept.kept_minor = int(Fraction(kept.spend_minor) * share + Fraction(1, 2))
    moved = _move_difference(sheet, order, kept, ledger.asked_for(f"exchange:{name}"), difference, at)
    sheets.close(sheet)
    kept.save(update_fields=["exchanges", "points", "due", "kept_minor"])
    if sheet.versions.know_tiers:
        tiers.rise_each(order.store_id, {order.customer_id: at}, now=now)
        tiers.after_refunds(order.store_id, {order.customer_id}, now=now)
    return moved


def _move_difference(sheet: Sheet, order: Order, kept: OrderEarning, source: str, points: int, at: datetime) -> int:
    account = ledger.account_of(sheet, kept.account_id)
    earned = _earned(order.store_id, [order.pk]).get(order.pk)
    kept.points += points
    kept.due += points
    if points > 0:
        entry = ledger.entry_for(sheet, account, Kind.EARN, points=points, at=at, source=source, reason="exchange")
        entry.order_id = order.pk
        ledger.credit(sheet, entry)
        return points
    if points < 0 and earned is not None:
        policy = kept.snapshot.get("clawback", "unlimited")
        undoing = Undoing(source, "exchange", at, -points, policy, order.pk)
        return take_back(sheet, earned, undoing).points
    return 0
