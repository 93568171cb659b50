"""What each widget shows of a product, gathered from the database for its template."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import NoReverseMatch
from django.utils.translation import get_language

from thereafter.commerce.models import Product
from thereafter.feedback import widget_words as words
from thereafter.feedback.kept import Kept
from thereafter.feedback.marks import mark
from thereafter.feedback.models import ProductQuestion, Rating, Review, ReviewPhoto, ReviewSettings, WidgetSettings
from thereafter.feedback.queries import review_rules, shown_questions, shown_reviews
from thereafter.feedback.queries.products_named import family
from thereafter.feedback.rules import json_ld
from thereafter.feedback.rules.reviews import in_language
from thereafter.feedback.rules.widgets import Wanted
from thereafter.storefront import links
from thereafter.stores.models import Store


@dataclass(frozen=True)
class Subject:
    """A product as its widgets see it. `family`: those whose reviews stand together."""

    store: Store
    product: Product
    look: WidgetSettings
    reviewing: ReviewSettings
    rating: Rating
    family: Sequence[int]
    now: datetime

    @property
    def schema(self) -> words.Schema:
        return review_rules.rules_of(self.reviewing, [self.product])[self.product.pk].attributes


def subject(store: Store, product: Product, look: WidgetSettings, rating: Rating, now: datetime) -> Subject:
    reviewing = review_rules.settings_of(store.pk)
    return Subject(store, product, look, reviewing, rating, family(store.pk, product.pk), now)


def product_page(store: Store, product: Product) -> str:
    """The page of ours with a product's reviews, in the language in force."""
    return f"{links.page(store, 'feedback_storefront:product_reviews', product.external_id)}?lang={get_language()}"


def stars(one: Subject, wanted: Wanted) -> dict[str, Any]:
    return {"rating": one.rating, "page_url": product_page(one.store, one.product)}


def form(one: Subject, wanted: Wanted) -> dict[str, Any]:
    return {
        "rating": one.rating,
        "write_url": write_url(one.store, one.product),
        "open_to_all": one.reviewing.open_to_all,
    }


def gallery(one: Subject, wanted: Wanted) -> dict[str, Any]:
    photos = shown_reviews.gallery(one.store.pk, one.family) if one.rating.photos else []
    return {"photos": [_photo(one.store, photo, photo.review) for photo in photos], "rating": one.rating}


def reviews(one: Subject, wanted: Wanted) -> dict[str, Any]:
    """The list; with what search engines read of it under `json_ld`."""
    store, rating = one.store, one.rating
    page = shown_reviews.page_of(store.pk, one.family, wanted, sort=one.look.sort, size=one.look.page_size)
    together = _together(one)
    schema = one.schema if one.look.shows_attributes else ()
    return {
        "rating": rating,
        "together": together,
        "attributes": words.summed(schema, together.attributes),
        "tongues": sorted(together.languages.items(), key=lambda item: (-item[1], item[0])),
        "page": page,
        "wanted": wanted,
        "go": _go(product_page(store, one.product), wanted),
        "sorts": list(words.sorts().items()),
        "sort": wanted.sort or one.look.sort,
        "shown": [_review(one, review, page.photos.get(review.pk, ()), schema) for review in page.reviews],
        "how": _how(one, together),
        "write_url": write_url(store, one.product) if one.reviewing.open_to_all else "",
        "vote_url": links.page(store, "feedback_storefront:vote"),
        "page_url": product_page(store, one.product).partition("?")[0],
        "json_ld": _json_ld(one, page.reviews),
    }


# Of each generation it is counted once, whatever visitors filter.
_summed: Kept[shown_reviews.Together] = Kept(2000, timedelta(hours=1))


def _together(one: Subject) -> shown_reviews.Together:
    key = (one.product.pk, one.rating.generation, one.rating.changed_at)
    kept = _summed.read(key, one.now)
    if kept is None:
        kept = shown_reviews.together(one.store.pk, one.family)
        _summed.keep(key, kept, one.now)
    return kept


def forget() -> None:
    _summed.clear()


def questions(one: Subject, wanted: Wanted) -> dict[str, Any]:
    page = shown_questions.page_of(one.store.pk, one.family, wanted.page)
    return {
        "questions": [_question(one.store, row, page.answers.get(row.pk, ())) for row in page.questions],
        "page": page,
        "go": _go(f"{product_page(one.store, one.product)}&show=questions", wanted),
        "ask_url": _page_if_any(one.store, "feedback_storefront:ask_question", one.product.external_id),
        "vote_url": links.page(one.store, "feedback_storefront:vote"),
    }


GATHER: Mapping[str, Callable[[Subject, Wanted], dict[str, Any]]] = {
    "stars": stars,
    "list": reviews,
    "gallery": gallery,
    "form": form,
    "questions": questions,
}


def write_url(store: Store, product: Product) -> str:
    return _page_if_any(store, "feedback_storefront:write_review", product.external_id)


def _page_if_any(store: Store, name: str, product: str) -> str:
    try:
        return f"{links.page(store, name, product)}?lang={get_language()}"
    except NoReverseMatch:
        return ""


def _go(page: str, wanted: Wanted) -> Callable[..., str]:
    """The address of our page with something else asked for; the script asks for the same without leaving."""

    def go(**changed: Any) -> str:
        return f"{page}&{wanted.query(**changed)}".rstrip("&")

    return go


def _review(one: Subject, review: Review, photos: Sequence[ReviewPhoto], schema: words.Schema) -> dict[str, Any]:
    name = mark("review", review.store_id, review.pk)
    return {
        "name": name,
        "rating": review.rating,
        "title": review.title,
        "body": review.body,
        "language": review.language[:2],
        "author": words.author(review),
        "country": review.country if one.look.shows_country else "",
        "written_on": words.local(review.written_at).isoformat(),
        "date": words.day(review.written_at),
        "about": review.product.title if review.product_id != one.product.pk else "",
        "labels": list(words.labels(review)),
        "attributes": words.chosen(schema, review),
        "photos": [_photo(one.store, photo, review) for photo in photos],
        "reply": review.reply,
        "replied_on": words.day(review.replied_at) if review.replied_at else "",
        "helpful": review.helpful,
        "unhelpful": review.unhelpful,
        "report_url": f"{links.page(one.store, 'feedback_storefront:report')}?review={name}",
    }


def _photo(store: Store, photo: ReviewPhoto, review: Review) -> dict[str, str]:
    name = mark("photo", photo.store_id, photo.pk)
    return {
        "url": links.page(store, "feedback_storefront:review_photo", name, "full"),
        "small": links.page(store, "feedback_storefront:review_photo", name, "small"),
        "alt": words.photo_of(review),
    }


def _how(one: Subject, together: shown_reviews.Together) -> dict[str, Any]:
    kept, language = one.reviewing, get_language() or "en"
    hidden = Review.objects.of(one.store).filter(product__in=one.family, state=Review.State.HIDDEN)
    says = kept.incentive.get("says") or {}
    return {
        "asks": kept.asks,
        "checks_first": kept.checks_first,
        "open_to_all": kept.open_to_all,
        "incentive": in_language(says, language) if kept.incentive.get("kind") else "",
        "incentivised": together.incentivised,
        "imported": together.imported,
        "hidden": hidden.count(),
        "note": in_language(kept.policy_note, language),
        "sort": words.order_of_display(one.look.sort),
    }


def _json_ld(one: Subject, shown: Sequence[Review]) -> str:
    about = json_ld.About(one.product.title, one.product.url, one.product.image_url)
    said = [
        json_ld.Said(
            rating=review.rating,
            author=words.author(review),
            written_on=words.local(review.written_at).isoformat(),
            title=review.title,
            body=review.body,
            language=review.language,
        )
        for review in shown
    ]
    return json_ld.product(about, one.rating.mean, one.rating.count, said)


def _question(store: Store, row: ProductQuestion, answers: Sequence[Any]) -> dict[str, Any]:
    return {
        "text": row.text,
        "language": row.language[:2],
        "author": row.shown_name,
        "asked_on": words.local(row.asked_at).isoformat(),
        "date": words.day(row.asked_at),
        "answers": [_answer(store, answer) for answer in answers],
    }


def _answer(store: Store, answer: Any) -> dict[str, Any]:
    name = mark("answer", answer.store_id, answer.pk)
    author, label = words.answerer(answer, store.name)
    return {
        "name": name,
        "author": author,
        "label": label,
        "text": answer.text,
        "language": answer.language[:2],
        "date": words.day(answer.answered_at),
        "helpful": answer.helpful,
        "unhelpful": answer.unhelpful,
        "report_url": f"{links.page(store, 'feedback_storefront:report')}?answer={name}",
    }
