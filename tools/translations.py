"""Compile the .po files named on standard input, each to a .mo beside it."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(po: Path) -> None:
    with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
        write_mo(target, read_po(source, locale=po.parent.parent.name))


if __name__ == "__main__":
    for line in sys.stdin:
        compile_catalogue(Path(line.strip()))
