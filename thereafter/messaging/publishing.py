"""From a template to what can be sent: MJML with blocks and words in, compiled Liquid out.

The order of work matters. An HTML parser moves a loop out of its table (text is not allowed there), and every mail
would show no items, without any error. So tags travel as HTML comments through MJML and CSS inlining.
"""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import css_inline
import mjml

from thereafter.messaging import library, rendering
from thereafter.messaging.blocks import blocks
from thereafter.messaging.models import TemplateVersion
from thereafter.messaging.plaintext import as_plain_text
from thereafter.storefront.branding import Brand, brand
from thereafter.stores.models import Store

_BLOCK = re.compile(r"<!--\s*block:\s*(\w+)\s*-->")
_CONTENT = re.compile(r"<!--\s*content\s*-->")
_WORD = re.compile(r"\{\{\s*t\.(\w+)\s*\}\}")
_BRAND = re.compile(r"\{\{\s*brand\.(\w+)\s*\}\}")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_WRAPPED = re.compile(r"<!--(\{%.*?%\})-->", re.DOTALL)
_LIQUID = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
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


def current_versions(
    wanted: Iterable[tuple[Store, str, str]], now: datetime
) -> dict[tuple[int, str, str], TemplateVersion]:
    """The newest version for each (store, template key, language), published now if it is not yet; by (store id, …)."""
    compiled = {(store.pk, key, language): compiled_for(store, key, language) for store, key, language in set(wanted)}
    found = _published(compiled)
    missing = [at for at in compiled if at not in found]
    if missing:
        TemplateVersion.objects.bulk_create([_version(*at, compiled[at], now) for at in missing], ignore_conflicts=True)
        found = _published(compiled)
    return found


def _published(compiled: Mapping[tuple[int, str, str], Compiled]) -> dict[tuple[int, str, str], TemplateVersion]:
    prints = {one.fingerprint for one in compiled.values()}
    stores = {store_id for store_id, _, _ in compiled}
    rows = TemplateVersion.objects.filter(store_id__in=stores, fingerprint__in=prints)
    return {(row.store_id, row.key, row.language): row for row in rows}


def _version(store_id: int, key: str, language: str, compiled: Compiled, now: datetime) -> TemplateVersion:
    return TemplateVersion(
        store_id=store_id,
        key=key,
        language=language,
        fingerprint=compiled.fingerprint,
        message_class=library.template(key).message_class,
        subject=compiled.subject,
        html=compiled.html,
        text=compiled.text,
        needs=list(compiled.needs),
        published_at=now,
    )


def compiled_for(store: Store, key: str, language: str) -> Compiled:
    return compiled_template(key, language, brand(store.brand_colour))


@lru_cache(maxsize=512)
def compiled_template(key: str, language: str, colours: Brand) -> Compiled:
    """One of our templates in a language and a shop's colours; raises `CannotPublish`."""
    library.template(key)
    words = library.words(f"{library.FOLDER}/_common", language) | library.words(f"{library.FOLDER}/{key}", language)
    return compile_source(library.source("_layout"), library.source(key), words, language, colours)


def compile_source(layout: str, content: str, words: Mapping[str, str], language: str, colours: Brand) -> Compiled:
    """`content` set into `layout`, with its blocks, in the given words and colours; raises `CannotPublish`."""
    whole = _CONTENT.sub(lambda _: content, layout)
    whole = _in_words(whole, words)
    whole = _BLOCK.sub(lambda found: _block(found[1], language), whole)
    whole = _in_colours(whole, colours).replace("{{ language }}", language)
    page = to_html(_TEXT_ONLY.sub("", whole))
    text, subject = as_plain_text(whole), words["subject"]
    return Compiled(
        fingerprint=hashlib.sha256("\0".join((subject, page, text)).encode()).hexdigest(),
        subject=subject,
        html=page,
        text=text,
        needs=tuple(sorted(rendering.names_in(subject, page, text))),
    )


def to_html(source: str) -> str:
    """Mail-safe HTML with its Liquid intact; raises `CannotPublish`."""
    tags = _TAG.findall(source)
    commented = _TAG.sub(lambda found: f"<!--{found[0]}-->", _BARE_TABLE.sub(r"\1<tbody>\2</tbody>\3", source))
    try:
        # No web fonts: MJML would have them fetched from elsewhere, which tells others who opens our mail.
        page = _inliner.inline(mjml.mjml2html(commented, fonts={}))
    except (ValueError, css_inline.InlineError) as error:
        raise CannotPublish(f"This is not MJML we can read: {error}") from error
    page = _WRAPPED.sub(r"\1", page)
    lost = Counter(tags) - Counter(_TAG.findall(page))
    if lost:
        raise CannotPublish(f"{next(iter(lost))} stands where no tag may be (such as in a style); move it.")
    return page


def _in_words(source: str, words: Mapping[str, str]) -> str:
    def word(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise CannotPublish(f"There is no text named {found[1]}; add it to the words of the template.")
        return _escaped(words[found[1]])

    return _WORD.sub(word, source)


def _escaped(text: str) -> str:
    """Words are text: what looks like HTML is shown, only their Liquid is alive."""
    return "".join(part if _LIQUID.fullmatch(part) else html.escape(part) for part in _LIQUID.split(text))


def _block(name: str, language: str) -> str:
    """The block's partial, shown when the block has facts; nothing when no room brings it."""
    block = blocks.get(name)
    partial = library.partial(block.template) if block else ""
    if not block or not partial:
        return ""
    words = library.words(block.template.removesuffix(".mjml"), language)
    return f"{{% if {name} %}}{_in_words(partial, words)}{{% endif %}}"


def _in_colours(source: str, colours: Brand) -> str:
    return _BRAND.sub(lambda found: str(getattr(colours, found[1])), source)
