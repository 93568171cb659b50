"""Merchants' page: what a customer allowed and forbade, with evidence; and writing down what they told the shop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import consenting
from thereafter.messaging.actions import preferences
from thereafter.messaging.actions.preferences import Choice
from thereafter.messaging.console.people_forms import ConsentForm


@staff_page("customers.consent")
def consents(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.of(request.store), pk=customer_id)
    if customer.merged_into_id:
        return redirect("messaging_console:consents", request.store.slug, customer.merged_into_id)
    customer.store = request.store
    form = ConsentForm(request.POST or None)
    ways = consenting.ways(customer, clock.now())
    if request.method == "POST" and form.is_valid():
        _write_down(request, customer, form, {way.channel: way.address for way in ways if way.address})
        return redirect("messaging_console:consents", request.store.slug, customer.pk)
    rules = consenting.rules_of(customer)
    context = {
        "page_title": f"May we write to {customer.display_name}?",
        "customer": customer,
        "ways": ways,
        "history": [(row, consenting.label(row, rules)) for row in consenting.history(customer)],
        "source_in_words": consenting.source_in_words,
        "form": form,
    }
    return render(request, "messaging/console/consents.html", context)


def _write_down(request: StaffRequest, customer: Customer, form: ConsentForm, addresses: dict[str, str]) -> None:
    said = form.cleaned_data
    granted = said["granted"] == "yes"
    choice = Choice(channel=said["channel"], purpose=said["purpose"], granted=granted, shown="")
    changed = preferences.change_by_staff(
        customer, choice, addresses, by=request.staff, why=said["why"], now=clock.now()
    )
    if changed:
        messages.success(request, "Written down.")
    else:
        messages.info(request, "That is what held already.")
