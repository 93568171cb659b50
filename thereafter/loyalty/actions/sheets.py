"""Opening and closing sheets: accounts are locked in one order for everybody, and brought up to date first."""

from collections.abc import Iterable
from datetime import datetime

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import due
from thereafter.loyalty.actions.ledger import Sheet
from thereafter.loyalty.actions.writing import write
from thereafter.loyalty.models import Account
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.programmes import Versions
from thereafter.loyalty.rules.programme import MAIN


def open_sheet(
    store_id: int, customer_ids: Iterable[int], *, now: datetime, kind: str = MAIN, versions: Versions | None = None
) -> Sheet:
    """Locks these customers' accounts of a kind of points and opens those that are new.

    The account of a customer who was merged into another is that other's. `versions` are read unless the caller has.
    """
    owners = _owners(store_id, set(customer_ids))
    wanted = Account.objects.of(store_id).filter(customer_id__in=set(owners.values()), kind=kind)
    missing = sorted(set(owners.values()) - set(wanted.values_list("customer_id", flat=True)))
    Account.objects.bulk_create(
        [Account(store_id=store_id, customer_id=customer_id, kind=kind, opened_at=now) for customer_id in missing],
        ignore_conflicts=True,
    )
    locked = {account.customer_id: account for account in wanted.select_for_update().order_by("pk")}
    accounts = {asked: locked[owner] for asked, owner in owners.items()}
    sheet = Sheet(store_id, now, versions or programmes.versions(store_id), accounts)
    due.catch_up(sheet, locked.values())
    return sheet


def hold(store_id: int, sure: Iterable[int], maybe: Iterable[int] = (), *, now: datetime) -> None:
    """Locks accounts for whoever will lock members first: accounts come before members everywhere. Of those who may or
    may not be given points, the accounts there are."""
    there = Account.objects.of(store_id).filter(customer_id__in=set(maybe), kind=MAIN)
    close(open_sheet(store_id, {*sure, *there.values_list("customer_id", flat=True)}, now=now))


def sheet_of(store_id: int, account_ids: Iterable[int], *, now: datetime) -> Sheet:
    """Locks these accounts of any kind and brings them up to date."""
    rows = Account.objects.of(store_id).filter(pk__in=set(account_ids)).select_for_update().order_by("pk")
    accounts = list(rows)
    sheet = Sheet(store_id, now, programmes.versions(store_id), {account.pk: account for account in accounts})
    due.catch_up(sheet, accounts)
    return sheet


def _owners(store_id: int, asked: set[int]) -> dict[int, int]:
    gone = Customer.objects.of(store_id).filter(pk__in=asked, merged_into__isnull=False)
    merged = dict(gone.values_list("pk", "merged_into_id"))
    return {customer_id: merged.get(customer_id) or customer_id for customer_id in asked}


def close(sheet: Sheet) -> None:
    """Carries out what became due by what was booked, such as points of an old order that have ended, and writes."""
    due.catch_up(sheet, list(sheet.touched.values()))
    write(sheet)
