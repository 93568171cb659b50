"""A QR code that gives points on paper: its picture, and the words beside it in the shop's language."""

import io
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from thereafter.loyalty import words
from thereafter.loyalty.models import EarningCode
from thereafter.loyalty.rules.programme import Programme
from thereafter.storefront.links import page
from thereafter.storefront.shell import choose_language


def address(code: EarningCode) -> str:
    return page(code.store, "loyalty_storefront:collect", code.token)


def picture(code: EarningCode) -> str:
    """SVG of medium redundancy: posters get wet and folded."""
    drawn = io.BytesIO()
    qr = segno.make(address(code), error="m", micro=False)
    qr.save(drawn, kind="svg", border=4, xmldecl=False, omitsize=True, light="#fff")
    return drawn.getvalue().decode()


def said(code: EarningCode, programme: Programme) -> dict[str, Any]:
    """In the language of who reads it on the wall; no points are named where the programme gives none."""
    action = programme.actions.get(code.action)
    language = choose_language(code.store.locale)
    with translation.override(language):
        return {
            "language": language,
            "points": words.points(programme, action.points) if action and action.is_on and action.points else "",
            "scan": _("Scan with your phone and get your points"),
        }
