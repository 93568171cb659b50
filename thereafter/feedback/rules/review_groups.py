"""Which products may show their reviews together: variants of one thing and nothing else. Plain Python.

The FTC calls moving reviews to another product review hijacking and fined it as deception (In re The Bountiful Company,
2023). Colours, sizes and packs of one product share what was said of it; another model does not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Words that tell variants of one thing apart. A bare number does not: Road 2 and Road 3 are two models.
_MEASURE = re.compile(r"\b(\d+(?:[.,]\d+)?)[\s-]*(ml|cl|l|kg|g|oz|lb|cm|mm|m|in|w|pcs?|pack|packs|er-pack|er|x)\b")
_PACK_OF = re.compile(r"\b(?:pack|set|box|packung|lot|paquete|conjunto)\s+(?:of|mit|von|de)\s+\d+\b")
_SIZE = re.compile(r"\d+(?:ml|cl|l|kg|g|oz|lb|cm|mm|m|in|w|pcs?|packs?|er|x)|xxs|xs|s|m|l|xl|xxl|xxxl")
_VARIES = frozenset(
    re.findall(
        r"\w+",
        "pack by in the a an and und mit with for size colour color größe farbe taille couleur talla tamanho cor "
        "black white red blue green grey gray yellow orange purple pink brown navy beige olive teal silver gold sand "
        "schwarz weiß weiss rot blau grün grau gelb lila rosa braun noir blanc rouge bleu vert gris jaune rose marron "
        "negro blanco rojo azul verde amarillo marrón preto branco vermelho amarelo cinzento castanho small medium "
        "large men women mens womens herren damen homme femme hombre mujer homem mulher",
    )
)


@dataclass(frozen=True)
class Grouped:
    """A product as it is compared."""

    title: str
    category: str


class UnlikeProducts(ValueError):
    """Says why these are not variants of one thing."""


def check(products: Sequence[Grouped]) -> None:
    """Raises `UnlikeProducts` unless all are of one category and have one base name."""
    if len(products) < 2:  # noqa: PLR2004 one is no group
        raise UnlikeProducts("A group has two products or more.")
    first = products[0]
    for other in products[1:]:
        if _plain(other.category) != _plain(first.category):
            raise UnlikeProducts(
                f"“{first.title}” is in {_named(first.category)}, “{other.title}” in {_named(other.category)}. Reviews "
                "of one product may not be shown for another."
            )
        if not first.category or base_words(first.title) != base_words(other.title):
            raise UnlikeProducts(_not_one_thing(first, other))


def _not_one_thing(first: Grouped, other: Grouped) -> str:
    if not first.category:
        return f"“{first.title}” has no category, so nobody can tell whether “{other.title}” is the same thing."
    mine, theirs = base_words(first.title), base_words(other.title)
    apart = ", ".join(f"“{word}”" for word in sorted(mine ^ theirs)) or "nothing but sizes and colours"
    return (
        f"“{first.title}” and “{other.title}” differ in {apart}. Only colours, sizes and packs of one product may "
        "share reviews; another model is another product."
    )


def base_words(title: str) -> frozenset[str]:
    """What a title says apart from colour, size and pack: of "Trail Socks, blue, 3-pack" it is trail and socks."""
    plain = _PACK_OF.sub(" ", title.lower().replace("'", "").replace("’", ""))
    measured = _MEASURE.sub(
        lambda found: f"{found[1].replace(',', '').replace('.', '')}{found[2].removesuffix('-pack')}", plain
    )
    words = re.findall(r"[^\W_]+", measured)
    kept = [word for word in words if word not in _VARIES and not _SIZE.fullmatch(word)]
    return frozenset(kept or words)


def _plain(category: str) -> str:
    return " ".join(category.lower().split())


def _named(category: str) -> str:
    return f"the category “{category}”" if category else "no category"
