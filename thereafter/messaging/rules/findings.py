"""What is wrong with a template, and how badly."""

from typing import NamedTuple

ERROR, WARNING = "error", "warning"


class Finding(NamedTuple):
    """`where` is the id of a block, `tab` the part of the editor it is in, `line` that of the source."""

    level: str
    text: str
    where: str = ""
    language: str = ""
    tab: str = "mail"
    line: int = 0
