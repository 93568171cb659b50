"""What is wrong with a message before anybody gets it. Plain Python.

An error keeps a template from being published; a warning does not.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from thereafter.kit.colours import READABLE, contrast
from thereafter.messaging.rules import documents, kinds, markup
from thereafter.messaging.rules.classes import TRANSACTIONAL
from thereafter.messaging.rules.findings import ERROR, WARNING, Finding
from thereafter.messaging.rules.kinds import Kind, Setting, kind_of
from thereafter.messaging.rules.lint_code import link_problem, of_code
from thereafter.messaging.rules.lint_stars import of_stars

# Gmail shows the first 102 kB and puts the rest behind "View entire message", the unsubscribe link with it.
GMAIL_CLIPS_AT = 102 * 1024
NEARLY = 80 * 1024
LONGEST_SUBJECT = 70
LONGEST_PUSH_TITLE, LONGEST_PUSH_BODY = 50, 150
# Text of 24 px and more is read with less contrast (WCAG 2.2, 1.4.3).
READABLE_WHEN_LARGE = 3.0
MOST_CAPITALS = 0.6
_RICH_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]*)\)")


class About(NamedTuple):
    """What is known around a document: its key, the rooms that bring blocks, the tint and page of the brand."""

    key: str
    rooms: Collection[str] = ()
    tint: str = "#f4f5f6"
    page: str = "#f4f5f6"


def of_document(document: Mapping[str, Any], about: About) -> Iterator[Finding]:
    """What can be seen without rendering it."""
    if "email" in documents.channels_of(document):
        yield from _of_subjects(document)
        for block in documents.blocks_of(document):
            yield from _of_block(block, document, about)
        yield from _of_returns(document, about)
    yield from _of_short_texts(document)
    yield from _of_languages(document)
    yield from of_stars(document)
    if not documents.channels_of(document):
        yield Finding(ERROR, "There is nothing to send yet: add a block, or write a text message or a notification.")


def _of_subjects(document: Mapping[str, Any]) -> Iterator[Finding]:
    main = documents.main_language(document)
    if not documents.words_in(document, main).get("subject", "").strip():
        yield Finding(ERROR, "The mail has no subject.", language=main)
    for language, words in document["words"].items():
        yield from _of_subject(words.get("subject", ""), language)
    if not documents.words_in(document, main).get("preheader", "").strip():
        yield Finding(
            WARNING,
            "Without a preview text mailboxes show the first words of the mail beside the subject.",
            language=main,
        )


def _of_subject(subject: str, language: str) -> Iterator[Finding]:
    said = markup.LIQUID.sub("", subject)
    letters = [letter for letter in said if letter.isalpha()]
    if len(said) > LONGEST_SUBJECT:
        yield Finding(
            WARNING, f"The subject has {len(said)} characters; phones show about 40, many mailboxes 70.", "", language
        )
    if len(letters) >= 8 and sum(letter.isupper() for letter in letters) / len(letters) > MOST_CAPITALS:  # noqa: PLR2004 shorter ones may be a name
        yield Finding(
            WARNING, "The subject is in capitals, which looks like spam to filters and to people.", "", language
        )
    if re.search(r"[!?]{2,}|(?:[€$£]\s*){3,}", said):
        yield Finding(WARNING, "Several exclamation marks in the subject look like spam.", "", language)


def _of_block(block: Mapping[str, Any], document: Mapping[str, Any], about: About) -> Iterator[Finding]:
    kind = kind_of(str(block["kind"]))
    if kind is None:
        return
    where = str(block["id"])
    if kind.room and kind.room not in about.rooms:
        yield Finding(
            WARNING, f"No room brings the block “{kind.label}” in this installation, so nothing is shown here.", where
        )
    yield from _of_words(kind, where, document)
    for setting in kind.settings:
        yield from _of_setting(setting, block, where)
    yield from _of_contrast(block, about)
    if kind.name == "image":
        yield from _of_image(block, document)
    if kind.name == "html":
        yield from of_code(str(block.get("code", "")), where)


def _of_words(kind: Kind, where: str, document: Mapping[str, Any]) -> Iterator[Finding]:
    for language in documents.languages_of(document):
        words = documents.words_in(document, language)
        for word in kind.words:
            text = words.get(word.key(where), "")
            if word.needed and not text.strip() and kind.name != "button":
                yield Finding(ERROR, f"{kind.label}: there is no text.", where, language)
            if word.rich:
                yield from _of_rich_links(text, where, language)


def _of_rich_links(text: str, where: str, language: str) -> Iterator[Finding]:
    for words, address in _RICH_LINK.findall(text):
        problem = link_problem(address)
        if problem:
            yield Finding(ERROR, f"The link “{words}” {problem}", where, language)


def _of_setting(setting: Setting, block: Mapping[str, Any], where: str) -> Iterator[Finding]:
    given = kinds.value(block, setting)
    if setting.kind == "link" and (given or block["kind"] == "button"):
        problem = link_problem(str(given))
        if problem:
            yield Finding(ERROR, f"{setting.label}: this link {problem}", where)
    if setting.kind == "links" and not any(given.values()):
        yield Finding(WARNING, "No social link is filled in, so nothing is shown here.", where)
    if setting.kind == "products" and not given:
        yield Finding(WARNING, "No product is chosen, so nothing is shown here.", where)


def _of_contrast(block: Mapping[str, Any], about: About) -> Iterator[Finding]:
    colour = str(block.get("colour", ""))
    if not colour.startswith("#") or block["kind"] not in {"heading", "text"}:
        return
    ground = {"tint": about.tint, "page": about.page}.get(str(block.get("background", "card")), "#ffffff")
    ratio = contrast(colour, ground)
    is_large = block["kind"] == "heading" and block.get("level", "title") == "title"
    needed = READABLE_WHEN_LARGE if is_large else READABLE
    if ratio < needed:
        where = str(block["id"])
        yield Finding(
            ERROR, f"{colour} on {ground} is hard to read: contrast {ratio:.1f}, and {needed} is needed.", where
        )


def _of_image(block: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    where = str(block["id"])
    if not block.get("src"):
        yield Finding(ERROR, "No picture is chosen.", where)
    words = documents.words_in(document, documents.main_language(document))
    if not words.get(f"{where}.alt", "").strip():
        if block.get("link"):
            yield Finding(
                ERROR, "A picture that leads somewhere needs a description: it is read out as the link.", where
            )
        else:
            yield Finding(WARNING, "The picture has no description; leave it empty only for decoration.", where)


def _of_returns(document: Mapping[str, Any], about: About) -> Iterator[Finding]:
    shown = {kind.room for block in documents.blocks_of(document) if (kind := kind_of(str(block["kind"])))}
    if about.key == "order_confirmation" and "returns" in about.rooms and "returns" not in shown:
        yield Finding(
            WARNING,
            "The confirmation does not say how to return things; add the block “Returns”. Many laws ask for it.",
        )


def _of_short_texts(document: Mapping[str, Any]) -> Iterator[Finding]:
    for language in documents.languages_of(document):
        words = documents.words_in(document, language)
        if bool(words.get("push_title")) != bool(words.get("push_body")):
            yield Finding(ERROR, "A notification has a title and a text.", language=language, tab="push")
        if len(words.get("push_title", "")) > LONGEST_PUSH_TITLE or len(words.get("push_body", "")) > LONGEST_PUSH_BODY:
            yield Finding(WARNING, "Phones cut long notifications off.", language=language, tab="push")
        if words.get("sms") and document["class"] != TRANSACTIONAL and "stop" not in words["sms"].lower():
            yield Finding(
                WARNING, "Say how to end it: “Reply STOP to end” is asked for in many countries.", "", language, "sms"
            )


def _of_languages(document: Mapping[str, Any]) -> Iterator[Finding]:
    """One line for all languages, which leads to the first that is not complete."""
    missing = {one: len(documents.missing_words(document, one)) for one in documents.languages_of(document)}
    short = {language: count for language, count in missing.items() if count}
    if short:
        named = ", ".join(f"{language.upper()} ({count})" for language, count in short.items())
        first = documents.main_language(document).upper()
        yield Finding(
            WARNING, f"Texts that are not translated will be in {first}: {named}.", language=next(iter(short))
        )


def of_class(document: Mapping[str, Any], original: str) -> Iterator[Finding]:
    """`original` is the class of the library's template of this name, "" for a template of the shop's own."""
    problem = class_problem(str(document["class"]), original)
    if problem:
        yield Finding(ERROR, problem)
    kinds = {str(one["kind"]) for one in documents.blocks_of(document)}
    promoting = {"products", "recommendations", "reorder", "coupon"} & kinds
    if document["class"] == TRANSACTIONAL and not original and promoting:
        yield Finding(
            WARNING, "An order mail that advertises counts as marketing in some countries; send that part by itself."
        )


def class_problem(wanted: str, original: str) -> str:
    """Why a template may not be of this class; "" when it may."""
    if not original or wanted == original:
        return ""
    if original == TRANSACTIONAL:
        return (
            "This message belongs to the order: as marketing it would not reach people who have not agreed to "
            "advertising. Make a template of your own for that."
        )
    if wanted == TRANSACTIONAL:
        return (
            "As a transactional message this would be sent to people who unsubscribed. Make a template of your own, if "
            "it is one that the order really needs."
        )
    return ""


def of_mail(page: str, text: str, message_class: str, language: str) -> Iterator[Finding]:
    """What can be seen of a mail as it was rendered; `page` has the sample's links in it."""
    size = len(page.encode())
    if size > GMAIL_CLIPS_AT:
        yield Finding(
            ERROR, f"The mail has {size // 1024} kB; Gmail cuts it off at 102 kB. Leave something out.", "", language
        )
    elif size > NEARLY:
        yield Finding(WARNING, f"The mail has {size // 1024} kB; Gmail cuts off what is over 102 kB.", "", language)
    if message_class != TRANSACTIONAL and UNSUBSCRIBE_SAMPLE not in page:
        yield Finding(ERROR, "There is no link to unsubscribe; put {{ links.unsubscribe }} into a link.", "", language)
    if not text.strip():
        yield Finding(WARNING, "The text part is empty: some readers would see nothing.", "", language)


# What stands for the link when a mail is looked at.
UNSUBSCRIBE_SAMPLE = "#unsubscribe"
