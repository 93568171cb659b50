"""What happens to an account as a whole."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.loyalty import queries
from thereafter.loyalty.actions import ledger
from thereafter.loyalty.models import Account, Entry, Lot, Posting


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int, now: datetime) -> None:
    """Two customers were one person: the history of both goes on in the account of the one that stays."""
    gone = Account.objects.of(store_id).select_for_update().filter(customer_id=merged_id).first()
    if gone is None:
        return
    kept = ledger.open_sheet(store_id, [keep_id], now=now).accounts[keep_id]
    if kept.pk == gone.pk:
        return
    for table in (Entry, Lot, Posting):
        table.objects.of(store_id).filter(account=gone).update(account=kept)
    both = Account.objects.of(store_id).filter(pk=kept.pk)
    both.update(available=kept.available + gone.available, debt=kept.debt + gone.debt)
    gone.delete()
    set_traits(store_id, {keep_id: {"loyalty.points": kept.available + gone.available}})


@transaction.atomic
def prove() -> int:
    """Compares each account's figures with its lots and its postings, marks those that differ, and returns how many."""
    Account.objects.exclude(doubt="").update(doubt="")
    found = queries.doubted()
    for account_id, doubt in found.items():
        Account.objects.filter(pk=account_id).update(doubt=doubt)
    return len(found)
