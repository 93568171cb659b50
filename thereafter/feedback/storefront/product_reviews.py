"""All that is said of a product, on a page of ours: for links in mails, for browsers without scripts, and framed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.feedback import widget_pages
from thereafter.feedback.marks import row_of
from thereafter.feedback.models import ReviewPhoto
from thereafter.feedback.queries.widget_settings import settings_of, sites_of
from thereafter.feedback.rules.widgets import wanted
from thereafter.feedback.storefront.widgets import piece, product_of
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront import embedding
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page

SHOWN = ("gallery", "list", "questions")


@require_safe
@shopper_page
def product_reviews(request: ShopperRequest, product: str) -> HttpResponse:
    """The product by the shop's own name for it. With `?in=` of a site that may, for its frame."""
    found, look = product_of(request.store, product), settings_of(request.store)
    site = embedding.site_of(request)
    own = f"{request.scheme}://{request.get_host()}".lower()
    if site and site not in sites_of(request.store, look) | {own}:
        return refuse(request, 403)
    if found is None:
        raise Http404
    asked = wanted(request.GET)
    # The pages of questions are turned by themselves.
    of_questions = "questions" in request.GET.get("show", "")
    kinds = ("questions",) if of_questions else SHOWN
    pieces = {kind: piece(request.store, look, kind, product, asked) for kind in kinds}
    context: dict[str, Any] = {
        "product": found,
        "pieces": {kind: one.html for kind, one in pieces.items()},
        "style": widget_pages.style(look),
        "thanks": request.GET.get("thanks", ""),
        "framed_by": site,
        "page_title": _("Reviews of %(product)s") % {"product": found.title},
    }
    response = render(request, "feedback/storefront/product_reviews.html", context)
    return embedding.framed(request, response, site) if site else response


@require_safe
@shopper_page
def review_photo(request: ShopperRequest, name: str, size: str) -> HttpResponse:
    """A photo that everybody may see; hidden ones are as if they were not there."""
    column = {"full": "content", "small": "thumbnail"}.get(size)
    try:
        row = row_of("photo", request.store.pk, name)
    except BadToken:
        raise Http404 from None
    shown = ReviewPhoto.objects.of(request.store).filter(pk=row, is_hidden=False, review__state="published")
    content = shown.exclude(fingerprint="").values_list(column, flat=True).first() if column else None
    if not content:
        raise Http404
    response = HttpResponse(bytes(content), content_type="image/jpeg")
    # An hour, so that what is hidden disappears from the shop's pages soon.
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
