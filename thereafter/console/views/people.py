"""Who works in the shop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.actions import people
from thereafter.console.actions.people import LastOwner
from thereafter.console.forms import PersonForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.stores import rules
from thereafter.stores.actions import BadSetting
from thereafter.stores.models import Membership

# What a role is for, in a merchant's words.
ROLES = {
    "owner": "Everything, also money, people and keys",
    "marketer": "Messages, journeys, points and surveys; reads the rest",
    "support": "Orders, customers, parcels and returns; reads the rest",
    "warehouse": "Orders and parcels, receives returns",
    "analyst": "Reads everything but settings and the audit log",
}
KEEP_ONE = "A shop keeps one owner. Make somebody else an owner first."


@staff_page("staff.edit")
def index(request: StaffRequest) -> HttpResponse:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = people.invite(request.store, **form.cleaned_data, by=request.staff, now=clock.now())
        except BadSetting as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return _invited(request, form.cleaned_data["name"], token)
    memberships = Membership.objects.of(request.store).select_related("staff").order_by("staff__name")
    context = {"form": form, "memberships": memberships, "roles": rules.ROLES, "explained": ROLES}
    return render(request, "console/settings/people.html", context | {"page_title": "People"})


def _invited(request: StaffRequest, name: str, token: str | None) -> HttpResponse:
    if token is None:
        messages.success(
            request, f"{name} has an account or an invitation here already and finds this shop after signing in."
        )
        return redirect("console:people", request.store.slug)
    link = request.build_absolute_uri(url("console:welcome", token))
    return render(request, "console/settings/invited.html", {"link": link, "name": name, "page_title": "People"})


@require_POST
@staff_page("staff.edit")
def change_role(request: StaffRequest, membership_id: int) -> HttpResponse:
    get_object_or_404(Membership.objects.of(request.store), pk=membership_id)
    try:
        role = request.POST.get("role", "")
        changed = people.change_role(request.store, membership_id, role=role, by=request.staff, now=clock.now())
        messages.success(request, f"{changed.staff.name} is {changed.role} now.")
    except LastOwner:
        messages.error(request, KEEP_ONE)
    except BadSetting as refusal:
        messages.error(request, str(refusal))
    return redirect("console:people", request.store.slug)


@staff_page("staff.edit")
def remove(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Asks first; who removes themselves lands where they choose a shop."""
    people_here = Membership.objects.of(request.store).select_related("staff")
    person = get_object_or_404(people_here, pk=membership_id)
    if request.method != "POST":
        context = {"person": person, "page_title": f"Remove {person.staff.name}?"}
        return render(request, "console/settings/remove_person.html", context)
    try:
        people.remove(request.store, membership_id, by=request.staff, now=clock.now())
    except LastOwner:
        messages.error(request, KEEP_ONE)
        return redirect("console:people", request.store.slug)
    messages.success(request, f"{person.staff.name} does not work in {request.store.name} any more.")
    if person.staff_id == request.staff.pk:
        return redirect("console:choose")
    return redirect("console:people", request.store.slug)
