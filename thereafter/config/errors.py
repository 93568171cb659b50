"""What people see when a page is not there, not open to them, or broken."""

import logging
import secrets
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from thereafter.kit.pages import render
from thereafter.storefront.guards import ShopperRequest, shopper_page

log = logging.getLogger(__name__)
_DETAILS = {
    400: "The call cannot be read.",
    403: "Forbidden",
    404: "Not found",
    413: "The body is longer than 10 MB. Send fewer rows per call.",
}


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _shop_not_found(request) or _page(request, 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent from our page, or from one that stood open too long."""
    return _page(request, 403)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A call that cannot be read; most often its body is too long."""
    return _page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def broken(request: HttpRequest) -> HttpResponse:
    reference = secrets.token_hex(4)
    log.error("error page shown, reference %s: %s %s", reference, request.method, request.path)
    return _page(request, 500, error_id=reference)


@shopper_page
def _not_in_shop(request: ShopperRequest) -> HttpResponse:
    raise Http404


def _shop_not_found(request: HttpRequest) -> HttpResponse | None:
    """A shopper is told in the look of the shop and shown the way to the order; None outside a shop."""
    _, s, slug, *_rest = [*request.path.split("/"), "", ""]
    try:
        return _not_in_shop(request, store_slug=slug) if s == "s" and "\0" not in slug else None
    except Http404:
        return None


def _page(request: HttpRequest, status: int, **facts: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": _DETAILS.get(status, "Error"), **facts}, status=status)
    home = "/console/" if request.path.startswith("/console/") else "/"
    return render(request, "console/error.html", {"status": status, "links": {"home": home}, **facts}, status=status)
