"""Writing the programme: a draft that may change, and versions that never do."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.events.loyalty import ProgrammePublished
from thereafter.loyalty.actions import tiers
from thereafter.loyalty.models import Member, Programme, ProgrammeVersion
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.rules import programme as rules
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline.log import record

BATCH = 1000


def _row(store: Store, now: datetime) -> Programme:
    """The store's row, locked; made when there is none."""
    Programme.objects.get_or_create(store=store, defaults={"created_at": now})
    return Programme.objects.of(store).select_for_update().get()


def _checked(store: Store, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what is usual, but with its zone: the shop may move, its programme's days do not."""
    programme = rules.read(document, tz=store.time_zone)
    return {**rules.as_document(programme), "tz": programme.tz}


@transaction.atomic
def save_draft(store: Store, document: Mapping[str, Any] | None, *, by: Staff | None, now: datetime) -> None:
    """Keeps what the editor works on, checked; None throws the draft away. Raises `BadProgramme`."""
    draft = None if document is None else _checked(store, document)
    row = _row(store, now)
    row.draft, row.draft_changed_at, row.draft_by = draft, now, by.name if by else ""
    row.save(update_fields=["draft", "draft_changed_at", "draft_by"])


@transaction.atomic
def publish(
    store: Store, document: Mapping[str, Any], *, by: Staff | None, now: datetime, note: str = ""
) -> ProgrammeVersion:
    """Puts a new version in force from now on. Orders placed before keep the version of their time; raises
    `BadProgramme`. Members of tiers that are gone are without one until they reach another."""
    checked = _checked(store, document)
    row = _row(store, now)
    last = ProgrammeVersion.objects.of(store).order_by("-number").first()
    version = ProgrammeVersion.objects.create(
        store=store,
        number=last.number + 1 if last else 1,
        document=checked,
        digest=sha256(json.dumps(checked, sort_keys=True).encode()).hexdigest(),
        from_at=now,
        published_by=by.name if by else "",
        note=note[:200],
    )
    row.draft = None
    row.save(update_fields=["draft"])
    _retell_tiers(store.pk)
    record(ProgrammePublished(store_id=store.pk, occurred_at=now, version=version.number))
    if by is not None:
        audit(store, by=by, verb="loyalty.publish", now=now, subject=f"version {version.number}", detail={"note": note})
    return version


@transaction.atomic
def open_door(store: Store, *, is_open: bool, by: Staff, now: datetime) -> None:
    """Whether people can join by themselves; members stay members."""
    row = _row(store, now)
    row.is_open = is_open
    row.save(update_fields=["is_open"])
    audit(store, by=by, verb="loyalty.door", now=now, subject="joining", detail={"open": is_open})


def _retell_tiers(store_id: int) -> None:
    """The names and benefits of tiers may have changed: whoever asks by trait should hear of it."""
    version = programmes.programme_now(store_id)
    members = Member.objects.of(store_id).exclude(tier="").filter(left_at=None)
    rows = list(members.values_list("customer_id", "tier"))
    for at in range(0, len(rows), BATCH):
        set_traits(store_id, {pk: tiers.traits(version, tier) for pk, tier in rows[at : at + BATCH]})
