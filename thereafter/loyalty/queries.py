"""What is asked of the ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from thereafter.commerce.models import Customer, Order, OrderLine, Refund
from thereafter.events.refunds import RefundSettled
from thereafter.kit.money import exponent
from thereafter.loyalty import rules
from thereafter.loyalty.models import Account, Entry, Lot, Posting
from thereafter.loyalty.rules import Back
from thereafter.stores.models import Store, StoreQuerySet
from thereafter.timeline.models import Entry as LogEntry

MOST_DOUBTS = 1000
# Reasons that an order itself has; an answer about it is another matter.
OF_ORDERS = ("order", "refund", "cancellation")


@dataclass(frozen=True)
class Totals:
    """All points of a store: given, taken back, and what members may spend or owe now."""

    awarded: int
    taken_back: int
    available: int
    debt: int

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
        told[one.order_id][one.external_id] = Back(f"refund:{one.pk}", one.at, one.amount_minor)
    granted: dict[int, dict[int, tuple[Back, Collection[str]]]] = defaultdict(dict)
    log = LogEntry.objects.of(store_id).filter(order_id__in=order_ids, name=RefundSettled.name)
    for order_id, at, said in log.order_by("id").values_list("order_id", "occurred_at", "payload"):
        # One that a bank sent back and that went again is one refund.
        back = Back(f"grant:{said['grant_id']}", at, said["amount_minor"])
        granted[order_id or 0][said["grant_id"]] = back, said.get("provider_refs", ())
    return defaultdict(
        list,
        {pk: rules.counted_once(told[pk], list(granted[pk].values())) for pk in {*told, *granted}},
    )


def points_of_orders(orders: Sequence[Order]) -> dict[int, Gained]:
    """What each order brought and lost so far; before its points are booked, what it will bring."""
    booked = (
        Entry.objects.filter(order__in=orders, reason__in=OF_ORDERS).values("order_id").annotate(gained=Sum("points"))
    )
    known = {row["order_id"]: Gained(row["gained"], True) for row in booked}
    waiting = [order for order in orders if order.pk not in known]
    spent = spent_on(waiting)
    return known | {order.pk: Gained(_expected(order, spent), False) for order in waiting}


def _expected(order: Order, spent: Mapping[int, rules.Spent]) -> int:
    if order.is_cancelled or order.pk not in spent:
        return 0
    return rules.points_for_order(spent[order.pk], rules.PROGRAMME.order_rate)


def spent_on(orders: Collection[Order]) -> dict[int, rules.Spent]:
    """What was spent on each order that has items, in one query."""
    by_id = {order.pk: order for order in orders}
    if not by_id:
        return {}
    lines = OrderLine.objects.filter(order_id__in=by_id).values("order_id")
    sums = lines.annotate(items=Sum("total_minor"), number=Count("id"))
    return {row["order_id"]: _spent(by_id[row["order_id"]], row["items"], row["number"]) for row in sums}


def _spent(order: Order, lines_minor: int, line_count: int) -> rules.Spent:
    tax_on_top = 0 if order.taxes_included else order.tax_minor
    return rules.Spent(
        items_minor=rules.items_after_discounts(
            lines_minor=lines_minor,
            line_count=line_count,
            paid_minor=order.total_minor - order.shipping_minor - order.fees_minor - tax_on_top,
        ),
        total_minor=order.total_minor,
        currency=order.currency,
        exponent=exponent(order.currency),
    )


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
    )


def doubted() -> dict[int, str]:
    """Accounts whose figures, lots and postings do not agree, or that have a line that does not sum to zero."""
    rows = (
        Account.objects.annotate(
            in_lots=_sum(Lot.objects.filter(account=OuterRef("pk"), remaining__gt=0), "remaining"),
            posted=_posted(Posting.Ledger.AVAILABLE),
            owed=-_posted(Posting.Ledger.DEBT),
        )
        .exclude(available=F("in_lots"), posted=F("in_lots"), debt=F("owed"))
        .values_list("pk", "available", "in_lots", "posted", "debt", "owed")[:MOST_DOUBTS]
    )
    doubts = {
        pk: f"The account says {available}, its lots {in_lots}, its postings {posted}; debt {debt}, postings {owed}."
        for pk, available, in_lots, posted, debt, owed in rows
    }
    lopsided = Posting.objects.values("entry_id", "account_id").annotate(over=Sum("amount")).exclude(over=0)
    for entry in lopsided[:MOST_DOUBTS]:
        doubts.setdefault(entry["account_id"], f"A line of the history is out of balance by {entry['over']}.")
    return doubts


def _posted(ledger: str) -> Coalesce:
    return _sum(Posting.objects.filter(account=OuterRef("pk"), ledger=ledger), "amount")


def _sum(rows: StoreQuerySet[Lot] | StoreQuerySet[Posting], field: str) -> Coalesce:
    """The sum of a field over the rows of one account, in one subquery."""
    return Coalesce(Subquery(rows.values("account").annotate(total=Sum(field)).values("total")), 0)
