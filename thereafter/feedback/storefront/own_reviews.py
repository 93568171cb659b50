"""An author's own review: what it says, whether everybody sees it, changing it and taking it back."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from thereafter.feedback import author_links, review_links
from thereafter.feedback.actions import review_photos, reviews
from thereafter.feedback.models import Decision, Review, ReviewPhoto
from thereafter.feedback.queries import review_forms as queries
from thereafter.feedback.queries.review_rules import rules_of, settings_of
from thereafter.feedback.storefront.review_forms import Asked, ReviewForm, said_before
from thereafter.feedback.storefront.turning_away import may_post, no_such_link
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def own_review(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        review = queries.own(request.store, review_links.read_own(request.store, token))
    except (BadToken, ValueError):
        review = None
    if review is None or review.state == Review.State.UNCONFIRMED:
        return no_such_link(request)
    if request.method == "POST":
        if not may_post(request):
            return refuse(request, 429)
        return _change(request, review)
    return _show(request, review, _asked(request, review), said=request.GET.get("said", ""))


def _asked(request: ShopperRequest, review: Review) -> Asked:
    rule = rules_of(settings_of(review.store_id), [review.product])[review.product_id]
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(
        data, prefix="p1", initial=said_before(review), schema=rule.attributes, language=get_language() or ""
    )
    return Asked(1, review.product, review.product.title, form, review)


def _change(request: ShopperRequest, review: Review) -> HttpResponse:
    now = clock.now()
    if request.POST.get("do") == "withdraw":
        if request.POST.get("sure") != "yes":
            return _show(request, review, _unbound(review), unsure=True)
        reviews.withdraw(review, now=now)
        return redirect(f"{request.path}?said=withdrawn")
    asked = _asked(request, review)
    if not asked.form.is_valid() or not asked.form.cleaned_data["rating"]:
        return _show(request, review, asked, kept=0)
    photos, asked.problems = review_photos.made(request.FILES.getlist(asked.photos_name))
    reviews.change(
        review, asked.form.draft(language=review.language, photos=photos, keep=_staying(request, review)), now=now
    )
    if asked.problems:
        return _show(request, review, asked, kept=1)
    return redirect(f"{request.path}?said=changed")


def _staying(request: ShopperRequest, review: Review) -> list[int]:
    gone = set(request.POST.getlist("gone"))
    return [pk for pk in review.photos.values_list("pk", flat=True) if str(pk) not in gone]


def _unbound(review: Review) -> Asked:
    return Asked(1, review.product, review.product.title, ReviewForm(prefix="p1", initial=said_before(review)), review)


def _show(request: ShopperRequest, review: Review, asked: Asked, said: str = "", **more: Any) -> HttpResponse:
    hidden = Decision.objects.of(review.store_id).filter(review=review, what="hide", state="holds", photo=None)
    decision = hidden.order_by("-id").first() if review.state == Review.State.HIDDEN else None
    context = {
        "review": review,
        "one": asked,
        "photos": [(photo, _photo(request, photo)) for photo in _photos(review)],
        "appeal_url": author_links.appeal_page(decision) if decision else "",
        "said": said,
        "here": request.path,
        **more,
    }
    return render(request, "feedback/storefront/own_review.html", context, status=422 if more else 200)


def _photos(review: Review) -> list[ReviewPhoto]:
    """Those that are here; what was brought from another app may still be on its way."""
    return list(review.photos.exclude(fingerprint="").order_by("place", "id"))


def _photo(request: ShopperRequest, photo: ReviewPhoto) -> str:
    return reverse("feedback_storefront:own_photo", args=[request.store.slug, review_links.photo_token(photo)])


@require_safe
@shopper_page
def own_photo(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        photo = ReviewPhoto.objects.of(request.store).filter(pk=review_links.read_photo(request.store, token)).first()
    except (BadToken, ValueError):
        photo = None
    if photo is None or not photo.thumbnail:
        return refuse(request, 404)
    response = HttpResponse(bytes(photo.thumbnail), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response
