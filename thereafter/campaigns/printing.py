"""Slips set by typst: PDF to print, PNG to look at. Text and QR codes come as data, never as markup."""

import base64
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from thereafter.campaigns.rules.inserts import FORMATS, InsertPlan
from thereafter.storefront.branding import brand
from thereafter.stores.models import Store

_SOURCE = Path(__file__).parent / "templates" / "campaigns" / "print" / "insert.typ"
BLACK, WHITE = "#000000", "#ffffff"


class CannotPrint(ValueError):
    """The slips cannot be set; the text says why."""


def set_slips(
    store: Store, plan: InsertPlan, slips: Sequence[dict[str, Any]], *, kind: Literal["pdf", "png"] = "pdf"
) -> bytes:
    """One page for each slip; as PNG only the first. Raises `CannotPrint`: the logo is broken, say."""
    data = json.dumps({**_look(store, plan), "slips": list(slips[:1] if kind == "png" else slips)})
    try:
        made = typst.compile(_source(), format=kind, ppi=150, sys_inputs={"data": data})
    except typst.TypstError as error:
        if "too-long" in str(error):
            raise CannotPrint("The words do not fit on the slip: shorten the note, or take a larger format.") from error
        raise CannotPrint(f"The slip cannot be set: {str(error).splitlines()[0][:200]}") from error
    if not isinstance(made, bytes):
        raise CannotPrint("The slip takes more than one page: shorten the note.")
    return made


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _SOURCE.read_bytes()


def _look(store: Store, plan: InsertPlan) -> dict[str, Any]:
    """Label printers know no colour: what is dark is black there."""
    width, height = FORMATS[plan.format]
    tints = brand(store.brand_colour)
    is_label = plan.format == "label"
    logo = base64.b64decode(plan.logo) if plan.logo else b""
    return {
        "width": width,
        "height": height,
        "colour": WHITE if is_label else tints.colour,
        "on_colour": BLACK if is_label else tints.on_colour,
        "ink": BLACK if is_label else tints.text_light,
        "shop": store.name,
        "address": " ".join(store.legal_address.split()) or store.shop_url.partition("://")[2].rstrip("/"),
        "logo": logo.decode(errors="replace") if plan.logo_kind == "svg" else ("picture" if logo else ""),
        "logo_bytes": list(logo) if plan.logo_kind != "svg" else [],
        "logo_kind": plan.logo_kind,
    }
