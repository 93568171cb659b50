from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse

from thereafter.commerce.models import Customer, Order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.console.queries import attention_count
from thereafter.console.tiles import Tile, tile
from thereafter.insights import queries
from thereafter.insights.console import periods
from thereafter.insights.rules import days as rules
from thereafter.insights.rules.days import Days
from thereafter.kit import clock
from thereafter.kit.pages import number, percent, render, short_day, url
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

WATCH_DAYS = 30
SCORES = {5: ("Great", "good"), 4: ("Good", "good"), 3: ("Okay", "warn"), 2: ("Bad", "bad"), 1: ("Very bad", "bad")}


@staff_page("insights.read")
def overview(request: StaffRequest) -> HttpResponse:
    store, now = request.store, clock.now()
    last_order = queries.last_order_at(store)
    if last_order is None:
        return render(request, "insights/console/empty.html", {"page_title": "Overview"})
    chosen = periods.chosen(store, request.GET, clock.day_in(now, store.time_zone))
    by_day = queries.orders(store, chosen.days)
    context = {
        "chosen": chosen,
        "lengths": [*periods.LENGTHS.items(), (periods.CUSTOM, "Other days")],
        "tiles": _tiles(store, chosen),
        "orders": _orders_drawn(by_day, chosen.days),
        "order_count": rules.total(by_day, chosen.days),
        "by_week": len(chosen.days) > rules.MOST_DAYS_DRAWN,
        "on_time": _on_time_drawn(store, chosen.days),
        "answers": _answers_drawn(store, chosen.days),
        "needs": _needs(request, now),
        "year": _last_year(last_order, store) if not by_day else None,
    }
    return render(request, "insights/console/overview.html", context | {"page_title": "Overview"})


def _tiles(store: Store, chosen: periods.Chosen) -> list[Tile]:
    """Every room's figures that have something to say."""
    made = (make(store, chosen.period) for make in tile)
    return [one for one in made if one]


def _orders_drawn(by_day: queries.ByDay, days: Days) -> list[dict[str, Any]]:
    bars = (
        rules.by_week(by_day, days) if len(days) > rules.MOST_DAYS_DRAWN else {day: by_day.get(day, 0) for day in days}
    )
    return [{"label": short_day(day), "value": value} for day, value in bars.items()]


def _on_time_drawn(store: Store, days: Days) -> list[dict[str, Any]]:
    """Weeks in which a parcel with a promise arrived."""
    punctual, known = queries.on_time(store, days)
    weeks = rules.by_week(known, days)
    return [
        {
            "label": short_day(week),
            "value": n / weeks[week],
            "text": f"{percent(n / weeks[week])} of {weeks[week]}",
        }
        for week, n in rules.by_week(punctual, days).items()
        if weeks[week]
    ]


def _answers_drawn(store: Store, days: Days) -> dict[str, Any]:
    by_score = queries.answers(store, days).by_score
    count, asked = sum(by_score.values()), queries.asked(store, days)
    bars = [
        {
            "label": label,
            "value": by_score.get(score, 0),
            "text": percent(rules.share(by_score.get(score, 0), count)),
            "tone": tone,
        }
        for score, (label, tone) in SCORES.items()
    ]
    said = f"{number(count)} answers" + (f", {number(asked)} asked" if asked else "")
    return {"bars": bars if count else [], "top": count, "said": said if count else ""}


def _needs(request: StaffRequest, now: datetime) -> list[dict[str, Any]]:
    """What somebody should look at today, worst first; only what there is, and what this person may open."""
    store, since = request.store, now - timedelta(days=WATCH_DAYS)
    held = attention_count(store) if request.membership.may("intake.read") else 0
    late, unhappy = queries.late_parcels(store, since), queries.unhappy_answers(store, since)
    wanted = [
        ("warning", "bad", "Held back", "Refused on the way in, or not carried out", held, "console:attention"),
        ("clock", "warn", "Parcels running late", "The promised day has passed", len(late), "insights_console:late"),
        ("heart", "bad", "Unhappy answers", "Bad or very bad in thirty days", len(unhappy), "insights_console:unhappy"),
    ]
    return [
        {"icon": icon, "tone": tone, "title": title, "text": text, "count": count, "url": url(name, store.slug)}
        for icon, tone, title, text, count, name in wanted
        if count
    ]


def _last_year(last_order: datetime, store: Store) -> dict[str, date]:
    """The year that ends with the last order, for a shop in which nothing happens any more (or a replay)."""
    last = clock.day_in(last_order, store.time_zone)
    return {"since": last - timedelta(days=364), "until": last}


@staff_page("insights.read")
def late(request: StaffRequest) -> HttpResponse:
    entries = queries.late_parcels(request.store, clock.now() - timedelta(days=WATCH_DAYS))
    rows = [
        row | {"said": f"Promised for {short_day(row['entry'].payload['promised_on'])}"}
        for row in _rows(request, entries)
    ]
    context = {"rows": rows, "about": "The promised day has passed and the parcel is not there.", "when": "Late since"}
    return render(request, "insights/console/watch.html", context | {"page_title": "Parcels running late"})


@staff_page("insights.read")
def unhappy(request: StaffRequest) -> HttpResponse:
    entries = queries.unhappy_answers(request.store, clock.now() - timedelta(days=WATCH_DAYS))
    rows = [row | {"said": SCORES[row["entry"].payload["score"]][0]} for row in _rows(request, entries) if row["entry"]]
    context = {"rows": rows, "about": "Who answered “Bad” or “Very bad” in the last thirty days.", "when": "Answered"}
    return render(request, "insights/console/watch.html", context | {"page_title": "Unhappy answers"})


def _rows(request: StaffRequest, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Entries with the order and the person they are about, in two queries."""
    store = request.store
    orders = Order.objects.of(store).in_bulk([entry.order_id for entry in entries if entry.order_id])
    people = Customer.objects.of(store).in_bulk([entry.customer_id for entry in entries if entry.customer_id])
    return [
        {"entry": entry, "order": orders.get(entry.order_id or 0), "customer": people.get(entry.customer_id or 0)}
        for entry in entries
    ]
