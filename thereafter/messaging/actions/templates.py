"""Making, changing and publishing a store's own templates."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from thereafter.messaging import library, linting
from thereafter.messaging.models import MessageTemplate, TemplateRevision
from thereafter.messaging.rules import documents, lint
from thereafter.messaging.rules.documents import Document, Problem
from thereafter.messaging.rules.findings import ERROR, Finding
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

# Steps with the same mark by the same person within this time are one for undoing: a text, not its letters.
ONE_STEP = timedelta(seconds=8)
MOST_STEPS = 100


class BadDocument(ValueError):
    """The document cannot be kept; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class NotReady(ValueError):
    """The template has errors and cannot be published; `findings` say which."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.text for finding in findings))
        self.findings = findings


@dataclass(frozen=True)
class Who:
    """Who changes something, and when."""

    by: Staff | None
    now: datetime


@dataclass(frozen=True)
class Did:
    """What was done, in words; `mark` joins steps that are one."""

    words: str
    mark: str = ""


@transaction.atomic
def create(store: Store, document: Document, who: Who) -> MessageTemplate:
    """A template of the store's own, as a draft; raises `BadDocument`."""
    _check(document, "")
    row = MessageTemplate.objects.create(
        store=store, key=_free_key(store, str(document["name"])), created_at=who.now, **_summary(document)
    )
    return _begin(row, document, Did("Made the template"), who)


@transaction.atomic
def own(store: Store, key: str, who: Who) -> MessageTemplate:
    """The store's row for a template; of one that comes along a copy is made, which changes nothing until it is
    published. Raises `library.UnknownTemplate`."""
    row = MessageTemplate.objects.of(store).filter(key=key).first()
    if row and row.draft_id:
        return row
    document = library.document(key)
    if row is None:
        row, _ = MessageTemplate.objects.get_or_create(
            store=store, key=key, defaults={"created_at": who.now, **_summary(document)}
        )
    return _begin(row, document, Did("The original"), who)


def _begin(row: MessageTemplate, document: Document, did: Did, who: Who) -> MessageTemplate:
    row.draft = _revision(row, document, did, who)
    row.save(update_fields=["draft"])
    return row


@transaction.atomic
def edit(template: MessageTemplate, change: Callable[[Document], Document], did: Did, who: Who) -> MessageTemplate:
    """Applies a change to the draft as it now is, whoever wrote it; raises `BadDocument` or what the change raises."""
    row = _locked(template)
    before = _draft_of(row)
    document = change(before.document)
    if document == before.document:
        return row
    _check(document, row.key)
    TemplateRevision.objects.of(row.store_id).filter(template=row, published_at=None, pk__gt=before.pk).delete()
    if _is_same_step(before, did, who):
        before.document, before.at = document, who.now
        before.save(update_fields=["document", "at"])
    else:
        row.draft = _revision(row, document, did, who)
        row.save(update_fields=["draft"])
        _forget_old_steps(row)
    return row


def _is_same_step(before: TemplateRevision, did: Did, who: Who) -> bool:
    is_young = timedelta(0) <= who.now - before.at <= ONE_STEP
    mine = before.by_id == (who.by.pk if who.by else None)
    return bool(did.mark) and before.mark == did.mark and is_young and mine and before.published_at is None


def _forget_old_steps(row: MessageTemplate) -> None:
    steps = TemplateRevision.objects.of(row.store_id).filter(template=row, published_at=None)
    old = list(steps.order_by("-pk").values_list("pk", flat=True)[MOST_STEPS : MOST_STEPS + 20])
    steps.filter(pk__in=[pk for pk in old if pk != row.draft_id]).delete()


@transaction.atomic
def undo(template: MessageTemplate) -> bool:
    """One step back in the draft; whether there was one."""
    return _step(template, forward=False)


@transaction.atomic
def redo(template: MessageTemplate) -> bool:
    return _step(template, forward=True)


def _step(template: MessageTemplate, *, forward: bool) -> bool:
    row = _locked(template)
    if row.draft_id is None:
        return False
    steps = TemplateRevision.objects.of(row.store_id).filter(template=row)
    wanted = (
        steps.filter(pk__gt=row.draft_id).order_by("pk")
        if forward
        else steps.filter(pk__lt=row.draft_id).order_by("-pk")
    )
    found = wanted.first()
    if found:
        MessageTemplate.objects.filter(pk=row.pk).update(draft=found)
    return found is not None


@transaction.atomic
def publish(template: MessageTemplate, who: Who) -> None:
    """What is sent from now on; raises `NotReady`. Messages that went out keep the version they had."""
    row = _locked(template)
    draft = _draft_of(row)
    found = linting.findings(row.store, row.key, draft.document, who.now)
    errors = [one for one in found if one.level == ERROR]
    if errors:
        raise NotReady(errors)
    text = documents.digest_text(draft.document)
    TemplateRevision.objects.filter(pk=draft.pk).update(published_at=who.now, by=who.by)
    MessageTemplate.objects.filter(pk=row.pk).update(
        live=draft, digest=hashlib.sha256(text.encode()).hexdigest(), archived_at=None, **_summary(draft.document)
    )
    _tell(row, "templates.publish", who)


@transaction.atomic
def go_back(template: MessageTemplate, revision_id: int, who: Who) -> None:
    """Makes an earlier revision the draft; raises `TemplateRevision.DoesNotExist`."""
    row = _locked(template)
    earlier = TemplateRevision.objects.of(row.store_id).get(template=row, pk=revision_id)
    _begin(row, earlier.document, Did(f"Went back to {earlier.at:%-d %B %Y, %H:%M}"), who)


@transaction.atomic
def discard(template: MessageTemplate) -> None:
    """Forgets what was changed since it was published."""
    row = _locked(template)
    MessageTemplate.objects.filter(pk=row.pk).update(draft=row.live_id)


@transaction.atomic
def back_to_original(template: MessageTemplate, who: Who) -> None:
    """What came along is sent again. The store's versions stay in the history. Raises `library.UnknownTemplate`."""
    row = _locked(template)
    summary = _summary(library.document(row.key))
    MessageTemplate.objects.filter(pk=row.pk).update(live=None, draft=None, digest="", archived_at=None, **summary)
    _tell(row, "templates.back_to_original", who)


@transaction.atomic
def archive(template: MessageTemplate, who: Who) -> None:
    """Out of the lists. What already uses it goes on doing so."""
    MessageTemplate.objects.filter(pk=template.pk).update(archived_at=who.now)
    _tell(template, "templates.archive", who)


@transaction.atomic
def restore(template: MessageTemplate, who: Who) -> None:
    MessageTemplate.objects.filter(pk=template.pk).update(archived_at=None)
    _tell(template, "templates.restore", who)


def _locked(template: MessageTemplate) -> MessageTemplate:
    rows = MessageTemplate.objects.of(template.store_id).select_related("store")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    return rows.get(pk=template.pk)


def _draft_of(row: MessageTemplate) -> TemplateRevision:
    return TemplateRevision.objects.of(row.store_id).get(template=row, pk=row.draft_id or 0)


def _revision(row: MessageTemplate, document: Document, did: Did, who: Who) -> TemplateRevision:
    return TemplateRevision.objects.create(
        store_id=row.store_id,
        template=row,
        document=document,
        did=did.words[:80],
        mark=did.mark[:80],
        by=who.by,
        at=who.now,
    )


def _check(document: Document, key: str) -> None:
    problems = documents.check(document)
    original = library.templates[key].message_class if key in library.templates else ""
    if not problems and (said := lint.class_problem(str(document["class"]), original)):
        problems = [Problem(said)]
    if problems:
        raise BadDocument(problems)


def _summary(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": str(document["name"])[:120],
        "message_class": document["class"],
        "when": str(document.get("when", ""))[:200],
        "required": str(document.get("required", ""))[:40],
        "channels": list(documents.channels_of(document)),
        "languages": list(documents.languages_of(document)),
    }


def _free_key(store: Store, name: str) -> str:
    """A key made of the name that neither the library nor the store has yet."""
    stem = documents.key_of(name)
    # "new" is a page of its own.
    taken = {"new"} | set(library.templates) | set(MessageTemplate.objects.of(store).values_list("key", flat=True))
    numbered = (stem if number == 1 else f"{stem}_{number}" for number in range(1, len(taken) + 3))
    return next(key for key in numbered if key not in taken)


def _tell(row: MessageTemplate, verb: str, who: Who) -> None:
    audit(row.store, by=who.by, verb=verb, now=who.now, subject=f"template:{row.key}", detail={"name": row.name})
