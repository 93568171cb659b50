"""A person has seen that a product comes back more than it did."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.returns.actions import rate_jumps
from thereafter.returns.models import RateJump


@require_POST
@staff_page("returns.approve")
def see(request: StaffRequest, jump_id: int) -> HttpResponse:
    jump = get_object_or_404(RateJump.objects.of(request.store).select_related("product"), pk=jump_id)
    rate_jumps.see(jump, by=request.staff, now=clock.now())
    messages.success(request, f"{jump.product.title} is off the list. You will hear of it again if it rises further.")
    return redirect("returns_console:insight", request.store.slug)
