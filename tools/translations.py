"""Compile the .po files named on standard input, each to a .mo beside it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(po: Path) -> None:
    """Puts the .mo in place whole: others may be reading the one before."""
    mo = po.with_suffix(".mo")
    unfinished = mo.with_suffix(f".{os.getpid()}.part")
    with po.open("rb") as source, unfinished.open("wb") as target:
        write_mo(target, read_po(source, locale=po.parent.parent.name))
    unfinished.replace(mo)


def stale_catalogues(folder: Path) -> Iterator[Path]:
    """The .po files below a folder that are newer than their .mo; `compile_translations` of setup.sh finds the same."""
    for po in folder.glob("**/locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or po.stat().st_mtime > mo.stat().st_mtime:
            yield po


if __name__ == "__main__":
    for line in sys.stdin:
        compile_catalogue(Path(line.strip()))
