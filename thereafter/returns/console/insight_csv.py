"""Returns insight as one table for a spreadsheet: counts, and shares of 1 with the ends of their intervals."""

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from thereafter.kit.shares import Share
from thereafter.kit.tables import harmless
from thereafter.returns import figures
from thereafter.returns.console import insight_rates
from thereafter.returns.rules.figures import money as rules

if TYPE_CHECKING:
    from thereafter.returns.console.insight import Board

COLUMNS = (
    "figure", "by", "name", "delivered_units", "returned_units", "rate", "low", "high", "value_rate", "complete",
    "usually_come_by_now",
)  # fmt: skip
Line = dict[str, Any]


def download(board: "Board", name: str) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    table = csv.DictWriter(answer, COLUMNS, restval="")
    table.writeheader()
    for line in (*_cohorts(board), *_groups(board), *_reasons(board), *_money(board)):
        table.writerow(line | {"name": harmless(str(line["name"]))})
    return answer


def _cohorts(board: "Board") -> Iterator[Line]:
    for one in board.cohorts:
        yield {
            "figure": "return rate",
            "by": f"delivery {board.step}",
            "name": one.first.isoformat(),
            "delivered_units": one.sums.delivered,
            "returned_units": one.sums.returned,
            **_share(one.sums.rate),
            "value_rate": _round(one.sums.value_rate),
            "complete": "yes" if one.is_complete else "no",
            "usually_come_by_now": _round(one.come_by),
        }


def _groups(board: "Board") -> Iterator[Line]:
    for group in insight_rates.groups(board):
        for row in group["rows"]:
            yield {
                "figure": "return rate",
                "by": group["title"].lower(),
                "name": row["name"],
                "delivered_units": row["delivered"],
                "returned_units": row["returned"],
                **_share(row["share"]),
                "value_rate": _round(row["sums"].value_rate),
                "complete": "yes",
            }


def _reasons(board: "Board") -> Iterator[Line]:
    _, returned = board.complete
    counts: dict[str, int] = {}
    for one in returned:
        counts[one.reason] = counts.get(one.reason, 0) + 1
    for row in insight_rates.reason_rows(counts):
        line = {"figure": "share of returns", "by": "reason", "name": row["label"], "returned_units": row["count"]}
        yield line | _share(row["part"]) | {"complete": "yes"}


def _money(board: "Board") -> Iterator[Line]:
    cases = board.cases
    kept = rules.retained(cases)
    yield {"figure": "exchange share", "by": "cases", "name": "all", **_share(rules.exchange_share(cases))}
    yield {"figure": "refund ratio", "by": "cases", "name": "all", "rate": _round(rules.refund_ratio(cases))}
    yield {"figure": "retained revenue", "by": "cases", "name": "all", "rate": _round(kept.share)}
    for carrier, (part, whole) in figures.claims_by_carrier(board.store, board.start, board.now).items():
        yield {
            "figure": "claim rate",
            "by": "carrier",
            "name": carrier,
            "delivered_units": whole,
            "returned_units": part,
            "rate": _round(part / whole if whole else None),
        }


def _share(found: Share | None) -> Line:
    return {"rate": _round(found.value), "low": _round(found.low), "high": _round(found.high)} if found else {}


def _round(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)
