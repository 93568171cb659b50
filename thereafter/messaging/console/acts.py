"""What the editor's forms ask for, as changes of a document."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.http import QueryDict

from thereafter.messaging.actions.templates import Did
from thereafter.messaging.console import forms_of_blocks
from thereafter.messaging.drawing.mail import as_source
from thereafter.messaging.rules import documents, editing
from thereafter.messaging.rules.django_templates import to_liquid
from thereafter.messaging.rules.documents import Document
from thereafter.messaging.rules.editing import CannotEdit, Place
from thereafter.messaging.rules.kinds import kind_of


@dataclass
class Asked:
    """A form of the editor: what was posted, and the language that is on the screen. `chosen` is the block to show
    next, `told` what to say; the change fills them in."""

    posted: QueryDict
    language: str
    chosen: str = ""
    told: str = ""

    @property
    def block(self) -> str:
        return self.posted.get("block", "")


Verb = Callable[[Asked, Document], Document]


def change_of(asked: Asked) -> tuple[Callable[[Document], Document], Did]:
    """Raises `CannotEdit` for what no form asks."""
    name = asked.posted.get("do", "")
    if name not in _VERBS:
        raise CannotEdit("This cannot be done here; load the page again.")
    verb, words, is_typing = _VERBS[name]
    asked.chosen = asked.block
    mark = f"{name}:{asked.block}:{asked.language}:{asked.posted.get('part', '')}" if is_typing else ""
    return partial(verb, asked), Did(words.format(kind=_label(asked)), mark)


def _label(asked: Asked) -> str:
    kind = kind_of(asked.posted.get("kind", ""))
    return kind.label.lower() if kind else "block"


def _place(asked: Asked) -> Place:
    """Before a block, in a column ("columns_2:1"), or at the end."""
    within, _, number = asked.posted.get("within", "").partition(":")
    return Place(asked.posted.get("before", ""), within, int(number) if number.isdigit() else 0)


def _add(asked: Asked, document: Document) -> Document:
    changed, asked.chosen = editing.add(document, asked.posted.get("kind", ""), _place(asked))
    return changed


def _move(asked: Asked, document: Document) -> Document:
    return editing.move(document, asked.block, _place(asked))


def _up(asked: Asked, document: Document) -> Document:
    return editing.shift(document, asked.block, -1)


def _down(asked: Asked, document: Document) -> Document:
    return editing.shift(document, asked.block, 1)


def _duplicate(asked: Asked, document: Document) -> Document:
    changed, asked.chosen = editing.duplicate(document, asked.block)
    return changed


def _delete(asked: Asked, document: Document) -> Document:
    asked.chosen = ""
    return editing.remove(document, asked.block)


def _block(asked: Asked, document: Document) -> Document:
    found = editing.find(document, asked.block)
    changed = editing.set_block(document, asked.block, forms_of_blocks.settings_from(asked.posted, found))
    return editing.set_words(changed, asked.language, forms_of_blocks.words_from(asked.posted))


def _words(asked: Asked, document: Document) -> Document:
    return editing.set_words(document, asked.language, forms_of_blocks.words_from(asked.posted))


def _head(asked: Asked, document: Document) -> Document:
    given = {name: asked.posted.get(name, "").strip() for name in ("name", "when", "class") if name in asked.posted}
    return editing.set_head(
        editing.set_words(document, asked.language, forms_of_blocks.words_from(asked.posted)), **given
    )


def _push(asked: Asked, document: Document) -> Document:
    changed = _words(asked, document)
    link = asked.posted.get("url", "").strip()
    channels = {**document.get("channels", {}), "push": {"url": link} if link else {}}
    return editing.set_head(changed, channels=channels)


def _add_language(asked: Asked, document: Document) -> Document:
    asked.language = asked.posted.get("language", "").strip().lower()
    return editing.add_language(document, asked.language)


def _remove_language(asked: Asked, document: Document) -> Document:
    gone, asked.language = asked.posted.get("language", ""), ""
    return editing.remove_language(document, gone)


def _source(asked: Asked, document: Document) -> Document:
    return editing.set_head(document, source=asked.posted.get("source", "").replace("\r\n", "\n"))


def _to_source(asked: Asked, document: Document) -> Document:
    return editing.set_head(
        document, source=as_source(document["blocks"], documents.words_in(document, documents.main_language(document)))
    )


def _to_blocks(asked: Asked, document: Document) -> Document:
    return editing.set_head(document, source=None)


def _convert(asked: Asked, document: Document) -> Document:
    """Klaviyo's placeholders in what stands in the box, saved or not."""
    made = to_liquid(asked.posted.get("source", "").replace("\r\n", "\n"))
    asked.told = " ".join(made.notes) or "The placeholders are Liquid now."
    return editing.set_head(document, source=made.text)


def _products(asked: Asked, document: Document) -> Document:
    """One product less; adding one needs the shop and is done in the view."""
    found = editing.find(document, asked.block)
    left = [one for at, one in enumerate(found.get("products", [])) if str(at) != asked.posted.get("at")]
    return editing.set_block(document, asked.block, {"products": left})


_VERBS: dict[str, tuple[Verb, str, bool]] = {
    "add": (_add, "Added a {kind}", False),
    "move": (_move, "Moved a block", False),
    "up": (_up, "Moved a block", False),
    "down": (_down, "Moved a block", False),
    "duplicate": (_duplicate, "Duplicated a block", False),
    "delete": (_delete, "Deleted a block", False),
    "block": (_block, "Changed a block", True),
    "words": (_words, "Changed a text", True),
    "head": (_head, "Changed subject and name", True),
    "push": (_push, "Changed the notification", True),
    "add_language": (_add_language, "Added a language", False),
    "remove_language": (_remove_language, "Took a language out", False),
    "source": (_source, "Changed the source", True),
    "to_source": (_to_source, "Went over to source", False),
    "to_blocks": (_to_blocks, "Went back to blocks", False),
    "convert": (_convert, "Converted placeholders", False),
    "drop_product": (_products, "Took a product out", False),
}
