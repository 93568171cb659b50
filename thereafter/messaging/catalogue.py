"""The templates of a store: its own over those that come along."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from thereafter.messaging import library
from thereafter.messaging.library import Template, UnknownTemplate
from thereafter.messaging.models import MessageTemplate, TemplateRevision
from thereafter.stores.models import Store

__all__ = ["Template", "UnknownTemplate", "chosen", "document", "template", "templates"]


def template(store: Store, key: str) -> Template:
    """What is sent under this key in this store; raises `UnknownTemplate`."""
    found = chosen([(store.pk, key)])
    if (store.pk, key) not in found:
        raise UnknownTemplate(key)
    return found[store.pk, key]


def chosen(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Template]:
    """The templates for pairs of store id and key, with one query; unknown ones are left out."""
    asked = set(wanted)
    own = {
        (row.store_id, row.key): row
        for row in MessageTemplate.objects.filter(
            store_id__in={store_id for store_id, _ in asked}, key__in={key for _, key in asked}, live__isnull=False
        )
    }
    found = {at: _own(own[at]) if at in own else library.templates.get(at[1]) for at in asked}
    return {at: one for at, one in found.items() if one}


def templates(store: Store) -> list[Template]:
    """All that can be sent: those that come along, changed or not, then the store's own by name."""
    rows = MessageTemplate.objects.of(store).filter(live__isnull=False, archived_at=None).order_by("name", "id")
    own = {row.key: _own(row) for row in rows}
    along = [own.pop(key, one) for key, one in library.templates.items()]
    return [*along, *own.values()]


def document(template: Template) -> dict[str, Any]:
    """What the template is made of."""
    if template.revision is None:
        return library.document(template.key)
    return _document(template.revision, template.digest)


def _own(row: MessageTemplate) -> Template:
    return Template(
        key=row.key,
        label=row.name,
        when=row.when,
        message_class=row.message_class,
        required=row.required,
        channels=tuple(row.channels),
        languages=tuple(row.languages),
        revision=row.live_id,
        digest=row.digest,
    )


@lru_cache(maxsize=256)
def _document(revision: int, digest: str) -> dict[str, Any]:
    """What was published is never changed; `digest` keeps apart what two databases call by the same number."""
    return dict(TemplateRevision.objects.values_list("document", flat=True).get(pk=revision))
