"""How all mails look, and the pictures that they show."""

from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import pictures
from thereafter.messaging.actions.looks import BadLook, set_look
from thereafter.messaging.actions.pictures import add_picture
from thereafter.messaging.console.forms import LookForm
from thereafter.messaging.models import MessageLook, Picture
from thereafter.messaging.rules.pictures import LARGEST, BadPicture

_PLAIN = {"font": "system", "corners": "soft", "page": "#f4f5f6", "logo_width": 140}


@staff_page("messages.edit")
def look(request: StaffRequest) -> HttpResponse:
    row = MessageLook.objects.of(request.store).first()
    form = LookForm(request.POST or None, initial=_PLAIN | (row.settings if row else {}))
    if request.method == "POST" and form.is_valid():
        try:
            set_look(request.store, form.cleaned_data, by=request.staff, now=clock.now())
        except BadLook as error:
            form.add_error(None, str(error))
        else:
            told.success(request, "Saved. Every mail from now on looks like this.")
            return redirect("messaging_console:look", request.store.slug)
    return render(request, "messaging/console/look.html", {"page_title": "Look of mails", "form": form})


@staff_page("messages.edit")
def images(request: StaffRequest) -> HttpResponse:
    """The pictures that were uploaded, and room for another."""
    if request.method == "POST":
        _add(request)
        return redirect("messaging_console:pictures", request.store.slug)
    rows = Picture.objects.of(request.store).defer("content").order_by("-pk")[:60]
    shown = [{"row": row, "address": pictures.address(request.store, row)} for row in rows]
    return render(request, "messaging/console/pictures.html", {"page_title": "Pictures", "pictures": shown})


def _add(request: StaffRequest) -> None:
    file = request.FILES.get("picture")
    if file is None:
        told.error(request, "Choose a file first.")
        return
    try:
        add_picture(request.store, file.name or "picture", file.read(LARGEST + 1), clock.now())
    except BadPicture as error:
        told.error(request, str(error))
    else:
        told.success(request, "Uploaded. Choose it in an image block of a template.")
