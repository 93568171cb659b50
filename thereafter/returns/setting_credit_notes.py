"""Credit notes set by typst, in the language of the customer or of who reads them. Text is data, not markup."""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from thereafter.kit.money import Money
from thereafter.kit.pages import territory
from thereafter.returns.models import CreditNote
from thereafter.storefront.branding import brand

_SOURCE = Path(__file__).parent / "templates" / "returns" / "print" / "credit_note.typ"


def pdf(note: CreditNote, *, language: str = "") -> bytes:
    """The note as it is sent; `language` says another than the customer's. The figures are the stored ones."""
    with translation.override(language or note.language):
        data = json.dumps(_page(note))
    made = typst.compile(_source(), format="pdf", sys_inputs={"data": data})
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _SOURCE.read_bytes()


def _page(note: CreditNote) -> dict[str, Any]:
    locale = translation.get_language() or "en"
    tints = brand(note.store.brand_colour)
    return {
        "language": locale.split("-")[0],
        "ink": tints.text_light,
        "title": _("Cancellation of a credit note") if note.cancels_id else _("Credit note"),
        "seller": _seller(note),
        "buyer": [note.buyer["name"], *note.buyer["lines"], _country(note.buyer["country"])],
        "facts": _facts(note),
        "head": [_("Item"), _("Units"), _("Tax"), _("Net"), _("Total")],
        "lines": [_line(note, line, locale) for line in note.lines],
        "taxes": [_tax(note, one, locale) for one in note.taxes if one["tax"]],
        "net": [_("Net"), _amount(note, note.net_minor, locale)],
        "total": [_("Total"), _amount(note, note.total_minor, locale)],
        "word": _word(note),
    }


def _seller(note: CreditNote) -> list[str]:
    seller = note.seller
    address = [line.strip() for line in seller["address"].replace("\n", ",").split(",")]
    # A legal address often begins with the name.
    lines = [seller["name"], *(line for line in address if line != seller["name"]), seller["email"]]
    return [line for line in lines if line]


def _day(on: date) -> str:
    """With its year: a paper is kept for ten."""
    return format_date(on, "long", locale=(translation.get_language() or "en").replace("-", "_"))


def _country(code: str) -> str:
    return territory(code) if code else ""


def _facts(note: CreditNote) -> list[list[str]]:
    facts = [
        [_("Number"), note.name],
        [_("Date"), _day(note.issued_on)],
        [_("Order"), str(note.buyer["order"])],
        [_("Ordered on"), _day(date.fromisoformat(note.buyer["ordered_on"]))],
    ]
    return [*facts, [_("Cancels"), note.cancels.name]] if note.cancels else facts


def _line(note: CreditNote, line: dict[str, Any], locale: str) -> list[str]:
    title = {"shipping": _("Shipping"), "kept": _("Kept back")}.get(line["what"], line["title"])
    units = str(line["units"]) if line["units"] else ""
    total = _amount(note, line["net"] + line["tax"], locale)
    return [title, line["sku"], units, line["rate"] or "–", _amount(note, line["net"], locale), total]


def _tax(note: CreditNote, one: dict[str, Any], locale: str) -> list[str]:
    label = _("Tax %(rate)s on %(net)s") % {"rate": one["rate"], "net": _amount(note, one["net"], locale)}
    return [label, _amount(note, one["tax"], locale)]


def _amount(note: CreditNote, minor: int, locale: str) -> str:
    return Money(minor, note.currency).format(locale)


def _word(note: CreditNote) -> str:
    if note.cancels:
        return _("This takes credit note %(number)s back.") % {"number": note.cancels.name}
    return _("This credit note lowers the amount of the order. The money went back as the refund says.")
