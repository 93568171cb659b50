"""Which product of the shop a review of another app is about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thereafter.commerce.models import Product, Variant
from thereafter.feedback.rules.review_formats.cells import handle_of
from thereafter.feedback.rules.review_formats.rows import ReviewRow

Names = dict[str, int | None]


@dataclass(frozen=True)
class Shelf:
    """The products of a shop by whatever a file may call them; a name of two products is None."""

    titles: Mapping[int, str]
    numbers: Names
    variants: Names
    handles: Names
    skus: Names
    by_title: Names
    # What somebody chose by hand, by the name in the file; 0: left out.
    chosen: Mapping[str, int]

    def find(self, row: ReviewRow) -> int | None:
        """The product's id; 0 when it is left out, None when nobody knows it. The surest name counts first."""
        if row.product in self.chosen:
            return self.chosen[row.product]
        told = (
            (self.numbers, row.product_id),
            (self.variants, row.variant_id),
            (self.variants, row.product_id),
            (self.handles, row.product_handle),
            (self.skus, row.sku.lower()),
            (self.skus, row.barcode.lower()),
            (self.by_title, row.product_title.lower()),
        )
        found = (names.get(name) for names, name in told if name)
        return next((product for product in found if product), None)

    def named(self, text: str) -> int | None:
        """The product that a person means: a title as it is offered, a number, SKU or handle."""
        said = text.strip().lower()
        in_brackets = re.search(r"\(([^()]+)\)$", said)
        tries = (
            (self.by_title, said),
            (self.numbers, in_brackets[1] if in_brackets else said),
            (self.skus, said),
            (self.handles, handle_of(said)),
        )
        return next((product for names, name in tries if (product := names.get(name))), None)

    def offered(self, product_id: int) -> str:
        """A title that names one product only."""
        title = self.titles.get(product_id, "")
        if self.by_title.get(title.lower()) == product_id:
            return title
        number = next((name for name, product in self.numbers.items() if product == product_id), "")
        return f"{title} ({number})" if number else title


def shelf(store_id: int, chosen: Mapping[str, int]) -> Shelf:
    """Read in two queries."""
    products = list(Product.objects.of(store_id).order_by("pk").values_list("pk", "external_id", "title", "url"))
    variants = list(Variant.objects.of(store_id).order_by("pk").values_list("product", "external_id", "sku"))
    return Shelf(
        titles={pk: title for pk, _, title, _ in products},
        numbers=_names((bare(number), pk) for pk, number, _, _ in products),
        variants=_names((bare(number), pk) for pk, number, _ in variants),
        handles=_names((handle_of(url), pk) for pk, _, _, url in products),
        skus=_names((sku.strip().lower(), pk) for pk, _, sku in variants),
        by_title=_names((title.strip().lower(), pk) for pk, _, title, _ in products),
        chosen={name: pk for name, pk in chosen.items() if not pk or any(pk == one for one, *_ in products)},
    )


def bare(number: str) -> str:
    """The end of a gid://."""
    return number.rsplit("/", 1)[-1] if number.startswith("gid:") else number.lower()


def _names(pairs: Iterable[tuple[str, int]]) -> Names:
    found: Names = {}
    for name, product in pairs:
        if name:
            found[name] = product if found.get(name, product) == product else None
    return found
