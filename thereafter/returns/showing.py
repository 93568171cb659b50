"""A photo as an answer."""

from django.http import HttpResponse

from thereafter.returns.models import Photo


def shown(photo: Photo, *, small: bool) -> HttpResponse:
    """As a picture and never as anything else; kept by the reader's own browser only."""
    response = HttpResponse(bytes(photo.thumbnail if small else photo.content), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="photo-{photo.pk}.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
