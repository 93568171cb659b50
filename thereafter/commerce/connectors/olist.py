"""The Olist data set as a history: each order with what happened to it and when, for playing it again.

Its customers have an account id and no address for mail; its times are São Paulo's; freight is shipping. What was paid
may differ from the total (interest on instalments, vouchers) and is kept as tenders.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from thereafter.commerce.connectors.csv import read_orders as read_rows
from thereafter.commerce.connectors.mapping import Values, find_mapping
from thereafter.commerce.connectors.tables import Lookup, Row, Table
from thereafter.commerce.documents import OrderDoc


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer thought of an order: a score from 1 to 5, asked on `created_at`."""

    review_id: str
    score: int
    title: str
    comment: str
    created_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """An order and its later life; None is what never happened. `status` is Olist's own word."""

    order: OrderDoc
    status: str
    approved_at: datetime | None
    carrier_at: datetime | None
    delivered_at: datetime | None
    reviews: tuple[Review, ...]


def read_orders(folder: Path) -> Iterator[OrderDoc]:
    """Each order as it was placed: open (unless it was cancelled) and without its fulfilment."""
    for document in read_rows(folder, find_mapping("olist")):
        yield _as_placed(document)


def read_history(folder: Path) -> Iterator[History]:
    """Each order with its dates and reviews, in the sequence of the file. Raises `Unreadable`."""
    mapping = find_mapping("olist")
    times = _Times(Values(mapping))
    reviews = Lookup(Table(folder / "olist_order_reviews_dataset.csv"), "order_id")
    orders = Table(folder / mapping.file)
    with closing(reviews):
        for row, document in zip(orders, read_rows(folder, mapping), strict=True):
            yield History(
                order=_as_placed(document),
                status=row["order_status"],
                approved_at=times.read(row["order_approved_at"]),
                carrier_at=times.read(row["order_delivered_carrier_date"]),
                delivered_at=times.read(row["order_delivered_customer_date"]),
                reviews=tuple(times.review(found) for found in reviews.find(row["order_id"])),
            )


def _as_placed(document: dict[str, Any]) -> OrderDoc:
    order = msgspec.convert(document, OrderDoc)
    order.fulfilments = []
    if order.status == "fulfilled":
        order.status = "open"
    return order


class _Times:
    def __init__(self, values: Values) -> None:
        self._values = values

    def read(self, text: str) -> datetime | None:
        return datetime.fromisoformat(self._values.moment(text)) if text else None

    def review(self, row: Row) -> Review:
        return Review(
            review_id=row["review_id"],
            score=int(row["review_score"]),
            title=row["review_comment_title"].strip(),
            comment=row["review_comment_message"].strip(),
            created_at=datetime.fromisoformat(self._values.moment(row["review_creation_date"])),
            answered_at=datetime.fromisoformat(self._values.moment(row["review_answer_timestamp"])),
        )
