"""News of a delivery in words, for whoever follows it: short, with days, and nothing of what was ordered or paid."""

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from thereafter.kit.pages import day
from thereafter.tracking.models import Parcel


@dataclass(frozen=True)
class Told:
    title: str
    text: str = ""


def told(name: str, parcel: Parcel, *, language: str, today: date) -> Told:
    """What an event says of a parcel, in the follower's language and by what we know today."""
    with translation.override(language):
        return _told(name, parcel, today)


def _told(name: str, parcel: Parcel, today: date) -> Told:
    match name:
        case "parcel.out_for_delivery":
            return Told(_("Your parcel arrives today"), _("It is with the carrier who brings it to the door."))
        case "parcel.available_for_pickup":
            return Told(_("Your parcel can be picked up"), _until(parcel))
        case "parcel.attempted":
            return Told(_("The carrier missed you"), _("They will try again or leave it at a pickup point."))
        case "parcel.delivered":
            return Told(
                _("Your parcel was delivered"), _("Nobody has it? Look at the neighbours' and in a safe place.")
            )
        case "parcel.exception":
            return Told(_("Your parcel is held up on the way"), _("The page of the delivery says what is known."))
        case _:
            return Told(_moved(name), _expected(parcel, today))


def _moved(name: str) -> str:
    match name:
        case "parcel.shipped":
            return _("Your parcel is on its way")
        case "parcel.late":
            return _("Your parcel is late")
        case "parcel.flagged":
            return _("Your parcel may come later than planned")
        case _:
            return _("There is a new date for your parcel")


def _expected(parcel: Parcel, today: date) -> str:
    last = parcel.expected_to
    if parcel.is_finished or last is None or last < today:
        return ""
    first = max(parcel.expected_from or last, today)
    if first >= last:
        return _("We expect it on %(day)s.") % {"day": day(last)}
    return _("We expect it between %(first)s and %(last)s.") % {"first": day(first), "last": day(last)}


def _until(parcel: Parcel) -> str:
    until = parcel.pickup.get("until")
    return _("It waits until %(day)s.") % {"day": day(str(until)[:10])} if until else ""


def asked(code: str, *, language: str) -> str:
    """The text message that asks the owner of a phone."""
    with translation.override(language):
        return _("%(code)s is your code for news of your delivery. Not you? Ignore this.") % {"code": code}


def stop(*, language: str) -> str:
    """How a text message is ended, short."""
    with translation.override(language):
        return _("STOP to end")
