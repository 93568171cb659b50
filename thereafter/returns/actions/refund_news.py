"""What a provider, or the shop, tells us of refunds and payments by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from django.db import transaction

from thereafter.commerce.models import Refund
from thereafter.returns.actions import charge_errands, charges, granting, hold_errands, holds, releasing
from thereafter.returns.actions.paying import note, refuse
from thereafter.returns.models import GrantShare, ShareTry
from thereafter.returns.queries import case_of_grant
from thereafter.timeline.inbox import DONE, Outcome
from thereafter.timeline.inbox import State as Became
from thereafter.timeline.models import Inbound

State = GrantShare.State
ROOM = "refunds"
# "thereafter", the store, the share, the turn; no database counts further than this many digits.
PARTS_OF_A_KEY, LONGEST_NUMBER = 4, 18
_READERS = {"stripe": "thereafter.returns.payments.stripe_news"}


@dataclass(frozen=True)
class Heard:
    """A provider's `ref` of a refund, our `key` if it knows it, and either that it is settled or `why` it came back."""

    ref: str
    key: str = ""
    is_settled: bool = False
    why: str = ""


@transaction.atomic
def heard(store_id: int, told: Heard, *, now: datetime) -> bool:
    """A provider's news of a refund; False when it is none of ours."""
    share = _named(store_id, told)
    if share is None:
        return False
    held = granting.locked(share)
    if told.why and held.state in (State.SENT, State.SETTLED):
        refuse(held, told.why, now)
    elif told.is_settled and held.state in (State.SENT, State.FAILED):
        # Also of one that we had given up without knowing: else it would be paid once more by another way.
        granting.settle(held, provider_ref=told.ref, now=now)
        note(held, held.adapter, "settled", now=now)
    elif told.is_settled and held.state == State.REROUTED:
        _went_twice(held, now)
    return True


def _went_twice(share: GrantShare, now: datetime) -> None:
    """It was given another way by then. A person decides whether the shop asks for it back."""
    if ShareTry.objects.of(share.store_id).filter(share_id=share.pk, became="settled").exists():
        return
    note(share, share.adapter, "settled", "It went out after all, and was given another way by then.", now=now)
    case = case_of_grant(share.store_id, share.grant_id)
    if case is not None:
        amount = case.money(share.amount_minor).format("en")
        releasing.ask_a_person(case, f"{amount} went back twice: as it was paid, and another way.", now=now)


def _named(store_id: int, told: Heard) -> GrantShare | None:
    rows = GrantShare.objects.of(store_id)
    found = rows.filter(provider_ref=told.ref).first() if told.ref else None
    return found or key_owner(store_id, told.key)


def key_owner(store_id: int, key: str) -> GrantShare | None:
    """The share that has this key now; None for a key of an earlier turn."""
    parts = key.split("-")
    if len(parts) != PARTS_OF_A_KEY or not parts[2].isdecimal():
        return None
    found = GrantShare.objects.of(store_id).filter(pk=int(parts[2]) if len(parts[2]) <= LONGEST_NUMBER else 0).first()
    return found if found and found.key == key else None


def shop_told(store_id: int, refund_id: int, *, now: datetime) -> bool:
    """The shop told us of a refund that may be ours: by the name it gave it, or by our key in its words."""
    refund = Refund.objects.of(store_id).filter(pk=refund_id).first()
    if refund is None:
        return False
    key = next((word.strip("()") for word in refund.reason.split() if "thereafter-" in word), "")
    return heard(store_id, Heard(ref=refund.external_id, key=key, is_settled=True), now=now)


def take(rows: Sequence[Inbound], *, now: datetime) -> list[Outcome]:
    """What providers posted; what is none of ours (a refund made over there) is done with."""
    return [_take(row, now) for row in rows]


def _take(row: Inbound, now: datetime) -> Outcome:
    try:
        reader = import_module(_READERS[row.source])
        news, paid = reader.read(row.body), reader.read_page(row.body)
    except (KeyError, ValueError) as wrong:
        return Outcome(Became.REFUSED, f"unreadable: {wrong}"[:300])
    if news is not None:
        told = Heard(news.ref, news.key, news.is_settled, news.why)
        if not heard(row.store_id, told, now=now):
            charge_errands.refund_heard(row.store_id, ref=told.ref, is_settled=told.is_settled, why=told.why, now=now)
            hold_errands.refund_heard(row.store_id, ref=told.ref, is_settled=told.is_settled, why=told.why, now=now)
    payment = charges.named(row.store_id, ref=paid.page.ref, key=paid.key) if paid else None
    if payment and paid:
        charges.heard(payment, paid.page, now=now)
    elif paid:
        holds.look_soon(row.store_id, paid.page, paid.key, now=now)
    return DONE
