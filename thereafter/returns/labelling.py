"""Buying labels: claim, network, write down; three steps, and the network is in no transaction."""

import logging
from datetime import datetime

from thereafter.returns.actions import label_accounts, labels
from thereafter.returns.actions.labels import Errand
from thereafter.returns.labels.adapter import Adapter, BadAccount, Label, NotNow, Refused
from thereafter.returns.labels.registry import ADAPTERS
from thereafter.timeline import peek

log = logging.getLogger(__name__)
AT_ONCE = 10


def make_labels(now: datetime) -> int:
    """Has the labels made that are due; returns how many were taken up."""
    if not peek.anything("returns_returnparcel", "state = 'label_requested' AND due_at <= %s", now):
        return 0
    errands = labels.claim(now, AT_ONCE)
    for errand in errands:
        carry_out(errand, now)
    return len(errands)


def carry_out(errand: Errand, now: datetime) -> None:
    """One label; whatever goes wrong becomes a reason."""
    parcel, adapter = errand.parcel, ADAPTERS.get(errand.parcel.adapter)
    if adapter is None or errand.problem:
        return labels.go_another_way(parcel, errand.problem or labels.NO_ACCOUNT, now=now)
    try:
        label = _buy(adapter, errand)
    except BadAccount as wrong:
        label_accounts.note_work(parcel.store_id, parcel.adapter, error=str(wrong), now=now)
        return labels.put_off(parcel, str(wrong), seconds=0, now=now)
    except Refused as no:
        return labels.go_another_way(parcel, str(no), now=now)
    except NotNow as later:
        return labels.put_off(parcel, str(later), seconds=later.seconds, now=now)
    except Exception as wrong:
        # An answer of any shape, and the label may have been bought.
        log.warning("an answer of %s could not be understood", adapter.name, exc_info=wrong)
        return labels.put_off(parcel, f"The answer of {adapter.name} could not be understood.", seconds=0, now=now)
    if label is not None and not labels.made(parcel, label, now=now):
        _give_back(adapter, errand, label.ref)
    return None


def _buy(adapter: Adapter, errand: Errand) -> Label | None:
    """Prepares it once; None when the parcel was given up before anything was bought."""
    ref = errand.parcel.adapter_ref or adapter.prepare(errand.credentials, errand.to_send)
    if not labels.keep_ref(errand.parcel, ref):
        return None
    return adapter.buy(errand.credentials, errand.to_send.named(ref))


def _give_back(adapter: Adapter, errand: Errand, ref: str) -> None:
    try:
        adapter.cancel(errand.credentials, ref)
    except (NotNow, Refused) as wrong:
        log.warning("a label of %s was bought for a parcel that was given up, and stays: %s", adapter.name, wrong)
