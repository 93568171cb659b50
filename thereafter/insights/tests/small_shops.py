"""Small shops made at random, and engines in memory to ask about them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from hypothesis import strategies as st
from ibis.expr.types import Table

from thereafter.insights.engine.port import Row, rows_of
from thereafter.insights.metrics.tables import SCHEMAS, Scope
from thereafter.insights.rules.months import month_of

STORE = 7
FIRST = (date(2026, 1, 1) - date(1970, 1, 1)).days
SINCE, UNTIL = FIRST + 60, FIRST + 150
EVERYTHING = Scope(STORE, SINCE, UNTIL)
SCOPES = (EVERYTHING, Scope(STORE, SINCE, UNTIL, country="DE", channel="web", product_id=1, in_segment=True))
SURVEYS = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
BASES = ("withdrawal", "voluntary", "non_conformity", "carrier_claim")
KINDS = {
    "return.requested": BASES,
    "return.resolved": BASES,
    "follow_up.opened": ("low_score", "by_hand"),
    "parcel.delivered": ("dhl", "ups"),
    "parcel.problem_reported": ("damaged", "missing"),
    "message.sent": ("email", "sms"),
    "coupon.issued": ("spring",),
    "coupon.redeemed": ("spring",),
}
OTHERS = {
    "return.requested": ("size_small", "size_small,damaged"),
    "return.resolved": ("refund", "store_credit"),
    "follow_up.closed": ("", "replaced"),
    "message.sent": ("thanks", "news"),
    "message.opened": ("thanks", "news"),
    "message.clicked": ("thanks", "news"),
}
NAMES = (
    *("parcel.delivered", "parcel.delivered", "parcel.shipped", "parcel.late", "parcel.problem_reported"),
    *(
        "parcel.delivered",
        "return.requested",
        "return.requested",
        "return.requested",
        "return.received",
        "return.resolved",
    ),
    *("survey.asked", "survey.answered", "survey.answered", "survey.answer_changed", "survey.answer_changed"),
    *("ticket.opened", "follow_up.opened", "follow_up.replied", "follow_up.closed", "question.asked"),
    *("message.sent", "message.opened", "message.clicked", "message.skipped", "review.written"),
    *("loyalty.joined", "points.awarded", "points.spent", "coupon.issued", "coupon.redeemed"),
)


@dataclass(frozen=True)
class Shop:
    orders: Sequence[Row]
    lines: Sequence[Row]
    entries: Sequence[Row]
    members: Sequence[int]

    @property
    def tables(self) -> dict[str, Sequence[Row]]:
        members = [{"customer_id": customer} for customer in self.members]
        return {"orders": self.orders, "lines": self.lines, "entries": self.entries, "members": members}


# Tens and the days before them: where windows of 30 and 90 days begin and end.
_days = st.builds(lambda ten, back: FIRST + 10 * ten - back, st.integers(0, 18), st.sampled_from((0, 0, 1)))
_order = st.tuples(
    st.integers(1, 5),
    _days,
    st.sampled_from((1, 1, 1, 0)),
    st.sampled_from((0, 0, 0, 1)),
    st.integers(0, 300),
    st.sampled_from((0, 0, 50)),
    st.sampled_from(("DE", "DE", "FR")),
    st.sampled_from(("web", "web", "app")),
    st.sampled_from(("", "", "SPRING")),
    st.sets(st.integers(1, 3), max_size=3),
)
_entry = st.tuples(
    st.sampled_from(NAMES),
    _days,
    st.integers(0, 6),
    st.integers(0, 9),
    st.sampled_from((-1, 0, 1)),
    st.integers(0, 3),
    st.integers(0, 4),
)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """Orders, lines and the log of a shop; another shop's rows lie between them, as they do on a cluster."""
    orders: list[Row] = []
    lines: list[Row] = []
    for drawn in draw(st.lists(_order, min_size=8, max_size=24)):
        _add_order(orders, lines, drawn)
    entries = [
        _line(drawn, number, orders) for number, drawn in enumerate(draw(st.lists(_entry, min_size=20, max_size=50)), 1)
    ]
    orders.append(orders[0] | {"store_id": STORE + 1, "id": 99})
    return Shop(orders, lines, entries, draw(st.sampled_from(((1, 2, 3), (1, 2, 3, 4, 5), (2,)))))


def _add_order(orders: list[Row], lines: list[Row], drawn: tuple[Any, ...]) -> None:
    customer, day, counts, foreign, total, refunded, country, channel, coupon, products = drawn
    number, total = len(orders) + 1, 0 if foreign else 10 * total
    refunded = min(refunded, total)
    common = {"store_id": STORE, "customer_id": customer, "day": day, "month": month_of(day), "counts": counts}
    orders.append(
        common
        | {"id": number, "foreign": foreign, "total_minor": total, "refunded_minor": refunded}
        | {"net_minor": total - refunded, "discount_minor": 10, "shipping_minor": 5 if total else 0}
        | {"items": len(products), "country": country, "channel": channel, "coupon": coupon}
    )
    lines += [
        common | {"order_id": number, "product_id": product, "quantity": product, "net_minor": 100 * product}
        for product in sorted(products)
    ]


def _line(drawn: tuple[Any, ...], number: int, orders: list[Row]) -> Row:
    name, day, place, value, flag, choice, ref = drawn
    order = orders[place] if place < len(orders) else None
    kind, other = _pick(KINDS.get(name, ("",)), choice), _pick(OTHERS.get(name, ("",)), choice)
    if name.startswith("survey."):
        kind = tuple(SURVEYS)[choice % 3]
        value, other = min(value, SURVEYS[kind][1]) if value else -1, "shop"
        value = max(value, SURVEYS[kind][0]) if value >= 0 else value
    about = (
        {"customer_id": order["customer_id"], "order_id": order["id"]} if order else {"customer_id": 0, "order_id": 0}
    )
    return (
        about
        | {"store_id": STORE, "id": number, "name": name, "day": day, "month": month_of(day), "value": value}
        | {"flag": flag, "kind": kind, "other": other, "ref": ref}
    )


def _pick(texts: Sequence[str], choice: int) -> str:
    return texts[choice % len(texts)]


class InMemory:
    """A shop in DuckDB and in SQLite at once; every answer has to be the same on both."""

    def __init__(self, shop: Shop) -> None:
        self.duck = duckdb.connect(":memory:", config={"threads": 1})
        self.lite = sqlite3.connect(":memory:")
        for name, columns in SCHEMAS.items():
            self._fill(name, columns, shop.tables.get(name, ()))

    def _fill(self, name: str, columns: dict[str, str], rows: Sequence[Row]) -> None:
        kinds = {"int64": pa.int64(), "string": pa.string()}
        values = {column: [row[column] for row in rows] for column in columns}
        self.duck.register(name, pa.table({key: pa.array(values[key], kinds[kind]) for key, kind in columns.items()}))
        named = ", ".join(f'"{column}"' for column in columns)
        self.lite.execute(f"CREATE TABLE {name} ({named})")
        marks = ", ".join("?" * len(columns))
        self.lite.executemany(f"INSERT INTO {name} VALUES ({marks})", [tuple(row[c] for c in columns) for row in rows])

    def close(self) -> None:
        self.duck.close()
        self.lite.close()

    def run(self, asked_in: tuple[str, str]) -> list[Row]:
        """The query in the words of both."""
        asked = self.duck.execute(asked_in[0])
        names = [column[0] for column in asked.description or ()]
        found = _sorted(asked.fetchall())
        if asked_in[1]:
            assert found == _sorted(self.lite.execute(asked_in[1])), "DuckDB and SQLite do not agree"
        return rows_of(names, found)


def _sorted(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(int(value) if not isinstance(value, str) else value for value in row) for row in rows)


def written(asked: Table, *, also_sqlite: bool = True) -> tuple[str, str]:
    """In the words of DuckDB and of SQLite. Writing takes longer than asking: once for many shops."""
    duck = str(ibis.to_sql(asked, dialect="duckdb", pretty=False))
    return duck, str(ibis.to_sql(asked, dialect="sqlite", pretty=False)) if also_sqlite else ""
