"""Pictures of mails. Their name is their content, so they may be kept for ever."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from thereafter.messaging.models import Picture
from thereafter.storefront.guards import ShopperRequest, shopper_page

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@shopper_page
def picture(request: ShopperRequest, name: str) -> HttpResponse:
    digest = name.partition(".")[0]
    if not Picture.objects.of(request.store).filter(digest=digest).exists():
        raise Http404
    response = HttpResponseNotModified() if _is_known(request, digest) else _content(request, digest)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["ETag"] = f'"{digest}"'
    return response


def _is_known(request: HttpRequest, digest: str) -> bool:
    return digest in str(request.META.get("HTTP_IF_NONE_MATCH", ""))


def _content(request: ShopperRequest, digest: str) -> HttpResponse:
    found = Picture.objects.of(request.store).get(digest=digest)
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    # Mails are read on other sites.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
