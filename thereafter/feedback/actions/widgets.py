"""Where a shop's widgets may stand, how they look, and the address of its feed."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.feedback.models import WidgetSettings
from thereafter.feedback.rules import widgets as rules
from thereafter.kit import tokens
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

_SITE = re.compile(r"^https://[a-z0-9.-]+(:[0-9]{1,5})?$|^http://localhost(:[0-9]{1,5})?$")
MOST_SITES = 20
CHANGED = ("stars_colour", "page_size", "sort", "shows_attributes", "shows_country", "sites")


class BadWidgets(ValueError):
    """Says what cannot be kept, in a sentence."""


@transaction.atomic
def change(store: Store, given: Mapping[str, Any], *, by: Staff | None, now: datetime) -> WidgetSettings:
    """Keeps what is given of `CHANGED`; raises `BadWidgets`."""
    kept = _kept(store, now)
    for name in CHANGED:
        if name in given:
            setattr(kept, name, given[name])
    kept.sites = _sites(kept.sites)
    if kept.sort not in rules.DEFAULT_SORTS:
        raise BadWidgets("Choose newest, most helpful or photos: no order may look at the stars by itself.")
    kept.changed_at = now
    kept.save()
    audit(store, by=by, verb="feedback.widgets", now=now, detail={"sites": kept.sites, "sort": kept.sort})
    return kept


@transaction.atomic
def renew_feed(store: Store, *, by: Staff | None, now: datetime) -> WidgetSettings:
    """A new address for the feed; the old one is nobody's from now on."""
    kept = _kept(store, now)
    kept.feed_token, kept.feed_fetched_at = tokens.random_token()[:40], None
    kept.save()
    audit(store, by=by, verb="feedback.feed", now=now)
    return kept


def fetched(kept: WidgetSettings, *, now: datetime) -> None:
    WidgetSettings.objects.of(kept.store_id).filter(pk=kept.pk).update(feed_fetched_at=now)


def _kept(store: Store, now: datetime) -> WidgetSettings:
    WidgetSettings.objects.bulk_create([WidgetSettings(store=store, changed_at=now)], ignore_conflicts=True)
    return WidgetSettings.objects.of(store).select_for_update().get()


def _sites(given: Sequence[str]) -> list[str]:
    sites = list(dict.fromkeys(one.strip().rstrip("/").lower() for one in given if one.strip()))
    for one in sites:
        if not _SITE.match(one):
            raise BadWidgets(f"“{one}” is not the address of a site. Write it as https://shop.example.")
    if len(sites) > MOST_SITES:
        raise BadWidgets(f"{MOST_SITES} sites are the most.")
    return sites
