"""What the reasons of returns say of a product, and what to do about it. Plain Python."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from thereafter.kit.shares import wilson

# Fewer returns with a reason say nothing.
ENOUGH = 5
# What a reason must be more than by chance: the low end of its share's interval.
MANY = 0.25


class Hint(NamedTuple):
    """`head` "Runs small", `said` what shoppers say, `todo` what the shop can do."""

    head: str
    said: str
    todo: str


HINTS: Mapping[str, Hint] = {
    "size_small": Hint("Runs small", "say too small", "Say so beside the sizes and suggest one size up."),
    "size_large": Hint("Runs large", "say too large", "Say so beside the sizes and suggest one size down."),
    "size_length": Hint(
        "The length surprises", "say too short or too long", "Give the length of each size in numbers."
    ),
    "size_width": Hint("The width surprises", "say too narrow or too wide", "Give the width, and whom it fits."),
    "cut": Hint("The cut surprises", "say the cut does not suit", "Show it on several people, with their measures."),
    "taste_colour": Hint(
        "The colour surprises", "do not like the colour", "Take the photos anew by daylight; show it in use."
    ),
    "taste_material": Hint(
        "The material surprises", "do not like the material", "Show it from near, and say how it feels and weighs."
    ),
    "quality": Hint(
        "Disappoints", "expected better quality", "Read what they write; then the price, the text or the maker."
    ),
    "not_as_described": Hint(
        "The page promises something else", "say not as described", "Compare text and photos with a piece in the hand."
    ),
    "damaged_on_arrival": Hint(
        "Arrives damaged", "say damaged on arrival", "Pack it better, and claim from the carrier."
    ),
    "faulty_on_arrival": Hint(
        "Does not work", "say it did not work", "Check the stock that is left; ask the supplier."
    ),
    "faulty_later": Hint("Breaks", "say it broke", "Ask the supplier, and look at the batch."),
    "parts_missing": Hint(
        "Comes incomplete", "say parts are missing", "Check the boxes that are left, and the packing list."
    ),
    "wrong_item": Hint("Something else is sent", "got something else", "Check its place and label in the warehouse."),
    "late": Hint("Comes too late", "say it came too late", "Promise a later day, or take a faster carrier."),
    "several_to_choose": Hint(
        "Bought to choose from", "ordered several to choose from", "Help to choose: a size guide, comparisons, advice."
    ),
    "found_cheaper": Hint("Cheaper elsewhere", "found it cheaper", "Compare your price; offer credit first."),
}


class Advice(NamedTuple):
    reason: str
    hint: Hint
    part: int
    whole: int

    @property
    def share(self) -> float:
        return self.part / self.whole


def advice(reasons: Mapping[str, int]) -> Advice | None:
    """The reason that stands out among those given; reasons that say nothing count in the whole."""
    whole = sum(reasons.values())
    known = Counter({key: count for key, count in reasons.items() if key in HINTS})
    if whole < ENOUGH or not known:
        return None
    reason, part = max(known.items(), key=lambda each: (each[1], each[0]))
    return Advice(reason, HINTS[reason], part, whole) if wilson(part, whole)[0] >= MANY else None
