"""From a template to what can be sent: MJML with blocks and words in, compiled Liquid out.

The order of work matters. An HTML parser moves a loop out of its table (text is not allowed there), and every mail
would show no items, without any error. So tags travel as HTML comments through MJML and CSS inlining.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import css_inline
import mjml
from liquid.exceptions import LiquidError

from thereafter.messaging import catalogue, library, rendering
from thereafter.messaging.blocks import blocks
from thereafter.messaging.catalogue import Template
from thereafter.messaging.drawing import mail
from thereafter.messaging.looks import Look, look, looks
from thereafter.messaging.models import TemplateVersion
from thereafter.messaging.plaintext import as_plain_text
from thereafter.messaging.rules import documents, markup, sources
from thereafter.stores.models import Store

_BLOCK = re.compile(r"<!--\s*block:\s*(\w+)\s*(?:as (\w+)\s*)?-->")
_CONTENT = re.compile(r"<!--\s*content\s*-->")
_WORD = re.compile(r"\{\{\s*t\.([\w.]+)\s*(\|\s*rich\s*)?\}\}")
_BRAND = re.compile(r"\{\{\s*brand\.(\w+)\s*\}\}")
_TITLE = re.compile(r"<title>\s*</title>")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_WRAPPED = re.compile(r"<!--(\{%.*?%\})-->", re.DOTALL)
_BARE_TABLE = re.compile(r"(<mj-table\b[^>]*(?<!/)>)(?!\s*<(?:tbody|thead))(.*?)(</mj-table>)", re.DOTALL)
_TEXT_ONLY = re.compile(r'<(mj-\w+)\b[^>]*css-class="[^"]*\btext-only\b[^"]*"[^>]*>.*?</\1>', re.DOTALL)
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class CannotPublish(ValueError):
    """The template is wrong; the text says where and what to do."""


@dataclass(frozen=True)
class Compiled:
    """Liquid that only wants facts. `needs` are the facts it names: "order", "links.account" …"""

    fingerprint: str
    subject: str
    html: str
    text: str
    needs: tuple[str, ...]
    extras: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, str]:
        return {"subject": self.subject, "html": self.html, "text": self.text, **self.extras}


Wanted = tuple[Store, str, str, str]
At = tuple[int, str, str, str]


def current_versions(wanted: Iterable[Wanted], now: datetime) -> dict[At, TemplateVersion]:
    """The newest version for each (store, template key, language, channel), published now if it is not yet; by
    (store id, …). Raises `CannotPublish`, so ask `broken` first."""
    compiled = {at: make() for at, make in _compilers(wanted).items()}
    classes = {at: one.message_class for at, one in catalogue.chosen((at[0], at[1]) for at in compiled).items()}
    found = _published(compiled)
    missing = [at for at in compiled if at not in found]
    if missing:
        rows = [_version(at, compiled[at], classes[at[0], at[1]], now) for at in missing]
        TemplateVersion.objects.bulk_create(rows, ignore_conflicts=True)
        found = _published(compiled)
    return found


def broken(wanted: Iterable[Wanted]) -> dict[At, str]:
    """Why those of these that cannot be published cannot, in words."""
    found: dict[At, str] = {}
    for at, make in _compilers(wanted).items():
        try:
            make()
        except CannotPublish as error:
            found[at] = str(error)
    return found


def compiled_for(store: Store, key: str, language: str, channel: str = "email") -> Compiled:
    return compiled_template(catalogue.template(store, key), language, channel, look(store))


def _compilers(wanted: Iterable[Wanted]) -> dict[At, Callable[[], Compiled]]:
    asked = {(store.pk, key, language, channel): store for store, key, language, channel in wanted}
    own, seen = catalogue.chosen((at[0], at[1]) for at in asked), looks(asked.values())
    return {at: partial(_compile, own.get((at[0], at[1])), at, seen[at[0]]) for at in asked}


def _compile(template: Template | None, at: At, seen: Look) -> Compiled:
    if template is None:
        raise CannotPublish(f"There is no template named {at[1]}.")
    return compiled_template(template, at[2], at[3], seen)


def _published(compiled: Mapping[At, Compiled]) -> dict[At, TemplateVersion]:
    prints = {one.fingerprint for one in compiled.values()}
    rows = TemplateVersion.objects.filter(store_id__in={at[0] for at in compiled}, fingerprint__in=prints)
    found = {(row.store_id, row.key, row.language, row.channel): row for row in rows}
    return {at: row for at, row in found.items() if at in compiled and row.fingerprint == compiled[at].fingerprint}


def _version(at: At, compiled: Compiled, message_class: str, now: datetime) -> TemplateVersion:
    store_id, key, language, channel = at
    return TemplateVersion(
        store_id=store_id,
        key=key,
        language=language,
        channel=channel,
        fingerprint=compiled.fingerprint,
        message_class=message_class,
        subject=compiled.subject,
        html=compiled.html,
        text=compiled.text,
        extras=compiled.extras,
        needs=list(compiled.needs),
        published_at=now,
    )


@lru_cache(maxsize=1024)
def compiled_template(template: Template, language: str, channel: str, seen: Look) -> Compiled:
    """A template in a language, for a channel and in a shop's colours; raises `CannotPublish`."""
    return compile_document(catalogue.document(template), language, channel, seen)


def compile_document(
    document: Mapping[str, Any], language: str, channel: str, seen: Look, *, marked: bool = False
) -> Compiled:
    """`marked` puts the ids of blocks on what they draw. Raises `CannotPublish`."""
    if channel not in documents.channels_of(document):
        raise CannotPublish(f"{document['name']} says nothing by {channel}; write a text for it.")
    words = documents.words_in(document, language)
    if channel != "email":
        return _short(channel, words, document.get("channels", {}).get(channel, {}))
    blocks = document.get("blocks") or []
    source = document.get("source") or mail.draw(blocks, words, marked=marked)
    styles = mail.dark_styles(list(documents.blocks_of(document)))
    layout = library.layout().replace("<!-- styles -->", styles)
    known = {"preheader": "", "subject": ""} | library.common_words(language) | words
    extras = {"sender_name": words["sender_name"]} if words.get("sender_name") else {}
    return compile_source(Source(layout, source, extras), known, language, seen)


def _short(channel: str, words: Mapping[str, str], settings: Mapping[str, str]) -> Compiled:
    """What is text alone: a short message, or a notification with its title."""
    subject, text = (words["push_title"], words.get("push_body", "")) if channel == "push" else ("", words[channel])
    extras = {name: value for name, value in settings.items() if value}
    if channel == "push":
        extras.setdefault("url", "{{ links.order }}")
    return _compiled(channel, subject, "", text.strip(), extras)


@dataclass(frozen=True)
class Source:
    layout: str
    content: str
    extras: Mapping[str, str] = field(default_factory=dict)


def compile_source(source: Source, words: Mapping[str, str], language: str, seen: Look) -> Compiled:
    """The content set into the layout, with its blocks, in the given words and colours; raises `CannotPublish`."""
    is_whole = sources.is_whole_page(source.content) or sources.is_whole_mjml(source.content)
    whole = source.content if is_whole else _CONTENT.sub(lambda _: source.content, source.layout)
    whole = _in_words(whole, words)
    # Before MJML sees it: an open tag would make it complain of something else.
    _names_in(whole)
    whole = _BLOCK.sub(lambda found: _block(found[1], found[2] or "", language), whole)
    whole = _in_colours(whole, seen).replace("{{ language }}", language)
    # Not by mj-title: its tags would be lost, and MJML writes it into an attribute as well.
    title = f"<title>{markup.escaped(words['subject'])}</title>"
    page = _TITLE.sub(lambda _: title, to_html(_TEXT_ONLY.sub("", whole)), count=1)
    return _compiled("email", words["subject"], page, as_plain_text(whole), source.extras)


def _compiled(channel: str, subject: str, page: str, text: str, extras: Mapping[str, str]) -> Compiled:
    parts = (channel, subject, page, text, *(f"{name}={extras[name]}" for name in sorted(extras)))
    needs = _names_in(subject, page, text, *extras.values())
    return Compiled(
        fingerprint=hashlib.sha256("\0".join(parts).encode()).hexdigest(),
        subject=subject,
        html=page,
        text=text,
        needs=tuple(sorted(needs)),
        extras=dict(extras),
    )


def _names_in(*texts: str) -> set[str]:
    try:
        return rendering.names_in(*texts)
    except LiquidError as error:
        raise CannotPublish(rendering.in_words(error)) from error


def to_html(source: str) -> str:
    """Mail-safe HTML with its Liquid intact; raises `CannotPublish`."""
    tags = _TAG.findall(source)
    commented = _TAG.sub(lambda found: f"<!--{found[0]}-->", _BARE_TABLE.sub(r"\1<tbody>\2</tbody>\3", source))
    try:
        # No web fonts: MJML would have them fetched from elsewhere, which tells others who opens our mail.
        page = _inliner.inline(commented if sources.is_whole_page(source) else mjml.mjml2html(commented, fonts={}))
    except (ValueError, css_inline.InlineError) as error:
        raise CannotPublish(f"This is not MJML we can read: {error}") from error
    page = _WRAPPED.sub(r"\1", page)
    lost = Counter(tags) - Counter(_TAG.findall(page))
    if lost:
        raise CannotPublish(f"{next(iter(lost))} stands where no tag may be (such as in a style); move it.")
    return page


def _in_words(source: str, words: Mapping[str, str]) -> str:
    """Words are text: what looks like HTML in them is shown, only their Liquid is alive."""

    def word(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise CannotPublish(f"There is no text named {found[1]}; add it to the words of the template.")
        return markup.as_html(words[found[1]]) if found[2] else markup.escaped(words[found[1]])

    return _WORD.sub(word, source)


def _block(name: str, marked_as: str, language: str) -> str:
    """The block's partial, shown when the block has facts; nothing when no room brings it."""
    block = blocks.get(name)
    drawn = library.partial(block.template) if block else ""
    if not block or not drawn:
        return ""
    words = library.words(block.template.removesuffix(".mjml"), language)
    if marked_as:
        drawn = drawn.replace('css-class="', f'css-class="block-{marked_as} ', 1)
    return f"{{% if {name} %}}{_in_words(drawn, words)}{{% endif %}}"


def _in_colours(source: str, seen: Look) -> str:
    def token(found: re.Match[str]) -> str:
        if not hasattr(seen, found[1]):
            raise CannotPublish(
                f"There is no brand.{found[1]}; there are {', '.join(one.name for one in fields(seen))}."
            )
        return str(getattr(seen, found[1]))

    return _BRAND.sub(token, source)
