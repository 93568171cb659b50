"""The scorecard as a table for a spreadsheet: counts, and shares of 1 with the ends of their intervals."""

import csv
from collections.abc import Sequence

from django.http import HttpResponse

from thereafter.kit.tables import harmless
from thereafter.tracking.rules.scorecard import share, spread
from thereafter.tracking.scorecard import Row

Value = str | int | float | None


def download(groups: Sequence[tuple[str, Sequence[tuple[str, Row]]]], name: str) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    lines = [line(title, name, row) for title, listed in groups for name, row in listed]
    table = csv.DictWriter(answer, list(lines[0]) if lines else ["by", "name", "parcels"])
    table.writeheader()
    table.writerows(lines)
    return answer


def line(title: str, name: str, row: Row) -> dict[str, Value]:
    now = row.now
    return {
        "by": title.lower(),
        "name": harmless(name),
        "parcels": now.parcels,
        "delivered": now.delivered,
        "on_time": now.on_time,
        **_shares("on_time", now.on_time, now.parcels),
        "on_time_share_before": _value(row.before.on_time, row.before.parcels),
        "early": now.early,
        **_days("order_to_door", now.door_days, "days"),
        **_days("hand_over_to_door", now.carried_days, "days"),
        "lost": now.lost,
        "damaged": now.damaged,
        "exceptions": now.exceptions,
        "failed_attempts": now.attempts,
        "sent_back": now.returned,
        "scans": now.scans,
        **_days("first_scan", now.silent_hours, "hours"),
        "on_the_way_now": row.under_way,
        "overdue_now": row.overdue,
    }


def _shares(name: str, part: int, whole: int) -> dict[str, Value]:
    found = share(part, whole)
    ends = {"share": found.value, "low": found.low, "high": found.high} if found else {}
    return {f"{name}_{end}": round(ends[end], 4) if ends else None for end in ("share", "low", "high")}


def _value(part: int, whole: int) -> Value:
    found = share(part, whole)
    return round(found.value, 4) if found else None


def _days(name: str, values: Sequence[float], unit: str) -> dict[str, Value]:
    found = spread(values)
    return {
        f"{name}_median_{unit}": round(found.median, 2) if found else None,
        f"{name}_p90_{unit}": round(found.p90, 2) if found else None,
    }
