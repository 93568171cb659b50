"""Labels and packing slips of returns as PDF, set by typst. Text and codes come as data, never as markup. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst
from babel import Locale, UnknownLocaleError

from thereafter.returns.labels.barcodes import code128, qr
from thereafter.returns.labels.words import words
from thereafter.returns.rules.paper import page_size

_TEMPLATES = Path(__file__).parent.parent / "templates" / "returns" / "print"
Kind = Literal["pdf", "png"]
_LINES = ("company", "line1", "line2")


class CannotPrint(ValueError):
    """It cannot be set; the text says what is missing."""


@dataclass(frozen=True)
class Item:
    title: str
    quantity: int
    variant: str = ""
    sku: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Packed:
    """A case in the parcel; `number` is what people call it and what its code says."""

    number: str
    order: str
    items: Sequence[Item]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A parcel on its way back as its papers see it. Addresses are as in `ReturnParcel`; `send_by` is in words."""

    shop: str
    code: str
    language: str
    sender: Mapping[str, Any]
    receiver: Mapping[str, Any]
    cases: Sequence[Packed]
    send_by: str = ""

    @property
    def country(self) -> str:
        """Where it is printed."""
        return str(self.sender.get("country", ""))


def label(sheet: Sheet, *, kind: Kind = "pdf") -> bytes:
    """Our own label: who sends it and where it goes, our code for scanners, the orders, where to cut. Not postage.

    Raises `CannotPrint` when the shop has not said where parcels go.
    """
    if not address_lines(sheet.receiver):
        raise CannotPrint("The shop has not said yet where returns go.")
    return _set("label", sheet, kind)


def slip(sheet: Sheet, *, kind: Kind = "pdf") -> bytes:
    """What is in the parcel, case by case, for the warehouse; long ones take several pages (as PNG the first)."""
    return _set("slip", sheet, kind)


def papers(sheet: Sheet) -> bytes:
    """Label and slip in one PDF, to be printed at once."""
    if not address_lines(sheet.receiver):
        raise CannotPrint("The shop has not said yet where returns go.")
    return _set("papers", sheet, "pdf")


def _set(what: str, sheet: Sheet, kind: Kind) -> bytes:
    data = json.dumps({"what": what, **_facts(sheet)})
    try:
        made = typst.compile(_source(), format=kind, ppi=200, sys_inputs={"data": data})
    except typst.TypstError as error:
        raise CannotPrint(f"The page cannot be set: {str(error).splitlines()[0][:200]}") from error
    return _first(made)


def _first(made: Any) -> bytes:
    """Of several pages as pictures the first; a PDF has all of them."""
    return bytes(made[0]) if isinstance(made, list) else bytes(made)


@lru_cache(maxsize=1)
def _source() -> bytes:
    return (_TEMPLATES / "papers.typ").read_bytes()


def _facts(sheet: Sheet) -> dict[str, Any]:
    width, height = page_size(sheet.country)
    language = sheet.language.partition("-")[0]
    abroad = (language,) if sheet.country != sheet.receiver.get("country", "") else ()
    return {
        "width": width,
        "height": height,
        "language": language,
        "shop": sheet.shop,
        "code": sheet.code,
        "bars": code128(sheet.code),
        "qr": qr(sheet.code),
        "sender": address_lines(sheet.sender, *abroad),
        "receiver": address_lines(sheet.receiver, *abroad),
        "orders": list(dict.fromkeys(case.order for case in sheet.cases)),
        "cases": [_case(case) for case in sheet.cases],
        "send_by": sheet.send_by,
        "words": dict(words(sheet.language)),
    }


def _case(case: Packed) -> dict[str, Any]:
    return {
        "number": case.number,
        "order": case.order,
        "bars": code128(case.number) if case.number.isascii() and case.number else "",
        "items": [
            {"title": " ".join(filter(None, (one.title, one.variant))), "sku": one.sku, "reason": one.reason}
            | {"quantity": one.quantity}
            for one in case.items
        ],
    }


def address_lines(address: Mapping[str, Any], language: str = "") -> list[str]:
    """As it is written in its country: with the region where the country writes one, and with its name, in a
    `language`, where the parcel goes abroad. Nothing when it leads nowhere."""
    given = {key: " ".join(str(value).split()) for key, value in address.items() if isinstance(value, str)}
    lines = [given.get("name", ""), *(given.get(name, "") for name in _LINES)]
    if not (given.get("line1") or given.get("postcode") or given.get("city")):
        return []
    abroad = _country(given.get("country", ""), language).upper() if language else ""
    return [line for line in [*lines, _town(given), abroad] if line]


def _country(code: str, language: str) -> str:
    try:
        return str(Locale.parse(language).territories.get(code.upper(), code))
    except (ValueError, UnknownLocaleError):
        return code


def _town(given: Mapping[str, str]) -> str:
    city, region, postcode = (given.get(name, "") for name in ("city", "region", "postcode"))
    if given.get("country", "") in {"US", "CA", "AU", "GB"}:
        return " ".join(filter(None, (city, region, postcode)))
    return " ".join(filter(None, (postcode, city)))
