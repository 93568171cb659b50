"""Reviews: those to check, published, hidden; found, filtered, and published many at a time."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import moderating
from thereafter.feedback.console import reviews_words as words
from thereafter.feedback.models import Review, ReviewPhoto
from thereafter.feedback.queries import moderation as queries
from thereafter.feedback.queries.moderation import Asked
from thereafter.kit import clock
from thereafter.kit.pages import number, render
from thereafter.stores.models import Store

PAGE = 25
MOST_AT_ONCE = 200
LABELS = {
    "check": "To check",
    "second": "Second look",
    "published": "Published",
    "hidden": "Hidden",
    "all": "All",
    "appeals": "Appeals",
    "reported": "Reported",
}
STARS = [("", "Any stars"), *((str(count), words.stars(count)) for count in range(5, 0, -1))]
VERIFIED = [("", "Verified or not"), ("yes", "Verified buyers"), ("no", "Not verified")]
PHOTOS = [("", "With and without photos"), ("yes", "With photos"), ("no", "Without photos")]


@require_safe
@staff_page("feedback.read")
def reviews(request: StaffRequest) -> HttpResponse:
    store, asked = request.store, asked_of(request)
    page = Paginator(queries.listed(store, asked), PAGE).get_page(request.GET.get("page"))
    counts = queries.counts(store)
    context = {
        "page_title": "Reviews",
        "asked": asked,
        "page": page,
        "rows": rows(store, list(page)),
        "tabs": _tabs(store, asked, counts),
        "filters": _filters(store),
        "product": Product.objects.of(store).filter(pk=asked.product).first() if asked.product else None,
        "questions": queries.waiting_questions(store),
        "has_any": Review.objects.of(store).exists(),
        "may_publish": asked.tab == "check" and request.membership.may("feedback.moderate"),
        "query": f"?{urlencode(kept(asked))}&page=",
        "here": f"?{urlencode(kept(asked))}",
    }
    return render(request, "feedback/console/reviews.html", context)


def asked_of(request: HttpRequest) -> Asked:
    given = request.GET
    tab = given.get("tab", "check")
    return Asked(
        tab=tab if tab in queries.TABS and tab != "second" else "check",
        q=given.get("q", "").strip()[:100],
        stars=_whole(given.get("stars", ""), 5),
        product=_whole(given.get("product", ""), 10**12),
        verified=_one_of(given.get("verified", ""), VERIFIED),
        photos=_one_of(given.get("photos", ""), PHOTOS),
        language=given.get("language", "")[:10],
        source=given.get("source", "")[:40],
    )


def _whole(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) else 0


def _one_of(text: str, options: Sequence[tuple[str, str]]) -> str:
    return text if text in dict(options) else ""


def kept(asked: Asked) -> dict[str, Any]:
    """What was asked, for links to other pages of the list."""
    return {name: value for name, value in vars(asked).items() if value}


def rows(store: Store, reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Each with its pictures and, while somebody has to decide, what deserves a look."""
    photos = queries.photos_of(store, reviews)
    hints = queries.hints(store.pk, [one for one in reviews if one.state == Review.State.PENDING])
    return [
        {
            "one": one,
            "author": author(one),
            "state": words.state(one),
            "hidden_for": words.reason(one.hidden_for) if one.hidden_for else "",
            "labels": words.labels(one),
            "photos": photos[one.pk],
            "hints": hints.get(one.pk, []),
            "language": words.language(one.language) if one.language else "",
        }
        for one in reviews
    ]


def author(review: Review) -> str:
    if review.customer:
        return review.customer.display_name
    return review.shown_name or review.email or "Somebody"


def _tabs(store: Store, asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The second look is a page of its own; tabs that hold no work show no number."""
    second = reverse("feedback_console:reviews_second", args=[store.slug])
    return [
        {
            "label": label,
            "url": second if key == "second" else f"?tab={key}",
            "current": key == asked.tab,
            "count": counts.get(key) or None,
        }
        for key, label in LABELS.items()
    ]


def _filters(store: Store) -> dict[str, list[tuple[str, str]]]:
    found = queries.choices(store)
    collected = [(key.value, label) for key, label in words.COLLECTED.items()]
    return {
        "stars": STARS,
        "verified": VERIFIED,
        "photos": PHOTOS,
        "language": [("", "Any language"), *((code, words.language(code)) for code in found["languages"])],
        "source": [("", "From anywhere"), *collected, *((name, f"From {name}") for name in found["sources"])],
    }


@require_POST
@staff_page("feedback.moderate")
def publish(request: StaffRequest) -> HttpResponse:
    """Those that were chosen, whatever their stars."""
    chosen = [int(row) for row in request.POST.getlist("row")[:MOST_AT_ONCE] if row.isascii() and row.isdecimal()]
    done = moderating.approve(request.store, chosen, by=request.staff, now=clock.now())
    if done:
        messages.success(request, f"{number(done)} published." if done > 1 else "Published.")
    else:
        messages.warning(request, "Nothing was published: choose reviews that wait to be checked.")
    there = reverse("feedback_console:reviews", args=[request.store.slug])
    return redirect(f"{there}{_list_of(request)}")


def _list_of(request: StaffRequest) -> str:
    """The list that one came from; nothing but what the list itself understands."""
    query = request.POST.get("list", "")
    return query if query.startswith("?") and len(query) < MOST_AT_ONCE else ""


@require_safe
@staff_page("feedback.read")
def photo(request: StaffRequest, review_photo_id: int) -> HttpResponse:
    """A picture of a review for the shop's people, hidden or not; `?small=1` is the thumbnail."""
    found = get_object_or_404(ReviewPhoto.objects.of(request.store), pk=review_photo_id)
    content = found.thumbnail if "small" in request.GET else found.content
    response = HttpResponse(bytes(content), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="photo-{found.pk}.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
