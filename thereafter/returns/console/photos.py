"""Photos of cases, for the shop's people."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.returns.models import Photo
from thereafter.returns.showing import shown


@require_safe
@staff_page("returns.read")
def photo(request: StaffRequest, photo_id: int) -> HttpResponse:
    """`?small=1` is the thumbnail."""
    return shown(get_object_or_404(Photo.objects.of(request.store), pk=photo_id), small="small" in request.GET)
