"""Orders that earned before there were programmes get their decision as a row, and their buyers a membership."""

import secrets
from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Sum

ALPHABET = "BCDFGHJKMNPQRSTVWXYZ23456789"
BATCH = 500
HUNDREDTHS = 100


def carry_over(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for table, rows in (("OrderEarning", _earnings(apps)), ("Member", _members(apps))):
        model = apps.get_model("loyalty", table)
        batch = []
        for row in rows:
            batch.append(model(**row))
            if len(batch) == BATCH:
                model.objects.bulk_create(batch)
                batch = []
        model.objects.bulk_create(batch)
    _tell(apps)


def _tell(apps: Apps) -> None:
    """What other rooms ask about members."""
    members = apps.get_model("loyalty", "Member").objects.order_by("pk")
    customers = apps.get_model("commerce", "Customer").objects
    codes = dict(members.values_list("customer_id", "referral_code"))
    batch = []
    for customer in customers.filter(pk__in=members.values("customer_id")).iterator(chunk_size=BATCH):
        customer.traits["loyalty.member"] = True
        customer.traits["loyalty.referral_code"] = codes[customer.pk]
        batch.append(customer)
        if len(batch) == BATCH:
            customers.bulk_update(batch, ["traits"])
            batch = []
    customers.bulk_update(batch, ["traits"])


def _earnings(apps: Apps) -> Iterator[dict[str, Any]]:
    entries = apps.get_model("loyalty", "Entry").objects
    taken = dict(
        entries.filter(kind="clawback", order__isnull=False)
        .values("order_id")
        .annotate(taken=-Sum("points"))
        .values_list("order_id", "taken")
    )
    orders = entries.filter(kind="earn", reason="order", order__isnull=False)
    # Those of a journey that calls its own points "order" have another source.
    for entry in orders.filter(source__startswith="order:").order_by("pk").iterator(chunk_size=BATCH):
        said = entry.snapshot
        due = max(0, entry.points - taken.get(entry.order_id, 0))
        spend = said.get("items_minor", 0) * HUNDREDTHS // 10 ** said.get("exponent", 2)
        yield {
            "store_id": entry.store_id,
            "account_id": entry.account_id,
            "order_id": entry.order_id,
            "at": entry.at,
            "version": 0,
            "snapshot": said,
            "points": entry.points,
            "due": due,
            "spend_minor": spend,
            "kept_minor": spend * due // entry.points,
        }


def _members(apps: Apps) -> Iterator[dict[str, Any]]:
    accounts = apps.get_model("loyalty", "Account").objects.filter(kind="points").order_by("pk")
    for account in accounts.iterator(chunk_size=BATCH):
        yield {
            "store_id": account.store_id,
            "customer_id": account.customer_id,
            "joined_at": account.opened_at,
            "source": "automatic",
            "referral_code": _code(8),
            "card_code": _code(16),
        }


def _code(letters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_programme")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop, elidable=True)]
