"""What a visitor asks of a list of reviews. By itself all are there and none comes first for its stars."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

KINDS = ("stars", "list", "gallery", "form", "questions")
# What a shop may choose as its order; none of them looks at the stars.
DEFAULT_SORTS = ("newest", "helpful", "photos")
# What a visitor may choose.
SORTS = (*DEFAULT_SORTS, "highest", "lowest")
PAGE_SIZES = (5, 10, 20, 50)
MOST_WORDS, LONGEST_WORDS, LAST_PAGE = 5, 60, 2000
LONGEST_LANGUAGE, MOST_STARS = 3, 5
# Pages that many ask for are kept; others are made as they are asked for, so that nobody fills the memory.
KEPT_PAGES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """`sort` "" is the shop's order; `stars` 0 is all; `attribute` is "fit:small"; `language` that of the reviews."""

    sort: str = ""
    stars: int = 0
    photos: bool = False
    language: str = ""
    attribute: str = ""
    words: str = ""
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.stars or self.photos or self.language or self.attribute or self.words)

    @property
    def is_kept(self) -> bool:
        return not (self.words or self.attribute or self.language) and self.page <= KEPT_PAGES

    def query(self, **changed: str | int | bool) -> str:
        """The part of an address that asks for this, with something else; whoever filters begins at the first page."""
        one = replace(self, **({"page": 1} | changed))  # type: ignore[arg-type]  # names and kinds are those of the fields
        given = {
            "sort": one.sort,
            "stars": one.stars or "",
            "photos": "1" if one.photos else "",
            "in": one.language,
            "attribute": one.attribute,
            "q": one.words,
            "page": one.page if one.page > 1 else "",
        }
        return urlencode({name: value for name, value in given.items() if value})


def wanted(given: Mapping[str, str]) -> Wanted:
    """What an address asks for; what makes no sense is as if it had not been said."""
    sort, language, attribute = given.get("sort", ""), given.get("in", ""), given.get("attribute", "")
    return Wanted(
        sort=sort if sort in SORTS else "",
        stars=_number(given.get("stars", ""), most=MOST_STARS),
        photos=given.get("photos", "") == "1",
        language=language if language.isalpha() and len(language) <= LONGEST_LANGUAGE else "",
        attribute=attribute[:80] if attribute.count(":") == 1 else "",
        words=" ".join(given.get("q", "").split()[:MOST_WORDS])[:LONGEST_WORDS],
        page=max(1, _number(given.get("page", ""), most=LAST_PAGE)),
    )


def _number(text: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else 0
    return number if number <= most else 0


def bare_product(text: str) -> str:
    """A product as shops name it, without what they put before it: "gid://shopify/Product/42" is "42"."""
    text = text.strip()[:200]
    return text.rpartition("/")[2] if text.startswith("gid://") else text
