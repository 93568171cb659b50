"""Visitors say what helped them, and report what should not stand there. No sign-in, no cookie, hence no CSRF token."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from thereafter.commerce.models import Product
from thereafter.feedback import widget_facts
from thereafter.feedback.actions import voting
from thereafter.feedback.marks import row_of
from thereafter.feedback.models import ProductAnswer, Review
from thereafter.feedback.queries.widget_settings import settings_of, sites_of
from thereafter.feedback.storefront.widgets import shared
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront import actions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.stores.models import Store

# Votes and reports of one address in ten minutes.
MOST_FROM_ADDRESS = 60
# What a visitor may say is wrong: reasons of `rules.moderation` in a visitor's words.
REASONS = [
    ("personal_data", _("It shows personal data")),
    ("abuse", _("It insults or threatens somebody")),
    ("obscenity", _("It is obscene")),
    ("off_topic", _("It is not about this product")),
    ("fake", _("I believe that it is a fake")),
    ("spam", _("It is advertising")),
    ("illegal", _("It is against the law")),
]


class ReportForm(forms.Form):
    reason = forms.ChoiceField(choices=REASONS, widget=forms.RadioSelect, label=_("What is wrong with it?"))
    text = forms.CharField(
        required=False,
        max_length=500,
        label=_("Anything we should know"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@csrf_exempt
@never_cache
@require_POST
@shopper_page
def vote(request: ShopperRequest) -> HttpResponse:
    """For the script the counts as JSON; without one the visitor comes to the product's reviews here."""
    origin, look = request.headers.get("Origin", ""), settings_of(request.store)
    if origin and origin != "null" and origin.lower() not in sites_of(request.store, look):
        return JsonResponse({"error": "This shop has not allowed this site to show its reviews."}, status=403)
    if not _may(request):
        return shared(request, refuse(request, 429), look)
    thing = _thing(request.store, request.POST)
    voting.vote(thing, voter=_voter(request), is_helpful=request.POST.get("helpful") == "1", now=clock.now())
    thing.refresh_from_db(fields=["helpful", "unhelpful"])
    if "application/json" in request.headers.get("Accept", ""):
        return shared(request, JsonResponse({"helpful": thing.helpful, "unhelpful": thing.unhelpful}), look)
    return redirect(f"{widget_facts.product_page(request.store, _product(thing))}&thanks=vote")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def report(request: ShopperRequest) -> HttpResponse:
    """Why it should not stand there. A person of the shop looks; a report hides nothing by itself."""
    thing = _thing(request.store, request.GET)
    form = ReportForm(request.POST) if request.method == "POST" else ReportForm()
    if request.method == "POST" and form.is_valid():
        if not _may(request):
            return refuse(request, 429)
        voting.report(request.store, **_about(thing), **form.cleaned_data, voter=_voter(request), now=clock.now())
        return redirect(f"{widget_facts.product_page(request.store, _product(thing))}&thanks=report")
    product = _product(thing)
    context = {
        "form": form,
        "words": thing.body if isinstance(thing, Review) else thing.text,
        "product": product,
        "back": widget_facts.product_page(request.store, product),
        "page_title": _("Report"),
    }
    return render(request, "feedback/storefront/report.html", context, status=422 if form.errors else 200)


def _about(thing: Review | ProductAnswer) -> dict[str, Any]:
    return {"review": thing} if isinstance(thing, Review) else {"answer": thing}


def _may(request: ShopperRequest) -> bool:
    return actions.knock(request.store, {f"vote:{client_address(request)}": MOST_FROM_ADDRESS}, clock.now())


def _voter(request: ShopperRequest) -> str:
    return voting.voter(request.store, client_address(request), request.headers.get("User-Agent", ""))


def _thing(store: Store, given: Any) -> Review | ProductAnswer:
    """What is voted on, if everybody can see it."""
    try:
        if "review" in given:
            row = row_of("review", store.pk, given["review"])
            shown: Any = Review.objects.of(store).filter(pk=row, state=Review.State.PUBLISHED)
        else:
            row = row_of("answer", store.pk, given.get("answer", ""))
            shown = ProductAnswer.objects.of(store).filter(pk=row, state=ProductAnswer.State.PUBLISHED)
    except BadToken:
        raise Http404 from None
    thing: Review | ProductAnswer | None = shown.first()
    if thing is None:
        raise Http404
    return thing


def _product(thing: Review | ProductAnswer) -> Product:
    return thing.product if isinstance(thing, Review) else thing.question.product
