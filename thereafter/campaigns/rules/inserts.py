"""What is printed on the slip in a parcel, and how large it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(max_length=600)]
Short = Annotated[str, msgspec.Meta(max_length=80)]
# Width and height in millimetres.
FORMATS: dict[str, tuple[int, int]] = {"a6": (105, 148), "a5": (148, 210), "label": (100, 150)}
LONGEST_LOGO = 300_000


class Words(msgspec.Struct, kw_only=True, frozen=True):
    """What stands on it in one language; "" is ours. {name}, {shop} and {order} are filled in."""

    greeting: Short = ""
    note: Text = ""
    returns: Text = ""


class InsertPlan(msgspec.Struct, kw_only=True, frozen=True):
    format: Literal["a6", "a5", "label"] = "a6"
    # A pool's key; each order gets a code of its own. "" is none.
    pool: str = ""
    shows_order: bool = True
    shows_returns: bool = True
    words: dict[str, Words] = {}
    # "svg" or "png" and the picture in base64; "" is none.
    logo_kind: Literal["", "svg", "png", "jpg"] = ""
    logo: Annotated[str, msgspec.Meta(max_length=LONGEST_LOGO)] = ""


def read(document: Mapping[str, Any]) -> InsertPlan:
    return msgspec.convert(document, InsertPlan)


def write(plan: InsertPlan) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(plan)
    return found


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with {name}, {shop} and {order}; braces that name nothing stay as they are."""
    for name, value in facts.items():
        text = text.replace("{" + name + "}", value)
    return " ".join(text.replace(" ,", ",").split(" ")).strip()
