"""Keeping a program's copy of a segment in step: whoever differs from what it was told is told next."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from thereafter.commerce.models import Customer, Identity
from thereafter.commerce.queries import MARKETING, may_contact
from thereafter.journeys.models import Segment, SegmentMember, SegmentSync, SegmentTold
from thereafter.messaging import accounts
from thereafter.messaging.channels import guarded, registry
from thereafter.messaging.channels.letters import Account, Answer, Letter, Verdict
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, StoreQuerySet
from thereafter.timeline.models import next_try
from thereafter.timeline.rows import insert

PEOPLE = 500
MOST = 20
MOST_SYNCS = 5
# A worker that dies in the middle of a call is followed by another after this.
LEASE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(minutes=1)


class BadSync(ValueError):
    """This address cannot be told; the sentence says why."""


@dataclass(frozen=True)
class Call:
    """What is posted next, for the sync it belongs to."""

    sync: SegmentSync
    letter: Letter
    account: Account | None


@transaction.atomic
def add(segment: Segment, url: str, *, by: Staff | None, now: datetime) -> SegmentSync:
    """From now on this address is told who is in the segment, beginning with everybody. Raises `BadSync`."""
    account = accounts.account_of(segment.store_id, "webhook")
    try:
        guarded.checked(url, private=bool(account and account.get("private")))
    except guarded.Forbidden as wrong:
        raise BadSync(str(wrong)) from None
    there = SegmentSync.objects.of(segment.store_id).filter(segment=segment)
    if there.filter(url=url).exists():
        raise BadSync("This address is told already.")
    if there.count() >= MOST_SYNCS:
        raise BadSync(f"A segment can tell {MOST_SYNCS} addresses. Take one away first.")
    audit(segment.store, by=by, verb="journeys.sync_segment", now=now, subject=segment.name, detail={"url": url})
    return SegmentSync.objects.create(store=segment.store, segment=segment, url=url, created_at=now, due_at=now)


@transaction.atomic
def remove(sync: SegmentSync, *, by: Staff | None, now: datetime) -> None:
    audit(sync.store, by=by, verb="journeys.stop_sync", now=now, subject=sync.segment.name, detail={"url": sync.url})
    sync.delete()


@transaction.atomic
def try_again(sync: SegmentSync, *, whole: bool, by: Staff | None, now: datetime) -> None:
    """On after a stop; `whole` tells everybody anew, for a program that lost its copy. Who left since it was told last
    is still taken out: it may have lost nothing."""
    audit(sync.store, by=by, verb="journeys.sync_again", now=now, subject=sync.segment.name, detail={"whole": whole})
    # A worker may have settled a call since the page was drawn.
    sync = SegmentSync.objects.of(sync.store_id).select_for_update().get(pk=sync.pk)
    if whole:
        inside = _inside(sync).values("customer_id")
        SegmentTold.objects.of(sync.store_id).filter(sync=sync, customer_id__in=inside).delete()
        sync.open_call = None
    sync.state, sync.attempts, sync.trouble, sync.due_at = SegmentSync.State.ON, 0, "", now
    sync.save(update_fields=["state", "attempts", "trouble", "due_at", "open_call"])


def tell_due(now: datetime) -> int:
    """One call for each sync that has something to say; returns how many calls were made."""
    calls = _claim(now)
    for call in calls:
        _settle(call, _posted(call), now)
    return len(calls)


@transaction.atomic
def _claim(now: datetime) -> list[Call]:
    skip = connection.features.has_select_for_update_skip_locked
    due = SegmentSync.objects.filter(state=SegmentSync.State.ON, due_at__lte=now)
    chosen = list(due.select_for_update(skip_locked=skip, of=("self",)).select_related("segment", "store")[:MOST])
    known = accounts.accounts_of({sync.store_id for sync in chosen})
    calls = []
    for sync in chosen:
        sync.open_call = sync.open_call or _difference(sync)
        sync.due_at = now + (LEASE if sync.open_call else LOOK_AGAIN)
        sync.save(update_fields=["open_call", "due_at", "calls"])
        if sync.open_call:
            calls.append(Call(sync, _letter(sync, now), known.get((sync.store_id, "webhook"))))
    return calls


def _inside(sync: SegmentSync) -> StoreQuerySet[SegmentMember]:
    return SegmentMember.objects.of(sync.store_id).filter(segment_id=sync.segment_id, left_at__isnull=True)


def _difference(sync: SegmentSync) -> dict[str, Any] | None:
    """Up to 500 people who are in the segment and not in the copy, or the other way round."""
    inside = _inside(sync)
    told = SegmentTold.objects.of(sync.store_id).filter(sync=sync)
    left = list(
        told.exclude(customer_id__in=inside.values("customer_id")).values_list("customer_id", flat=True)[:PEOPLE]
    )
    room = PEOPLE - len(left)
    came = inside.exclude(customer_id__in=told.values("customer_id")).order_by("pk")
    added = list(came.values_list("customer_id", flat=True)[:room])
    if not left and not added:
        return None
    sync.calls += 1
    return {"added": added, "removed": left}


def _letter(sync: SegmentSync, now: datetime) -> Letter:
    call, segment = sync.open_call or {}, sync.segment
    document = {
        "type": "segment.changed",
        "shop": sync.store.slug,
        "segment": {"key": segment.key, "name": segment.name},
        "added": _people(sync.store_id, call["added"]),
        "removed": _people(sync.store_id, call["removed"]) + _former(sync, call["removed"]),
        "sent_at": now.isoformat(),
    }
    return Letter(
        key=sync.pk,
        to=sync.url,
        sender_name="",
        sender="",
        reply_to="",
        subject="",
        html="",
        text="",
        message_id=f"<segment-{sync.pk}-{sync.calls}@sync>",
        channel="webhook",
        extra={"document": document},
    )


def _people(store_id: int, ids: Collection[int]) -> list[dict[str, Any]]:
    """Everything by which another program knows a person again, and whether they want marketing by e-mail."""
    people = Customer.objects.of(store_id).filter(pk__in=ids, merged_into=None).order_by("pk")
    accounts_there = _shop_accounts(store_id, ids)
    wanted = may_contact(store_id, ids, "email", MARKETING)
    return [
        {
            "email": one.email,
            "phone": one.phone,
            "name": one.name,
            "country": one.country,
            "shop_ids": accounts_there.get(one.pk, []),
            "email_marketing": one.pk in wanted,
        }
        for one in people
    ]


def _former(sync: SegmentSync, ids: Collection[int]) -> list[dict[str, Any]]:
    """A record that turned out to be somebody else's has no address any more, so the program would not know whom to
    take out: it is told the addresses that went over to who stayed, but for those by which it keeps them."""
    records = Customer.objects.of(sync.store_id).filter(pk__in=ids, merged_into__isnull=False)
    stayed = set(records.values_list("merged_into_id", flat=True))
    inside = _inside(sync)
    kept = Customer.objects.of(sync.store_id).filter(pk__in=inside.filter(customer_id__in=stayed).values("customer_id"))
    used = {address for pair in kept.values_list("email", "phone") for address in pair}
    known = Identity.objects.of(sync.store_id).filter(customer_id__in=stayed).exclude(kind=Identity.Kind.SHOP)
    nobody = {"email": "", "phone": "", "name": "", "country": "", "shop_ids": [], "email_marketing": False}
    pairs = known.order_by("pk").values_list("kind", "value")
    return [{**nobody, kind: value} for kind, value in pairs if value not in used]


def _shop_accounts(store_id: int, ids: Iterable[int]) -> dict[int, list[str]]:
    known: dict[int, list[str]] = {}
    rows = Identity.objects.of(store_id).filter(customer_id__in=ids, kind=Identity.Kind.SHOP).order_by("pk")
    for customer_id, value in rows.values_list("customer_id", "value"):
        known.setdefault(customer_id, []).append(value)
    return known


def _posted(call: Call) -> Verdict:
    """Outside of any transaction: the other side may be slow."""
    if call.account is None:
        return Verdict(Answer.LATER, "The shop's webhook secret cannot be read: make a new one under Channels.")
    try:
        (verdict,) = registry.opened(call.account).deliver([call.letter])
    except ValueError as wrong:
        return Verdict(Answer.LATER, str(wrong))
    return verdict


@transaction.atomic
def _settle(call: Call, verdict: Verdict, now: datetime) -> None:
    sync = SegmentSync.objects.select_for_update().filter(pk=call.sync.pk).first()
    if sync is None or sync.calls != call.sync.calls or sync.open_call is None:
        return
    if verdict.answer == Answer.ACCEPTED:
        _write_down(sync, sync.open_call)
        sync.open_call, sync.told_at, sync.attempts, sync.trouble, sync.due_at = None, now, 0, "", now
    else:
        _put_off(sync, verdict, now)
    sync.save()


def _write_down(sync: SegmentSync, said: dict[str, Any]) -> None:
    told = SegmentTold.objects.of(sync.store_id).filter(sync=sync)
    told.filter(customer_id__in=said["removed"]).delete()
    insert(SegmentTold(store_id=sync.store_id, sync=sync, customer_id=customer_id) for customer_id in said["added"])


def _put_off(sync: SegmentSync, verdict: Verdict, now: datetime) -> None:
    sync.attempts += 1
    wait = next_try(sync.attempts) if verdict.answer == Answer.LATER else None
    sync.trouble = verdict.detail[:300]
    if wait is None:
        sync.state = SegmentSync.State.STOPPED
    else:
        sync.due_at = now + timedelta(seconds=wait)
