"""A mail on a page of ours: alone in a frame, with its own styles and pictures and nothing that can run."""

from django.http import HttpResponse

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


# Nothing runs in it either, but the page around it may look at what was clicked.
_OPEN_POLICY = _POLICY.partition("sandbox ")[0] + "sandbox allow-same-origin"


def mail_page(html: str, *, open_to_editor: bool = False) -> HttpResponse:
    response = HttpResponse(html)
    response.headers["Content-Security-Policy"] = _OPEN_POLICY if open_to_editor else _POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    return response
