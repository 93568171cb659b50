"""Return policies of a store: a draft is written, checked and published; what was published is kept for its cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from thereafter.journeys.rules.problems import Problem
from thereafter.returns.models import PolicyVersion
from thereafter.returns.rules.policy.policies import BadPolicy, check
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store

Document = Mapping[str, Any]


@transaction.atomic
def save_draft(store: Store, document: Document, *, by: Staff, now: datetime) -> list[Problem]:
    """Keeps a policy as a draft, also an unfinished one, and says what is still wrong with it."""
    said = {"document": dict(document), "saved_by": by, "saved_at": now}
    _, is_new = PolicyVersion.objects.of(store).update_or_create(store=store, number=0, defaults=said)
    if is_new:
        stores.audit(store, by=by, verb="returns.draft_policy", now=now, subject=_name(document))
    return check(document)


@transaction.atomic
def discard_draft(store: Store, *, by: Staff, now: datetime) -> None:
    for draft in PolicyVersion.objects.of(store).filter(number=0):
        draft.delete()
        stores.audit(store, by=by, verb="returns.discard_policy", now=now, subject=_name(draft.document))


@transaction.atomic
def publish(store: Store, *, by: Staff, now: datetime, note: str = "") -> PolicyVersion:
    """Makes the draft what holds from now on; cases that are there keep the version they were asked under.

    Raises `BadPolicy` with all of its problems, `PolicyVersion.DoesNotExist` without a draft.
    """
    draft = PolicyVersion.objects.of(store).select_for_update().get(number=0)
    return _publish(store, draft.document, by=by, now=now, note=note, draft=draft)


@transaction.atomic
def go_back(store: Store, number: int, *, by: Staff, now: datetime) -> PolicyVersion:
    """Publishes an old version anew, under the next number; a draft stays as it is. Raises `BadPolicy` when what was
    right then is not any more."""
    old = PolicyVersion.objects.of(store).published().get(number=number)
    return _publish(store, old.document, by=by, now=now, note=f"Back to version {number}")


def _publish(
    store: Store, document: Document, *, by: Staff, now: datetime, note: str, draft: PolicyVersion | None = None
) -> PolicyVersion:
    problems = check(document)
    if problems:
        raise BadPolicy(problems)
    # The shop's row is held, so that two who publish at once get two numbers.
    Store.objects.select_for_update().get(pk=store.pk)
    last = PolicyVersion.objects.of(store).aggregate(last=Max("number"))["last"] or 0
    version = draft or PolicyVersion(store=store, document=dict(document))
    version.number, version.published_at, version.saved_at, version.saved_by = last + 1, now, now, by
    version.note = note.strip()[:200]
    version.save()
    detail = {"version": version.number, "note": version.note}
    stores.audit(store, by=by, verb="returns.publish_policy", now=now, subject=_name(document), detail=detail)
    return version


def _name(document: Document) -> str:
    return str(document.get("name", ""))[:200]
