"""Reviews written on a product's page: by who is signed in at once, by others after a yes from their mailbox."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.commerce.models import Customer, Product
from thereafter.feedback import review_links
from thereafter.feedback.actions import open_reviews, review_photos, reviews
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Review, ReviewConfirmation
from thereafter.feedback.queries import bought
from thereafter.feedback.queries.review_rules import promise, rules_of, settings_of
from thereafter.feedback.rules.answers import network_of
from thereafter.feedback.rules.reviews import shown_name
from thereafter.feedback.storefront.review_forms import Asked, AuthorForm, ReviewForm, StrangerForm
from thereafter.feedback.storefront.turning_away import may_post, no_such_link, product_or_404
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront import sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def write(request: ShopperRequest, product: str) -> HttpResponse:
    """A shop that asks its buyers only tells everybody else how to find their order."""
    found = product_or_404(request, product)
    settings, customer = settings_of(request.store.pk), sessions.customer_of(request, request.store)
    if not settings.open_to_all and not _has_bought(customer, found):
        return render(request, "feedback/storefront/review_closed.html", {"product": found})
    rule = rules_of(settings, [found])[found.pk]
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(data, prefix="p1", schema=rule.attributes, language=get_language() or "")
    one = Asked(1, found, found.title, form)
    by = _author_form(data, customer)
    if request.method == "POST":
        return _take(request, one, by, customer)
    return _show(request, one, by, customer)


def _has_bought(customer: Customer | None, product: Product) -> bool:
    if customer is None:
        return False
    return bool(bought.bought_before(product.store_id, [(customer.pk, product.pk)], clock.now()))


def _author_form(data: Any, customer: Customer | None) -> AuthorForm:
    if customer is None:
        return StrangerForm(data, prefix="by")
    return AuthorForm(data, prefix="by", initial={"name": shown_name(customer.name)})


def _show(request: ShopperRequest, one: Asked, by: AuthorForm, customer: Customer | None, **more: Any) -> HttpResponse:
    settings = settings_of(request.store.pk)
    context = {
        "asked": [one],
        "product": one.product,
        "author": by,
        "promise": promise(settings, get_language() or "") if customer else "",
        "checks_first": settings.checks_first,
        "here": request.path,
        **more,
    }
    return render(request, "feedback/storefront/review_form.html", context, status=422 if more else 200)


def _take(request: ShopperRequest, one: Asked, by: AuthorForm, customer: Customer | None) -> HttpResponse:
    if not may_post(request):
        return refuse(request, 429)
    is_sound = one.form.is_valid() & by.is_valid()
    if not is_sound or not one.form.cleaned_data["rating"]:
        return _show(request, one, by, customer, kept=0, nothing=is_sound)
    said = by.cleaned_data
    photos, one.problems = review_photos.made(request.FILES.getlist(one.photos_name))
    if one.problems:
        return _show(request, one, by, customer, kept=0)
    draft = one.form.draft(language=get_language() or "", photos=photos)
    if customer is not None:
        return _of_customer(request, one.product, customer, draft, said)
    return _of_stranger(request, one.product, draft, said)


def _of_customer(
    request: ShopperRequest, product: Product, customer: Customer, draft: Draft, said: dict[str, Any]
) -> HttpResponse:
    author = Author(
        customer=customer,
        name=said["name"],
        says_insider=said["insider"],
        collected=Review.Collected.WEB,
        network=network_of(client_address(request)),
    )
    review = reviews.write(None, product, author, draft, now=clock.now())
    return redirect(_own(review))


def _own(review: Review) -> str:
    there = reverse("feedback_storefront:own_review", args=[review.store.slug, review_links.own_token(review)])
    return f"{there}?said=written"


def _of_stranger(request: ShopperRequest, product: Product, draft: Draft, said: dict[str, Any]) -> HttpResponse:
    """The answer is the same whoever has this address, and for machines."""
    author = Author(
        email=said["email"],
        name=said["name"],
        says_insider=said["insider"],
        collected=Review.Collected.WEB,
        network=network_of(client_address(request)),
    )
    if not said["website"]:
        open_reviews.ask(product, author, draft, now=clock.now())
    return render(request, "feedback/storefront/review_mailed.html", {"email": said["email"], "product": product})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def confirm(request: ShopperRequest, token: str) -> HttpResponse:
    """The link of the mail. Link scanners open every link, so opening it only shows the button; a press counts."""
    try:
        pk = review_links.read_confirm(request.store, token)
    except (BadToken, ValueError):
        return no_such_link(request)
    rows = ReviewConfirmation.objects.of(request.store).select_related("review__product", "store")
    asked = rows.filter(pk=pk).first()
    if asked is None:
        return no_such_link(request)
    if asked.review.state == Review.State.UNCONFIRMED and request.method != "POST":
        context = {"review": asked.review, "here": request.path}
        return render(request, "feedback/storefront/review_confirm.html", context)
    review = open_reviews.confirm(asked, now=clock.now())
    return redirect(_own(review))
