"""`thereafter import csv FILE|DIR --store SLUG --mapping shopify|woocommerce|olist|FILE`: orders from text tables."""

import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from thereafter.commerce.actions.intake import MOST, content_key, keep_batch
from thereafter.commerce.connectors.csv import read_orders
from thereafter.commerce.connectors.mapping import Mapping, find_mapping
from thereafter.commerce.connectors.reading import Unreadable
from thereafter.commerce.jobs import drain_intake
from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.kit.batches import batched
from thereafter.stores.models import Store
from thereafter.timeline import inbox


class Command(BaseCommand):
    help = "Imports orders from a CSV file (or a folder of tables) by a mapping. Importing again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=["csv"])
        parser.add_argument("path", type=Path, help="the file, or the folder when the mapping joins several tables")
        parser.add_argument("--store", required=True, help="the store's slug")
        parser.add_argument(
            "--mapping", required=True, help="shopify, woocommerce, olist or the path of a mapping file"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON line")
        parser.add_argument("--leave-to-worker", action="store_true", help="only put the orders into the inbox")

    def handle(self, *args: Any, **options: Any) -> None:
        store = Store.objects.filter(slug=options["store"]).first()
        if store is None:
            raise CommandError(f"There is no store {options['store']}.")
        if not options["path"].exists():
            raise CommandError(f"There is no file or folder {options['path']}.")
        try:
            report = _import(
                store, options["path"], find_mapping(options["mapping"]), drain=not options["leave_to_worker"]
            )
        except Unreadable as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(msgspec.json.encode(report).decode() if options["json"] else _in_words(report))


def _import(store: Store, path: Path, mapping: Mapping, *, drain: bool) -> dict[str, Any]:
    began, before = time.perf_counter(), _newest_refusal(store)
    orders_before = Order.objects.of(store).count()
    read = accepted = duplicates = 0
    for batch in batched(tqdm(read_orders(path, mapping), unit=" orders", disable=None), MOST):
        rows = [msgspec.json.encode(document) for document in batch]
        key = content_key("orders", b"\n".join(rows))
        kept = keep_batch(store, "orders", rows, source=mapping.source, key=key, now=clock.now())
        read += len(rows)
        accepted += kept.accepted
        duplicates += kept.accepted if kept.is_duplicate else 0
        if drain:
            _drain()
    return {
        "read": read,
        "accepted": accepted,
        "duplicates": duplicates,
        "new_orders": Order.objects.of(store).count() - orders_before,
        "refused": _refused_since(store, before),
        "seconds": round(time.perf_counter() - began, 3),
    }


def _drain() -> None:
    while drain_intake(clock.now()):
        pass


def _newest_refusal(store: Store) -> int:
    return inbox.refused(store).values_list("pk", flat=True).first() or 0


def _refused_since(store: Store, before: int) -> dict[str, int]:
    reasons = inbox.refused(store).filter(pk__gt=before).values_list("reason", flat=True)
    return dict(Counter(reason.partition(":")[0] for reason in reasons))


def _in_words(report: dict[str, Any]) -> str:
    refused = ", ".join(f"{count} {code}" for code, count in report["refused"].items()) or "none"
    return (
        f"{report['read']} orders read in {report['seconds']} s: {report['new_orders']} new, "
        f"{report['duplicates']} in batches we had already; refused: {refused}."
    )
