"""Taking what carriers and shops posted out of the inbox, set-wise."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Outcome, Received, State
from thereafter.timeline.models import Inbound
from thereafter.tracking.actions.finding import lock_numbered
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.carriers import ours
from thereafter.tracking.carriers.adapter import Parsed
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan

ROOM = "tracking"
# The inbox has room for a hundred characters, and a part adds its place.
LONGEST_PART_KEY = 80
# The topic of our own documents; those of others that wait for their parcel are such.
WAITED = "scans"


def take(rows: Sequence[Inbound], now: datetime) -> list[Outcome]:
    """One outcome per call, in their order."""
    parsed = [_parse(row) for row in rows]
    answers: list[list[Taken]] = [[] for _ in rows]
    calls = defaultdict(list)
    for at, row in enumerate(rows):
        calls[row.store_id, row.source].append(at)
    stores = Store.objects.in_bulk({store_id for store_id, _ in calls})
    if len(calls) > 1:
        _take_turns(rows, parsed)
    # Always in one order, as their codes are counted, so that two workers do not wait for each other.
    for (store_id, source), places in sorted(calls.items()):
        docs = [[doc for doc in parsed[at] if isinstance(doc, ParcelDoc)] for at in places]
        taken = iter(add_scans(stores[store_id], [doc for group in docs for doc in group], source=source, now=now))
        for at in places:
            answers[at] = [next(taken) if isinstance(doc, ParcelDoc) else Taken(reason=str(doc)) for doc in parsed[at]]
    return [_outcome(row, docs, told, now) for row, docs, told in zip(rows, parsed, answers, strict=True)]


def _take_turns(rows: Sequence[Inbound], parsed: Sequence[Parsed]) -> None:
    """Several sources may tell of one parcel: all that are named are locked in one order, not source by source."""
    named: dict[int, set[str]] = defaultdict(set)
    for row, docs in zip(rows, parsed, strict=True):
        named[row.store_id] |= {doc.tracking_number for doc in docs if isinstance(doc, ParcelDoc)}
    for store_id in sorted(named):
        lock_numbered(store_id, named[store_id])


def _parse(row: Inbound) -> Parsed:
    """By the source's adapter; what waited for its parcel is a document of ours. An answer to `poll:<number>` is of
    that number, also where the carrier does not repeat it."""
    adapter = ADAPTERS.get(row.source) if row.topic != WAITED else None
    kind, _, number = row.topic.partition(":") if row.topic.startswith("poll:") else (row.topic, "", "")
    try:
        parsed = adapter.parse(kind, row.body) if adapter else ours.parse(kind, row.body)
    except BadScan as wrong:
        return [wrong]
    payload = hashlib.blake2b(row.body.encode(), digest_size=16).hexdigest()
    for doc in parsed:
        if isinstance(doc, ParcelDoc):
            doc.payload = payload
            doc.tracking_number = doc.tracking_number or ("" if doc.order or doc.fulfilment else number)
    return parsed


def _outcome(row: Inbound, docs: Parsed, taken: Sequence[Taken], now: datetime) -> Outcome:
    """A call of one parcel is kept or refused as a whole; of a longer one, the parts."""
    rejects = [
        (_part_key(row.key, f"{at}.{place}"), body, why)
        for at, one in enumerate(taken)
        for place, (body, why) in enumerate(one.rejects)
    ]
    if len(taken) == 1:
        return _whole(taken[0], rejects)
    keep_waiting(row.store_id, row.source, row.key, list(zip(docs, taken, strict=True)), now)
    refused = [
        (_part_key(row.key, at), _body(doc) or row.body, one.reason)
        for at, (doc, one) in enumerate(zip(docs, taken, strict=True))
        if one.reason and not one.waits_for
    ]
    return Outcome(rejects=[*rejects, *refused])


def _whole(one: Taken, rejects: Sequence[tuple[str, str, str]]) -> Outcome:
    if one.waits_for:
        return Outcome(State.KEPT, one.reason, one.waits_for, rejects)
    return Outcome(State.REFUSED, one.reason) if one.reason else Outcome(rejects=rejects)


def keep_waiting(
    store_id: int, source: str, key: str, told: Sequence[tuple[ParcelDoc | BadScan, Taken]], now: datetime
) -> None:
    """Puts documents whose parcel is not known yet into the inbox, each by itself, so that each can wait."""
    waiting = [(at, doc) for at, (doc, one) in enumerate(told) if one.waits_for]
    calls = [Received(store_id, ROOM, source, WAITED, _part_key(key, at), _body(doc)) for at, doc in waiting]
    if calls:
        inbox.put(calls, now)


def _body(doc: ParcelDoc | BadScan) -> str:
    return msgspec.json.encode(doc).decode() if isinstance(doc, ParcelDoc) else ""


def _part_key(key: str, part: int | str) -> str:
    """Names a part of a call; a long key is hashed, so that no two calls are taken for one."""
    short = key if len(key) <= LONGEST_PART_KEY else hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"{short}#{part}"
