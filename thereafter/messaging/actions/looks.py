"""How a store's mails look."""

from datetime import datetime

from django.db import transaction

from thereafter.messaging.looks import CORNERS, FONTS
from thereafter.messaging.models import MessageLook
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.stores.rules import is_colour

NARROWEST, WIDEST = 40, 300


class BadLook(ValueError):
    """A setting that cannot be; the text says what to do."""


@transaction.atomic
def set_look(store: Store, settings: dict[str, str | int], *, by: Staff, now: datetime) -> None:
    """Changes what every mail is made with from now on; raises `BadLook`."""
    if settings["font"] not in FONTS or settings["corners"] not in CORNERS:
        raise BadLook("Choose a font and corners of the list.")
    if not is_colour(str(settings["page"])):
        raise BadLook("Give the background as #rrggbb.")
    if not NARROWEST <= int(settings["logo_width"]) <= WIDEST:
        raise BadLook(f"The logo is {NARROWEST} to {WIDEST} pixels wide.")
    MessageLook.objects.update_or_create(store=store, defaults={"settings": settings, "changed_at": now})
    audit(store, by=by, verb="templates.look", now=now, detail=settings)
