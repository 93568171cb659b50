"""What widgets say of a review, in the reader's language: who wrote it and how it came here, and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from thereafter.feedback.models import ProductAnswer, Review
from thereafter.feedback.rules.reviews import in_language

Schema = Sequence[Mapping[str, Any]]


def labels(review: Review) -> Iterator[str]:
    """How it came here and what was given for it; each review has at least one."""
    if review.is_insider:
        yield _("Works for the shop")
    yield from _origin(review)
    if review.is_incentivised and review.incentive:
        yield _("Received for writing: %(what)s") % {"what": review.incentive}
    elif review.is_incentivised:
        yield _("Received something for writing")
    if review.pinned_at:
        yield _("Put first by the shop")
    if review.version > 1:
        yield _("Changed afterwards")


def _origin(review: Review) -> Iterator[str]:
    is_imported = review.collected == Review.Collected.IMPORTED
    if review.is_verified:
        yield _("Verified buyer")
    elif not is_imported:
        yield _("Purchase not verified")
    if review.collected == Review.Collected.INVITATION:
        yield _("Written after an invitation")
    if is_imported:
        yield _("Imported from %(system)s") % {"system": review.source} if review.source else _("Imported")


def author(review: Review) -> str:
    return review.shown_name or _("Anonymous")


def photo_of(review: Review) -> str:
    return _("Photo by %(author)s, %(stars)s of 5 stars") % {"author": author(review), "stars": review.rating}


def answerer(answer: ProductAnswer, shop: str) -> tuple[str, str]:
    """Who answers, and what they are to the shop."""
    if answer.by == "shop":
        return shop, _("The shop")
    return answer.shown_name or _("Anonymous"), _("Verified buyer") if answer.is_verified else ""


def sorts() -> dict[str, str]:
    return {
        "newest": _("Newest"),
        "helpful": _("Most helpful"),
        "photos": _("With photos first"),
        "highest": _("Highest stars"),
        "lowest": _("Lowest stars"),
    }


def order_of_display(sort: str) -> str:
    """The shop's own order in a sentence."""
    return {
        "newest": _("The newest come first, whatever their stars."),
        "helpful": _("Those that most visitors found helpful come first, whatever their stars."),
        "photos": _("Those with photos come first, then the newest, whatever their stars."),
    }[sort]


def chosen(schema: Schema, review: Review) -> list[tuple[str, str]]:
    """What the author chose of a product's attributes, as (question, answer)."""
    return [
        (_words(one["label"]), _option(one, str(review.attributes[str(one["key"])])))
        for one in schema
        if str(one["key"]) in review.attributes
    ]


def summed(schema: Schema, counted: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Each attribute with the answer that most gave and all that can be chosen: "Runs small 60 %"."""
    return [_summed(one, counted[str(one["key"])]) for one in schema if counted.get(str(one["key"]))]


def _summed(attribute: Mapping[str, Any], counts: Mapping[str, int]) -> dict[str, Any]:
    key, answers = str(attribute["key"]), sum(counts.values())
    most = max(counts, key=lambda option: counts[option])
    options = [
        {"value": f"{key}:{option['key']}", "label": _words(option["label"]), "count": counts[str(option["key"])]}
        for option in attribute["options"]
        if counts.get(str(option["key"]))
    ]
    share = counts[most] / answers
    facts = {"label": _words(attribute["label"]), "most": _option(attribute, most), "share": share}
    return {**facts, "answers": answers, "options": options}


def _option(attribute: Mapping[str, Any], key: str) -> str:
    found = (_words(option["label"]) for option in attribute["options"] if str(option["key"]) == key)
    return next(found, key)


def _words(words: Mapping[str, str]) -> str:
    return in_language(words, get_language() or "en")


def day(at: datetime) -> str:
    """3 March 2026: with its year, so that a page that is kept stays true."""
    return format_date(local(at), "long", locale=(get_language() or "en").replace("-", "_"))


def local(at: datetime) -> date:
    return timezone.localtime(at).date()
