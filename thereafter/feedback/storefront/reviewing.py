"""Where buyers say what they think of what they bought: all products of an order in one form.

The signed link is the key, not a cookie: browsers inside mail apps often keep none, hence no CSRF token. Opening the
link, with stars or without, counts for nothing: link scanners open every one.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.commerce.models import Order
from thereafter.feedback import review_links
from thereafter.feedback.actions import review_photos, reviews
from thereafter.feedback.actions.reviews import Author
from thereafter.feedback.models import Review, ReviewRequest
from thereafter.feedback.queries import review_forms as queries
from thereafter.feedback.queries.review_rules import promise, settings_of
from thereafter.feedback.rules.answers import network_of
from thereafter.feedback.rules.reviews import shown_name
from thereafter.feedback.storefront.review_forms import Asked, AuthorForm, ReviewForm, said_before
from thereafter.feedback.storefront.turning_away import may_post, no_such_link
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import order_page

MOST_PHOTOS_AT_ONCE = 12
_STAR = re.compile(r"(\d{1,3})-([1-5])")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def form(request: ShopperRequest, token: str) -> HttpResponse:
    """`?star=2-4` chooses four stars of the second product."""
    try:
        order_id, request_id = review_links.read_form(request.store, token)
    except (BadToken, ValueError):
        return no_such_link(request)
    order = Order.objects.of(request.store).filter(pk=order_id).select_related("customer", "store").first()
    if order is None or order.is_cancelled:
        return no_such_link(request)
    asked_by = queries.request_in(request.store, request_id)
    asked = _asked(request, order, asked_by)
    author = _author_form(request, order)
    if request.method == "POST" and asked:
        if not may_post(request):
            return refuse(request, 429)
        return _take(request, order, asked_by, asked, author)
    return _show(request, order, asked, author)


def _author_form(request: ShopperRequest, order: Order) -> AuthorForm:
    data = request.POST if request.method == "POST" else None
    return AuthorForm(data, prefix="by", initial={"name": shown_name(order.customer.name)})


def _asked(request: ShopperRequest, order: Order, asked_by: ReviewRequest | None) -> list[Asked]:
    found = queries.of_order(order, asked_by)
    chosen = _STAR.fullmatch(request.GET.get("star", ""))
    asked = []
    for place, one in enumerate(found, start=1):
        initial = said_before(one.review) if one.review else {}
        if chosen and int(chosen[1]) == place:
            initial |= {"rating": int(chosen[2])}
        product_form = ReviewForm(
            request.POST if request.method == "POST" else None,
            prefix=f"p{place}",
            initial=initial,
            schema=one.rule.attributes,
            language=get_language() or "",
        )
        asked.append(Asked(place, one.product, one.title, product_form, one.review))
    return asked


def _show(
    request: ShopperRequest, order: Order, asked: Sequence[Asked], author: AuthorForm, **more: Any
) -> HttpResponse:
    settings = settings_of(request.store.pk)
    context = {
        "order": order,
        "asked": asked,
        "author": author,
        "promise": promise(settings, get_language() or ""),
        "checks_first": settings.checks_first,
        "order_url": order_page(order),
        "here": request.path,
        **more,
    }
    return render(request, "feedback/storefront/review_form.html", context, status=422 if more else 200)


def _take(
    request: ShopperRequest, order: Order, asked_by: ReviewRequest | None, asked: Sequence[Asked], author: AuthorForm
) -> HttpResponse:
    """What is in order is kept, whatever is wrong with the rest."""
    author.full_clean()
    sound = [one for one in asked if one.form.is_valid() and one.form.cleaned_data["rating"]]
    by, room = _author(request, order, author), MOST_PHOTOS_AT_ONCE
    for one in sound:
        room -= _keep(request, asked_by, one, by, room)
    wrong = [one for one in asked if one.form.errors or one.problems]
    if wrong or not sound:
        return _show(request, order, asked, author, kept=len(sound), nothing=not sound and not wrong)
    return redirect("feedback_storefront:reviews_thanks", request.store.slug, review_links.form_token(order, asked_by))


def _author(request: ShopperRequest, order: Order, form: AuthorForm) -> Author:
    said = form.cleaned_data if form.is_valid() else {}
    return Author(
        customer=order.customer,
        order=order,
        name=said.get("name", ""),
        says_insider=bool(said.get("insider")),
        network=network_of(client_address(request)),
    )


def _keep(request: ShopperRequest, asked_by: ReviewRequest | None, one: Asked, by: Author, room: int) -> int:
    """Returns how many photos it had; `room` is for how many there is still time."""
    photos, one.problems = review_photos.made(request.FILES.getlist(one.photos_name), room=room)
    draft = one.form.draft(language=get_language() or "", photos=photos)
    one.review = reviews.write(asked_by, one.product, by, draft, now=clock.now())
    return len(photos)


@never_cache
@shopper_page
def thanks(request: ShopperRequest, token: str) -> HttpResponse:
    """What was written, what becomes of it, and what was given for it."""
    try:
        order_id, request_id = review_links.read_form(request.store, token)
    except (BadToken, ValueError):
        return no_such_link(request)
    order = Order.objects.of(request.store).filter(pk=order_id).select_related("customer", "store").first()
    if order is None:
        return no_such_link(request)
    asked = queries.of_order(order, queries.request_in(request.store, request_id))
    written = [one.review for one in asked if one.review]
    if not written:
        return redirect("feedback_storefront:reviews", request.store.slug, token)
    left = [one for one in asked if one.review is None]
    return render(request, "feedback/storefront/review_thanks.html", _thanks(order, written, left, token))


def _thanks(order: Order, written: Sequence[Review], left: Sequence[Any], token: str) -> dict[str, Any]:
    promised = next((review.incentive for review in written if review.incentive), "")
    given = [one.thanks for one in written if hasattr(one, "thanks")]
    return {
        "reviews": [(review, _own(review)) for review in written],
        "left": [one.title for one in left],
        "promised": promised,
        "code": next((one.coupon_code for one in given if one.coupon_code), ""),
        "is_given": bool(given),
        "is_member": bool(order.customer.trait("loyalty.member")),
        "is_shown": all(review.state == Review.State.PUBLISHED for review in written),
        "form_url": review_links.form_page(order) if left else "",
        "order_url": order_page(order),
        "page_title": _("Thank you"),
    }


def _own(review: Review) -> str:
    return reverse("feedback_storefront:own_review", args=[review.store.slug, review_links.own_token(review)])
