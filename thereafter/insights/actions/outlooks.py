"""Renewing what is expected of a store's customers: the model, one outlook each, and the traits that others ask."""

import logging
import time
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec
from django.db import connection

from thereafter.insights.actions.outlook_rows import write
from thereafter.insights.export import bring
from thereafter.insights.figures.people import Scored, people, scores
from thereafter.insights.figures.prediction import predict
from thereafter.insights.figures.value import cuts_of
from thereafter.insights.figures.view import View
from thereafter.insights.models import OutlookFit, Snapshot
from thereafter.insights.rules.clv.people import foretell
from thereafter.insights.rules.days import Days
from thereafter.kit import clock
from thereafter.stores.models import Store

log = logging.getLogger(__name__)
# Without news the days still pass.
LONGEST = timedelta(days=7)
LEVELS = 5
# So many customers take some seconds.
MOST_AT_ONCE = 20_000
_REST_SECONDS = 60
_rests = {"until": 0.0}


class Renewed(NamedTuple):
    """How many customers have an outlook, and of how many a trait changed."""

    customers: int
    changed: int


def renew_by_night(now: datetime) -> int:
    """All stores with news, but not again within a minute by this machine's own clock: a replay runs through nights in
    no time. One that fails keeps no other waiting."""
    if time.monotonic() < _rests["until"]:
        return 0
    done = 0
    for store in Store.objects.order_by("pk"):
        try:
            done += _renew_with_news(store, now)
        except Exception:
            # Engines and models fail in ways of their own, and each in the shop that made them.
            if connection.needs_rollback:
                raise
            log.exception("the outlooks of %s could not be renewed", store.slug)
    _rests["until"] = time.monotonic() + _REST_SECONDS
    return done


def _renew_with_news(store: Store, now: datetime) -> int:
    snapshot, fit = bring(store, now=now), OutlookFit.objects.of(store).first()
    if fit and fit.orders == snapshot.orders and now - fit.fitted_at < LONGEST:
        return 0
    return _renew(store, snapshot, now).customers


def renew(store: Store, *, now: datetime) -> Renewed:
    """Brings the snapshot, fits the model anew, and writes outlooks and the traits that changed, in sets.

    `EngineTrouble` where the snapshot cannot be made or read.
    """
    return _renew(store, bring(store, now=now), now)


def refresh(store: Store, *, now: datetime) -> bool:
    """Brings the snapshot for somebody who waits; outlooks too where that takes seconds. False where somebody else is
    at it, and the figures are those of before. `EngineTrouble` as `renew`."""
    snapshot = bring(store, now=now)
    if snapshot.as_of is None or snapshot.as_of < now:
        return False
    if snapshot.customers <= MOST_AT_ONCE:
        _renew(store, snapshot, now)
    return True


def _renew(store: Store, snapshot: Snapshot, now: datetime) -> Renewed:
    today = clock.day_in(now, store.time_zone)
    everybody = people(store.pk, today)
    prediction = predict(store.pk, everybody, today)
    told = foretell(prediction.model, everybody) if prediction.model else None
    changed = write(store, everybody, told, _scored(store, today), now=now)
    OutlookFit.objects.update_or_create(
        store=store,
        defaults={
            "fitted_at": now,
            "until": today,
            "customers": len(everybody),
            "orders": snapshot.orders,
            "is_told": prediction.facts.is_told,
            "facts": msgspec.to_builtins(prediction.facts),
        },
    )
    return Renewed(len(everybody), changed)


def _scored(store: Store, today: date) -> Scored:
    """Cut where the RFM map of the page of customers is cut on the same day."""
    return scores(store.pk, today, cuts_of(View(store, Days(today, today)), LEVELS))
