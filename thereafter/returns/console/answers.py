"""Ready-made answers for a case that is declined."""

from collections.abc import Mapping, Sequence

from thereafter.returns.rules import reasons

# (who it is for, its short name, the text). The first word is a branch of the reasons, "" is for all.
_TEXTS: Sequence[tuple[str, str, str]] = (
    (
        "",
        "The time is over",
        "The time for returns of this order is over, so we cannot take it back any more. If something is wrong with "
        "the item, tell us: that is another matter, and your rights stay as they are.",
    ),
    (
        "",
        "Worn or used",
        "The item shows signs of use beyond trying it on, so we cannot take it back as new.",
    ),
    (
        "fault",
        "Photo needed",
        "We could not see the fault in what you sent us. Please ask again with a photo of it, and one of the whole "
        "item: then we can help at once.",
    ),
    (
        "fault",
        "Not a fault",
        "What you describe is how the item is made and no fault of it. If you would rather not keep it, you can still "
        "return it as long as its time for returns runs.",
    ),
    (
        "parcel",
        "The carrier has proof",
        "The carrier showed us that the parcel was handed over at your address. Please ask your neighbours and look "
        "where parcels are left; write to us if it does not turn up.",
    ),
    (
        "parcel",
        "All of it was packed",
        "Our packing records and the weight of the parcel say that the item was in it. Please look once more through "
        "the box and its paper, and write to us if it is not there.",
    ),
    ("mind", "Sale is final", "This item was sold as a final sale, as the product page said, and cannot come back."),
)
ANSWERS = [(name, text) for _branch, name, text in _TEXTS]


def answer_in(given: Mapping[str, str]) -> str:
    """The answer of a form: what was written, else the ready-made one that was chosen."""
    ready = dict(ANSWERS).get(given.get("ready", ""), "")
    return given.get("answer", "").strip() or ready


def answers_for(keys: Sequence[str]) -> list[tuple[str, str]]:
    """Those that fit the reasons of a case first, then those for all."""
    branches = {branch.key for branch in reasons.TREE for one in branch.reasons if one.key in keys}
    fitting = [(name, text) for branch, name, text in _TEXTS if branch in branches]
    return fitting + [(name, text) for branch, name, text in _TEXTS if not branch]
