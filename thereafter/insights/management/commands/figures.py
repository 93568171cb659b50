"""`thereafter figures export [--store SLUG]`: brings the copy up to date on which figures are counted."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from thereafter.insights.export import NotBrought, bring
from thereafter.insights.models import Snapshot
from thereafter.kit import clock
from thereafter.stores.models import Store


class Command(BaseCommand):
    help = "Copies orders and log to where figures are counted: what happened since, or everything with --anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["export"])
        parser.add_argument("--store", help="the store's slug; without it all stores")
        parser.add_argument("--anew", action="store_true", help="read everything again")
        parser.add_argument("--json", action="store_true", help="one JSON line for each store")

    def handle(self, *args: Any, **options: Any) -> None:
        stores = Store.objects.order_by("pk")
        if options["store"]:
            stores = stores.filter(slug=options["store"])
            if not stores:
                raise CommandError(f"There is no store {options['store']}.")
        for store in stores:
            if options["anew"]:
                Snapshot.objects.of(store).update(serial="")
            try:
                told = _told(store, bring(store, now=clock.now()))
            except NotBrought as wrong:
                raise CommandError(f"{store.slug}: {wrong}") from None
            self.stdout.write(json.dumps(told) if options["json"] else _in_words(told))


def _told(store: Store, snapshot: Snapshot) -> dict[str, Any]:
    counted = {name: getattr(snapshot, name) for name in ("orders", "customers", "entries", "took_ms")}
    as_of = snapshot.as_of.isoformat() if snapshot.as_of else None
    return {"store": store.slug, "as_of": as_of, "whole": snapshot.was_whole, **counted}


def _in_words(told: dict[str, Any]) -> str:
    sizes = f"{told['orders']:,} orders, {told['customers']:,} customers, {told['entries']:,} lines of the log"
    return f"{told['store']}: {sizes} in {told['took_ms'] / 1000:.1f} s, true as of {told['as_of']}"
