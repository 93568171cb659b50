"""Learning from a store's own parcels how long they take, and which model would have served it best."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from thereafter.stores.models import Store
from thereafter.tracking import forecasting, trials
from thereafter.tracking.forecasting import LANE, LIGHTGBM
from thereafter.tracking.models import ForecastTable, Parcel
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import states
from thereafter.tracking.rules.forecast import boosting, lanes
from thereafter.tracking.rules.passages import House, Passage, Way, path
from thereafter.tracking.rules.settings import Settings

REACH = timedelta(days=400)
MOST = 60_000
# Learnt anew once a week, sooner where half as many parcels again came since.
AGAIN, SOONER = timedelta(days=7), 0.5
# Models are tried anew each quarter, sooner when there are twice as many deliveries to learn from.
TRIED_AGAIN, MANY_MORE = timedelta(days=84), 2
BOOSTED_AGAIN = timedelta(days=28)
# Fewer deliveries than these say nothing of which model is better.
ENOUGH_TO_TRY = 100


def refresh(store: Store, now: datetime) -> bool:
    """Learns anew when there is reason to; returns whether it did. The numbers are worked out outside any
    transaction."""
    before = ForecastTable.objects.of(store).filter(kind=LANE).first()
    if not _is_time(store, before, now):
        return False
    settings = settings_of(store)
    passages, regions = _past(store, now)
    house = forecasting.house_of(store, settings)
    way = Way.of(house, passages, now)
    report = _report(passages, regions) | _tried(before, way, passages, now)
    table = lanes.fit(way.trips(), way.anchor, stated(settings, house), _handling(settings))
    bodies = {LANE: json.dumps(table.to_json())}
    if _wants_boosting(settings, report):
        bodies[LIGHTGBM] = _boosted(store, way, now)
    _keep(store, {kind: body for kind, body in bodies.items() if body}, report, now)
    return True


def _boosted(store: Store, way: Way, now: datetime) -> str:
    """LightGBM takes long to fit, so it is fitted each month; "" when there is too little to learn from."""
    known = ForecastTable.objects.of(store).filter(kind=LIGHTGBM).first()
    fitted = json.loads(known.body).get("fitted") if known else None
    if known and fitted and now - datetime.fromisoformat(fitted) < BOOSTED_AGAIN:
        return known.body
    model = boosting.fit(way.plain_trips(), way.plain_anchor)
    return json.dumps(model.to_json() | {"fitted": now.isoformat()}) if model is not None else ""


def _is_time(store: Store, before: ForecastTable | None, now: datetime) -> bool:
    since = before.fitted_at if before else now - REACH
    fresh = Parcel.objects.of(store).filter(delivered_at__gt=since, delivered_at__lte=now).count()
    if before is None or not fresh:
        return bool(fresh)
    return now - since >= AGAIN or fresh >= SOONER * max(100, before.report.get("deliveries", 0))


def _past(store: Store, now: datetime) -> tuple[list[Passage], dict[str, Counter[str]]]:
    """Parcels of late, oldest first, and which region each country's postcodes were told to lie in."""
    rows = (
        Parcel.objects.of(store)
        .filter(ordered_at__gt=now - REACH, ordered_at__lte=now)
        .exclude(status=states.CANCELLED)
        .order_by("-ordered_at")
        .values_list(
            "ordered_at", "order__shipping_address", "carrier_key", "service", "shipped_at", "delivered_at",
            "finished_at", "promised_on", "carrier_first_to",
        )
    )  # fmt: skip
    regions: dict[str, Counter[str]] = defaultdict(Counter)
    passages = []
    for ordered_at, address, carrier, service, shipped_at, delivered_at, finished_at, promised_on, told in rows[:MOST]:
        country, region, postcode = (str(address.get(name) or "") for name in ("country", "region", "postcode"))
        if region and postcode:
            regions[path(country, "", postcode)][region] += 1
        closed_at = None if delivered_at else finished_at
        passages.append(
            Passage(
                ordered_at, path(country, region, postcode), carrier, service, shipped_at, delivered_at, closed_at,
                promised_on, told,
            )
        )  # fmt: skip
    return passages[::-1], regions


def _report(passages: Sequence[Passage], regions: Mapping[str, Counter[str]]) -> dict[str, Any]:
    came = [one for one in passages if one.delivered_at]
    carriers: dict[str, Counter[str]] = defaultdict(Counter)
    for one in came[-2_000:]:
        for country in {one.destination.partition("-")[0], ""}:
            carriers[country][one.carrier] += 1
    return {
        "deliveries": len(came),
        "regions": {code: counted.most_common(1)[0][0] for code, counted in regions.items()},
        "carriers": {country: counted.most_common(1)[0][0] for country, counted in carriers.items()},
    }


def _tried(before: ForecastTable | None, way: Way, passages: Sequence[Passage], now: datetime) -> dict[str, Any]:
    """What the last trial of the models gave; when it is old or there is much more to learn from, a new one."""
    kept = {name: before.report[name] for name in trials.NAMES if name in before.report} if before else {}
    came, last = sum(one.delivered_at is not None for one in passages), kept.get("tried_at")
    is_fresh = last and now - datetime.fromisoformat(last) < TRIED_AGAIN
    if (is_fresh and came < MANY_MORE * kept.get("tried_on", 0)) or came < ENOUGH_TO_TRY:
        return kept
    return trials.trial(way) | {"tried_at": now.isoformat(), "tried_on": came}


def stated(settings: Settings, house: House) -> dict[str, tuple[float, float]]:
    """The carriers' own transit days, as the lane tables want them."""
    told = {key: one.transit_days for key, one in settings.carriers.items() if one.transit_days is not None}
    return {f"home|{key}": (float(low), float(max(high, low + 0.5))) for key, (low, high) in told.items()}


def _handling(settings: Settings) -> tuple[float, float]:
    low, high = settings.warehouse.processing_days
    return max(0.25, float(low)), high + 0.75


def _wants_boosting(settings: Settings, report: Mapping[str, Any]) -> bool:
    wished = settings.dates.model == LIGHTGBM or (settings.dates.model == "auto" and report.get("model") == LIGHTGBM)
    return wished and boosting.available()


def _token(body: str) -> str:
    """By this each process knows a table again that it has read before."""
    return hashlib.blake2b(body.encode(), digest_size=12).hexdigest()


@transaction.atomic
def _keep(store: Store, bodies: Mapping[str, str], report: Mapping[str, Any], now: datetime) -> None:
    chosen = LIGHTGBM if LIGHTGBM in bodies else LANE
    ForecastTable.objects.of(store).exclude(kind__in=bodies).delete()
    for kind, body in bodies.items():
        ForecastTable.objects.update_or_create(
            store=store,
            kind=kind,
            defaults={
                "body": body,
                "report": (dict(report) if kind == LANE else {}) | {"token": _token(body)},
                "chosen": kind == chosen,
                "fitted_at": now,
            },
        )
