"""Products and variants: as the shop tells of them, or as the lines of orders do."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from thereafter.commerce.actions.taking import Became, Taken, refusal, wait_turn, waves
from thereafter.commerce.documents import Line, ProductDoc
from thereafter.commerce.models import Product, Variant
from thereafter.commerce.rules import after_sale
from thereafter.commerce.rules.orders import EARLIEST, minor
from thereafter.commerce.rules.products import check_product, product_key, variant_key
from thereafter.commerce.rules.text import clean, clean_note, clean_url
from thereafter.kit.money import NotMoney
from thereafter.stores.models import Store

# What only some shop systems tell: None in a document leaves it as it is.
_AFTER_SALE = ("care_guide", "warranty_months", "replenish_days", "returnable")
_TOLD = ("title", "category", "url", "image_url", "is_active", "changed_at", "after_sale", *_AFTER_SALE)
_MOST_TAGS = 100


@transaction.atomic
def take_products(store: Store, documents: Sequence[ProductDoc], *, source: str, now: datetime) -> list[Taken]:
    """Makes or updates products with their variants; an older version changes nothing. One answer per document."""
    wait_turn(store)
    answers: dict[int, Taken] = {}
    for wave in waves([(doc.external_id, doc) for doc in documents]):
        sound = []
        for index, doc in wave:
            problems = check_product(doc, now)
            if problems:
                answers[index] = refusal(doc.external_id, problems)
            else:
                sound.append((index, doc))
        answers |= _take_wave(store, sound, source=source, now=now)
    return [answers[index] for index in range(len(documents))]


def _take_wave(store: Store, wave: Sequence[tuple[int, ProductDoc]], *, source: str, now: datetime) -> dict[int, Taken]:
    ids = [doc.external_id for _, doc in wave]
    of_wave = Product.objects.of(store).filter(source=source, external_id__in=ids)
    known = {product.external_id: product for product in of_wave}
    answers: dict[int, Taken] = {}
    products: list[tuple[Product, ProductDoc]] = []
    for index, doc in wave:
        held = known.get(doc.external_id)
        version = doc.changed_at or now
        if held and held.changed_at >= version:
            answers[index] = Taken(doc.external_id, Became.SAME)
            continue
        answers[index] = Taken(doc.external_id, Became.CHANGED if held else Became.NEW)
        product = held or Product(store=store, source=source, external_id=doc.external_id)
        products.append((_told(product, doc, version), doc))
    Product.objects.bulk_create(
        [product for product, _ in products],
        update_conflicts=True,
        unique_fields=["store", "source", "external_id"],
        update_fields=_TOLD,
    )
    _put_variants(store, products, source)
    return answers


def _told(product: Product, doc: ProductDoc, version: datetime) -> Product:
    product.title = clean(doc.title, 255)
    product.category = clean(doc.category, 120) or product.category
    product.url, product.image_url = clean_url(doc.url, 500), clean(doc.image_url, 500)
    product.is_active, product.changed_at = doc.is_active, version
    for name in _AFTER_SALE:
        value = getattr(doc, name)
        if value is not None:
            setattr(product, name, clean_note(value) if name == "care_guide" else value)
    product.after_sale = after_sale.plain(after_sale.read(product.after_sale)._replace(**_after_sale(doc)))
    return product


def _after_sale(doc: ProductDoc) -> dict[str, Any]:
    """What the document says of it; what it does not say stays as it is."""
    tags = None if doc.tags is None else tuple(filter(None, (clean(tag, 80) for tag in doc.tags[:_MOST_TAGS])))
    said = {
        "product_type": None if doc.product_type is None else clean(doc.product_type, 120),
        "vendor": None if doc.vendor is None else clean(doc.vendor, 120),
        "tags": tags,
        "final_sale": doc.final_sale,
    }
    return {name: value for name, value in said.items() if value is not None}


def _put_variants(store: Store, products: Iterable[tuple[Product, ProductDoc]], source: str) -> None:
    variants = {
        variant.external_id: Variant(
            store=store,
            product=product,
            source=source,
            external_id=variant.external_id,
            title=clean(variant.title, 255),
            sku=clean(variant.sku, 80),
            price_minor=_price(variant.price, store.currency),
        )
        for product, doc in products
        for variant in doc.variants
    }
    Variant.objects.bulk_create(
        variants.values(),
        update_conflicts=True,
        unique_fields=["store", "source", "external_id"],
        update_fields=["product", "title", "sku", "price_minor"],
    )


def _price(price: str | float | None, currency: str) -> int | None:
    """A price is only a hint here; one that is no number is left out."""
    try:
        return None if price is None else minor(price, currency)
    except NotMoney:
        return None


class Catalogue:
    """The products and variants of a batch of order lines; those that nobody told us of are made from their line."""

    def __init__(self, store: Store, source: str, lines: Iterable[Line]) -> None:
        self.store, self.source = store, source
        self._products: dict[str, Product] = {}
        self._variants: dict[str, Variant] = {}
        lines = list(lines)
        self._load(lines)
        self._make(lines)

    def of(self, line: Line) -> tuple[Product | None, Variant | None]:
        """The line's product and variant; a line that names neither id, SKU nor title has none."""
        variant = self._variants.get(variant_key(line))
        if variant and not line.product_id:
            return variant.product, variant
        return self._products.get(product_key(line)), variant

    def _load(self, lines: Sequence[Line]) -> None:
        keys = {key for line in lines if (key := product_key(line))}
        of_lines = Product.objects.of(self.store).filter(source=self.source, external_id__in=keys)
        self._products = {product.external_id: product for product in of_lines}
        variants = {key for line in lines if (key := variant_key(line))}
        skus = {sku for line in lines if not line.variant_id and (sku := clean(line.sku, 80))}
        if not variants:
            return
        named = Q(external_id__in=variants) | Q(sku__in=skus) if skus else Q(external_id__in=variants)
        known = Variant.objects.of(self.store).filter(named, source=self.source).select_related("product")
        for variant in known.order_by("id"):
            self._variants[variant.external_id] = variant
            if variant.sku:
                self._variants[f"sku:{variant.sku[:70]}"] = variant

    def _make(self, lines: Sequence[Line]) -> None:
        products: dict[str, Product] = {}
        for line in lines:
            key = product_key(line)
            known_by_sku = not line.product_id and variant_key(line) in self._variants
            if key and key not in self._products and key not in products and not known_by_sku:
                products[key] = self._product_of(line, key)
        Product.objects.bulk_create(products.values())
        self._products |= products
        variants: dict[str, Variant] = {}
        for line in lines:
            key = variant_key(line)
            product = self._products.get(product_key(line))
            if key and product and key not in self._variants and key not in variants:
                variants[key] = self._variant_of(line, key, product)
        Variant.objects.bulk_create(variants.values())
        self._variants |= variants

    def _product_of(self, line: Line, key: str) -> Product:
        return Product(
            store=self.store,
            source=self.source,
            external_id=key,
            title=clean(line.title, 255) or key,
            category=clean(line.category, 120),
            image_url=clean(line.image_url, 500),
            # Whatever the shop itself says of the product is newer than this.
            changed_at=EARLIEST,
        )

    def _variant_of(self, line: Line, key: str, product: Product) -> Variant:
        return Variant(
            store=self.store,
            product=product,
            source=self.source,
            external_id=key,
            title=clean(line.variant_title, 255),
            sku=clean(line.sku, 80),
        )
