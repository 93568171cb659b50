"""The QR code of an open link, and the words beside it on a card."""

import io

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from thereafter.feedback import links
from thereafter.feedback.models import OpenLink

# Pixels of a module: 33 modules of a usual address and its border make about 1,000 pixels.
_SCALE = 24
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def picture(link: OpenLink, kind: str, language: str = "") -> bytes:
    """SVG or PNG, of medium redundancy: cards get wet and folded. A card's code leads to the card's language."""
    drawn = io.BytesIO()
    qr = segno.make(links.open_survey(link, language), error="m", micro=False)
    if kind == "png":
        qr.save(drawn, kind="png", border=4, scale=_SCALE, light="#fff")
    else:
        qr.save(drawn, kind="svg", border=4, xmldecl=False, omitsize=True, light="#fff")
    return drawn.getvalue()


def card_words(language: str) -> dict[str, str]:
    """For whoever opens the parcel."""
    with translation.override(language):
        return {
            "title": _("How did we do?"),
            "how": _("Scan with your phone and tell us. It takes a minute."),
            "honest": _("Good or bad: every answer is read."),
        }
