"""What is asked of the ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from thereafter.commerce.models import Customer, Order, Refund
from thereafter.events.refunds import RefundSettled
from thereafter.loyalty.models import Account, Allocation, Entry, Lot, Member, OrderEarning, Posting, Redemption
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.programmes import Versions
from thereafter.loyalty.queries.purchases import purchases, with_people
from thereafter.loyalty.rules.earning import Purchase, decide
from thereafter.loyalty.rules.refunds import Back, counted_once
from thereafter.stores.models import Store, StoreQuerySet
from thereafter.timeline.models import Entry as LogEntry

MOST_DOUBTS = 1000
# Reasons that an order itself has; an answer about it is another matter.
OF_ORDERS = ("order", "refund", "cancellation", "exchange", "backfill")


@dataclass(frozen=True)
class Totals:
    """All points of a store: given, taken back, spent and run out, and what members have or owe now."""

    awarded: int
    taken_back: int
    available: int
    debt: int
    pending: int = 0
    reserved: int = 0
    redeemed: int = 0
    expired: int = 0

    @property
    def net(self) -> int:
        return self.awarded - self.taken_back


@dataclass(frozen=True)
class Gained:
    """Points of an order; `booked` when they are in the ledger."""

    points: int
    booked: bool


def account_of(customer: Customer) -> Account | None:
    return Account.objects.of(customer.store_id).filter(customer=customer, kind="points").first()


def balances(store_id: int, customer_ids: Sequence[int]) -> dict[int, int]:
    """What each of these customers may spend; who has no account is not in it."""
    accounts = Account.objects.of(store_id).filter(customer_id__in=customer_ids, kind="points")
    return dict(accounts.values_list("customer_id", "available"))


def money_back(store_id: int, order_ids: Collection[int]) -> dict[int, list[Back]]:
    """By order, all that went back so far: what the shop told, and what returns here paid. Two queries."""
    told: dict[int, dict[str, Back]] = defaultdict(dict)
    for one in Refund.objects.of(store_id).filter(order_id__in=order_ids).order_by("id"):
        told[one.order_id][one.external_id] = Back(f"refund:{one.pk}", one.at, one.amount_minor, _lines(one))
    granted: dict[int, dict[int, tuple[Back, Collection[str]]]] = defaultdict(dict)
    log = LogEntry.objects.of(store_id).filter(order_id__in=order_ids, name=RefundSettled.name)
    for order_id, at, said in log.order_by("id").values_list("order_id", "occurred_at", "payload"):
        # One that a bank sent back and that went again is one refund.
        back = Back(f"grant:{said['grant_id']}", at, said["amount_minor"])
        granted[order_id or 0][said["grant_id"]] = back, said.get("provider_refs", ())
    return defaultdict(
        list,
        {pk: counted_once(told[pk], list(granted[pk].values())) for pk in {*told, *granted}},
    )


def _lines(refund: Refund) -> tuple[tuple[str, int], ...]:
    return tuple((str(one["line"]), int(one.get("quantity") or 0)) for one in refund.lines if one.get("line"))


def points_of_orders(orders: Sequence[Order]) -> dict[int, Gained]:
    """What each order brought and lost so far; before its points are booked, what it will bring."""
    booked = Entry.objects.filter(order__in=orders, reason__in=OF_ORDERS)
    known = dict(booked.values("order_id").annotate(gained=Sum("points")).values_list("order_id", "gained"))
    decided = set(OrderEarning.objects.filter(order__in=orders).values_list("order_id", flat=True))
    gained = {pk: Gained(known.get(pk, 0), True) for pk in decided | set(known)}
    waiting = [order for order in orders if order.pk not in gained]
    return gained | {order.pk: Gained(points, False) for order, points in _expected(waiting)}


def _expected(orders: Sequence[Order]) -> list[tuple[Order, int]]:
    if not orders:
        return []
    store_id = orders[0].store_id
    versions = programmes.versions(store_id)
    bought = with_people(store_id, orders, purchases(orders), versions)
    members = Member.objects.of(store_id).filter(customer__in={order.customer_id for order in orders})
    tiers = dict(members.values_list("customer_id", "tier"))
    return [(order, _would_earn(order, bought.get(order.pk), versions, tiers)) for order in orders]


def _would_earn(order: Order, bought: Purchase | None, versions: Versions, tiers: Mapping[int, str]) -> int:
    version = versions.at(order.placed_at)
    takes_part = version.programme.joining == "automatic" or order.customer_id in tiers
    if bought is None or order.is_cancelled or not takes_part:
        return 0
    bought = replace(bought, tier=tiers.get(order.customer_id, ""))
    return decide(version.programme, version.number, bought).points


def history(account: Account, most: int = 30) -> Sequence[Entry]:
    """The newest lines of a member, with their orders."""
    return list(account.entries.select_related("order").order_by("-at", "-id")[:most])


def entries_of(order: Order) -> list[Entry]:
    """What the order earned and lost, oldest first."""
    return list(Entry.objects.of(order.store_id).filter(order=order).order_by("at", "id"))


def members(store: Store) -> StoreQuerySet[Account]:
    """Accounts with their people, the richest first."""
    return Account.objects.of(store).select_related("customer").order_by("-available", "id")


def search(store: Store, words: str) -> StoreQuerySet[Account]:
    found = Q(customer__name__icontains=words) | Q(customer__email__icontains=words)
    return members(store).filter(found) if words else members(store)


def totals(store: Store | int) -> Totals:
    """The store's ledger in four sums, over all time."""
    sums = dict(
        Posting.objects.of(store).values_list("ledger").annotate(amount=Sum("amount")).values_list("ledger", "amount")
    )
    return Totals(
        awarded=-sums.get(Posting.Ledger.ISSUED, 0),
        taken_back=sums.get(Posting.Ledger.REVERSED, 0),
        available=sums.get(Posting.Ledger.AVAILABLE, 0),
        debt=-sums.get(Posting.Ledger.DEBT, 0),
        pending=sums.get(Posting.Ledger.PENDING, 0),
        reserved=sums.get(Posting.Ledger.RESERVED, 0),
        redeemed=sums.get(Posting.Ledger.REDEEMED, 0),
        expired=sums.get(Posting.Ledger.EXPIRED, 0),
    )


def doubted() -> dict[int, str]:
    """Accounts whose figures, lots, reservations and postings do not agree, with what is wrong in a sentence."""
    lots = Lot.objects.filter(account=OuterRef("pk"), remaining__gt=0)
    held = Redemption.objects.filter(account=OuterRef("pk"), state=Redemption.State.HELD)
    rows = (
        Account.objects.annotate(
            in_lots=_sum(lots.filter(is_active=True), "remaining"),
            waiting=_sum(lots.filter(is_active=False), "remaining"),
            held=_sum(held, "points"),
            posted=_posted(Posting.Ledger.AVAILABLE),
            posted_pending=_posted(Posting.Ledger.PENDING),
            posted_reserved=_posted(Posting.Ledger.RESERVED),
            owed=-_posted(Posting.Ledger.DEBT),
        )
        .exclude(
            available=F("in_lots"),
            posted=F("in_lots"),
            pending=F("waiting"),
            posted_pending=F("waiting"),
            reserved=F("held"),
            posted_reserved=F("held"),
            debt=F("owed"),
        )
        .values()[:MOST_DOUBTS]
    )
    doubts = {row["id"]: _doubt(row) for row in rows}
    lopsided = Posting.objects.values("entry_id", "account_id").annotate(over=Sum("amount")).exclude(over=0)
    for entry in lopsided[:MOST_DOUBTS]:
        doubts.setdefault(entry["account_id"], f"A line of the history is out of balance by {entry['over']}.")
    taken = Allocation.objects.filter(lot=OuterRef("pk")).values("lot").annotate(total=Sum("points")).values("total")
    unexplained = Lot.objects.annotate(taken=Coalesce(Subquery(taken), 0)).exclude(original=F("remaining") + F("taken"))
    for account_id in unexplained.values_list("account_id", flat=True)[:MOST_DOUBTS]:
        doubts.setdefault(account_id, "A lot has more or less left than its history says.")
    return doubts


def _doubt(row: Mapping[str, int]) -> str:
    return (
        f"The account says {row['available']}, its lots {row['in_lots']}, its postings {row['posted']}; "
        f"pending {row['pending']}, {row['waiting']}, {row['posted_pending']}; "
        f"held {row['reserved']}, {row['held']}, {row['posted_reserved']}; debt {row['debt']}, {row['owed']}."
    )


def _posted(ledger: str) -> Coalesce:
    return _sum(Posting.objects.filter(account=OuterRef("pk"), ledger=ledger), "amount")


def _sum(rows: StoreQuerySet[Any], field: str) -> Coalesce:
    """The sum of a field over the rows of one account, in one subquery."""
    return Coalesce(Subquery(rows.values("account").annotate(total=Sum(field)).values("total")), 0)
