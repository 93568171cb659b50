"""Draining the inbox: verified calls become customers, products and orders, many at a time. And coupons' errands."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from thereafter.commerce.actions import coupons
from thereafter.commerce.actions.intake import BATCHES, ROOM, take_documents
from thereafter.commerce.actions.taking import Became, Taken
from thereafter.commerce.connectors import own, shopify, woocommerce
from thereafter.commerce.connectors.reading import Document, Unreadable
from thereafter.commerce.pushing import push_due
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Outcome, Received, State
from thereafter.timeline.models import Inbound
from thereafter.timeline.schedule import every

_READERS = {"shopify": shopify.read, "woocommerce": woocommerce.read}
ROWS_AT_ONCE, BATCHES_AT_ONCE = 500, 1


@every(seconds=1)
def drain_intake(now: datetime) -> int:
    """Takes in what waits; returns how many calls that were."""
    take = partial(take_rows, now=now)
    return inbox.drain(ROOM, take, now, ROWS_AT_ONCE) + inbox.drain(BATCHES, take, now, BATCHES_AT_ONCE)


@every(seconds=1)
def push_coupons(now: datetime) -> int:
    """Tells shop systems of codes that were given out."""
    return push_due(now)


@every(hours=1)
def remind_of_coupons(now: datetime) -> None:
    coupons.remind(now)


def take_rows(rows: Sequence[Inbound], *, now: datetime) -> list[Outcome]:
    """One outcome per row; within a shop and source orders go before what refers to them."""
    read = [_read(row) for row in rows]
    of_source: dict[tuple[int, str], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        of_source[row.store_id, row.source].append(at)
    outcomes: dict[int, Outcome] = {}
    stores = Store.objects.in_bulk({store_id for store_id, _ in of_source})
    for (store_id, source), places in sorted(of_source.items()):
        documents = [document for at in places for document in read[at][0]]
        taken = iter(take_documents(stores[store_id], documents, source=source, now=now))
        for at in places:
            found, reason = read[at]
            answers = [next(taken) for _ in found]
            outcomes[at] = Outcome(State.REFUSED, reason) if reason else _outcome(rows[at], found, answers, now)
    return [outcomes[at] for at in range(len(rows))]


def _read(row: Inbound) -> tuple[list[Document], str]:
    """The documents in a row, or why there are none. A file import brings our own topics under any source."""
    reader = own.read if row.topic in own.KINDS else _READERS.get(row.source, own.read)
    try:
        return reader(row.topic, row.body), ""
    except Unreadable as wrong:
        return [], str(wrong)


def _outcome(row: Inbound, documents: Sequence[Document], answers: Sequence[Taken], now: datetime) -> Outcome:
    if len(answers) == 1 and row.room == ROOM:
        return _single(answers[0])
    rejects, kept = [], []
    for document, answer in zip(documents, answers, strict=True):
        body = own.write_one(document)
        if answer.became == Became.REFUSED:
            rejects.append((key_of(row, body), body, answer.reason))
        elif answer.became == Became.KEPT:
            topic = own.topic_of(document)
            kept.append(Received(row.store_id, ROOM, row.source, topic, key_of(row, body), body))
    if kept:
        # Each waits in a row of its own, where its order can wake it.
        inbox.put(kept, now)
    return Outcome(rejects=rejects)


def _single(answer: Taken) -> Outcome:
    if answer.became == Became.REFUSED:
        return Outcome(State.REFUSED, answer.reason)
    if answer.became == Became.KEPT:
        return Outcome(State.KEPT, answer.reason, answer.waits_for)
    return inbox.DONE


def key_of(row: Inbound, body: str) -> str:
    """The key of a part of a batch: the same part of the same batch is kept once."""
    return hashlib.sha256(f"{row.key}\n{body}".encode()).hexdigest()
