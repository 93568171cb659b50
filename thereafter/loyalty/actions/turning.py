"""The clock of the ledger: whatever is due by itself, for accounts that nobody touches meanwhile."""

from datetime import datetime

from django.db import transaction

from thereafter.loyalty.actions import sheets
from thereafter.loyalty.models import Account

BATCH = 500


def turn(now: datetime, limit: int = 20_000) -> int:
    """Activations, lapses and expiries that are due; returns for how many accounts something was. In batches, each a
    transaction of its own."""
    done = 0
    while done < limit:
        rows = Account.objects.filter(due_at__lte=now).order_by("due_at", "id")
        first = rows.values_list("store_id", flat=True).first()
        if first is None:
            break
        done += _turn(first, list(rows.filter(store=first).values_list("pk", flat=True)[:BATCH]), now)
    return done


@transaction.atomic
def _turn(store_id: int, account_ids: list[int], now: datetime) -> int:
    sheet = sheets.sheet_of(store_id, account_ids, now=now)
    sheets.close(sheet)
    return len(account_ids)


def bring_up_to_date(store_id: int, customer_id: int, now: datetime) -> None:
    """The same for who is being looked at: what is due by now is true, whether the clock has turned yet or not."""
    rows = Account.objects.of(store_id).filter(customer_id=customer_id, due_at__lte=now)
    waiting = list(rows.values_list("pk", flat=True))
    if waiting:
        _turn(store_id, waiting, now)
