"""Keeping workers from people while something is done with all of them."""

from collections.abc import Collection

from django.db import connection

from thereafter.events.base import ShopperEvent
from thereafter.journeys.models import Run
from thereafter.stores.models import StoreQuerySet


def hold(runs: StoreQuerySet[Run]) -> None:
    """Waits for the workers that have some of these runs, and keeps all of them until the transaction ends; then what
    the workers did is to be seen, and they pass over what is kept. Takes no memory per run. SQLite has one writer."""
    if connection.features.has_select_for_update:
        for _ in runs.order_by("pk").select_for_update(of=("self",)).values_list("pk").iterator():
            pass


def hold_doors(events: Collection[ShopperEvent]) -> None:
    """Keeps the journeys that these events may begin from being published until the transaction ends.

    Who is let in is then let into the version that holds, or stands there already when publishing looks who is on the
    way. Taken before any run is: publishing takes the journey first, too, and neither waits for the other for ever.
    """
    if connection.vendor == "postgresql" and events:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT j.id FROM journeys_journey j JOIN journeys_journeyversion v ON v.id = j.version_id "
                "WHERE j.store_id = ANY(%s) AND j.live AND v.trigger = ANY(%s) ORDER BY j.id FOR KEY SHARE OF j",
                [list({event.store_id for event in events}), list({event.name for event in events})],
            )
