"""Why something comes back: a tree of reasons, and what follows from each. Plain Python.

Keys are for ever; the English texts are translated by others. A policy may choose a `group` of the reasons for a line.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Basis = Literal["withdrawal", "voluntary", "non_conformity", "carrier_claim", "warranty", "goodwill"]
Fault = Literal["nobody", "shopper", "shop", "carrier"]
Photos = Literal["no", "wanted", "needed"]
BASES: tuple[Basis, ...] = ("withdrawal", "voluntary", "non_conformity", "carrier_claim", "warranty", "goodwill")

_EXCHANGE = ("exchange_variant", "exchange_product", "exchange_shop", "store_credit", "refund")
_CREDIT = ("exchange_product", "exchange_shop", "exchange_variant", "store_credit", "refund")
_AGAIN = ("replacement", "repair", "refund", "exchange_variant", "exchange_product", "exchange_shop", "store_credit")
_MEND = ("repair", "replacement", "refund", "exchange_variant", "exchange_product", "exchange_shop", "store_credit")


class Reason(NamedTuple):
    """`first` is the order in which outcomes are offered. `conformity`: the goods were not as they had to be.
    `arrives` is False where nothing came that could be sent back. `note`: the shopper is asked for their own words."""

    key: str
    text: str
    basis: Basis = "voluntary"
    fault: Fault = "shopper"
    photos: Photos = "no"
    first: tuple[str, ...] = _EXCHANGE
    conformity: bool = False
    arrives: bool = True
    note: bool = False


class Branch(NamedTuple):
    """A question with its answers. `groups` are the kinds of goods it makes sense for; none means all."""

    key: str
    text: str
    reasons: tuple[Reason, ...]
    groups: tuple[str, ...] = ()


# Unknown: the right of withdrawal asks for no reason, so neither do we insist.
UNSAID = Reason("unsaid", "I would rather not say", fault="nobody")

TREE: tuple[Branch, ...] = (
    Branch(
        "fit",
        "It does not fit",
        (
            Reason("size_small", "Too small"),
            Reason("size_large", "Too large"),
            Reason("size_length", "Too short or too long"),
            Reason("size_width", "Too narrow or too wide"),
            Reason("cut", "The cut does not suit me"),
        ),
        ("clothes", "shoes"),
    ),
    Branch(
        "mind",
        "I changed my mind",
        (
            Reason("changed_mind", "I do not need it any more", first=_CREDIT),
            Reason("several_to_choose", "I ordered several to choose from", first=_CREDIT),
            Reason("found_cheaper", "I found it cheaper elsewhere", first=("store_credit", "refund", *_CREDIT[:3])),
            Reason("by_mistake", "I ordered it by mistake"),
            Reason("gift_unwanted", "It was a gift and is not to my taste", first=_CREDIT),
        ),
    ),
    Branch(
        "expected",
        "It is not what I expected",
        (
            Reason("taste_colour", "I do not like the colour"),
            Reason("taste_material", "I do not like the material"),
            Reason("quality", "I expected better quality", first=_CREDIT, note=True),
            Reason(
                "not_as_described", "It is not as it was described or shown", "non_conformity", "shop", "wanted",
                ("refund", "exchange_variant", "replacement", "exchange_product", "exchange_shop", "store_credit"),
                conformity=True, note=True,
            ),
        ),
    ),
    Branch(
        "fault",
        "It is damaged or does not work",
        (
            Reason(
                "damaged_on_arrival", "It was damaged when it arrived", "carrier_claim", "carrier", "needed", _AGAIN,
                conformity=True,
            ),
            Reason(
                "faulty_on_arrival", "It did not work from the start", "non_conformity", "shop", "wanted", _AGAIN,
                conformity=True, note=True,
            ),
            Reason(
                "faulty_later", "It broke or stopped working later", "non_conformity", "shop", "wanted", _MEND,
                conformity=True, note=True,
            ),
            Reason(
                "parts_missing", "Parts of it are missing", "non_conformity", "shop", "wanted", _AGAIN,
                conformity=True, note=True,
            ),
        ),
    ),
    Branch(
        "parcel",
        "Something was wrong with the parcel",
        (
            Reason(
                "wrong_item", "I got something else", "non_conformity", "shop", "wanted", _AGAIN, conformity=True
            ),
            Reason(
                "missing_item", "It was not in the parcel", "carrier_claim", "shop", "wanted", _AGAIN, arrives=False
            ),
            Reason("lost", "The parcel never came", "carrier_claim", "carrier", "no", _AGAIN, arrives=False),
            Reason(
                "not_here", "It says delivered, but it is not here", "carrier_claim", "carrier", "no", _AGAIN,
                arrives=False,
            ),
            Reason("late", "It came too late", "carrier_claim", "carrier", "no", _CREDIT),
        ),
    ),
    Branch("unsaid", "I would rather not say", (UNSAID,)),
)  # fmt: skip
GROUPS = tuple(sorted({group for branch in TREE for group in branch.groups}))
BY_KEY = {reason.key: reason for branch in TREE for reason in branch.reasons}


def reason(key: str) -> Reason:
    """The reason of a key; what is not known, or "", counts as unsaid, because nobody must give one."""
    return BY_KEY.get(key, UNSAID)


def tree(group: str = "") -> Sequence[Branch]:
    """The questions for a kind of goods, "shoes"; without one all of them."""
    return tuple(branch for branch in TREE if not group or not branch.groups or group in branch.groups)


def texts() -> Iterator[str]:
    """Every English text, for those who translate."""
    for branch in TREE:
        yield branch.text
        yield from (one.text for one in branch.reasons)
