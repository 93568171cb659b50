"""What is on the editor's screen: a template's draft, and where one stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from thereafter.commerce.models import Customer, Order
from thereafter.messaging import library, linting, vocabulary
from thereafter.messaging.blocks import blocks
from thereafter.messaging.channels import sms
from thereafter.messaging.models import MessageTemplate, TemplateRevision
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender, Rendered
from thereafter.messaging.rules import documents, kinds
from thereafter.messaging.rules.documents import Document
from thereafter.messaging.rules.findings import ERROR, Finding
from thereafter.messaging.rules.kinds import kind_of
from thereafter.messaging.samples import NOBODY, Reader, Scene, preview, say
from thereafter.stores.models import Store

TABS = {"mail": "E-mail", "sms": "Text message", "whatsapp": "WhatsApp", "push": "Notification", "source": "Source"}
CHANNEL_OF = {"mail": "email", "source": "email"}
# What one can be shown in the address; everything else stands in the draft.
_KEPT = ("lang", "tab", "block", "reader", "width", "dark", "find", "find_reader")


@dataclass
class Desk:
    store: Store
    key: str
    row: MessageTemplate | None
    document: Document
    asked: Mapping[str, str]
    now: datetime

    @cached_property
    def language(self) -> str:
        asked, spoken = self.asked.get("lang", ""), documents.languages_of(self.document)
        own = self.store.locale[:2]
        return asked if asked in spoken else own if own in spoken else spoken[0]

    @property
    def tab(self) -> str:
        asked = self.asked.get("tab", "mail")
        return asked if asked in TABS else "mail"

    @property
    def channel(self) -> str:
        return CHANNEL_OF.get(self.tab, self.tab)

    @cached_property
    def block(self) -> dict[str, Any] | None:
        """The block that is chosen."""
        wanted = self.asked.get("block", "")
        return next((one for one in documents.blocks_of(self.document) if one["id"] == wanted), None)

    @cached_property
    def words(self) -> dict[str, str]:
        return dict(self.document["words"].get(self.language, {}))

    @cached_property
    def first_words(self) -> dict[str, str]:
        """Those of the first language, for who translates; nothing in the first language itself."""
        main = documents.main_language(self.document)
        return {} if self.language == main else dict(self.document["words"].get(main, {}))

    @cached_property
    def findings(self) -> list[Finding]:
        return linting.findings(self.store, self.key, self.document, self.now)

    @property
    def errors(self) -> int:
        return sum(one.level == ERROR for one in self.findings)

    @cached_property
    def reader(self) -> Reader:
        return reader_of(self.store, self.asked.get("reader", ""))

    @property
    def is_library(self) -> bool:
        return self.key in library.templates

    def missing(self, language: str) -> int:
        return len(documents.missing_words(self.document, language))

    def rendered(self, *, marked: bool = False) -> Rendered:
        """The chosen channel for the chosen reader; raises `CannotPublish` or `CannotRender`."""
        return preview(self.scene, self.document, self.language, self.channel, marked=marked)

    @cached_property
    def scene(self) -> Scene:
        return Scene(self.store, self.now, self.reader)

    @cached_property
    def short(self) -> dict[str, Any]:
        """A text message or notification as it comes out, with what it costs; or why it does not."""
        if self.channel not in documents.channels_of(self.document):
            return {}
        try:
            made = self.rendered()
        except (CannotPublish, CannotRender) as error:
            return {"wrong": str(error)}
        counted = sms.segments(made.text)
        return {
            "title": made.subject,
            "text": made.text,
            "length": len(made.text),
            "segments": counted,
            "plainer": sms.plainer(made.text) != made.text and counted.is_unicode,
        }

    @cached_property
    def inbox(self) -> dict[str, str]:
        """How the mail is announced in a mailbox, with its variables filled in where that works."""
        said = documents.words_in(self.document, self.language)
        shown = {name: vocabulary.in_words(said.get(name, "")) for name in ("subject", "preheader")}
        try:
            filled = say(self.scene, self.document, self.language, ("subject", "preheader", "sender_name"))
        except CannotRender:
            filled = shown
        return shown | filled | {"sender": filled.get("sender_name") or self.store.name}

    def address(self, **changed: str) -> str:
        """The editor with something else on the screen."""
        kept = {name: self.asked.get(name, "") for name in ("lang", "tab", "reader", "width", "dark")}
        query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
        path = reverse("messaging_console:template_edit", args=[self.store.slug, self.key])
        return f"{path}?{query}" if query else path

    def mail_address(self) -> str:
        path = reverse("messaging_console:template_mail", args=[self.store.slug, self.key])
        kept = {name: self.asked.get(name, "") for name in ("reader", "dark")}
        query = {"draft": "1", "marked": "1", "lang": self.language, **kept}
        return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"

    def summary(self, block: Mapping[str, Any]) -> str:
        """What tells a block from others of its kind: its first words."""
        kind = kind_of(str(block["kind"]))
        said = documents.words_in(self.document, self.language)
        texts = (said.get(word.key(str(block["id"])), "") for word in (kind.words if kind else ()))
        return next((vocabulary.in_words(text)[:60] for text in texts if text), "")

    def label(self, block: Mapping[str, Any]) -> str:
        kind = kind_of(str(block["kind"]))
        return kind.label if kind else str(block["kind"])

    def icon(self, block: Mapping[str, Any]) -> str:
        kind = kind_of(str(block["kind"]))
        return kind.icon if kind else "tag"

    def columns(self, block: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
        """As many as the block shows."""
        count = len(str(block.get("split", "50-50")).split("-"))
        given = list(block.get("columns", []))
        return [*given, *([[]] * count)][:count]

    def trouble(self, block_id: str) -> str:
        """The worst that was found about a block: error, warning or nothing."""
        levels = {one.level for one in self.findings if one.where == block_id}
        return min(levels, default="")

    @cached_property
    def steps(self) -> tuple[bool, bool]:
        """Whether there is something to undo, and to do again."""
        if self.row is None or self.row.draft_id is None:
            return False, False
        steps = TemplateRevision.objects.of(self.store).filter(template=self.row)
        return steps.filter(pk__lt=self.row.draft_id).exists(), steps.filter(pk__gt=self.row.draft_id).exists()


def palette(desk: Desk) -> list[tuple[str, list[kinds.Kind]]]:
    """The blocks that can be added, in groups; those of other rooms only where the room is there."""
    from_rooms = [kind for kind in kinds.KINDS.values() if kind.room and kind.room in blocks]
    taken = {kind.room for kind in kinds.KINDS.values()} | {"coupon"}
    others = [
        kinds.Kind(f"{kinds.ROOM}{name}", one.label, "sparkle", kinds.ROOMS, one.hint, room=name)
        for name, one in blocks.items()
        if one.label and name not in taken
    ]
    own = {
        group: [kind for kind in kinds.KINDS.values() if kind.group == group and not kind.room]
        for group in kinds.GROUPS
    }
    return [(group, own[group] if group != kinds.ROOMS else [*from_rooms, *others]) for group in kinds.GROUPS]


def desk_of(store: Store, key: str, asked: QueryDict, now: datetime) -> Desk | None:
    """The draft of a template, or what comes along when the store has none of its own; None for an unknown key."""
    row = MessageTemplate.objects.of(store).filter(key=key).select_related("draft", "live").first()
    revision = row and (row.draft or row.live)
    if revision is None and key not in library.templates:
        return None
    document = revision.document if revision else library.document(key)
    return Desk(store, key, row, document, {name: asked.get(name, "") for name in _KEPT}, now)


def reader_of(store: Store, asked: str) -> Reader:
    """ "order:12" or "customer:3" of this store; somebody made up for anything else."""
    kind, _, number = asked.partition(":")
    if not number.isdigit():
        return NOBODY
    if kind == "order":
        order = Order.objects.of(store).select_related("customer").filter(pk=int(number)).first()
        return Reader(order.customer, order) if order else NOBODY
    customer = Customer.objects.of(store).filter(pk=int(number)).first()
    if customer is None:
        return NOBODY
    newest = Order.objects.of(store).filter(customer=customer).order_by("-placed_at").first()
    return Reader(customer, newest)
