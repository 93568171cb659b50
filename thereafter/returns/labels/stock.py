"""A small label for an item that came back, 62 by 40 mm: what it is, how it came, where it goes. Pure."""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import typst

from thereafter.returns.labels.barcodes import qr

_TEMPLATE = Path(__file__).parent.parent / "templates" / "returns" / "print" / "stock.typ"


@dataclass(frozen=True, kw_only=True)
class Sticker:
    """`code` is what a scanner reads; everything else is for people."""

    code: str
    title: str
    variant: str = ""
    sku: str = ""
    grade: str = ""
    disposition: str = ""
    destination: str = ""


def label(sticker: Sticker) -> bytes:
    """As PDF, of one page."""
    data = json.dumps({**asdict(sticker), "qr": qr(sticker.code)})
    return bytes(typst.compile(_source(), format="pdf", sys_inputs={"data": data}))


@lru_cache(maxsize=1)
def _source() -> bytes:
    return _TEMPLATE.read_bytes()
