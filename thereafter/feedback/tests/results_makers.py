"""Many answers for tests of results, taken in through the call that shops send theirs by."""

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import count

from thereafter.commerce.models import Order
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback.actions import surveys
from thereafter.feedback.actions.intake import Sent, take_answers
from thereafter.feedback.models import Answer, Survey
from thereafter.feedback.tests.makers import ASKED
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.timeline.models import Inbound

_numbers = count(1)


def make_survey(store: Store, kind: str, name: str = "") -> Survey:
    return surveys.make(store, kind=kind, name=name or f"Our {kind}", by=None, now=ASKED)


def give(
    order: Order,
    scores: Iterable[int],
    *,
    survey: str = "satisfaction",
    at: datetime = ASKED,
    comment: str = "",
    now: datetime | None = None,
) -> list[Answer]:
    """Answers about one order that were given elsewhere."""
    docs = [
        {
            "external_id": f"given-{next(_numbers)}",
            "order": order.external_id,
            "order_source": order.source,
            "survey": survey,
            "score": score,
            "comment": comment,
            "answered_at": at.isoformat(),
        }
        for score in scores
    ]
    sent = [Sent(Inbound(), part, json.dumps(doc).encode()) for part, doc in enumerate(docs)]
    taken = take_answers(order.store_id, sent, now=now or at)
    assert not [one.problem for one in sent if one.problem]
    return taken


def arrive(order: Order, *, late: bool | None, carrier: str = "dhl") -> None:
    record(
        ParcelDelivered(
            store_id=order.store_id,
            customer_id=order.customer_id,
            order_id=order.pk,
            occurred_at=ASKED,
            parcel_id=order.pk,
            carrier=carrier,
            late=late,
        )
    )
