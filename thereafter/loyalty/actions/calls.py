"""A call of the API moves points once, however often it is sent."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from thereafter.loyalty.models import ApiCall
from thereafter.stores.models import Store

# Long after any caller has given up trying again.
KEPT = timedelta(days=90)
Answer = dict[str, Any]


class KeyReused(Exception):
    """The caller sent something else under a key of before."""


class Call(NamedTuple):
    operation: str
    key: str
    body: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        plain = json.dumps(self.body, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def once(store: Store, call: Call, work: Callable[[], Answer], *, now: datetime) -> tuple[Answer, bool]:
    """What `work` answers, and whether that was answered before. What `work` refuses by an exception is not kept: the
    same call may succeed later. Two at the same time wait for each other at the unique row. Raises `KeyReused`."""
    kept, is_new = ApiCall.objects.of(store).get_or_create(
        operation=call.operation,
        key=call.key,
        defaults={"store": store, "request": call.fingerprint, "at": now},
    )
    if is_new:
        # As it will be read again: a repeat gets the same to the letter.
        kept.answer = json.loads(json.dumps(work(), cls=DjangoJSONEncoder))
        kept.save(update_fields=["answer"])
    elif kept.request != call.fingerprint:
        raise KeyReused(
            f"The key {call.key} was used before for something else. Send a new Idempotency-Key for a new request, "
            "and the same one only to repeat the very same request."
        )
    return kept.answer, not is_new


def forget(now: datetime) -> int:
    deleted, _ = ApiCall.objects.filter(at__lt=now - KEPT).delete()
    return deleted
