"""Themes known again after learning anew."""

from collections.abc import Sequence

from thereafter.feedback.rules.words.themes import Centre, alike

# The cosine from which a new theme is an old one: what the shop called it stays.
SAME = 0.55


def known_again(old: Sequence[Centre], new: Sequence[Centre]) -> dict[int, int]:
    """For new themes the old one each continues, both by place; the most alike find each other first."""
    pairs = [(alike(before, after), a, b) for a, after in enumerate(new) for b, before in enumerate(old)]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for likeness, after, before in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if likeness >= SAME and after not in found and before not in taken:
            found[after] = before
            taken.add(before)
    return found
