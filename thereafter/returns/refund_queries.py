"""What pages ask about refunds."""

from django.db.models import Count, Q

from thereafter.commerce.models import Customer, Order
from thereafter.returns.models import CasePayment, CreditAccount, CreditNote, Grant, GrantShare, Hold
from thereafter.stores.models import Store, StoreQuerySet

State = GrantShare.State
# What each state asks of whom: a person, nobody, or time.
BY_STATE: dict[str, Q] = {
    "hand": Q(state=State.GRANTED, due_at=None),
    "failed": Q(state=State.FAILED, due_at=None),
    "waiting": Q(state=State.SENT) | Q(state__in=(State.GRANTED, State.FAILED), due_at__isnull=False),
    "settled": Q(state=State.SETTLED),
    "all": Q(),
}


def open_counts(store: Store) -> dict[str, int]:
    """How many shares are in each state that is not the end."""
    wanted = {name: Count("pk", filter=BY_STATE[name]) for name in ("hand", "failed", "waiting")}
    going = GrantShare.objects.of(store).filter(state__in=(State.GRANTED, State.FAILED, State.SENT))
    return dict(going.aggregate(**wanted))


def asking(store: Store) -> int:
    """How many wait for a person: the number beside the menu's line."""
    counts = open_counts(store)
    return counts["hand"] + counts["failed"] + payments_to_return(store).count() + holds_to_see_to(store).count()


def payments_to_return(store: Store) -> StoreQuerySet[CasePayment]:
    """What shoppers paid for exchanges that came to nothing, and a person has to give back."""
    rows = CasePayment.objects.of(store).filter(state=CasePayment.State.OWED, due_at=None)
    return rows.select_related("case", "case__customer").order_by("changed_at", "pk")


def holds_to_see_to(store: Store) -> StoreQuerySet[Hold]:
    """Holds that could not be let go, charged or given back: a person has to look."""
    rows = Hold.objects.of(store).filter(state__in=Hold.TO_DO, due_at=None)
    return rows.select_related("case", "case__customer").order_by("changed_at", "pk")


def grants_of(order: Order) -> StoreQuerySet[Grant]:
    """All refunds of an order, oldest first."""
    rows = Grant.objects.of(order.store_id).filter(order=order)
    return rows.prefetch_related("shares").order_by("granted_at", "pk")


def notes_of(granted: Grant) -> StoreQuerySet[CreditNote]:
    return CreditNote.objects.of(granted.store_id).filter(grant=granted).select_related("cancels").order_by("number")


def credits_of(customer: Customer) -> StoreQuerySet[CreditAccount]:
    """What a customer can still spend, what ends first before the others. Credit for a gift is whose gift it was."""
    has_value = Q(paid_minor__gt=0) | Q(bonus_minor__gt=0)
    rows = CreditAccount.objects.of(customer.store_id).filter(has_value, customer=customer)
    rows = rows.exclude(case__is_gift=True)
    return rows.select_related("store").order_by("expires_on", "issued_at", "pk")
